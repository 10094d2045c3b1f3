"""Working days with 调休: State Council notices, then overrides, then an estimate that says so.

Source: chinese_calendar (notices of 2004–2026); 行政许可法 Art. 82: limits are working days without
statutory holidays. A home may add `workdays.csv` (date,kind off|work,note,source).
"""

import csv
import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.errors import HallscoreError

FIRST, LAST = date(2000, 1, 1), date(2040, 12, 31)
SHIPPED = Path(__file__).parent / "reference" / "workdays_override.csv"
KNOWN_YEARS = range(2004, 2027)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Calendar:
    """Working days between 2000 and 2040 as arrays over days; `known` is False where estimated."""

    workday: NDArray[np.bool_]
    known_days: NDArray[np.bool_]
    ordinals: NDArray[np.int32]  # working days from FIRST up to and including the day
    days_of: NDArray[np.int32]  # offset of the n-th working day
    digest: str

    def _offset(self, day: date) -> int:
        place = (day - FIRST).days
        if not 0 <= place < len(self.workday):
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
        """The `count`-th working day after `day`; the day itself does not count."""
        found = int(self.shift(np.array([self._offset(day)]), np.array([count]))[0])
        return FIRST + timedelta(days=found)

    def workdays_between(self, start: date, end: date) -> int:
        """Working days in (start, end]."""
        return int(self.ordinals[self._offset(end)] - self.ordinals[self._offset(start)])

    def shift(self, offsets: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """`add_workdays` on offsets from FIRST, shapes (rows,); beyond the end the last day."""
        target = self.ordinals[self.clip(offsets)] + counts - 1
        found: NDArray[np.int64] = self.days_of[np.clip(target, 0, len(self.days_of) - 1)].astype(
            np.int64
        )
        return found

    def clip(self, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Offsets held inside the calendar."""
        return np.asarray(np.clip(offsets, 0, len(self.workday) - 1), dtype=np.int64)

    def frame(self, start: date, end: date) -> pl.DataFrame:
        """day, workday, known for start <= day < end."""
        low, high = self._offset(start), self._offset(end - timedelta(days=1)) + 1
        days = pl.date_range(start, end, closed="left", eager=True).alias("day")
        return pl.DataFrame(
            {"day": days, "workday": self.workday[low:high], "known": self.known_days[low:high]}
        )


def offsets_of(days: pl.Series) -> NDArray[np.int64]:
    """Days since FIRST of a Date series without nulls, shape (rows,)."""
    epoch = days.to_physical().to_numpy().astype(np.int64)
    return epoch - (FIRST - _EPOCH).days


def days_from(offsets: NDArray[np.int64]) -> pl.Series:
    """The Date series of offsets from FIRST."""
    epoch = offsets + (FIRST - _EPOCH).days
    return pl.Series(epoch.astype(np.int32)).cast(pl.Date)


def load_calendar(home: Path | None = None) -> Calendar:
    """The calendar of a home: notices, shipped overrides, then the home's own workdays.csv."""
    own = home / "workdays.csv" if home is not None else None
    texts = [path.read_bytes() for path in (SHIPPED, own) if path is not None and path.exists()]
    return _built(tuple(texts), str(own or SHIPPED))


@lru_cache(maxsize=8)
def _built(texts: tuple[bytes, ...], where: str) -> Calendar:
    workday, known = _notices()
    for text in texts:
        for day, works in _overrides(text.decode("utf-8-sig"), where):
            workday[(day - FIRST).days] = works
            known[(day - FIRST).days] = True
    ordinals = np.cumsum(workday).astype(np.int32)
    parts = b"\n".join(texts) + version("chinese_calendar").encode()
    return Calendar(
        workday,
        known,
        ordinals,
        np.nonzero(workday)[0].astype(np.int32),
        hashlib.sha256(parts).hexdigest(),
    )


def _notices() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    from chinese_calendar import constants

    days = np.arange((LAST - FIRST).days + 1)
    weekday = (days + FIRST.weekday()) % 7
    workday = weekday < 5
    years = np.array([(FIRST + timedelta(days=int(place))).year for place in days])
    known = (years >= KNOWN_YEARS.start) & (years < KNOWN_YEARS.stop)
    for day in constants.holidays:
        workday[(day - FIRST).days] = False
    for day in constants.workdays:
        workday[(day - FIRST).days] = True
    return workday, known


def _overrides(text: str, where: str) -> list[tuple[date, bool]]:
    found = []
    for place, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        kind = (row.get("kind") or "").strip()
        try:
            day = date.fromisoformat((row.get("date") or "").strip())
        except ValueError:
            raise HallscoreError(
                f"{where}, line {place}: date {row.get('date')!r} is not a date. "
                "Write it as 2019-05-02."
            ) from None
        if kind not in ("off", "work"):
            raise HallscoreError(
                f"{where}, line {place}: kind {kind!r}; expected 'off' or 'work'. "
                "The columns are date,kind,note,source."
            )
        if not FIRST <= day <= LAST:
            raise HallscoreError(f"{where}, line {place}: {day} is outside {FIRST} to {LAST}.")
        found.append((day, kind == "work"))
    return found
