"""What a draft shows of a file: the evidence for each proposal, and nothing about a person."""

from pathlib import Path

import pytest

from data.drafting import Draft, draft_of
from data.drafting_choices import Choices, choices_of
from data.drafting_dates import positions, readings
from data.drafting_sample import try_out
from data.drafting_toml import toml_of
from data.errors import HallscoreError
from data.profile import SHIPPED, load_profile
from tests.builders import Row, rating, write

NAMES = ("王小明", "李建国", "张伟", "刘洋", "陈静")
PHONE = "138" + "00138000"
COMMENT = "办理很快，工作人员态度很好，一次就办完了，谢谢你们的热情服务"
GRADES = ("5", "5", "5", "4", "9", "3")
DECIDED = ("encoding=utf-8", "delimiter=,")


def local(number: int, **changes: str) -> Row:
    """A rating as a local system exports it, with people in it."""
    return {
        "评价流水号": f"P{number:04d}",
        "办件号": f"K{number:04d}",
        "受理窗口": f"综合{number % 3 + 1}号窗口",
        "评价日期": f"{number % 12 + 1:02d}/{number * 5 % 12 + 1:02d}/2019",
        "评价等级": GRADES[number % 6],
        "申请人": NAMES[number % 5],
        "联系电话": PHONE,
        "评价内容": COMMENT,
        "经办人": NAMES[(number + 1) % 5],
    } | changes


def drafted(folder: Path, rows: list[Row], log: str = "ratings", name: str = "x.csv") -> Draft:
    return draft_of(write(folder / name, rows), log)


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return drafted(tmp_path, [local(number) for number in range(60)])


def test_an_unknown_source_is_matched_by_the_names_that_are_in_use(draft: Draft) -> None:
    chosen = {name: one.source for name, one in draft.matches.chosen.items()}
    assert chosen == {
        "rating_id": "评价流水号",
        "case_id": "办件号",
        "counter_id": "受理窗口",
        "rated_at": "评价日期",
        "grade": "评价等级",
        "staff_id": "经办人",
    }


def test_nobody_is_named_in_a_draft(draft: Draft, tmp_path: Path) -> None:
    """Neither in the TOML, nor in the preview, nor in the rows of a trial, read or refused."""
    confirm = [*DECIDED, "rated_at=%d/%m/%Y", "grade.9=none"]
    text = toml_of(draft, choices_of(draft, confirm, grade_best="5"))
    mine = tmp_path / "mine.toml"
    mine.write_text(text, "utf-8")
    rows = [local(number) for number in range(60)] + [local(71, 评价日期="no day")]
    sample = try_out(write(tmp_path / "y.csv", rows), load_profile(str(mine)), "ratings")
    assert sample.rejects.height == 1
    shown = [
        text,
        *(str(frame.to_dicts()) for frame in (draft.preview, sample.rows, sample.rejects)),
    ]
    for secret in (*NAMES, PHONE, COMMENT):
        assert [secret for one in shown if secret in one] == []
    assert "办件号" in str(sample.rejects["raw"][0])


def test_a_column_of_names_lists_no_codes(draft: Draft) -> None:
    """Whoever takes it for the grade by mistake sees a remark, not the people."""
    text = toml_of(draft, choices_of(draft, [], ["grade=申请人"]))
    assert "[ratings.codes.grade]" in text
    assert not any(name in text for name in NAMES)


def test_a_day_that_may_be_a_month_has_both_readings(draft: Draft) -> None:
    """With a value that tells them apart and the largest numbers of each place."""
    look = draft.looks["评价日期"]
    found = readings(look)
    assert {one.form for one in found} == {"%d/%m/%Y", "%m/%d/%Y"}
    assert len({one.read_as for one in found}) == 2
    assert len({one.example for one in found}) == 1
    assert positions(look, found) == (12, 12, 2019)
    assert 'rated_at = "?"' in toml_of(draft, Choices())


def test_a_number_above_twelve_settles_the_order(tmp_path: Path) -> None:
    rows = [local(number, 评价日期=f"{number % 28 + 1:02d}/03/2019") for number in range(60)]
    found = readings(drafted(tmp_path, rows).looks["评价日期"])
    assert [one.form for one in found] == ["%d/%m/%Y"]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d %H:%M:%S", "2019-08-31 16:57:58"),
        ("%Y/%m/%d %H:%M", "2019/8/31 9:05"),
        ("%Y年%m月%d日", "2019年8月31日"),
        ("%Y%m%d%H%M%S", "20190831165758"),
        ("%Y-%m-%dT%H:%M:%S%.f%z", "2019-08-31T16:57:58.250+08:00"),
        ("%d.%m.%Y", "31.08.2019"),
    ],
)
def test_usual_formats_are_proposed(form: str, text: str, tmp_path: Path) -> None:
    rows = [local(number, 评价日期=text) for number in range(5)]
    assert form in [one.form for one in readings(drafted(tmp_path, rows).looks["评价日期"])]


def test_the_direction_is_asked_even_of_words(tmp_path: Path) -> None:
    """非常满意 says which end is best, and still a person confirms it."""
    words = ("非常满意", "满意", "不满意")
    draft = drafted(tmp_path, [local(number, 评价等级=words[number % 3]) for number in range(9)])
    assert '"非常满意" = "?"  # 3 rows; words 5' in toml_of(draft, Choices())
    decided = choices_of(draft, [], grade_best="非常满意")
    assert decided.codes["grade"] == {"非常满意": 5, "满意": 4, "不满意": 2}


