"""From a file to typed rows: the same rows in any format, and each refusal with its reason."""

import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from polars.testing import assert_frame_equal

from data.errors import HallscoreError
from data.masking import is_id_number, mask_text, pseudonymise
from data.profile import SHIPPED, Profile, load_profile
from data.typed import TypedChunk, raw_rows, read_typed
from tests.builders import Row, case, gb_profile, rating, text_of, write

ROWS = [
    rating(1, item_id="户口迁移"),
    rating(2, grade=1, item_id='a "quoted", word'),
    rating(3, served_at="2019-08-01 09:00:00", item_id="two\nlines"),
    rating(4, grade=None, item_id=""),
]
ROWS = [{"served_at": ""} | row for row in ROWS]
FORMATS = ("csv", "csv.gz", "bom.csv", "gb.csv", "jsonl", "xlsx", "parquet")


def typed(path: Path, log: str = "ratings", profile: str | Profile = "canonical") -> TypedChunk:
    """All chunks of a file as one."""
    loaded = load_profile(profile) if isinstance(profile, str) else profile
    parts = list(read_typed(path, loaded, log))
    return TypedChunk(
        sum(part.read for part in parts),
        sum(part.no_rating for part in parts),
        pl.concat([part.rows for part in parts]),
        pl.concat([part.rejects for part in parts]),
        {},
    )


def of_rows(folder: Path, rows: list[Row], log: str = "ratings", **how: str) -> TypedChunk:
    return typed(write(folder / "f.csv", rows), log, **how)


