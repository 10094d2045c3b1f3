"""Reported sums (填报数) are marked on the pages and in the files, with the part they make up."""

import csv
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from test_app import run, text
from test_exports import HEAD_ROW, sheet
from town import HALLS, Row, Town

from dashboard.exports.parts import part_csv, part_frame, part_workbook
from dashboard.exports.ranking import ranking_csv, ranking_workbook
from dashboard.reported import with_part
from dashboard.text import Words
from metrics.catalogue import metric
from metrics.periods import parse_period
from metrics.ranking import Ranking, rank
from metrics.reported import reported_part
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import value

CITY, AUGUST, ZH = Scope("local", None), parse_period("2019-08"), Words("zh")
SHOWN = [metric("tickets"), metric("on_time_rate"), metric("active_good_rate")]
COUNTERS: list[Row] = [
    {"counter_id": "n1", "name": "不动产登记窗口", "hall_id": "C1"},
    {"counter_id": "n5", "name": "户政窗口", "hall_id": "C1"},
    {"counter_id": "s1", "name": "社保窗口", "hall_id": "C2"},
]
VILLAGE = {"tickets": 320, "closed_on_time": 41, "closed_with_limit": 50, "active_good": 9}
COUNTER = {
    **{"closed_on_time": 38, "closed_with_limit": 40, "tickets": 60, "abandoned": 3},
    **{"waited": 57, "within_15": 50},
}


def tallies(unit: Row, sums: dict[str, int]) -> list[Row]:
    blank = {"counter_id": "", "hall_id": "", "month": "2019-08", "source": "clerk"}
    return [blank | {"measure": name, "n": n} | unit for name, n in sums.items()]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city with logs, a village that reports, and a counter without a system (n5)."""
    town = Town(tmp_path_factory.mktemp("reported") / "home", HALLS, COUNTERS)
    days = [date(2019, 8, 8), date(2019, 9, 8)]
    span = (date(2019, 8, 1), date(2019, 10, 1))
    town.deliver("ratings", [r for d in days for r in town.rate("n1", {5: 39, 1: 1}, d)], span)
    town.deliver("tickets", [r for d in days for r in town.queue("n1", [60] * 45, d)], span)
    rows = tallies({"hall_id": "C1T1V1"}, VILLAGE) + tallies({"counter_id": "n5"}, COUNTER)
    town.deliver("tallies", rows)
    return town.home


@pytest.fixture(scope="module")
def ranking(home: Path) -> Ranking:
    return rank(home, AUGUST, CITY, "county")


def words_on(home: Path, **address: str) -> str:
    return " ".join(text(run(home, period="2019-08", **address)).split())


@pytest.mark.parametrize(
    ("lang", "mark", "part"),
    [("zh", "填报数", "填报数 79 / 90"), ("en", "reported", "reported 79 / 90")],
)
def test_the_overview_marks_what_is_reported_and_says_how_much(
    home: Path, lang: str, mark: str, part: str
) -> None:
    shown = words_on(home, lang=lang)
    assert f"{mark} 87.78%" in shown
    assert part in shown
    assert Words(lang)("reported.note") in shown
    whole = [one for one in (metric("on_time_rate"), metric("tickets"))]
    assert all(Words(lang).of(one.label) in shown[shown.index(part) :] for one in whole)


def test_a_county_without_tallies_has_no_mark(home: Path) -> None:
    shown = words_on(home)
    south = shown[shown.index("South county") : shown.index(ZH("reported.note"))]
    assert "填报" not in south


def test_a_home_without_tallies_says_nothing_of_them(tmp_path: Path) -> None:
    town = Town(tmp_path / "home", HALLS, COUNTERS)
    town.deliver("tickets", town.queue("n1", [60] * 45, date(2019, 8, 8)))
    assert "填报" not in words_on(town.home)


def with_parts(home: Path, by: str) -> dict[str, pl.DataFrame]:
    return {
        one.id: with_part(
            value(home, one.id, AUGUST, by, CITY),
            reported_part(ensure(home), one, AUGUST, by, CITY),
        )
        for one in SHOWN
    }


def test_the_files_of_the_overview_hold_the_reported_part(home: Path) -> None:
    parts, whole = with_parts(home, "county"), with_parts(home, "all")
    frame, _ = part_frame(SHOWN, parts, whole, ZH)
    assert frame["取号数 填报数"].to_list() == [380, 380, None]
    assert frame["按时办结率 填报分子"].to_list() == [79, 79, None]
    assert frame["按时办结率 填报分母"].to_list() == [90, 90, None]
    assert not [name for name in frame.columns if "主动" in name and "填报" in name]
    filters = {"统计周期": "2019-08"}
    rows = sheet(part_workbook(SHOWN, parts, whole, filters, "各县区指标", ZH), "各县区指标")
    assert ZH("reported.note") in str(rows[1][0])
    assert "按时办结率 填报分母" in rows[HEAD_ROW]
    lines = list(
        csv.reader(io.StringIO(part_csv(SHOWN, parts, whole, filters, ZH).decode("utf-8-sig")))
    )
    assert ["# 填报数", ZH("reported.note")] in lines


def test_the_files_of_the_ranking_hold_the_reported_part(ranking: Ranking) -> None:
    assert "n5" in ranking.frame["id"].to_list()
    book = ranking_workbook(ranking, {"统计周期": "2019-08"}, ZH)
    rows = sheet(book, "指标值")
    assert ZH("reported.note") in str(rows[1][0])
    at = rows[HEAD_ROW].index("按时办结率 填报分母")
    told = {row[1]: row[at] for row in rows[HEAD_ROW + 1 :]}
    assert float(str(told.pop("n5"))) == 40
    assert set(told.values()) <= {None, ""}
    lines = list(csv.reader(io.StringIO(ranking_csv(ranking, {}, ZH).decode("utf-8-sig"))))
    assert lines[0] == ["# 填报数", ZH("reported.note")]
    assert "按时办结率 填报分子" in lines[1]


def test_the_ranked_table_marks_the_items_that_are_reported(ranking: Ranking) -> None:
    from dashboard.components import ranks

    rows = {row["id"]: row for row in ranking.frame.to_dicts()}
    items = {item.metric: item for item in ranking.scheme.items}
    marked = ranks._item(rows["n5"], items["on_time_rate"], ZH)
    assert marked.note.splitlines()[:2] == ["38 / 40", "填报数 38 / 40"]
    assert "填报" not in ranks._item(rows["n1"], items["wait_within_15_rate"], ZH).note
    note = " ".join(ranks._reported(ranking, ZH))
    assert ZH("reported.note") in note
    assert "按时办结率 38 / 40" in note
