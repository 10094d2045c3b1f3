"""From raw rows to typed rows by codes, times and contracts; what fails goes aside."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from data.contracts import CONTRACTS, Contract
from data.errors import HallscoreError, nearest
from data.masking import mask_text, pseudonymise
from data.profile import SHIPPED, LogPart, Profile, shipped
from data.profile_errors import key_line
from data.readers import OnBytes, RawChunk, read_chunks
from data.typing_rules import Tally, Typing, type_columns, whole_numbers

REASONS = {"nullability": "missing_key", "min": "bad_value", "max": "bad_value"}


@dataclass(frozen=True)
class TypedChunk:
    """Typed rows with `line`, rejects (line, reason, detail, raw); read is the sum of all parts."""

    read: int
    no_rating: int
    rows: pl.DataFrame
    rejects: pl.DataFrame
    tallies: dict[str, Tally]


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
    for raw in read_chunks(path, profile.encoding, profile.delimiter, on_bytes):
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
    flagged = typing.frame.with_columns(reason=typing.reason(bounds))
    good = flagged.filter(pl.col("reason").is_null()).drop("reason")
    checked, failures = contract.schema.filter(good.select("line", *contract.fields), cast=False)
    refused = _refused(failures.details(), contract)
    bad = flagged.filter(pl.col("reason").is_not_null())
    said = typing.details(bad)
    late = pl.concat([said, refused])
    aside = rated.filter(pl.col("_line").is_in(late["line"].implode()))
    rejects = late.join(_raw(aside, part), on="line", how="left", maintain_order="left")
    masked = raw.rejects.with_columns(pl.col("raw").map_elements(mask_text, return_dtype=pl.String))
    ids = [name for name in checked.columns if name.endswith("_id")]
    personal = checked.with_columns(pseudonymise(checked[name]).alias(name) for name in ids)
    return TypedChunk(read, no_rating, personal, pl.concat([masked, rejects]), typing.tallies)


def _rated(rows: pl.DataFrame, profile: Profile, part: LogPart, contract: Contract) -> pl.DataFrame:
    """Rows that hold a rating; a blank grade, or a code that means none, is decided first."""
    source = part.columns.get("grade")
    if contract.name != "ratings" or not isinstance(source, str) or source not in rows.columns:
        return rows
    none = [*profile.missing, *part.missing.get("grade", []), *part.no_rating]
    grade = whole_numbers(rows[source]).cast(pl.String).str.strip_chars()
    return rows.filter(grade.is_not_null() & ~grade.is_in(none))


def _out_of_period(
    typing: Typing, contract: Contract, profile: Profile, span: tuple[date, date] | None
) -> pl.Expr:
    """Rows whose day lies outside the bounds of the profile, or of the delivery."""
    if contract.day_column is None:
        return pl.lit(value=False)
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


def _refused(details: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Rejects by the contract: the first rule that failed, and what it is about."""
    schema = {"line": pl.Int32(), "reason": pl.String(), "detail": pl.String()}
    rules = [name for name in details.columns if name not in contract.schema.column_names()]
    if details.is_empty():
        return pl.DataFrame(schema=schema)
    reason, detail = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for rule in reversed(rules):
        field, _, check = rule.partition("|")
        failed = pl.col(rule).cast(pl.String) == "invalid"
        name = REASONS.get(check, "bad_value") if check else field
        said = (
            f"{field} is empty"
            if check == "nullability"
            else f"{field} breaks {check or 'its rule'}"
        )
        reason = pl.when(failed).then(pl.lit(name)).otherwise(reason)
        detail = pl.when(failed).then(pl.lit(said)).otherwise(detail)
    return details.select("line", reason=reason, detail=detail).cast(schema)  # type: ignore[arg-type]


def _raw(rows: pl.DataFrame, part: LogPart) -> pl.DataFrame:
    """line and the row as JSON of the columns that the profile reads, personal numbers masked."""
    columns = [name for name in part.sources() if name in rows.columns]
    texts = rows.select(
        pl.col("_line").alias("line"),
        raw=pl.struct(pl.col(name).cast(pl.String) for name in columns).struct.json_encode(),
    )
    suspicious = texts["raw"].str.contains(r"\d{11}").any()
    if not suspicious:
        return texts
    return texts.with_columns(pl.col("raw").map_elements(mask_text, return_dtype=pl.String))


def raw_rows(path: Path, profile: Profile, log: str, lines: pl.Series) -> Iterator[pl.DataFrame]:
    """line and raw (masked JSON) of some rows of a file, by a second look at it."""
    part = profile.part(log)
    wanted = lines.unique()
    for chunk in read_chunks(path, profile.encoding, profile.delimiter):
        rows = chunk.rows.filter(pl.col("_line").is_in(wanted.implode()))
        if rows.height:
            yield _raw(rows, part)


def check_columns(path: Path, profile: Profile, log: str, seen: set[str]) -> None:
    """Every column that the profile reads must be in the file (optional ones, where it says so)."""
    part, contract = profile.part(log), CONTRACTS[log]
    for field, source in part.columns.items():
        names = LogPart(columns={field: source}).sources()
        for name in names:
            if name in seen:
                continue
            strange = sorted(seen - set(part.sources()))
            hint = nearest(name, strange)
            optional = profile.absent_columns == "allowed" and field not in contract.needed
            if optional and not hint:
                continue
            where = SHIPPED / f"{profile.reference}.toml"
            file = where.name if where.exists() else profile.reference
            line = key_line(profile.text, f"{log}.columns", field)
            raise HallscoreError(
                f"{path}: no column {name!r}, which profile {profile.reference!r} reads as {field} "
                f"({file}, line {line}). The file has: {', '.join(sorted(seen))}.{hint}"
            )


def unreadable_error(
    tallies: dict[str, Tally], profile: Profile, log: str, path: Path
) -> HallscoreError | None:
    """The refusal of a file of which a whole column does not read, or None.

    One bad value is a row for quarantine; a column without a single good one is a wrong profile.
    """
    for column, tally in tallies.items():
        if tally.seen >= 2 and tally.failed == tally.seen:
            table = "dates" if tally.reason == "unparseable_time" else f"codes.{column}"
            key = column if table == "dates" else None
            line = key_line(profile.text, f"{log}.{table}", key)
            return HallscoreError(
                f"{path}, line {tally.line}: {tally.detail}; none of the {tally.seen} values of "
                f"{column} can be read. Correct [{log}.{table}] in profile "
                f"{profile.reference!r} (line {line}). Nothing was taken in."
            )
    return None


def inversion_error(grades: dict[int, int], profile: Profile, path: Path) -> HallscoreError | None:
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