def mine(folder: Path, *changes: tuple[str, str], name: str = "canonical") -> str:
    """A shipped profile with some of its text changed."""
    text = (SHIPPED / f"{name}.toml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return str(path)


def why(chunk: TypedChunk) -> list[tuple[int, str, str]]:
    return chunk.rejects.select("line", "reason", "detail").rows()


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_rows_in_any_format_give_the_same_typed_frame(suffix: str, tmp_path: Path) -> None:
    profile = gb_profile(tmp_path) if suffix == "gb.csv" else "canonical"
    plain = of_rows(tmp_path, ROWS)
    other = typed(write(tmp_path / f"g.{suffix}", ROWS), profile=profile)
    assert_frame_equal(plain.rows.drop("line"), other.rows.drop("line"))
    assert (plain.read, plain.no_rating) == (other.read, other.no_rating) == (4, 1)


def test_what_is_typed_already_is_taken_as_it_is(tmp_path: Path) -> None:
    """Times, whole floats, decimals, NaN and categories of a parquet file read like text."""
    rows = [rating(n, grade=grade) for n, grade in ((1, "5"), (2, ""), (3, "4"))]
    plain = of_rows(tmp_path, rows)
    frame = pl.DataFrame(rows).with_columns(
        pl.col("rated_at").str.to_datetime(), pl.col("counter_id").cast(pl.Categorical)
    )
    columns = {
        "floats": pl.Series("grade", [5.0, float("nan"), 4.0]),
        "decimals": pl.Series("grade", ["5.00", None, "4.00"]).cast(pl.Decimal(8, 2)),
    }
    for name, grades in columns.items():
        frame.with_columns(grades).write_parquet(tmp_path / f"{name}.parquet")
        other = typed(tmp_path / f"{name}.parquet")
        assert_frame_equal(plain.rows.drop("line"), other.rows.drop("line"))
        assert other.no_rating == 1


def test_a_code_for_no_rating_is_seen_in_numbers_too(tmp_path: Path) -> None:
    """7 in a csv file is 7.0 in a parquet file with gaps."""
    profile = mine(
        tmp_path, ("[ratings.columns]", '[ratings]\nno_rating = ["7"]\n[ratings.columns]')
    )
    rows = [rating(1), rating(2, grade=7), rating(3, grade=None)]
    assert of_rows(tmp_path, rows, profile=profile).no_rating == 2
    frame = pl.DataFrame(rows).with_columns(grade=pl.Series([5.0, 7.0, None]))
    frame.write_parquet(tmp_path / "f.parquet")
    assert typed(tmp_path / "f.parquet", profile=profile).no_rating == 2


def test_no_rating_is_decided_before_anything_else(tmp_path: Path) -> None:
    """A row without a grade is none, however wrong the rest of it."""
    got = of_rows(tmp_path, [rating(1), rating(2, grade="", counter_id="", rated_at="x")])
    assert (got.read, got.no_rating, got.rejects.height) == (2, 1, 0)


def test_times_with_an_offset_are_told_in_the_zone_of_the_profile(tmp_path: Path) -> None:
    """Also over the change of the clocks: 2011-03-27 in Amsterdam."""
    head = "case_id,department,responsible,channel,startdate,enddate,deadline\n"
    text = head + "K1,D,R,Desk,2011-03-26 23:30:00.000+00:00,2011-03-27 01:30:00+00:00,\n"
    path = tmp_path / "f.csv"
    path.write_text(text, "utf-8")
    row = typed(path, "cases", "wabo").rows.row(0, named=True)
    assert row["received_at"] == datetime(2011, 3, 27, 0, 30)
    assert row["closed_at"] == datetime(2011, 3, 27, 3, 30)
    assert row["counter_id"] == "D/R"


def test_a_date_without_a_time_begins_its_day(tmp_path: Path) -> None:
    profile = mine(tmp_path, ('rated_at = "%Y-%m-%d %H:%M:%S"', 'rated_at = "%d/%m/%Y"'))
    got = of_rows(tmp_path, [rating(1, rated_at="01/08/2019")], profile=profile)
    assert got.rows["rated_at"].to_list() == [datetime(2019, 8, 1)]


def test_names_and_ids_lose_odd_and_doubled_blanks(tmp_path: Path) -> None:
    """U+00A0 and U+3000 are what Excel and Chinese keyboards leave behind."""
    rows = [rating(1, counter_id="\u00a0C1\u3000", item_id=" 户口  \u3000迁移 "), rating(2)]
    rows[1]["item_id"] = "\u3000"
    got = of_rows(tmp_path, rows).rows
    assert got["counter_id"].to_list() == ["C1", "C1"]
    assert got["item_id"].to_list() == ["户口 迁移", None]


def test_each_refusal_has_line_reason_and_the_value_that_was_seen(tmp_path: Path) -> None:
    rows = [
        rating(1),
        rating(2, grade=6),
        rating(3, rated_at="3/8/2019"),
        rating(4, counter_id=""),
        rating(5, rated_at="1999-12-31 09:00:00"),
        rating(6, grade=9),
    ]
    found = {line: (reason, detail) for line, reason, detail in why(of_rows(tmp_path, rows))}
    assert {line: reason for line, (reason, _) in found.items()} == {
        3: "unknown_code",
        4: "unparseable_time",
        5: "missing_key",
        6: "out_of_period",
        7: "unknown_code",
    }
    assert found[3][1] == (
        "grade code '6' is not in profile 'canonical' (1, 2, 3, 4, 5). "
        "Profile 'national' knows '6' as channel 'phone'"
    )
    assert found[4][1] == "rated_at 3/8/2019 does not read as %Y-%m-%d %H:%M:%S"
    assert found[5][1] == "counter_id (empty), counter_name (empty)"
    assert "'6'" not in found[7][1]  # each code has its own hint


def test_closed_before_accepted_compares_times_not_days(tmp_path: Path) -> None:
    base = {"accepted_at": "2019-08-02 10:00:00"}
    rows = [
        base | case(1, closed_at="2019-08-02 09:59:59"),
        base | case(1, case_id="K2", closed_at="2019-08-02 10:00:00"),
        base | {"accepted_at": ""} | case(1, case_id="K3", closed_at="2019-08-02 08:00:00"),
    ]
    late = "closed_before_accepted"
    assert why(of_rows(tmp_path, rows, "cases")) == [
        (
            2,
            late,
            "closed_at 2019-08-02 09:59:59, accepted_at 2019-08-02 10:00:00, "
            "received_at 2019-08-02 09:00:00",
        ),
        (
            4,
            late,
            "closed_at 2019-08-02 08:00:00, accepted_at (empty), received_at 2019-08-02 09:00:00",
        ),
    ]


def test_a_number_out_of_bounds_is_shown_with_its_bound(tmp_path: Path) -> None:
    base = {"counter_id": "C1", "found_at": "2019-08-01 10:00:00", "rule_code": "R"}
    rows = [base | {"finding_id": f"F{n}", "points": n} for n in ("-1", "NaN", "2.5", "much")]
    assert why(of_rows(tmp_path, rows, "findings")) == [
        (5, "not_a_number", "points much is not a number"),
        (2, "bad_value", "points -1.0 breaks min 0"),
        (3, "bad_value", "points NaN is no number"),
    ]


def stops(folder: Path, begun: str, ended: str) -> TypedChunk:
    source = 'clock_stops = { from = "begun", to = "ended", format = "%Y-%m-%d %H:%M" }'
    profile = mine(folder, ('clock_stops = "clock_stops"', source))
    return of_rows(folder, [case(1, begun=begun, ended=ended)], "cases", profile=profile)


def test_two_columns_make_a_stop(tmp_path: Path) -> None:
    assert stops(tmp_path, "2019-08-02 09:00", "2019-08-05 09:00").rows[
        "clock_stops"
    ].to_list() == ["2019-08-02T09:00:00/2019-08-05T09:00:00"]
    assert stops(tmp_path, "2019-08-02 09:00", "").rows["clock_stops"].to_list() == [
        "2019-08-02T09:00:00/"
    ]
    assert stops(tmp_path, "", "").rows["clock_stops"].to_list() == [None]


@pytest.mark.parametrize(
    ("begun", "ended", "said"),
    [
        ("", "2019-08-05 09:00", "ended 2019-08-05T09:00:00 ends a stop without begun"),
        ("2.8.2019", "2019-08-05 09:00", "begun 2.8.2019 does not read"),
        ("2019-08-02 09:00", "5.8.2019", "ended 5.8.2019 does not read"),
        ("2019-08-05 09:00", "2019-08-02 09:00", "is no interval"),
    ],
)
def test_half_a_stop_is_never_dropped_in_silence(
    begun: str, ended: str, said: str, tmp_path: Path
) -> None:
    got = stops(tmp_path, begun, ended)
    assert got.rows.is_empty()
    assert said in got.rejects["detail"][0]


def test_a_column_that_is_a_join_may_be_absent_where_the_profile_allows(tmp_path: Path) -> None:
    profile = mine(tmp_path, ('desk_no = "desk_no"', 'desk_no = { join = ["hall", "no"] }'))
    assert of_rows(tmp_path, [rating(1)], profile=profile).rows["desk_no"].to_list() == [None]


def test_an_unrelated_column_is_no_misspelling_of_an_optional_one(tmp_path: Path) -> None:
    """`created_at` is not `served_at`; `served_att` is."""
    assert of_rows(tmp_path, [rating(1, created_at="x")]).rows.height == 1
    with pytest.raises(HallscoreError, match="Did you mean 'served_att'"):
        of_rows(tmp_path, [rating(1, served_att="x")])


def test_a_file_cut_at_the_wrong_letter_names_its_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text_of([rating(1)]).replace(",", ";"), "utf-8")
    with pytest.raises(HallscoreError, match="Is the file's delimiter ';'"):
        typed(path)


