"""`all` is one unit of everything that a viewer sees."""

from datetime import date

import pytest

from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value

AUGUST = parse_period("2019-08")


@pytest.mark.parametrize(("halls", "n"), [(None, 6), (frozenset({"C1"}), 3)])
def test_all_is_the_sum_of_what_the_viewer_sees(town, halls, n):
    day = date(2019, 8, 7)
    counted = {"c-tax": 2, "s-tax": 1, "n-tax": 1, "v-all": 2}
    tickets = [row for one, count in counted.items() for row in town.queue(one, [60] * count, day)]
    town.deliver("tickets", tickets)
    frame = value(town.home, "tickets", AUGUST, "all", Scope("viewer", halls))
    assert frame.height == 1
    assert frame.item(0, "n") == n
