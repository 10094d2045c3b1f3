"""Paper holds the numbers of the ranking: every cell of the files is compared with the frame."""

import csv
import io

import polars as pl
import pytest

from dashboard.exports.parts import part_frame
from dashboard.exports.ranking import (
    point_columns,
    ranked_columns,
    ranking_csv,
    ranking_workbook,
    value_columns,
)
from dashboard.text import Words
from metrics.catalogue import metric
from metrics.periods import parse_period
from metrics.ranking import Ranking, rank
from metrics.scope import Scope
from metrics.values import value

CITY = Scope("local", None)
AUGUST = parse_period("2019-08")
FILTERS = {"统计周期": "2019-08", "比较范围": "县级大厅窗口"}
ZH = Words("zh")
HEAD_ROW = 3  # title, filters, a blank line


@pytest.fixture(scope="module")
def ranking(home) -> Ranking:
    found = rank(home, AUGUST, CITY, "county")
    assert found.frame.height >= 2
    assert found.frame["tied"].any()
    assert found.unranked.height >= 2
    return found


def sheet(content: bytes, name: str) -> list[list[object]]:
    """The cells of a sheet as a reader of workbooks sees them."""
    frame = pl.read_excel(
        io.BytesIO(content), sheet_name=name, has_header=False, drop_empty_rows=False
    )
    return [list(row) for row in frame.iter_rows()]


@pytest.mark.parametrize(
    ("name", "columns"),
    [("名次", ranked_columns), ("各项得分", point_columns), ("指标值", value_columns)],
)
def test_the_workbook_holds_every_number_of_the_ranking(ranking, name, columns):
    rows = sheet(ranking_workbook(ranking, FILTERS, ZH), name)
    columns = columns(ranking, ZH)
    assert rows[HEAD_ROW] == [head for head, _ in columns.values()]
    for expected, cells in zip(ranking.frame.to_dicts(), rows[HEAD_ROW + 1 :], strict=True):
        for name, cell in zip(columns, cells, strict=True):
            wanted = expected[name]
            if isinstance(wanted, bool):
                assert cell == ("是" if wanted else "否")
            elif isinstance(wanted, int | float):
                assert float(cell) == pytest.approx(wanted, abs=1e-9), name
            else:
                assert cell == wanted, name


def test_two_sheets_hold_points_value_n_and_d_of_every_item(ranking):
    shown = set(point_columns(ranking, ZH)) | set(value_columns(ranking, ZH))
    items = [item.metric for item in ranking.scheme.items]
    assert {f"{one}{part}" for one in items for part in ("", "_value", "_n", "_d")} <= shown


def test_the_workbook_names_its_filters_and_lists_the_unranked_without_a_score(ranking):
    content = ranking_workbook(ranking, FILTERS, ZH)
    text = str(sheet(content, "名次")[1][0])
    assert "统计周期: 2019-08" in text
    assert "比较范围: 县级大厅窗口" in text
    apart = sheet(content, "未参评")
    assert apart[HEAD_ROW] == ["状态", "编号", "名称", "大厅"]
    assert {row[0] for row in apart[HEAD_ROW + 1 :]} <= {"样本不足", "本期无业务", "数据未报送"}
    assert [row[1] for row in apart[HEAD_ROW + 1 :]] == ranking.unranked["id"].to_list()


def test_the_workbook_encloses_the_definitions_of_its_items(ranking):
    rows = sheet(ranking_workbook(ranking, FILTERS, ZH), "口径")
    labels = [row[0] for row in rows[HEAD_ROW + 1 :]]
    assert labels == [metric(item.metric).label["zh"] for item in ranking.scheme.items]


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_csv_begins_with_the_mark_and_the_filters(ranking):
    content = ranking_csv(ranking, FILTERS, ZH)
    assert content.startswith(b"\xef\xbb\xbf")
    assert lines(content)[:2] == [["# 统计周期", "2019-08"], ["# 比较范围", "县级大厅窗口"]]


def test_the_csv_holds_ranked_then_unranked_counters(ranking):
    table = lines(ranking_csv(ranking, FILTERS, ZH))[len(FILTERS) :]
    head, rows = table[0], table[1:]
    assert len(rows) == ranking.frame.height + ranking.unranked.height
    scores = [row[head.index("得分")] for row in rows]
    expected = [str(score) for score in ranking.frame["score"]]
    assert scores == expected + [""] * ranking.unranked.height


def test_a_name_is_never_run_as_a_formula(ranking):
    names = [row[3] for row in lines(ranking_csv(ranking, FILTERS, ZH))[len(FILTERS) + 1 :]]
    assert "'=税务窗口" in names
    cells = [row[3] for row in sheet(ranking_workbook(ranking, FILTERS, ZH), "名次")]
    assert "=税务窗口" in cells


def test_the_county_file_holds_value_n_and_d_of_the_value_command(home):
    metrics = [metric("active_good_rate"), metric("tickets")]
    counties = {m.id: value(home, m.id, AUGUST, "county", CITY) for m in metrics}
    city = {m.id: value(home, m.id, AUGUST, "city", CITY) for m in metrics}
    frame, _ = part_frame(metrics, counties, city, ZH)
    both = pl.concat([city["active_good_rate"], counties["active_good_rate"]])
    assert frame["编号"].to_list() == both["id"].to_list()
    label = metrics[0].label["zh"]
    assert frame[label].to_list() == both["value"].to_list()
    assert frame[f"{label} 分子"].to_list() == both["n"].to_list()
    assert frame[f"{label} 分母"].to_list() == both["d"].to_list()
    assert "取号数 分母" not in frame.columns
