"""Working days with 调休: State Council notices, then overrides, then an estimate that says so.

Source: chinese_calendar (notices from 2004 on); 行政许可法 Art. 82: limits are working days without
statutory holidays. Overrides are `date,kind,note,source` with kind off or work: the shipped
data/reference/workdays_override.csv, then `workdays.csv` of the home. A year whose rows have both
1 January and 1 October is taken as that year's whole notice; beyond, Monday to Friday is assumed.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.errors import HallscoreError, nearest

FIRST, LAST = date(2000, 1, 1), date(2040, 12, 31)
SHIPPED = Path(__file__).parent / "reference" / "workdays_override.csv"
COLUMNS = ("date", "kind", "note", "source")
KINDS = ("off", "work")
_EPOCH = date(1970, 1, 1)
_LENGTH = (LAST - FIRST).days + 1


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days between 2000 and 2040 as arrays over days, offset 0 = FIRST.

    Counters with days of their own get a Calendar of their own; nothing here is global.
    """

    workday: NDArray[np.bool_]
    known_days: NDArray[np.bool_]  # False where estimated
    holiday: NDArray[np.bool_]  # off by a notice, the Saturdays and Sundays inside it too
    ordinals: NDArray[np.int32]  # working days from FIRST up to and including the day
    estimates: NDArray[np.int32]  # estimated days from FIRST up to and including the day
    days_of: NDArray[np.int32]  # offset of the n-th working day
    digest: str
    first_day_counts: bool = False  # whether a limit counts the day on which it starts

    def _offset(self, day: date) -> int:
        place = (day - FIRST).days
        if not 0 <= place < _LENGTH:
            raise HallscoreError(
                f"{day}: outside the calendar ({FIRST} to {LAST}). Check the date format of the "
                "profile; such a day is in no log of a service hall."
            )
        return place

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day, make-up days included."""
        return bool(self.workday[self._offset(day)])

    def known(self, day: date) -> bool:
        """Whether a notice covers the day; otherwise Monday to Friday is assumed."""
        return bool(self.known_days[self._offset(day)])

    def add_workdays(self, day: date, count: int) -> date:
        """The day on which `count` >= 0 working days from `day` end; 0 is the day itself."""
        found = int(self.shift(np.array([self._offset(day)]), np.array([count]))[0])
        return FIRST + timedelta(days=found)

    def workdays_between(self, start: date, end: date) -> int:
        """Working days in (start, end]."""
        return int(self.ordinals[self._offset(end)] - self.ordinals[self._offset(start)])

    def shift(self, offsets: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """`add_workdays` on offsets from FIRST, shapes (rows,); beyond the end the last one."""
        target = self.ordinals[self.clip(offsets - self.first_day_counts)] + counts - 1
        found = self.days_of[np.clip(target, 0, len(self.days_of) - 1)].astype(np.int64)
        latest: NDArray[np.int64] = np.maximum(found, self.clip(offsets))
        return latest

    def count(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """`workdays_between` on offsets from FIRST, shapes (rows,)."""
        counted: NDArray[np.int32] = self.ordinals[self.clip(ends)]
        return (counted - self.ordinals[self.clip(starts)]).astype(np.int64)

    def all_known(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether notices cover every day of [start, end], shapes (rows,)."""
        low, high = self.clip(starts), self.clip(ends)
        steady: NDArray[np.bool_] = self.estimates[low] == self.estimates[high]
        return steady & self.known_days[low]

    def clip(self, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Offsets held inside the calendar."""
        return np.clip(offsets, 0, _LENGTH - 1)

    def frame(self, start: date, end: date) -> pl.DataFrame:
        """day, workday, known, holiday for start <= day < end."""
        low, high = self._offset(start), self._offset(end - timedelta(days=1)) + 1
        days = pl.date_range(start, end, closed="left", eager=True).alias("day")
        return pl.DataFrame(
            {
                "day": days,
                "workday": self.workday[low:high],
                "known": self.known_days[low:high],
                "holiday": self.holiday[low:high],
            }
        )


def workdays_left(calendar: Calendar, due: pl.Series, day: date) -> pl.Series:
    """Working days from a day to each due day: 0 on it, negative when it is over, null without."""
    today = offsets_of(pl.Series([day] * len(due), dtype=pl.Date()))
    left = pl.Series(calendar.count(today, offsets_of(due.fill_null(day))), dtype=pl.Int64())
    return left.set(due.is_null(), None)


def offsets_of(days: pl.Series) -> NDArray[np.int64]:
    """Days since FIRST of a Date series without nulls, shape (rows,)."""
    epoch = days.to_physical().to_numpy().astype(np.int64)
    return epoch - (FIRST - _EPOCH).days


def days_from(offsets: NDArray[np.int64]) -> pl.Series:
    """The Date series of offsets from FIRST."""
    epoch = offsets + (FIRST - _EPOCH).days
    return pl.Series(epoch.astype(np.int32)).cast(pl.Date)


def load_calendar(home: Path | None = None, first_day_counts: bool = False) -> Calendar:
    """The calendar of a home: notices, shipped overrides, then the home's own workdays.csv.

    `first_day_counts` lets limits start on their first day instead of the one after it.
    """
    paths = [SHIPPED] if home is None else [SHIPPED, home / "workdays.csv"]
    sources = tuple((str(path), path.read_bytes()) for path in paths if path.exists())
    return _built(sources, first_day_counts)


@lru_cache(maxsize=8)
def _built(sources: tuple[tuple[str, bytes], ...], first_day_counts: bool) -> Calendar:
    workday, known, holiday = _notices()
    for where, content in sources:
        days = _overrides(content, where)
        _override(workday, known, days)
        for day, works in days.items():
            holiday[(day - FIRST).days] = not works
    ordinals, estimates = np.cumsum(workday), np.cumsum(~known)
    # The calendar is shared between callers, so its arrays refuse writes.
    arrays = (
        workday,
        known,
        holiday,
        ordinals.astype(np.int32),
        estimates.astype(np.int32),
        np.nonzero(workday)[0].astype(np.int32),
    )
    for array in arrays:
        array.setflags(write=False)
    parts = [content for _, content in sources] + [version("chinese_calendar").encode()]
    digest = hashlib.sha256(b"\n".join([*parts, str(first_day_counts).encode()])).hexdigest()
    return Calendar(*arrays, digest, first_day_counts)


def _override(workday: NDArray[np.bool_], known: NDArray[np.bool_], days: dict[date, bool]) -> None:
    for day, works in days.items():
        workday[(day - FIRST).days] = works
        known[(day - FIRST).days] = True
    for year in {day.year for day in days}:
        new_year, national_day = date(year, 1, 1), date(year, 10, 1)
        if new_year in days and national_day in days:
            known[(new_year - FIRST).days : (date(year + 1, 1, 1) - FIRST).days] = True


def _notices() -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Working days, days that a notice covers, and holidays."""
    from chinese_calendar import constants

    days = np.arange(_LENGTH)
    workday = (days + FIRST.weekday()) % 7 < 5
    first = date(min(constants.holidays).year, 1, 1)
    last = date(max(constants.holidays).year, 12, 31)
    known = (days >= (first - FIRST).days) & (days <= (last - FIRST).days)
    holiday = np.zeros(_LENGTH, dtype=np.bool_)
    for day in constants.holidays:
        workday[(day - FIRST).days] = False
        holiday[(day - FIRST).days] = True
    for day in constants.workdays:
        workday[(day - FIRST).days] = True
    return workday, known, holiday


def _overrides(content: bytes, where: str) -> dict[date, bool]:
    """Whether offices work, by day; HallscoreError names file, line, what was seen and expected."""
    found: dict[date, bool] = {}
    for line, row in _rows(content, where):
        seen, kind = (row.get("date") or "").strip(), (row.get("kind") or "").strip()
        try:
            day = date.fromisoformat(seen)
        except ValueError:
            raise HallscoreError(
                f"{where}, line {line}: date {seen!r} is not a date. Write it as 2019-05-02."
            ) from None
        if kind not in KINDS:
            raise HallscoreError(
                f"{where}, line {line}: kind {kind!r}; expected 'off' or 'work'. "
                f"The columns are {','.join(COLUMNS)}.{nearest(kind, KINDS)}"
            )
        if not FIRST <= day <= LAST:
            raise HallscoreError(f"{where}, line {line}: {day} is outside {FIRST} to {LAST}.")
        if found.setdefault(day, kind == "work") != (kind == "work"):
            raise HallscoreError(
                f"{where}, line {line}: {day} is {kind!r}, but an earlier line says the opposite. "
                "Keep the one that the notice says."
            )
    return found


def _rows(content: bytes, where: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HallscoreError(
            f"{where}: byte {content[error.start]:#04x} at position {error.start} is not UTF-8. "
            "Save the file as CSV UTF-8."
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    for name in COLUMNS[:2]:
        if header and name not in header:
            raise HallscoreError(
                f"{where}, line 1: no column {name!r} in {','.join(header)!r}. "
                f"The first line is {','.join(COLUMNS)}.{nearest(name, header)}"
            )
    for row in reader:
        yield reader.line_num, row
