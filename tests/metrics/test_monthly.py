"""The month beside the month before: to date against to date, counts per working day."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from town import Town

from metrics.beside import like
from metrics.fairness.ranking import fair_ranking
from metrics.monthly import monthly
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.rollup import ensure
from metrics.scope import Scope

CITY = Scope("local", None)
SEPTEMBER, OCTOBER = parse_period("2019-09"), parse_period("2019-10")
SCHEME = """
id = "queue"
label = { zh = "排队", en = "Queue" }
version = "1"
valid_from = 2019-01-01
publish = "official"
[[item]]
metric = "wait_within_15_rate"
weight = 100
mapping = [[0.0, 0.0], [1.0, 1.0]]
"""


@pytest.fixture
def queued(build_town: Callable[..., Town]) -> Town:
    """Two counters every working day of September and October; c-tax gets slower, c-all faster."""
    town = build_town()
    (town.home / "schemes").mkdir()
    (town.home / "schemes" / "queue.toml").write_text(SCHEME, "utf-8")
    holidays = {date(2019, 10, day) for day in range(1, 8)} | {date(2019, 9, 13)}
    made_up = {date(2019, 9, 29), date(2019, 10, 12)}
    rows = []
    for day in (date(2019, 9, 1) + timedelta(days=n) for n in range(61)):
        if day in made_up or (day.weekday() < 5 and day not in holidays):
            slow, fast = (2, 8) if day >= OCTOBER.start else (8, 2)
            rows += town.queue("c-tax", [60] * fast + [1200] * slow, day)
            rows += town.queue("c-all", [60] * slow + [1200] * fast, day)
    town.deliver("tickets", rows)
    return town


def counted(frame: pl.DataFrame, metric: str, against: str = "previous") -> dict[str, object]:
    chosen = (pl.col("metric") == metric) & (pl.col("against") == against)
    return frame.row(by_predicate=chosen, named=True)


def test_a_running_month_stands_beside_as_many_working_days(queued: Town) -> None:
    """10 working days by 18 October; the tenth of September is the 16th."""
    found = monthly(queued.home, OCTOBER, CITY, "queue", as_of=date(2019, 10, 18))
    assert found.like.to_date
    assert found.like.before == (date(2019, 9, 1), date(2019, 9, 16))
    row = counted(found.counts, "tickets")
    assert (row["n"], row["days"], row["before_n"], row["before_days"]) == (200, 10, 200, 10)
    assert row["change"] == 0.0


def test_whole_months_compare_their_counts_per_working_day(queued: Town) -> None:
    """380 tickets on 19 days are as many a day as 420 on 21: no fall, whatever the sums say."""
    found = monthly(queued.home, OCTOBER, CITY, "queue")
    row = counted(found.counts, "tickets")
    assert (row["n"], row["days"], row["before_n"], row["before_days"]) == (380, 19, 420, 21)
    assert row["change"] == 0.0
    rate = counted(found.counts, "wait_within_15_rate")
    assert (rate["days"], rate["change"], rate["change_kind"]) == (None, 0.0, "difference")


def test_rank_and_score_stand_beside_those_of_the_month_before(queued: Town) -> None:
    found = monthly(queued.home, OCTOBER, CITY, "queue")
    columns = ("id", "rank", "before_rank", "rank_change", "score", "before_score", "score_change")
    assert found.changes.select(columns).rows() == [
        ("c-tax", 1, 2, 1, 80.0, 20.0, 60.0),
        ("c-all", 2, 1, -1, 20.0, 80.0, -60.0),
    ]
    assert found.before_version == "1"
    ranking = fair_ranking(queued.home, OCTOBER, CITY, scheme="queue")
    assert found.ranking.table().equals(ranking.table())
    before = rank(queued.home, SEPTEMBER, CITY, scheme="queue")
    told = dict(before.frame.select("id", "score").iter_rows())
    assert dict(found.changes.select("id", "before_score").iter_rows()) == told


def test_without_a_month_before_nothing_changes(queued: Town) -> None:
    """The first month has ranks and no changes, and the year before is not made up."""
    found = monthly(queued.home, SEPTEMBER, CITY, "queue")
    assert found.before_version is None
    assert found.changes["rank_change"].null_count() == found.changes.height == 2
    year = counted(found.counts, "tickets", "year_before")
    assert (year["before"], year["change"]) == (None, None)


def test_a_version_that_did_not_hold_the_month_before_gives_no_change(queued: Town) -> None:
    text = SCHEME.replace("2019-01-01", "2019-10-01")
    (queued.home / "schemes" / "queue.toml").write_text(text, "utf-8")
    found = monthly(queued.home, OCTOBER, CITY, "queue")
    assert found.before_version is None
    assert found.changes["before_score"].null_count() == 2


def test_a_year_without_a_calendar_is_compared_and_said_to_be_a_guess(queued: Town) -> None:
    alike = like(ensure(queued.home), parse_period("2039-03"), date(2039, 3, 15), "previous")
    assert alike.estimated
    assert alike.days == alike.days_before == 11
