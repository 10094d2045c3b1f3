"""Each mistake gets one message: where, what was seen, what was expected, the nearest name."""

from pathlib import Path

import pytest

from data.errors import HallscoreError
from data.masking import is_id_number, mask_text, pseudonymise
from data.profile import SHIPPED, load_profile, shipped
from data.quarantine import waiting
from data.store import snapshot
from data.views import connect
from tests.builders import counting_rows, rating, send, town, write

ROWS = [rating(n) for n in range(6)]


def profile_with(folder: Path, old: str, new: str, name: str = "canonical") -> str:
    text = (SHIPPED / f"{name}.toml").read_text("utf-8")
    assert old in text
    path = folder / "mine.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return str(path)


def refused(home: Path, rows: Path | list[dict[str, object]], **options: object) -> str:
    """The message; and nothing is half done."""
    before, batches = counting_rows(home), len(snapshot(home).batches)
    with pytest.raises(HallscoreError) as caught:
        send(home, "ratings", rows, **options)
    assert counting_rows(home) == before
    assert len(snapshot(home).batches) == batches
    assert not list((home / "batches").glob(f"{batches + 1:06d}"))
    return str(caught.value)


def test_a_wrong_column_name(tmp_path: Path) -> None:
    rows = [{("grad" if k == "grade" else k): v for k, v in row.items()} for row in ROWS]
    said = refused(town(tmp_path / "home"), write(tmp_path / "r.csv", rows))
    for part in (
        "r.csv",
        "'grade'",
        "canonical.toml, line",
        "The file has",
        "Did you mean 'grad'?",
    ):
        assert part in said