def test_the_raw_row_has_only_columns_that_the_profile_reads(tmp_path: Path) -> None:
    """Names, phones and free text of the source are nobody's business here."""
    rows = [rating(1, grade=6, userName="张三", mobile="138" + "0" * 8)]
    (raw,) = of_rows(tmp_path, rows).rejects["raw"]
    assert set(json.loads(raw)) == set(rating(1))


def test_of_a_row_without_columns_only_the_safe_beginning_is_kept(tmp_path: Path) -> None:
    """Behind the first column that is not read may stand a name."""
    head = "rating_id,case_id,userName,counter_id,rated_at,grade\n"
    good = "R1,K1,李四,C1,2019-08-01 10:00:00,5\n"
    path = tmp_path / "f.csv"
    path.write_text(head + good + "R2,K2,张三,C1\n", "utf-8")
    got = typed(path)
    assert got.rejects.select("line", "reason", "raw").rows() == [(3, "ragged_row", "R2,K2,…")]
    lines = [dict(zip(head.strip().split(","), good.strip().split(","), strict=True))]
    path = tmp_path / "f.jsonl"
    broken = '{"rating_id": "R2", "userName": "张三"'
    path.write_text(json.dumps(lines[0]) + "\n" + broken + "\n", "utf-8")
    assert typed(path).rejects["raw"].to_list() == ['{"rating_id": "R2", …']