@pytest.mark.parametrize(
    ("best", "grades"), [("5", {"5": 5, "4": 4, "3": 3}), ("1", {"5": 1, "4": 2, "3": 3})]
)
def test_a_code_outside_the_order_stays_open(
    best: str, grades: dict[str, int], tmp_path: Path
) -> None:
    """9 is no grade: whether it means "not rated" is another question."""
    rows = [local(number) for number in range(6)] + [local(7, 评价等级="1")]
    draft = drafted(tmp_path, rows)
    decided = choices_of(draft, [], grade_best=best).codes["grade"]
    assert {code: decided[code] for code in grades} == grades
    assert '"9" = "?"' in toml_of(draft, choices_of(draft, [], grade_best=best))


def test_four_keys_have_no_direction(tmp_path: Path) -> None:
    rows = [local(number, 评价等级="0134"[number % 4]) for number in range(8)]
    with pytest.raises(HallscoreError, match=r"does not settle column '评价等级', which holds '0'"):
        choices_of(drafted(tmp_path, rows), [], grade_best="5")


@pytest.mark.parametrize(
    ("name", "encoding", "why"),
    [
        ("x.csv", "utf-8", "utf8"),
        ("x.bom.csv", "utf-8", "mark"),
        ("x.gb.csv", "gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_proposed_with_its_evidence(
    name: str, encoding: str, why: str, tmp_path: Path
) -> None:
    draft = drafted(tmp_path, [local(number) for number in range(5)], name=name)
    assert (draft.guess.encoding, draft.guess.why) == (encoding, why)
    text = toml_of(draft, Choices())
    assert 'encoding = "?"' in text
    assert f"Proposed: {encoding}" in text


def test_the_delimiter_is_proposed_by_the_cells_of_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("评价流水号;办件号;窗口编号\n1,5;2;3\n4;5,5;6\n", "utf-8")
    draft = draft_of(path, "ratings")
    assert draft.guess.delimiter == ";"
    assert draft.guess.cells[";"] == (3, 3, 3)
    assert list(draft.looks) == ["评价流水号", "办件号", "窗口编号"]
    assert 'delimiter = "?"' in toml_of(draft, Choices())


@pytest.mark.parametrize("name", ["x.xlsx", "x.parquet", "x.jsonl"])
def test_other_kinds_of_files_are_drafted_too(name: str, tmp_path: Path) -> None:
    """There is no delimiter to ask for, and the same columns are suggested."""
    draft = drafted(tmp_path, [rating(number) for number in range(20)], name=name)
    assert set(draft.contract.needed) <= set(draft.matches.chosen)
    assert "delimiter" not in toml_of(draft, Choices())


def test_spellings_of_no_value_are_a_decision(tmp_path: Path) -> None:
    """NULL may be a value; the ingest would otherwise refuse or keep it without being asked."""
    rows = [rating(number, served_at="NULL" if number % 2 else "") for number in range(8)]
    draft = drafted(tmp_path, rows)
    assert draft.blanks == ["NULL"]
    assert 'missing = "?"' in toml_of(draft, Choices())
    assert 'missing = ["", "NULL"]' in toml_of(draft, choices_of(draft, ["missing=NULL"]))
    assert 'missing = [""]' in toml_of(draft, choices_of(draft, ["missing=none"]))


def test_a_unit_without_a_column_is_asked(tmp_path: Path) -> None:
    rows: list[Row] = [{"办件编号": f"K{n}", "承诺时限": "5"} for n in range(5)]
    draft = drafted(tmp_path, rows, "cases")
    assert 'promised_unit = { value = "?" }' in toml_of(draft, Choices())
    decided = choices_of(draft, ["promised_unit=workday"])
    assert 'promised_unit = { value = "workday" }' in toml_of(draft, decided)


MISTAKES = {
    "an unknown field": (["grad=5"], [], "'grad' is neither a field of ratings.*'grade'"),
    "no value": (["rated_at"], [], "write it as NAME=VALUE"),
    "a column that is not there": ([], ["grade=评价等機"], "no column '评价等機'.*mean '评价等级'"),
    "a format that reads nothing": (["rated_at=%Y-%m-%d"], [], "no value of '评价日期' reads so"),
    "a grade that is none": (["grade.5=7"], [], "allowed are 1, 2, 3, 4, 5, none"),
    "a table that is none": (["grade=nationl"], [], "no table 'nationl'.*mean 'national'"),
    "a field that needs no decision": (["case_id=x"], [], "neither a format nor a table"),
    "a field without a column": (["served_at=%Y"], [], "no column is chosen for served_at"),
    "a zone that is none": (["timezone=Asia/Shanghi"], [], "mean 'Asia/Shanghai'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_decision_is_one_message(mistake: str, draft: Draft) -> None:
    confirm, columns, said = MISTAKES[mistake]
    with pytest.raises(HallscoreError, match=said):
        toml_of(draft, choices_of(draft, confirm, columns))


def test_a_profile_may_have_a_question_mark_for_no_value(tmp_path: Path) -> None:
    """Only a key that is "?" itself is open."""
    path = tmp_path / "mine.toml"
    plain = (SHIPPED / "canonical.toml").read_text("utf-8")
    path.write_text(plain.replace('missing = [""]', 'missing = ["", "?"]'), "utf-8")
    assert load_profile(str(path)).missing == ["", "?"]
