"""The rules hold on the product and on the referee, and each page says what the tables say."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests import oracle
from tests.spec import referee_rules
from tests.spec.chapters import CHAPTERS
from tests.spec.paragraphs import Paragraph, Table
from tests.spec.product import Product, home_of
from tests.spec.referee_year import FullReferee as Referee

UNITS = ("counter", "chief", "staff", "case")
LISTS = ("lines", "titles", "chief_titles")
ANSWERING = Product | Referee


def marked(paragraphs: tuple[Paragraph, ...]) -> list[tuple[str, Paragraph]]:
    return [(f"P{place:02d}.", one) for place, one in enumerate(paragraphs)]


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One home for a chapter, and for each paragraph that needs its own; made when asked."""
    kept: dict[str, Any] = {"make": tmp_path_factory.mktemp}
    return kept


def home(homes: dict[str, Any], chapter: Any, mark: str) -> tuple[Path, list[Paragraph]]:
    listed = marked(chapter.paragraphs)
    asked = dict(listed)[mark]
    shared = [one for one in listed if one[1] is asked or (not one[1].alone and not asked.alone)]
    key = f"{chapter.id}-{mark}" if asked.alone else chapter.id
    if key not in homes:
        mine = [one for one in listed if one[1] is asked] if asked.alone else shared
        homes[key] = (home_of(homes["make"](key), mine), [one for _, one in mine])
    found: tuple[Path, list[Paragraph]] = homes[key]
    return found


PARAGRAPHS = [
    pytest.param(chapter, mark, id=f"{chapter.id}-{mark}{paragraph.title.en}")
    for chapter in CHAPTERS
    for mark, paragraph in marked(chapter.paragraphs)
]


@pytest.mark.parametrize(("chapter", "mark"), PARAGRAPHS)
def test_a_rule_holds_on_the_product_and_on_the_referee(
    chapter: Any, mark: str, homes: dict[str, Any]
) -> None:
    """Every cell of the tables out, to the last digit that is written."""
    place, together = home(homes, chapter, mark)
    asked = dict(marked(chapter.paragraphs))[mark]
    delivered = {log for one in together for log in one.tables}
    assert not differences(asked, Referee(asked, delivered)), "the referee"
    assert not differences(asked, Product(place, mark, asked)), "the product"


def differences(asked: Paragraph, answering: ANSWERING) -> list[str]:
    said = []
    for name, told in asked.answers.items():
        if name in LISTS:
            said += lists_that_differ(told, name, answering)
            continue
        unit = told.columns[0]
        assert unit in UNITS, unit
        answers = answers_to(asked, answering, name, told)
        for row in told.rows:
            answer = answers[row.get("metric", "")][row[unit]]
            for column in told.columns[1:]:
                if column != "metric" and not alike(row[column], answer.get(column)):
                    said.append(f"{row[unit]}: {column} {answer.get(column)!r} ≠ {row[column]!r}")
    return said


def answers_to(
    asked: Paragraph, answering: ANSWERING, name: str, told: Table
) -> dict[str, Mapping[str, Mapping[str, Any]]]:
    """Answers by unit, by the metric that a column of the table names (else by nothing)."""
    if name == "chiefs":
        return {"": answering.scores("chief")}
    if told.columns[0] == "case":
        return {"": answering.deadlines()}
    if asked.schemes and len(asked.period) == len("2019"):
        return {"": answering.years()}
    if asked.schemes:
        return {"": answering.scores()}
    metrics = dict.fromkeys(row.get("metric", "") for row in told.rows)
    return {one: answering.values(one or asked.metric) for one in metrics}


def lists_that_differ(told: Table, name: str, answering: ANSWERING) -> list[str]:
    """What is a list, not an answer by unit: lines of scores, and awards, all of them."""
    if name == "lines":
        return lines_that_differ(told, answering)
    wanted = sorted((row["award"], row[told.columns[1]]) for row in told.rows)
    found = answering.titles("chief" if name == "chief_titles" else None)
    return [] if wanted == found else [f"{found} ≠ {wanted}"]


def lines_that_differ(told: Table, answering: ANSWERING) -> list[str]:
    """The lines of the units that the table names, all of them, whatever their order."""
    units = {row["counter"] for row in told.rows}
    wanted = [
        (row["counter"], row["item"], row["line"], Fraction(row["points"])) for row in told.rows
    ]
    found = [one for one in answering.lines() if one[0] in units]
    return [] if sorted(wanted) == sorted(found) else [f"{sorted(found)} ≠ {sorted(wanted)}"]


def alike(written: str, found: Any) -> bool:
    """Numbers to the decimals that are written where they are quotients, else exactly."""
    if found is None or written == "":
        return written == "" and found in (None, "")
    if isinstance(found, float):
        places = len(written.partition(".")[2])
        return abs(found - float(written)) <= 0.5 * 10**-places + 1e-12
    if isinstance(found, Fraction):
        return abs(found - Fraction(written)) <= rest_of(written, found)
    return str(found) == written


def rest_of(written: str, found: Fraction) -> Fraction:
    """What a written decimal may leave out: nothing where the number ends within four places."""
    if 10_000 % found.denominator == 0:
        return Fraction(0)
    return Fraction(1, 2 * 10 ** len(written.partition(".")[2]))


def test_a_wrong_cell_of_a_table_out_is_seen_on_both_sides(tmp_path: Path) -> None:
    """The mutant of the chapters themselves: each last cell one more than it is."""
    asked = CHAPTERS[2].paragraphs[0]
    told = asked.answers["expect"]
    first = dict(told.rows[0]) | {"score": "96.01"}
    wrong = replace(asked, answers={"expect": Table(told.columns, (first, *told.rows[1:]))})
    place = home_of(tmp_path, [("", asked)])
    assert differences(wrong, Referee(wrong, asked.tables))
    assert differences(wrong, Product(place, "", wrong))


def test_a_calendar_of_mondays_to_fridays_would_say_minus_12(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """WE-5's other half: the referee with the wrong calendar, so that the right one matters."""
    limits = next(one for one in CHAPTERS if one.id == "limits")
    asked = next(one for one in limits.paragraphs if "WE-5" in one.title.en)
    assert not differences(asked, Referee(asked, asked.tables))
    for module in (referee_rules, oracle.chinese_calendar):
        monkeypatch.setattr(module, "is_workday", lambda day: day.weekday() < 5)
    lines = Referee(asked, asked.tables).lines()
    assert [points for _, _, line, points in lines if line == "event"] == [-12]


def test_every_chapter_and_every_worked_example_is_there() -> None:
    """WE-1 to WE-7 of the domain digest, each named in a title."""
    titles = " ".join(one.title.en for chapter in CHAPTERS for one in chapter.paragraphs)
    assert [f"WE-{one}" for one in range(1, 8) if f"WE-{one}" not in titles] == []
    titles = " ".join(one.title.zh for chapter in CHAPTERS for one in chapter.paragraphs)
    assert [f"WE-{one}" for one in range(1, 8) if f"WE-{one}" not in titles] == []
