"""Profiles: whose columns and code tables a file has. TOML in, checked whole, nothing guessed."""

import hashlib
import tomllib
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from data.contracts import CONTRACTS
from data.errors import HallscoreError, nearest
from data.profile_checks import check_keys, check_part
from data.profile_errors import validation_message
from data.undecided import check_decided

SITE_ZONE = ZoneInfo("Asia/Shanghai")  # where nothing else is said
SHIPPED = Path(__file__).parent / "profiles"


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


def source_columns(source: Source) -> list[str]:
    """Columns of the file that one field is read from; a constant needs none."""
    if isinstance(source, Joined):
        return source.join
    if isinstance(source, Interval):
        return [source.start, source.end]
    return [source] if isinstance(source, str) else []


class LogPart(Strict):
    """How one log is read: columns, date formats, code tables, and what means no value."""

    columns: dict[str, Source]
    dates: dict[str, str] = {}
    codes: dict[str, dict[str, str | int]] = {}
    missing: dict[str, list[str]] = {}
    no_rating: list[str] = []
    grade_check: bool = True
    derive_kind: bool = False  # of shifts without a kind, from their times: data.attendance_kinds

    def sources(self) -> list[str]:
        """Every column of the file that the profile reads, once, in order."""
        found = [name for source in self.columns.values() for name in source_columns(source)]
        return list(dict.fromkeys(found))


class PeriodPart(Strict):
    """What one delivery spans, and the days outside which a row cannot be right (inclusive)."""

    every: Literal["day", "week", "month", "quarter", "year"] = "month"
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "PeriodPart":
        if self.first and self.last and self.last < self.first:
            raise ValueError(f"`to` ({self.last}) lies before `from` ({self.first})")
        return self


class WorkbookPart(Strict):
    """Where the rows are in xlsx, xls and html books.

    `sheet`: name or pattern; without it every visible sheet that has the header is read.
    """

    sheet: str = ""
    header_rows: Literal[1, 2] | None = None
    sep: str = Field(default="/", min_length=1)
    total_words: tuple[str, ...] = ("合计", "小计", "总计", "共计", "累计")


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
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    missing: list[str] = [""]
    absent_columns: Literal["refused", "allowed"] = "refused"
    period: PeriodPart = PeriodPart()
    units: UnitsPart = UnitsPart()
    workbook: WorkbookPart = WorkbookPart()
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

    @field_validator("timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        known = available_timezones()
        if name not in known:
            hint = nearest(name, known) or " Expected is a name like 'Asia/Shanghai'"
            raise ValueError("this zone is unknown." + hint.removesuffix("."))
        return name

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
    try:
        text = path.read_bytes().decode("utf-8-sig")
        content = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise HallscoreError(f"{path}, line {line}: a profile is UTF-8; save it so.") from None
    except tomllib.TOMLDecodeError as error:
        raise HallscoreError(f"{path}: not valid TOML: {error}.") from None
    check_decided(path, text, content)
    check_keys(path, text, content)
    named = {"reference": reference, "text": text, "logs": {}}
    for key in list(content):
        if key in CONTRACTS:
            named["logs"][key] = content.pop(key)  # type: ignore[index]
    try:
        profile = Profile.model_validate({**content, **named})
    except ValidationError as error:
        raise HallscoreError(validation_message(path, text, error, list(CONTRACTS))) from None
    for log, part in profile.logs.items():
        check_part(path, text, CONTRACTS[log], part)
    return profile
