"""Profiles: whose columns and code tables a file has. TOML in, checked whole, nothing guessed."""

import hashlib
import tomllib
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.contracts import CONTRACTS, Contract
from data.errors import HallscoreError, nearest
from data.profile_errors import key_line, validation_message

SHIPPED = Path(__file__).parent / "profiles"
TIME_TYPES = ("Datetime", "Date")


class Strict(BaseModel):
    """A table of the profile: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Joined(Strict):
    """A value made of several columns: { join = ["a", "b"], sep = "/" }."""

    join: list[str] = Field(min_length=2)
    sep: str = "/"


class Constant(Strict):
    """The same value in every row: { value = "active" }."""

    value: str


class Interval(Strict):
    """A clock-stop of two columns: { from = "start", to = "end", format = "%Y-%m-%d" }."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    format: str


Source = Annotated[str | Joined | Constant | Interval, Field(union_mode="left_to_right")]


class LogPart(Strict):
    """How one log is read: columns, date formats, code tables, and what means no value."""

    columns: dict[str, Source]
    dates: dict[str, str] = {}
    codes: dict[str, dict[str, str | int]] = {}
    missing: dict[str, list[str]] = {}
    no_rating: list[str] = []
    grade_check: bool = True

    def sources(self) -> list[str]:
        """Every column of the file that the profile reads, once, in order."""
        found: list[str] = []
        for source in self.columns.values():
            if isinstance(source, str):
                found.append(source)
            elif isinstance(source, Joined):
                found += source.join
            elif isinstance(source, Interval):
                found += [source.start, source.end]
        return list(dict.fromkeys(found))


class PeriodPart(Strict):
    """What one delivery spans, and the days outside which a row cannot be right (inclusive)."""

    every: Literal["day", "week", "month", "quarter", "year"] = "month"
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")


class UnitsPart(Strict):
    """Level of the halls that `--admit-units` takes from a log."""

    level: Literal["city", "county", "township", "village"] = "city"


class Profile(Strict):
    """A checked profile; `reference` finds it again, `text` is its source."""

    name: str
    title: dict[Literal["zh", "en"], str]
    source: str
    timezone: str = "Asia/Shanghai"
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: str = ","
    missing: list[str] = [""]
    absent_columns: Literal["refused", "allowed"] = "refused"
    period: PeriodPart = PeriodPart()
    units: UnitsPart = UnitsPart()
    logs: dict[str, LogPart] = {}
    reference: str = ""
    text: str = Field(default="", repr=False)

    @property
    def digest(self) -> str:
        """sha256 of the profile's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def units_level(self) -> str:
        """Level of admitted halls."""
        return self.units.level

    def part(self, log: str) -> LogPart:
        """How this profile reads a log, or an error that names the logs it reads."""
        if log not in self.logs:
            raise HallscoreError(
                f"profile {self.reference!r} has no table [{log}.columns]; it reads "
                f"{', '.join(self.logs)}.{nearest(log, self.logs)} Use --log with one of these, or "
                "add the table to the profile."
            )
        return self.logs[log]

    def unit_around(self, day: date) -> tuple[date, date]:
        """The half-open day, week, month, quarter or year that a delivery with this day spans."""
        return span_around(day, self.period.every)

    @model_validator(mode="after")
    def _zone_is_known(self) -> "Profile":
        if self.timezone not in available_timezones():
            known = available_timezones()
            raise ValueError(
                f"timezone {self.timezone!r} is unknown.{nearest(self.timezone, known)}"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Zone in which times are stored."""
        return ZoneInfo(self.timezone)


def span_around(day: date, every: str) -> tuple[date, date]:
    """The half-open calendar span of that kind that holds the day."""
    if every == "day":
        return day, day + timedelta(days=1)
    if every == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=7)
    if every == "year":
        return date(day.year, 1, 1), date(day.year + 1, 1, 1)
    months = 3 if every == "quarter" else 1
    first = (day.month - 1) // months * months + 1
    after = first + months
    return date(day.year, first, 1), date(day.year + (after > 12), (after - 1) % 12 + 1, 1)


def shipped() -> dict[str, Path]:
    """Names and files of the profiles that come with the product."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def load_profile(name: str) -> Profile:
    """A shipped profile by name, or any by path; HallscoreError names file, key and cure."""
    known = shipped()
    path = known.get(name) or Path(name)
    if name not in known and not (path.suffix == ".toml" and path.is_file()):
        raise HallscoreError(
            f"profile {name!r}: neither a shipped profile ({', '.join(known)}) nor a TOML file."
            f"{nearest(name, known)}"
        )
    return _loaded(str(path if name not in known else name), path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _loaded(reference: str, path: Path, _stamp: int) -> Profile:
    text = path.read_bytes().decode("utf-8-sig")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise HallscoreError(f"{path}: not valid TOML: {error}.") from None
    named = {"reference": reference, "text": text, "logs": {}}
    for key in list(content):
        if key in CONTRACTS:
            named["logs"][key] = content.pop(key)  # type: ignore[index]
    try:
        profile = Profile.model_validate({**content, **named})
    except ValidationError as error:
        raise HallscoreError(validation_message(path, text, error, list(CONTRACTS))) from None
    for log, part in profile.logs.items():
        _check_part(path, text, CONTRACTS[log], part)
    return profile


def _check_part(path: Path, text: str, contract: Contract, part: LogPart) -> None:
    """The profile against the contract: fields, formats and codes it may name."""
    fields = contract.fields
    for table in ("columns", "dates", "codes", "missing"):
        for key in getattr(part, table):
            if key not in fields:
                raise _wrong(path, text, f"{contract.name}.{table}", key, nearest(key, fields))
    for name in contract.needed:
        if name not in part.columns:
            raise HallscoreError(
                f"{path}: [{contract.name}.columns] lacks {name!r}, which every row of "
                f"{contract.name} must have. Add the source's column for it."
            )
    _check_dates(path, contract, part)
    for name, codes in part.codes.items():
        _check_codes(path, text, contract, name, codes)


def _check_dates(path: Path, contract: Contract, part: LogPart) -> None:
    for name, column in contract.fields.items():
        timed = type(column).__name__ in TIME_TYPES
        if timed and name in part.columns and name not in part.dates:
            raise HallscoreError(
                f"{path}: [{contract.name}.dates] has no format for {name!r}. A date format is "
                'never guessed: write it, for instance "%Y-%m-%d %H:%M:%S".'
            )


def _check_codes(
    path: Path, text: str, contract: Contract, name: str, table: dict[str, Any]
) -> None:
    allowed: tuple[Any, ...] = (1, 2, 3, 4, 5) if name == "grade" else contract.codes.get(name, ())
    for code, target in table.items():
        if allowed and target not in allowed:
            line = key_line(text, f"{contract.name}.codes.{name}", code)
            names = [str(one) for one in allowed]
            raise HallscoreError(
                f"{path}, line {line}: code {code!r} of {contract.name}.{name} maps to {target!r}; "
                f"allowed are {', '.join(names)}.{nearest(str(target), names)}"
            )
    if name == "grade" and len(set(table.values())) < 2:
        raise HallscoreError(f"{path}: [{contract.name}.codes.grade] maps every code to one grade.")


def _wrong(path: Path, text: str, table: str, key: str, hint: str) -> HallscoreError:
    return HallscoreError(
        f"{path}, line {key_line(text, table, key)}: key {key!r} in [{table}] is not a field of "
        f"the contract.{hint} The fields are listed in docs/reference/contracts.md."
    )
