"""Code tables that are possible for a column; they contradict each other, so a person chooses."""

from dataclasses import dataclass
from typing import Any

from data.contracts import CONTRACTS
from data.drafting_looks import ColumnLook, synonyms
from data.drafting_match import MODELS
from data.errors import HallscoreError, nearest
from data.profile import load_profile

NONE = "none"  # a grade code that means: not rated
BEST = ("1", "5")
Target = str | int


@dataclass(frozen=True)
class Table:
    """A possible table. `origin`: a shipped profile, "words", "as-is", or the best code."""

    origin: str
    codes: dict[str, Target]


def asks_table(log: str, field: str, look: ColumnLook) -> bool:
    """Whether a code table must be confirmed for a field that this column holds.

    Our own words need none, and neither has a field that may hold any text, unless a shipped
    profile knows one of its values as a code.
    """
    contract = CONTRACTS[log]
    if field == "grade":
        return True
    if field in contract.codes:
        return not set(look.counts) <= set(contract.codes[field])
    known = {code for table in _shipped(log, field) for code in table.codes}
    return look.few and bool(known & set(look.counts))


def tables(log: str, field: str, look: ColumnLook) -> list[Table]:
    """The possible tables of a field, of which each knows at least one code of the column."""
    found = _shipped(log, field)
    words = synonyms()["codes"].get(field)
    if words is not None:
        found.append(Table("words", dict(words)))
    if field == "grade":
        found += [Table(f"best {best}", graded(best)) for best in BEST]
    elif field not in CONTRACTS[log].codes:
        found.append(Table("as-is", {code: code for code, _rows in look.codes}))
    return [table for table in found if set(table.codes) & set(look.counts)]


def table_of(log: str, field: str, look: ColumnLook, origin: str) -> Table:
    """The table of an origin, or HallscoreError with the possible ones."""
    possible = {table.origin: table for table in tables(log, field, look)}
    if origin not in possible:
        raise HallscoreError(
            f"{field}: no table {origin!r} knows a code of column {look.name!r}; possible are "
            f"{', '.join(possible) or 'none'}.{nearest(origin, possible)} Write single codes as "
            f"--confirm {field}.CODE=MEANING."
        )
    return possible[origin]


def graded(best: str) -> dict[str, Target]:
    """Codes 1 to 5 as grades, of which 5 is best."""
    return {str(code): code if best == "5" else 6 - code for code in range(1, 6)}


def grades_by_best(look: ColumnLook, best: str) -> dict[str, Target]:
    """The grades of a column whose best code is known, or HallscoreError where that is not enough.

    Codes 1 to 5 are turned; words are read as words. Others (0, 9) have no order and stay open.
    """
    words: dict[str, Target] = synonyms()["codes"]["grade"]
    if best in BEST and best in look.counts:
        return graded(best)
    if words.get(best) == 5 and best in look.counts:
        return {code: grade for code, grade in words.items() if code in look.counts}
    seen = ", ".join(repr(code) for code, _rows in look.codes[:10])
    raise HallscoreError(
        f"--grade-best {best!r} does not settle column {look.name!r}, which holds {seen}: expected "
        "are codes 1 to 5 with 1 or 5 best and seen, or words of satisfaction. Write each as "
        "--confirm grade.CODE=GRADE (5 is best, none for 'not rated'), or a profile's table as "
        "--confirm grade=PROFILE."
    )


def target(log: str, field: str, code: str, text: str) -> Target:
    """What a person wrote for a code, checked against what the field allows."""
    allowed: Any = CONTRACTS[log].codes.get(field)
    if field == "grade":
        allowed = ("1", "2", "3", "4", "5", NONE)
    if allowed and text not in allowed:
        raise HallscoreError(
            f"{field}.{code}={text}: allowed are {', '.join(allowed)}.{nearest(text, allowed)}"
        )
    return int(text) if field == "grade" and text != NONE else text


def _shipped(log: str, field: str) -> list[Table]:
    found = []
    for model in MODELS:
        part = load_profile(model).logs.get(log)
        if part is not None and field in part.codes and model != "canonical":
            found.append(Table(model, dict(part.codes[field])))
    return found
