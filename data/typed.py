"""From raw rows to typed rows by codes, times and contracts; what fails goes aside."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from data.attendance_kinds import with_kinds
from data.contracts import CONTRACTS, Contract
from data.errors import HallscoreError, nearest
from data.masking import pseudonymise
from data.profile import SHIPPED, LogPart, Profile, shipped, source_columns
from data.profile_errors import key_line
from data.readers import OnBytes, RawChunk, read_chunks
from data.refusals import raw_of, refused, unreadable
from data.tally_rows import first_day
from data.typing_rules import Tally, Typing, blanks_to_null, type_columns
from data.workbook_grid import SheetReport
from data.workbook_plan import plan_of


@dataclass(frozen=True)
class TypedChunk:
    """Typed rows with `line`, rejects (line, reason, detail, raw); read is the sum of all parts.

    `last` is the last line of the chunk; `report` tells of the sheet, where the file has sheets.
    """

    read: int
    no_rating: int
    rows: pl.DataFrame
    rejects: pl.DataFrame
    tallies: dict[str, Tally]
    last: int = 0
    report: SheetReport | None = None


def read_typed(
    path: Path,
    profile: Profile,
    log: str,
    on_bytes: OnBytes | None = None,
    span: tuple[date, date] | None = None,
) -> Iterator[TypedChunk]:
    """Typed chunks of a file; HallscoreError where the whole file does not fit the profile."""
    part, contract = profile.part(log), CONTRACTS[log]
    known: set[str] = set()
    plan, sheet = plan_of(profile, log), ""
    for raw in read_chunks(path, profile.encoding, profile.delimiter, on_bytes, plan):
        if raw.sheet != sheet:
            known, sheet = set(), raw.sheet  # each sheet has a header of its own
        if not set(raw.rows.columns) <= known:
            known |= set(raw.rows.columns)
            check_columns(path, profile, log, known - {"_line"})
        yield _typed(raw, profile, part, contract, span)


def _typed(
    raw: RawChunk,
    profile: Profile,
    part: LogPart,
    contract: Contract,
    span: tuple[date, date] | None,
) -> TypedChunk:
    rows = raw.rows
    read = rows.height + raw.rejects.height
    rated = _rated(rows, profile, part, contract)
    no_rating = rows.height - rated.height
    typing = type_columns(rated, profile, part, contract)
    bounds = _out_of_period(typing, contract, profile, span)
    flagged = typing.frame.with_columns(_reason=typing.reason(bounds))
    good = flagged.filter(pl.col("_reason").is_null()).drop("_reason")
    good = with_kinds(good, part.derive_kind)
    checked, failures = contract.schema.filter(good.select("line", *contract.fields), cast=False)
    by_contract = refused(failures.details(), contract)
    bad = flagged.filter(pl.col("_reason").is_not_null())
    said = typing.details(bad)
    late = pl.concat([said, by_contract])
    aside = rated.filter(pl.col("_line").is_in(late["line"].implode()))
    rejects = late.join(
        raw_of(aside, part, profile.zone), on="line", how="left", maintain_order="left"
    )
    masked = raw.rejects.with_columns(unreadable(raw, part, profile.delimiter))
    ids = [name for name in checked.columns if name.endswith("_id")]
    personal = checked.with_columns(pseudonymise(checked[name]).alias(name) for name in ids)
    aside = pl.concat([masked, rejects])
    lines = pl.concat([rows["_line"].cast(pl.Int32), raw.rejects["line"].cast(pl.Int32)])
    last = int(cast(int, lines.max() or 0))
    return TypedChunk(read, no_rating, personal, aside, typing.tallies, last, raw.report)


def _rated(rows: pl.DataFrame, profile: Profile, part: LogPart, contract: Contract) -> pl.DataFrame:
    """Rows that hold a rating; a blank grade, or a code that means none, is decided first."""
    source = part.columns.get("grade")
    if contract.name != "ratings" or not isinstance(source, str) or source not in rows.columns:
        return rows
    none = [*profile.missing, *part.missing.get("grade", []), *part.no_rating]
    return rows.filter(blanks_to_null(rows[source], none).is_not_null())


def _out_of_period(
    typing: Typing, contract: Contract, profile: Profile, span: tuple[date, date] | None
) -> pl.Expr:
    """Rows whose day lies outside the bounds of the profile, or of the delivery."""
    if contract.name == "tallies":
        day = first_day()
    elif contract.day_column is None:
        return pl.lit(value=False)
    else:
        day = pl.col(contract.day_column).dt.date()
    outside = pl.lit(value=False)
    first, last = profile.period.first, profile.period.last
    if first is not None:
        outside = outside | (day < first)
    if last is not None:
        outside = outside | (day > last)
    if span is not None:
        outside = outside | (day < span[0]) | (day >= span[1])
    return (outside | (day < date(2000, 1, 1)) | (day > date(2040, 12, 31))).fill_null(value=False)


def raw_rows(
    path: Path, profile: Profile, log: str, lines: pl.Series, sheet: str | None = None
) -> Iterator[pl.DataFrame]:
    """line and raw (masked JSON) of some rows of a file (of one sheet), by a second look at it."""
    part, plan = profile.part(log), plan_of(profile, log)
    wanted = lines.unique()
    for chunk in read_chunks(path, profile.encoding, profile.delimiter, plan=plan):
        if sheet not in (None, chunk.sheet):
            continue
        rows = chunk.rows.filter(pl.col("_line").is_in(wanted.implode()))
        if rows.height:
            yield raw_of(rows, part, profile.zone)


def check_columns(path: Path, profile: Profile, log: str, seen: set[str]) -> None:
    """Every column that the profile reads must be in the file (optional ones, where it says so)."""
    part = profile.part(log)
    needed = _needed_here(part, CONTRACTS[log], seen)
    for field, source in part.columns.items():
        names = LogPart(columns={field: source}).sources()
        for name in names:
            if name in seen:
                continue
            strange = sorted(seen - set(part.sources()))
            optional = profile.absent_columns == "allowed" and field not in needed
            # An optional column is only missed when another looks like its misspelling.
            hint = nearest(name, strange, 0.8 if optional else 0.5)
            if optional and not hint:
                continue
            hint = hint or _other_delimiter(seen, profile.delimiter)
            where = SHIPPED / f"{profile.reference}.toml"
            file = where.name if where.exists() else profile.reference
            line = key_line(profile.text, f"{log}.columns", field)
            raise HallscoreError(
                f"{path}: no column {name!r}, which profile {profile.reference!r} reads as {field} "
                f"({file}, line {line}). The file has: {', '.join(sorted(seen))}.{hint}"
            )


def _needed_here(part: LogPart, contract: Contract, seen: set[str]) -> set[str]:
    """Fields that this file must have: the needed ones, and an id where its name is not there."""
    needed = set(contract.needed)
    for pair in contract.either:
        mapped = [name for name in pair if name in part.columns]
        there = [name for name in mapped if set(source_columns(part.columns[name])) <= seen]
        needed |= set() if there else set(mapped[:1])
    return needed


def _other_delimiter(seen: set[str], delimiter: str) -> str:
    """A hint where the whole header is one column: it was cut at the wrong letter."""
    only = next(iter(seen)) if len(seen) == 1 else ""
    likely = [one for one in ";\t|," if one != delimiter and one in only]
    return f" Is the file's delimiter {likely[0]!r}? Set it in the profile." if likely else ""


def unreadable_error(
    tallies: dict[str, Tally], profile: Profile, log: str, path: Path | str
) -> HallscoreError | None:
    """The refusal of a file of which a whole column does not read, or None.

    One bad value is a row for quarantine; a column without a single good one is a wrong profile.
    """
    for column, tally in tallies.items():
        if tally.seen >= 2 and tally.failed == tally.seen:
            if tally.reason == "digits_lost":
                return _digits_lost(column, tally, path)
            table, key = _place_to_correct(column, tally, profile.part(log))
            line = key_line(profile.text, f"{log}.{table}", key)
            return HallscoreError(
                f"{path}, line {tally.line}: {tally.detail}; none of the {tally.seen} values of "
                f"{column} can be read. Correct [{log}.{table}] in profile "
                f"{profile.reference!r} (line {line}). Nothing was taken in."
            )
    return None


def _digits_lost(column: str, tally: Tally, path: Path | str) -> HallscoreError:
    return HallscoreError(
        f"{path}, line {tally.line}: {tally.detail}, and so are all {tally.seen} values of "
        f"{column}. Format the column as text in the source and export it again; the digits are "
        "not in this file any more. Nothing was taken in."
    )


def _place_to_correct(column: str, tally: Tally, part: LogPart) -> tuple[str, str | None]:
    """Table and key of the profile that decide how a column is read."""
    field = column.partition(".")[0]
    if tally.reason == "unknown_code" and field in part.codes:
        return f"codes.{field}", None
    if tally.reason == "unparseable_time" and field in part.dates:
        return "dates", field
    return "columns", field


def inversion_error(
    grades: dict[int, int], profile: Profile, path: Path | str
) -> HallscoreError | None:
    """The refusal of a batch whose grades seem turned round, or None.

    Over half of the rows on the worst grade, and more than chance would give a hall of which one
    rating in twenty is the worst (a real one has at most that), at one in a thousand.
    """
    total, worst = sum(grades.values()), grades.get(1, 0)
    if not total or 2 * worst <= total or not profile.part("ratings").grade_check:
        return None
    rare = (
        sum(
            math.comb(total, k) * 0.05**k * 0.95 ** (total - k)
            for k in range(worst, min(total, worst + 50) + 1)
        )
        if total < 500
        else 0.0
    )
    if rare > 0.001:
        return None
    line = key_line(profile.text, "ratings.codes.grade")
    known = shipped().get(profile.reference)
    file = f"data/profiles/{known.name}" if known else profile.reference
    return HallscoreError(
        f"{path}: {worst} of {total} ratings land on grade 1, the worst. The grade table is "
        f"probably turned round: {file}, line {line}, [ratings.codes.grade]. In GB/T 39046 code 1 "
        "is best, in the national interface 5 is best. Correct the table, or use the profile of "
        "your source; if the ratings are really so, set grade_check = false under [ratings]. "
        "Nothing was taken in."
    )