def test_a_wrong_code_goes_to_quarantine_and_says_where_it_is_known(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    batch = send(home, "ratings", [*ROWS, rating(77, grade=6)])
    assert batch.quarantined == {"unknown_code": 1}
    said = batch.examples["unknown_code"]
    for part in ("line 8", "'6'", "canonical", "1, 2, 3, 4, 5", "Profile 'national' knows '6'"):
        assert part in said
    assert waiting(snapshot(home))["raw"][0].startswith('{"rating_id":"R77"')


def test_a_code_table_that_fits_no_row(tmp_path: Path) -> None:
    said = refused(town(tmp_path / "home"), [rating(n, grade="好") for n in range(3)])
    for part in ("line 2", "'好'", "none of the 3 values of grade", "[ratings.codes.grade]"):
        assert part in said


def test_a_wrong_encoding(tmp_path: Path) -> None:
    path = write(tmp_path / "r.gb.csv", [*ROWS, rating(99, item_id="户口迁移")][-1:])
    said = refused(town(tmp_path / "home"), path)
    for part in ("r.gb.csv, line 2", "are not utf-8", "'gb18030'"):
        assert part in said


def test_a_wrong_date_format(tmp_path: Path) -> None:
    rows = [rating(n, rated_at=f"{n + 1}/8/2019") for n in range(4)]
    said = refused(town(tmp_path / "home"), rows)
    for part in ("line 2", "1/8/2019", "%Y-%m-%d %H:%M:%S", "[ratings.dates]", "(line "):
        assert part in said


def test_a_wrong_profile_key(tmp_path: Path) -> None:
    mine = profile_with(tmp_path, "encoding", "encodng")
    said = refused(town(tmp_path / "home"), ROWS, profile=mine)
    for part in ("mine.toml, line 6", "'encodng'", "Did you mean 'encoding'?"):
        assert part in said
    mine = profile_with(tmp_path, 'grade = "grade"', 'grad = "grade"')
    said = refused(town(tmp_path / "b" / "home"), ROWS, profile=mine)
    for part in ("mine.toml, line", "'grad' in [ratings.columns]", "Did you mean 'grade'?"):
        assert part in said


def test_a_profile_without_a_date_format(tmp_path: Path) -> None:
    mine = profile_with(tmp_path, 'rated_at = "%Y-%m-%d %H:%M:%S"\n', "")
    said = refused(town(tmp_path / "home"), ROWS, profile=mine)
    assert "[ratings.dates] has no format for 'rated_at'" in said


def test_a_code_that_maps_to_nothing_we_know(tmp_path: Path) -> None:
    mine = profile_with(tmp_path, '"5" = 5', '"5" = 7')
    said = refused(town(tmp_path / "home"), ROWS, profile=mine)
    assert "maps to 7; allowed are 1, 2, 3, 4, 5" in said


def test_an_unknown_profile_or_log(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    assert "Did you mean 'national'?" in refused(home, ROWS, profile="nationl")
    with pytest.raises(HallscoreError, match="Did you mean 'ratings'"):
        send(home, "rating", ROWS)


def test_an_inverted_grade_names_the_line_to_change(tmp_path: Path) -> None:
    mine = profile_with(tmp_path, '"5" = 1', '"5" = 1', "gbt39046")
    head = "办件编号,评价次数,窗口编号,评价时间,满意度代码,评价渠道,大厅编号,大厅名称,窗口名称\n"
    lines = [f"K{n},1,C1,2019-08-0{n + 1} 09:00:00,5,短信,H1,市,公安\n" for n in range(8)]
    path = tmp_path / "r.csv"
    path.write_text(head + "".join(lines), "utf-8")
    said = refused(town(tmp_path / "home"), path, profile=mine)
    line = Path(mine).read_text("utf-8").splitlines().index("[ratings.codes.grade]") + 1
    assert f"mine.toml, line {line}" in said
    assert "8 of 8 ratings" in said


def test_every_shipped_profile_loads() -> None:
    for name in shipped():
        assert load_profile(name).logs


def test_ragged_and_open_rows_are_kept_apart(tmp_path: Path) -> None:
    """The rows after them are read as if nothing had been."""
    path = write(tmp_path / "r.csv", ROWS)
    lines = path.read_text("utf-8").splitlines()
    lines.insert(3, "R50,K50,C1")
    lines.insert(5, 'R51,"K51,C1,2019-08-01 10:00:00,5')
    path.write_text("\n".join(lines) + "\n", "utf-8")
    batch = send(town(tmp_path / "home"), "ratings", path)
    assert batch.counts["accepted"] == len(ROWS)
    assert batch.quarantined == {"ragged_row": 1, "open_quote": 1}
    assert batch.examples["ragged_row"].startswith("line 4: 3 fields, the header has 5")
    assert batch.examples["open_quote"].startswith("line 6")


def test_lines_are_right_after_an_embedded_newline(tmp_path: Path) -> None:
    rows = [rating(1, item_id="two\nlines"), rating(2, counter_id="C9")]
    rows[1]["item_id"] = ""
    home = town(tmp_path / "home")
    send(home, "ratings", rows)
    assert waiting(snapshot(home))["line"].to_list() == [4]


def test_out_of_period_rows_wait(tmp_path: Path) -> None:
    home = town(tmp_path / "home")
    from metrics.periods import parse_period

    july = parse_period("2019-07")
    batch = send(home, "ratings", [rating(1), rating(2, rated_at="2019-07-02 09:00:00")],
                 span=(july.start, july.end))  # fmt: skip
    assert batch.quarantined == {"out_of_period": 1}
    assert batch.covers == ((july.start, july.end),)


def test_a_citizens_number_never_stands_in_clear(tmp_path: Path) -> None:
    """The number is made up, with a right check digit."""
    number = next(n for n in (f"110105{19491231}{k:03d}X" for k in range(1000)) if is_id_number(n))
    home = town(tmp_path / "home")
    send(
        home, "ratings", [rating(1, case_id=number), rating(2, case_id=number, grade=9), rating(3)]
    )
    con = connect(snapshot(home))
    ids = [one for (one,) in con.execute("SELECT case_id FROM ratings").fetchall()]
    assert number not in ids
    assert any(one.startswith("p-") for one in ids)
    assert number not in waiting(snapshot(home))["raw"][0]
    assert mask_text(f"电话 138{'0' * 8} 止") == "电话 [phone number] 止"
    import polars as pl

    assert pseudonymise(pl.Series(["K1", None])).to_list() == ["K1", None]