def id_number() -> str:
    """A made up number with a right check digit."""
    born = "1949" + "1231"
    return next(n for n in (f"110105{born}{k:03d}X" for k in range(1000)) if is_id_number(n))


def test_personal_numbers_stand_nowhere_in_clear(tmp_path: Path) -> None:
    """Not in ids, nor inside them, nor in raw rows, nor in the words about them."""
    number, mobile = id_number(), "139" + "1" * 8
    rows = [rating(1, case_id=number), rating(2, case_id=f"A-{number}"), rating(3, grade=mobile)]
    got = of_rows(tmp_path, rows)
    everything = str(got.rows.rows()) + str(got.rejects.rows())
    assert number not in everything
    assert mobile not in everything
    assert got.rows["case_id"][0].startswith("p-")
    assert got.rows["case_id"][1] == "A-" + got.rows["case_id"][0]
    assert mask_text(f"+86{mobile}、{number}。") == "+[phone number]、[ID number]。"


def test_equal_numbers_get_equal_codes_and_other_ids_stay() -> None:
    number, case_no = id_number(), "430200" + "20190801" + "0001"
    ids = pl.Series([number, number.lower(), case_no, None])
    codes = pseudonymise(ids).to_list()
    assert codes[0] == codes[1]
    assert codes[2:] == [case_no, None]


def test_a_time_of_day_in_a_workbook_reads_as_hours_and_minutes(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["hall_id", "weekday", "opens", "closes"])
        sheet.write_row(1, 0, ["H1", 1])
        clock = book.add_format({"num_format": "hh:mm"})
        for column, hour in ((2, 9), (3, 17)):
            sheet.write_number(1, column, hour / 24, clock)
    got = typed(path, "opening_hours").rows
    assert got.select("opens", "closes").rows() == [("09:00", "17:00")]


def test_a_second_look_gives_the_raw_rows_of_some_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", [rating(n) for n in range(5)])
    found = pl.concat(raw_rows(path, load_profile("canonical"), "ratings", pl.Series([3, 5])))
    assert found["line"].to_list() == [3, 5]
    assert json.loads(found["raw"][1])["rating_id"] == "R3"


def test_the_parts_of_a_file_add_up(tmp_path: Path) -> None:
    rows = [rating(n, grade=("", 5, 6)[n % 3], counter_id="C1" if n % 4 else "") for n in range(60)]
    path = write(tmp_path / "f.csv", rows)
    path.write_text(path.read_text("utf-8") + "ragged\n", "utf-8")
    got = typed(path)
    assert got.read == 61 == got.no_rating + got.rows.height + got.rejects.height
