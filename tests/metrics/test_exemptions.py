"""What a page can say of exemptions: the decisions, and exactly the rows that they lifted."""

from datetime import date, datetime
from pathlib import Path

import pytest

from metrics.exemptions import exemptions, lifted_rows
from metrics.periods import parse_period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value
from tests.builders import rating, send, ticket
from tests.builders import town as built_town
from tests.data.test_exempt import exemption, finding

AUGUST, CITY = parse_period("2019-08"), Scope("test", None)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A power cut of H2 on the 14th, an epidemic of the city on the 20th and 21st."""
    found = built_town(tmp_path / "home")
    days = ("2019-08-14 10:00:00", "2019-08-20 10:00:00", "2019-08-31 10:00:00")
    rows = [
        finding(n, finding_id=f"{counter}-{at[8:10]}", counter_id=counter, found_at=at)
        for counter in ("C1", "C2")
        for n, at in enumerate(days)
    ]
    send(found, "findings", rows)
    send(found, "tickets", [ticket(13), ticket(14)])
    send(found, "ratings", [rating(1), rating(2, rated_at="2019-08-21 09:00:00")])
    city = {"hall_id": "", "cause": "epidemic", "starts_at": "2019-08-20 00:00:00"}
    # E3 lies inside E1: the rows of both are E1's.
    noon = {"starts_at": "2019-08-14 09:30:00", "system": "inspection"}
    decided = [exemption(1), exemption(2, **city, ends_at="2019-08-22 00:00:00")]
    send(found, "exemptions", [*decided, exemption(3, **noon)])
    return found


def test_the_list_says_what_each_decision_lifted(home: Path) -> None:
    found = exemptions(home, AUGUST, CITY)
    told = found.select("id", "hall_id", "hall", "cause", "lifted_findings", "lifted_tickets")
    assert told.rows() == [
        ("E1", "H2", "天元区政务服务中心", "power_cut", 1, 1),
        ("E3", "H2", "天元区政务服务中心", "power_cut", 0, 0),
        ("E2", None, None, "epidemic", 2, 0),
    ]
    assert found["lifted_ratings"].to_list() == [0, 0, 1]


def test_the_list_agrees_with_the_metrics(home: Path) -> None:
    lifted = exemptions(home, AUGUST, CITY)
    for log in ("findings", "tickets", "ratings"):
        (row,) = value(home, f"exempt_{log}", AUGUST, "all", CITY, date(2019, 9, 30)).to_dicts()
        assert row["n"] == lifted[f"lifted_{log}"].sum(), log


def test_the_rows_are_named_with_counter_and_decision(home: Path) -> None:
    rows = lifted_rows(ensure(home), "findings", AUGUST, CITY)
    assert rows.select("counter_id", "id", "exemption").rows() == [
        ("C2", "C2-14", "E1"),
        ("C1", "C1-20", "E2"),
        ("C2", "C2-20", "E2"),
    ]
    assert rows["at"][0] == datetime(2019, 8, 14, 10)


def test_what_is_later_than_the_day_is_not_known_on_it(home: Path) -> None:
    found = exemptions(home, AUGUST, CITY, date(2019, 8, 14))
    assert found["id"].to_list() == ["E1", "E3"]
    rows = lifted_rows(ensure(home), "findings", AUGUST, CITY, date(2019, 8, 13))
    assert rows.is_empty()
    (row,) = value(home, "exempt_findings", AUGUST, "all", CITY, date(2019, 8, 14)).to_dicts()
    assert row["n"] == 1


def test_who_sees_a_part_sees_its_decisions_and_its_rows(home: Path) -> None:
    """H2 sees its power cut and the city's epidemic, but only its own finding of that."""
    found = exemptions(home, AUGUST, Scope("county", frozenset(["H2"])))
    assert found["id"].to_list() == ["E1", "E3", "E2"]
    assert found["lifted_findings"].to_list() == [1, 0, 1]
    send(home, "exemptions", [exemption(4, hall_id="H1")])
    assert "E4" not in exemptions(home, AUGUST, Scope("county", frozenset(["H2"])))["id"]


def test_a_period_without_exemptions_has_none(home: Path) -> None:
    july = parse_period("2019-07")
    assert exemptions(home, july, CITY).is_empty()
    assert lifted_rows(ensure(home), "ratings", july, CITY).is_empty()
