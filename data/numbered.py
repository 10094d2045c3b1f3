"""Numbered records that somebody signs: one JSON file each in a folder, kept for good."""

from collections.abc import Collection
from pathlib import Path

from data.errors import HallscoreError, nearest


def names_in(folder: Path) -> tuple[str, ...]:
    """The files of the records by name; empty where there is no folder yet.

    The names are the key of what is read: no file changes once it is there.
    """
    return tuple(sorted(one.name for one in folder.glob("[0-9]*.json")))


def next_no(known: Collection[int]) -> int:
    """The number of the next record."""
    return max(known, default=0) + 1


def check_known(kind: str, no: int, known: Collection[int]) -> None:
    """HallscoreError that names the numbers there are, where `no` is none of them."""
    if no not in known:
        numbers = [str(one) for one in known]
        raise HallscoreError(
            f"{kind} {no}: there is none of that number; there are "
            f"{', '.join(numbers) or 'none'}.{nearest(str(no), numbers)}"
        )
