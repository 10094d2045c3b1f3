"""Cells as the text that the clean csv would hold; nothing is rounded or guessed."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from data.typing_rules import moments
from data.workbook_grid import EXCEL_EPOCHS, Cell, Fault

# Excel keeps 15 digits of a number; what it shows of a longer one is 4.30211E+17.
MOST_DIGITS = 10**15
DAY_MARKS = ("%d", "%e", "%-d", "%D", "%F", "%j", "%x", "%c", "%s", "%+", "%v")
_WIDE = re.compile(r"(?=.*[０-９])[\uff01-\uff5e\u3000\x20-\x7e]+")


def column_texts(cells: list[Cell], form: str | None, zone: ZoneInfo) -> list[str | None]:
    """The texts of one column; times are written in `form`, the profile's format of the column."""
    kinds = set(map(type, cells))
    if kinds <= {str, type(None)}:
        return [_folded(cell) if cell else None for cell in cells]  # type: ignore[arg-type]
    texts = [_text(cell) for cell in cells]
    if form is not None:
        places = [at for at, cell in enumerate(cells) if isinstance(cell, date | time)]
        for at, text in zip(
            places, _written([cells[at] for at in places], form, zone), strict=True
        ):
            texts[at] = text
    return texts


def _folded(text: str) -> str:
    """Full-width digits with what stands among them as plain ones; Chinese text stays."""
    if text.isascii() or not _WIDE.fullmatch(text):
        return text
    return unicodedata.normalize("NFKC", text)


def _text(cell: Cell) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, date | time | timedelta):
        return _iso(cell)
    match cell:
        case str():
            return _folded(cell)
        case Fault():
            return cell.seen
        case bool():
            return "true" if cell else "false"
    return _number(cell)


def _iso(cell: date | time | timedelta) -> str:
    match cell:
        case datetime():
            return _rounded(cell).isoformat(" ").removesuffix(" 00:00:00")
        case time():
            return cell.strftime("%H:%M:%S").removesuffix(":00")
        case timedelta():
            return _elapsed(cell)
    return cell.isoformat()


def _number(number: float) -> str:
    """5.0 is 5; beyond 15 digits only what is sure is written, so that no id is made up."""
    if abs(number) >= MOST_DIGITS:
        return f"{number:.5E}"
    return str(int(number)) if number == int(number) else repr(number)


def _elapsed(cell: timedelta) -> str:
    """A time in the format [h]:mm; below one day it is a time of day."""
    seconds = round(cell.total_seconds())
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return clock.removesuffix(":00") if seconds < 86_400 else clock


def _rounded(moment: datetime) -> datetime:
    """To the second, as Excel shows it: 09:30 is kept as 0.3958333, which is a little less."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _written(cells: list[Cell], form: str, zone: ZoneInfo) -> list[str | None]:
    """Days and times in the profile's format; one that it could not hold stays as it is.

    Such a row then goes to quarantine: nothing of a time is cut off in silence.
    """
    if form in EXCEL_EPOCHS:
        return [_serial(cell, EXCEL_EPOCHS[form]) for cell in cells]
    exact = [_moment(cell) if "f" in form else _rounded(_moment(cell)) for cell in cells]
    series = pl.Series(exact, dtype=pl.Datetime("us")).dt.replace_time_zone(zone.key)
    texts = series.dt.strftime(form)
    only_clock = not any(mark in form for mark in DAY_MARKS)
    back = [None] * len(cells) if only_clock else moments(texts, form, zone)[0].to_list()
    return [
        text if read == moment or (only_clock and isinstance(cell, time)) else _text(cell)
        for cell, text, moment, read in zip(cells, texts, exact, back, strict=True)
    ]


def _moment(cell: Cell) -> datetime:
    match cell:
        case datetime():
            return cell
        case date():
            return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001  in the profile's zone
        case time():
            return datetime.combine(date(1900, 1, 1), cell)
    raise TypeError(cell)


def _serial(cell: Cell, epoch: datetime) -> str:
    if isinstance(cell, time):
        return str(_text(cell))
    return repr((_rounded(_moment(cell)) - epoch) / timedelta(days=1))
