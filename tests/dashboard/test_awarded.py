"""评优名单 on the page and in the workbook: lists with their basis, and who a veto keeps out."""

import io
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parents[1] / "metrics"))

from rules import waits, write_scheme
from town import COUNTERS, HALLS, Town

from dashboard.exports.awards import awards_frame
from dashboard.exports.ranking import ranking_csv, ranking_workbook
from dashboard.text import Words
from metrics.awards import awards
from metrics.periods import parse_period
from metrics.ranking import Ranking, rank
from metrics.scope import Scope

CITY = Scope("local", None)
AUGUST = parse_period("2019-08")
ZH = Words("zh")
RULES = """
[[veto]]
id = "exposure"
label = { zh = "媒体曝光", en = "Exposed" }
source = "vetoes"
code = "exposure"
scope = "year"
effect = "no_award"

[[veto]]
id = "quarrel"
label = { zh = "与群众争吵", en = "Quarrel" }
source = "vetoes"
code = "quarrel"
scope = "month"
effect = "apart"

[[award]]
id = "flag"
label = { zh = "红旗窗口", en = "Red flag" }
period = "month"
count = 1
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """c-tax is first and barred, n-tax and s-tax share the award, t-all is set apart."""
    town = Town(tmp_path_factory.mktemp("awards") / "home", HALLS, COUNTERS)
    write_scheme(town.home, rules=RULES)
    slow = {"c-tax": 0, "n-tax": 1, "s-tax": 1, "t-all": 0, "v-all": 5}
    town.deliver("tickets", waits(town, date(2019, 8, 5), slow))
    facts = [("c-tax", "exposure"), ("t-all", "quarrel")]
    town.deliver(
        "vetoes",
        [
            {"veto_id": f"v-{who}", "counter_id": who, "happened_on": "2019-08-05"}
            | {"rule_code": code, "decided_by": "office"}
            for who, code in facts
        ],
    )
    return town.home


@pytest.fixture(scope="module")
def found(home: Path) -> tuple[Ranking, pl.DataFrame]:
    """The ranking of August and its lists."""
    return rank(home, AUGUST, CITY, None, "mine"), awards(home, AUGUST, CITY, "mine")


def test_the_workbook_lists_awards_with_their_basis(found: tuple[Ranking, pl.DataFrame]) -> None:
    """依规则产生: quota and ties are in words."""
    ranking, given = found
    book = io.BytesIO(ranking_workbook(ranking, {"统计周期": "2019-08"}, ZH, given))
    rows = pl.read_excel(book, sheet_name="评优名单", has_header=False, drop_empty_rows=False)
    cells = [list(row) for row in rows.iter_rows()][3:]
    assert cells[0] == list(awards_frame(given, ranking.scheme, ZH).columns)
    assert [row[2] for row in cells[1:]] == ["n-tax", "s-tax"]
    assert cells[1][0] == "红旗窗口"
    assert cells[1][-1] == "名额 1；同分并列，一并列入；依办法授予"


def test_who_is_set_apart_is_in_the_files_with_the_veto(
    found: tuple[Ranking, pl.DataFrame],
) -> None:
    """Neither lost nor shown as if it had no data."""
    ranking, _ = found
    text = ranking_csv(ranking, {}, ZH).decode("utf-8-sig")
    line = next(one for one in text.splitlines() if "t-all" in one)
    assert "一票否决，单列" in line
    assert "与群众争吵" in line


def test_the_page_shows_the_lists_and_who_is_barred(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The section of the page, drawn alone."""

    def script() -> None:
        import os
        from pathlib import Path

        from dashboard.components import awarded
        from dashboard.components.ranks import draw_unranked
        from dashboard.text import Words
        from metrics.awards import awards
        from metrics.periods import parse_period
        from metrics.ranking import rank
        from metrics.scope import Scope

        home, month, city = (
            Path(os.environ["HALLSCORE_HOME"]),
            parse_period("2019-08"),
            Scope("local", None),
        )
        ranking = rank(home, month, city, None, "mine")
        awarded.draw(awards(home, month, city, "mine"), ranking, Words("zh"))
        draw_unranked(ranking.unranked, Words("zh"))

    monkeypatch.setenv("HALLSCORE_HOME", str(home))
    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    labels = [one.label for one in page.expander]
    assert labels[0] == "红旗窗口（红榜，2）"
    assert "一票否决，单列（1）" in labels
    shown = " ".join(one.value for one in (*page.markdown, *page.caption))
    shown += " ".join(str(getattr(one, "value", "")) for one in page.get("html"))
    assert "City tax：媒体曝光，不参加评优。" in shown
    assert "依规则产生" in shown
    assert "未发布，按现值计算" in shown
