"""The files of an edition hold what the edition holds: numbers as numbers, texts as texts."""

import csv
import hashlib
import io
import json
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from commands.export import results_and_issue
from dashboard.exports.edition_workbook import Issue, edition_workbook
from dashboard.exports.pack import pack_files, write_pack, zip_bytes
from dashboard.text import Words
from hallscore import main
from metrics.edition import Edition, approve, draft, submit
from metrics.edition_build import results_of
from metrics.edition_results import Results
from metrics.periods import parse_period

ZH, EN = Words("zh"), Words("en")
AUGUST, AT = parse_period("2019-08"), datetime(2019, 9, 9, 9)
ISSUE = Issue("published", "ab" * 32, "Checker")


@pytest.fixture(scope="module")
def results(home: Path) -> Results:
    return results_of(home, AUGUST, "first")


def sheet(book: bytes, name: str) -> pl.DataFrame:
    return pl.read_excel(io.BytesIO(book), sheet_name=name, read_options={"header_row": 3})


def test_the_workbook_holds_the_ranks_scores_n_and_d_of_the_results(results: Results) -> None:
    book = edition_workbook(results, ISSUE, ZH)
    read = sheet(book, "排名")
    keys = {"编号": "id", "名次": "rank", "得分": "score", "样本": "n"}
    told = read.select(list(keys)).rename(keys).sort("id")
    wanted = results.ranked.select("id", "rank", "score", "n").sort("id")
    assert told.rows() == wanted.rows()
    assert told.schema["score"] == pl.Float64
    detail = sheet(book, "得分明细").select("编号", "得分", "分子", "分母")
    items = results.items.select("id", "points", "n", "d")
    assert detail.rows() == items.rows()


def test_points_of_the_ledger_add_up_to_the_score(results: Results) -> None:
    read = sheet(edition_workbook(results, ISSUE, ZH), "扣分台账")
    sums = read.group_by("编号").agg(pl.col("得分").sum().round(4)).sort("编号")
    assert sums.rows() == results.ranked.select("id", "score").sort("id").rows()


def test_a_name_like_a_formula_is_a_text_and_everybody_else_is_listed(results: Results) -> None:
    book = edition_workbook(results, ISSUE, ZH)
    ranked, apart = sheet(book, "排名"), sheet(book, "未参评名单")
    assert "=税务窗口" in ranked["名称"].to_list() + apart["名称"].to_list()
    assert ranked.height + apart.height == results.ranking.height
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        cells = "".join(parts.read(one).decode() for one in parts.namelist() if "sheet" in one)
    assert "<f>" not in cells


def test_the_head_stays_in_view_and_is_repeated_in_print(results: Results) -> None:
    with zipfile.ZipFile(io.BytesIO(edition_workbook(results, ISSUE, ZH))) as parts:
        first = parts.read("xl/worksheets/sheet1.xml").decode()
        names = parts.read("xl/workbook.xml").decode()
    assert '<pane xSplit="5" ySplit="4"' in first
    assert "dataBar" in first
    assert 'orientation="landscape"' in first
    assert "Print_Titles" in names


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_the_same_edition_gives_the_same_bytes(results: Results, words: Words) -> None:
    one, other = (pack_files(results, ISSUE, words) for _ in range(2))
    assert one == other
    assert zip_bytes(one, AT) == zip_bytes(other, AT)


def test_the_manifest_names_every_file_with_its_digest_and_the_filters(
    results: Results, tmp_path: Path
) -> None:
    folder, written = write_pack(results, ISSUE, ZH, tmp_path)
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert told["state"] == "published"
    assert told["filters"]["统计周期"] == "2019-08"
    for name, one in told["files"].items():
        content = (folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        assert len(content) == one["bytes"]
    archive = next(one for one in written if one.suffix == ".zip")
    with zipfile.ZipFile(archive) as parts:
        assert set(parts.namelist()) == {*told["files"], "manifest.json"}
        assert parts.testzip() is None


def test_the_csv_opens_rightly_and_holds_the_same_scores(results: Results) -> None:
    files = pack_files(results, ISSUE, ZH)
    content = next(one for name, one in files.items() if name.endswith("_排名.csv"))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if row]
    body = [row for row in rows if not row[0].startswith("# ")]
    head, lines = body[0], body[1:]
    scores = {row[head.index("编号")]: float(row[head.index("得分")]) for row in lines}
    assert scores == dict(results.ranked.select("id", "score").iter_rows())
    names = [row[head.index("名称")] for row in lines]
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)


@pytest.fixture
def issuing(home: Path, tmp_path: Path) -> Path:
    """A copy of the town, for what is published is seen by every page."""
    return shutil.copytree(home, tmp_path / "issuing")


@pytest.fixture
def published(issuing: Path) -> Edition:
    made = draft(issuing, AUGUST, "Maker", AT)
    submit(issuing, made.id, "Maker", AT)
    return approve(issuing, made.id, "Checker", AT)


def test_export_takes_the_edition_that_stands_else_what_is_computed_now(
    published: Edition, issuing: Path, tmp_path: Path
) -> None:
    home, out = issuing, tmp_path / "out"
    results, issue = results_and_issue(home, AUGUST, "first", None)
    assert (results.header.id, issue.state) == (published.id, "published")
    assert (issue.digest, issue.checked_by) == (published.digest, "Checker")
    july, none = results_and_issue(home, AUGUST.previous(), "first", None)
    assert (july.header.id, none.state) == ("", "computed")
    home_of = ["--home", str(home)]
    with pytest.raises(SystemExit) as ended:
        main([*home_of, "export", "--period", "2019-08", "--out", str(out), "--lang", "en"])
    assert not ended.value.code
    (folder,) = out.iterdir()
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert told["edition"] == published.id
    assert told["filters"]["State"] == "published"
