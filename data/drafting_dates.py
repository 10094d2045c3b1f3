"""Formats that read the times of a column; where two do, both are listed with the evidence."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

from data.drafting_looks import ColumnLook
from data.typing_rules import moments as read_moments

DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%m.%d.%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%y-%m-%d"),
)
CLOCKS = (" %H:%M:%S", " %H:%M", "T%H:%M:%S", "T%H:%M:%S%.f", " %H:%M:%S%.f", " %H时%M分%S秒")
ZONES = ("", "%z", "Z")
FORMATS = (
    *DAYS,
    *(day + clock + zone for day in DAYS for clock in CLOCKS for zone in ZONES),
    *("%Y%m%d%H%M%S", "%Y%m%d%H%M", "%d/%m/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p"),
)
LETTERS = {
    **{"%Y": r"\d{4}", "%p": "[AaPp][Mm]", "%.f": r"(\.\d+)?", "%z": r"[+-]\d\d:?\d\d"},
    **{f"%{letter}": r"\d{1,2}" for letter in "mdyHIMS"},
}
ISO = "%Y-%m-%d %H:%M:%S"
YEARS = range(1990, 2101)
ALMOST = 0.9  # a format that fails for more values than the rest of this is no proposal
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Reading:
    """A format, how many of the distinct values it reads and fails, an example, and the span."""

    form: str
    read: int
    failed: int
    example: str
    read_as: datetime
    first: datetime
    last: datetime
    moments: tuple[datetime | None, ...] = field(default=(), repr=False)


def readings(look: ColumnLook, zone: ZoneInfo = UTC) -> list[Reading]:
    """The formats that read (nearly) all values of a column, those that read most first.

    Times with an offset are shown in `zone`.
    """
    if look.timed:
        # Cells of a date type are read as they are; a format is asked for all the same.
        typed = (reading(look, form, zone) for form in (ISO, "%Y-%m-%d"))
        return [one for one in typed if one is not None][:1]
    texts = pl.Series(look.texts, dtype=pl.String)
    found = []
    for form in FORMATS:
        if _may_be(look.texts[:20], form) and (one := reading(look, form, zone)) is not None:
            found.append(one)
    most = max((one.read for one in found), default=0)
    likely = [one for one in found if one.read >= ALMOST * max(most, len(texts) / 2)]
    best = sorted(likely, key=lambda one: (-one.read, len(one.form)))
    kept = _without_longer(best)
    return _telling(look, kept, zone) if len(kept) > 1 else kept


def _telling(look: ColumnLook, found: list[Reading], zone: ZoneInfo) -> list[Reading]:
    """The readings with an example of which they make different times."""
    texts = pl.Series(look.texts, dtype=pl.String)
    first, second = (read_moments(texts, one.form, zone)[0] for one in found[:2])
    apart = (first != second).fill_null(value=False).arg_true()
    if apart.is_empty():
        return found
    at = int(apart[0])
    shown = []
    for one in found:
        moment = read_moments(texts[at : at + 1], one.form, zone)[0][0]
        shown.append(replace(one, example=texts[at], read_as=moment or one.read_as))
    return shown


def reading(look: ColumnLook, form: str, zone: ZoneInfo = UTC) -> Reading | None:
    """How one format reads a column, or None where it reads nothing sensible."""
    texts = pl.Series(look.texts, dtype=pl.String)
    moments = _plausible(texts, form, zone)
    if moments is None:
        return None
    good = moments.is_not_null()
    at = good.arg_true()[0]
    times = moments.drop_nulls().sort()
    return Reading(
        form,
        int(good.sum()),
        len(texts) - int(good.sum()),
        texts[at],
        moments[at],
        times[0],
        times[-1],
        tuple(moments),
    )


@cache
def _shape(form: str) -> re.Pattern[str]:
    """What a text that a format reads looks like."""
    parts = re.split(r"(%\.?[A-Za-z])", form)
    return re.compile("".join(LETTERS.get(part, re.escape(part)) for part in parts))


def _may_be(texts: list[str], form: str) -> bool:
    """Whether any text has the shape of a format; hundreds are tried, and this is quick."""
    return any(_shape(form).fullmatch(text) for text in texts)


def _plausible(texts: pl.Series, form: str, zone: ZoneInfo) -> pl.Series | None:
    """The moments in the years that a log can have, or None where there are none."""
    try:
        moments, _ = read_moments(texts, form, zone)
    except (pl.exceptions.PolarsError, ValueError):
        return None
    years = moments.dt.year().is_between(YEARS.start, YEARS.stop)
    sensible = moments.set(~years.fill_null(value=False), None)
    return sensible if sensible.is_not_null().any() else None


def _without_longer(found: list[Reading]) -> list[Reading]:
    """Only one of the formats that read the same values as the same times, the shortest."""
    kept: dict[tuple[datetime | None, ...], Reading] = {}
    for one in found:
        kept.setdefault(one.moments, one)
    most = max((one.read for one in kept.values()), default=0)
    return [one for one in kept.values() if one.read == most] or list(kept.values())


def is_time(look: ColumnLook) -> bool:
    """Whether nearly all values read as times."""
    if look.timed:
        return True
    texts = look.texts[:60]
    if not texts or not all(any(letter.isdigit() for letter in text) for text in texts[:5]):
        return False
    few = replace(look, counts=dict.fromkeys(texts, 1))
    return any(one.failed <= 0.1 * len(texts) for one in readings(few))


def positions(look: ColumnLook, found: list[Reading]) -> tuple[int, int, int] | None:
    """The largest numbers in the three places of dates like 03/04/2019 that all formats read."""
    texts = pl.Series(look.texts, dtype=pl.String)
    for one in found:
        texts = texts.filter(read_moments(texts, one.form, UTC)[0].is_not_null())
    parts = [re.match(r"\s*(\d+)[/.\-](\d+)[/.\-](\d+)", text) for text in texts]
    numbers = [tuple(map(int, part.groups())) for part in parts if part]
    if not numbers:
        return None
    first, second, third = (max(place) for place in zip(*numbers, strict=True))
    return first, second, third
