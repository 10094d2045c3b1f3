"""A mistake in a profile is one message: file, line or key, what was seen, what is expected."""

from pathlib import Path

import pytest

from data.errors import HallscoreError, nearest
from data.profile import SHIPPED, Profile, load_profile, shipped, span_around

CANONICAL = (SHIPPED / "canonical.toml").read_text("utf-8")
RATED = 'rated_at = "%Y-%m-%d %H:%M:%S"'
GRADES = '"1" = 1\n"2" = 2\n"3" = 3\n"4" = 4\n"5" = 5\n'


def changed(folder: Path, old: str, new: str) -> Path:
    assert old in CANONICAL
    path = folder / "mine.toml"
    path.write_text(CANONICAL.replace(old, new, 1), "utf-8")
    return path


def line_with(path: Path, part: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next(at for at, line in enumerate(lines, start=1) if part in line)


MISTAKES = {
    "a misspelt setting": ("encoding =", "encodng =", "encodng", "Did you mean 'encoding'?"),
    "a misspelt log": ("[ratings.columns]", "[rating.columns]", "rating", "mean 'ratings'?"),
    "a misspelt table": ("[ratings.dates]", "[ratings.date]", "[ratings.date]", "mean 'dates'?"),
    "a field that is none": ('grade = "grade"', 'grad = "grade"', "grad =", "mean 'grade'?"),
    "a join that is none": (
        'rating_id = "rating_id"',
        'rating_id = { joined = ["a", "b"] }',
        "joined",
        "Did you mean 'join'?",
    ),
    "a join of one column": (
        'rating_id = "rating_id"',
        'rating_id = { join = ["a"] }',
        "join =",
        "at least 2 items",
    ),
    "a number for a column": (
        'rating_id = "rating_id"',
        "rating_id = 5",
        "= 5",
        "expected is a column name",
    ),
    "an encoding by another name": (
        'encoding = "utf-8"',
        'encoding = "gbk"',
        "gbk",
        "GBK and GB2312 are read as 'gb18030'",
    ),
    "a zone that is none": ("Asia/Shanghai", "Asia/Shanghi", "Shanghi", "mean 'Asia/Shanghai'?"),
    "a delivery that is none": ('"month"', '"monthly"', "monthly", "Did you mean 'month'?"),
    "a delimiter of two letters": (
        'encoding = "utf-8"',
        'delimiter = "||"',
        "delimiter",
        "at most 1 character",
    ),
    "a period turned round": (
        'every = "month"',
        "from = 2020-01-01\nto = 2019-01-01",
        "[period]",
        "lies before `from`",
    ),
    "a date format in other letters": (
        RATED,
        'rated_at = "YYYY-MM-DD"',
        "YYYY",
        "does not tell a day",
    ),
    "a date format without a day": (RATED, 'rated_at = "%H:%M"', '%H:%M"', "does not tell a day"),
    "a twelve-hour clock without noon": (
        RATED,
        'rated_at = "%Y-%m-%d %I:%M"',
        "%I:%M",
        "does not tell a day",
    ),
    "a grade of seven": ('"5" = 5', '"5" = 7', '"5" = 7', "allowed are 1, 2, 3, 4, 5"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_file_line_value_and_cure(mistake: str, tmp_path: Path) -> None:
    old, new, at, cure = MISTAKES[mistake]
    path = changed(tmp_path, old, new)
    with pytest.raises(HallscoreError) as caught:
        load_profile(str(path))
    assert f"mine.toml, line {line_with(path, at)}" in str(caught.value)
    assert cure in str(caught.value)


def test_whether_1_or_5_is_best_is_never_guessed(tmp_path: Path) -> None:
    table = f"[ratings.codes.grade]  # 5 is best\n{GRADES}"
    with pytest.raises(HallscoreError, match=r"\[ratings\.codes\.grade\] is missing"):
        load_profile(str(changed(tmp_path, table, "")))


def test_a_date_column_without_a_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HallscoreError, match="no format for 'rated_at'"):
        load_profile(str(changed(tmp_path, RATED + "\n", "")))


def test_a_stop_made_of_two_columns_needs_a_format_that_tells_a_day(tmp_path: Path) -> None:
    source = 'clock_stops = { from = "a", to = "b", format = "hh:mm" }'
    path = changed(tmp_path, 'clock_stops = "clock_stops"', source)
    with pytest.raises(HallscoreError, match=r"cases\.columns\.clock_stops is 'hh:mm'"):
        load_profile(str(path))


def test_a_profile_without_a_log_lists_the_logs(tmp_path: Path) -> None:
    path = tmp_path / "bare.toml"
    path.write_text('name = "x"\ntitle = { zh = "x", en = "x" }\nsource = "x"\n', "utf-8")
    with pytest.raises(HallscoreError, match=r"no log is described.*ratings, tickets, cases"):
        load_profile(str(path))


def test_a_profile_that_is_no_utf8_or_no_toml_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes('name = "x"\nsource = "窗口"\n'.encode("gb18030"))
    with pytest.raises(HallscoreError, match=r"mine\.toml, line 2: a profile is UTF-8"):
        load_profile(str(path))
    path.write_text("name = x\n", "utf-8")
    with pytest.raises(HallscoreError, match=r"not valid TOML.*line 1"):
        load_profile(str(path))


def test_an_unknown_profile_names_the_nearest_one() -> None:
    with pytest.raises(HallscoreError, match="Did you mean 'zhejiang'"):
        load_profile("zejiang")


def test_the_digest_is_of_the_content_alone(tmp_path: Path) -> None:
    """The same text under another name is the same profile; one letter more is another."""
    same = changed(tmp_path, "[period]", "[period]")
    assert load_profile(str(same)).digest == load_profile("canonical").digest
    other = tmp_path / "other.toml"
    other.write_text(CANONICAL + "# a word\n", "utf-8")
    assert load_profile(str(other)).digest != load_profile("canonical").digest


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_profile_says_whose_it_is_in_both_languages(name: str) -> None:
    profile: Profile = load_profile(name)
    assert set(profile.title) == {"zh", "en"}
    assert profile.source


def codes(profile: str, log: str, field: str) -> dict[str, str | int]:
    return load_profile(profile).part(log).codes[field]


def test_the_contradictions_of_the_sources_are_settled_one_by_one() -> None:
    """1 is best in GB/T 39046 A.8, 5 in the interfaces; 1 is 即办 in one and 承诺 in the other."""
    assert codes("gbt39046", "ratings", "grade")["1"] == 5
    assert codes("national", "ratings", "grade")["1"] == 1
    assert codes("zhejiang", "ratings", "grade")["1"] == 1
    assert codes("national", "cases", "case_kind")["1"] == "immediate"
    assert codes("zhejiang", "cases", "case_kind")["1"] == "promised"
    assert codes("national", "ratings", "channel")["7"] == "sms"
    assert codes("zhejiang", "ratings", "origin")["7"] == "default"
    assert codes("four_key", "ratings", "origin")["0"] == "default"
    assert codes("four_key", "ratings", "grade") == {"0": 3, "1": 2, "3": 4, "4": 5}


def test_a_delivery_spans_its_calendar_unit() -> None:
    from datetime import date

    day = date(2019, 12, 31)
    assert span_around(day, "day") == (day, date(2020, 1, 1))
    assert span_around(day, "week") == (date(2019, 12, 30), date(2020, 1, 6))
    assert span_around(day, "month") == (date(2019, 12, 1), date(2020, 1, 1))
    assert span_around(day, "quarter") == (date(2019, 10, 1), date(2020, 1, 1))
    assert span_around(day, "year") == (date(2019, 1, 1), date(2020, 1, 1))


def test_the_nearest_name_is_near_or_not_said() -> None:
    assert nearest("Grade", ["grade", "rated_at"]) == " Did you mean 'grade'?"
    assert nearest("created_at", ["served_at"], 0.8) == ""
    assert nearest("窗口编码", ["窗口编号", "办件编号"]) == " Did you mean '窗口编号'?"
