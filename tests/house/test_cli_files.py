"""The ranking as a file from the command line is the ranking of the page."""

from pathlib import Path

import polars as pl
import pytest

from data.errors import HallscoreError
from hallscore import main
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.scope import Scope
from tests.builders import rating, send, town

MONTH = ["rank", "--period", "2019-08", "--as-of", "2019-09-30"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = town(tmp_path / "home")
    send(home, "ratings", [rating(n, grade=5 if n % 4 else 2) for n in range(60)])
    return home


def run(home: Path, *command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *command])
    assert not ended.value.code


def test_the_workbook_has_the_scores_of_the_ranking(home: Path, tmp_path: Path) -> None:
    """Numbers as numbers, the unranked on a sheet of their own."""
    from datetime import date

    out = tmp_path / "r.xlsx"
    run(home, *MONTH, "--out", str(out))
    ranking = rank(
        home, parse_period("2019-08"), Scope("t", None), None, "first", date(2019, 9, 30)
    )
    sheets = pl.read_excel(out, sheet_id=0, has_header=False)
    head, *rows = [row for row in next(iter(sheets.values())).rows() if row[0] is not None]
    while "得分" not in head:
        head, *rows = rows
    printed = [(row[head.index("编号")], float(row[head.index("得分")])) for row in rows]
    assert printed == ranking.frame.select("id", "score").rows()
    assert len(sheets) >= 3


def test_the_csv_names_its_filters(home: Path, tmp_path: Path) -> None:
    """With a BOM, so that Excel reads the Chinese."""
    out = tmp_path / "r.csv"
    run(home, *MONTH, "--frame", "city", "--out", str(out))
    text = out.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert "2019-08" in text.decode("utf-8-sig").splitlines()[0]


def test_the_detail_adds_up(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The points of the items are the score."""
    import json

    run(home, *MONTH, "--detail", "--json")
    rows = json.loads(capsys.readouterr().out)
    assert {"id", "item", "value", "n", "d", "points"} <= set(rows[0])
    run(home, *MONTH, "--json")
    ranked = {row["id"]: row["score"] for row in json.loads(capsys.readouterr().out)}
    for unit, score in ranked.items():
        if score is not None:
            points = [
                row["points"] for row in rows if row["id"] == unit and row["points"] is not None
            ]
            assert round(sum(points), 2) == score


def test_a_file_of_another_kind_is_refused(home: Path, tmp_path: Path) -> None:
    """Named, with what would do."""
    from dashboard.text import LANGUAGES
    from hallscore import save_ranking

    ranking = rank(home, parse_period("2019-08"), Scope("t", None))
    with pytest.raises(HallscoreError, match=r"\.xlsx or \.csv"):
        save_ranking(ranking, None, tmp_path / "r.pdf", LANGUAGES[0])
    with pytest.raises(HallscoreError, match="known are zh, en"):
        save_ranking(ranking, None, tmp_path / "r.csv", "fr")
