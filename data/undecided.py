"""Open decisions: a profile in which a value is still "?" is a draft and reads nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.errors import HallscoreError
from data.profile_errors import key_line

OPEN = "?"
EXPECTED = {
    "columns": "the column of the file that holds it, or leave the line out where it is optional",
    "dates": 'the format of its texts, for instance "%Y-%m-%d %H:%M:%S"',
    "codes": "what this code means in our terms",
    "grade": "a grade from 1 to 5, where 5 is best (codes that mean 'not rated' go to no_rating)",
    "format": 'the format of its two times, for instance "%Y-%m-%d %H:%M:%S"',
    "value": "workday or day",
    "encoding": '"utf-8" or "gb18030"',
    "delimiter": 'the letter between two cells, for instance ","',
    "missing": 'the spellings that mean no value, for instance ["", "NULL"]',
}


def open_keys(content: dict[str, Any]) -> list[tuple[str, ...]]:
    """The paths of all keys of a parsed profile that hold "?", in their order.

    A "?" inside a list is an ordinary spelling: some sources write it for no value.
    """
    return list(_open(content, ()))


def _open(table: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, entry in table.items():
        if isinstance(entry, dict):
            yield from _open(entry, (*above, key))
        elif entry == OPEN:
            yield (*above, key)


def check_decided(path: Path, text: str, content: dict[str, Any]) -> None:
    """HallscoreError with file, line and key for the first decision that nobody has taken yet."""
    still = open_keys(content)
    if not still:
        return
    key = min(still, key=lambda one: _line(text, one))
    more = f" {len(still) - 1} more are open." if len(still) > 1 else ""
    raise HallscoreError(
        f"{path}, line {_line(text, key)}: {'.'.join(key)} is not decided yet: write "
        f"{_expected(key)}. The comments beside it say what was seen in the file.{more}"
    )


def _line(text: str, key: tuple[str, ...]) -> int:
    inline = len(key) > 3 and key[1] == "columns"
    table, last = (key[:2], key[2]) if inline else (key[:-1], key[-1])
    return key_line(text, ".".join(table), last)


def _expected(key: tuple[str, ...]) -> str:
    if len(key) > 3 and key[1] == "codes" and key[2] == "grade":
        return EXPECTED["grade"]
    if len(key) > 3 and key[1] == "codes":
        return EXPECTED["codes"]
    return EXPECTED.get(key[-1]) or EXPECTED.get(key[1] if len(key) > 1 else "", "a value")
