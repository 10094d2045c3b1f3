"""How one column becomes typed: text, codes, times, numbers; failures are masks."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import polars as pl

from data.clock_stops import bad_stops
from data.contracts import Contract
from data.masking import mask_series, mask_text
from data.profile import (
    Constant,
    Interval,
    Joined,
    LogPart,
    Profile,
    Source,
    load_profile,
    shipped,
    source_columns,
)
from data.workbook_grid import EXCEL_EPOCHS

CLOCK_MARKS = ("%H", "%I", "%k", "%l", "%T", "%R", "%r", "%X", "%c", "%s", "%+")
HINTS = 20  # so many unknown codes are looked for in the other profiles
ODD_BLANKS = ["\u00a0", "\u3000", "  ", "\t"]
BLANKS = [" ", "\n", "\r", *ODD_BLANKS]
# An id that Excel took for a number; it keeps 15 digits, and shows fewer in a text file.
LOST_DIGITS = r"(?:^|[^0-9A-Za-z.])[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{2,}(?:$|[^0-9A-Za-z.])"
LOST = "is an id of which Excel lost digits"
TYPES = {
    "String": pl.String(),
    "Int32": pl.Int32(),
    "Int8": pl.Int8(),
    "Float64": pl.Float64(),
    "Bool": pl.Boolean(),
    "Datetime": pl.Datetime("us"),
    "Date": pl.Date(),
}
YES, NO = ["1", "true", "是", "y", "yes"], ["0", "false", "否", "n", "no"]


@dataclass(frozen=True)
class Tally:
    """Of one column: how many values there were, how many could not be read, and the first."""

    reason: str
    seen: int
    failed: int
    line: int | None = None
    detail: str = ""

    def plus(self, other: "Tally") -> "Tally":
        """Both chunks together."""
        first = self if self.line is not None else other
        seen, failed = self.seen + other.seen, self.failed + other.failed
        return Tally(self.reason, seen, failed, first.line, first.detail)


@dataclass
class Typing:
    """The typed frame (with `line`), and per problem: mask column, reason, detail."""

    frame: pl.DataFrame
    problems: list[tuple[str, str, pl.Series]] = field(default_factory=list)
    texts: dict[str, pl.Series] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    hints: dict[str, dict[str, str]] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)

    def add(
        self,
        column: str,
        reason: str,
        mask: pl.Series,
        text: pl.Series,
        said: str,
        hints: dict[str, str] | None = None,
    ) -> None:
        """Note that the rows under `mask` fail; `said` has one {} for the value that was seen.

        `hints` says more about some of the values.
        """
        seen = text.len() - text.null_count()
        failed = int(mask.sum())
        self.tallies[column] = Tally(reason, seen, failed)
        if failed:
            at = mask.arg_true()[0]
            value, line = str(text[at]), self.frame["line"][at]
            first = said.replace("{}", mask_text(value)) + (hints or {}).get(value, "")
            self.tallies[column] = Tally(reason, seen, failed, line, first)
            self.hints[column] = hints or {}
            self.problems.append((column, reason, mask))
            self.texts[column] = text
            self.said[column] = said

    def reason(self, out_of_period: pl.Expr) -> pl.Expr:
        """The first problem of each row, or null."""
        found = pl.when(out_of_period).then(pl.lit("out_of_period"))
        for column, reason, mask in reversed(self.problems):
            found = (
                pl.when(mask).then(pl.lit(f"{reason}:{column}")).otherwise(found)  # type: ignore[assignment]
            )
        return found

    def details(self, bad: pl.DataFrame) -> pl.DataFrame:
        """line, reason, detail of the rows that have a `_reason`, with the value that was seen."""
        detail: pl.Expr = pl.lit("the day lies outside the period of the profile or the delivery")
        texts = self.frame.select("line").with_columns(
            text.alias(f"_seen_{column}") for column, text in self.texts.items()
        )
        joined = bad.select("line", reason="_reason").join(texts, on="line", maintain_order="left")
        for column, said in self.said.items():
            value = pl.col(f"_seen_{column}").cast(pl.String).fill_null("")
            before, _, after = said.partition("{}")
            seen = pl.concat_str(pl.lit(before), value, pl.lit(after), self._hint(column, value))
            detail = (
                pl.when(pl.col("reason").str.ends_with(f":{column}")).then(seen).otherwise(detail)
            )
        told = joined.select(
            pl.col("line").cast(pl.Int32),
            reason=pl.col("reason").str.split(":").list.first(),
            detail=detail,
        )
        return told.with_columns(mask_series(told["detail"]))

    def _hint(self, column: str, value: pl.Expr) -> pl.Expr:
        hints = self.hints[column]
        if not hints:
            return pl.lit("")
        return value.replace_strict(hints, default="", return_dtype=pl.String)


def type_columns(rows: pl.DataFrame, profile: Profile, part: LogPart, contract: Contract) -> Typing:
    """All fields of the contract from the raw rows; a field without a source is null."""
    typing = Typing(pl.DataFrame({"line": rows["_line"].cast(pl.Int32)}))
    columns: list[pl.Series] = []
    for name, kind in contract.fields.items():
        wanted = TYPES[type(kind).__name__]
        source = part.columns.get(name)
        if source is None or _absent(source, rows):
            columns.append(pl.Series(name, [None], dtype=wanted).new_from_index(0, rows.height))
            continue
        raw = _raw_series(source, rows, profile, part, name, typing)
        columns.append(_one(typing, raw, name, wanted, profile, part, contract))
    typing.frame = typing.frame.with_columns(
        series.alias(name) for series, name in zip(columns, contract.fields, strict=True)
    )
    return typing


def _absent(source: Source, rows: pl.DataFrame) -> bool:
    return any(name not in rows.columns for name in source_columns(source))


def _raw_series(
    source: Source, rows: pl.DataFrame, profile: Profile, part: LogPart, name: str, typing: Typing
) -> pl.Series:
    if isinstance(source, str):
        return blanks_to_null(rows[source], [*profile.missing, *part.missing.get(name, [])])
    if isinstance(source, Constant):
        return pl.Series([source.value], dtype=pl.String).new_from_index(0, rows.height)
    if isinstance(source, Joined):
        parts = [
            blanks_to_null(rows[column], profile.missing).cast(pl.String).alias(str(place))
            for place, column in enumerate(source.join)
        ]
        return pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=source.sep)).to_series()
    return _interval(source, rows, profile, name, typing)


def _interval(
    source: Interval, rows: pl.DataFrame, profile: Profile, name: str, typing: Typing
) -> pl.Series:
    iso = []
    for side, column in (("from", source.start), ("to", source.end)):
        text = blanks_to_null(rows[column], profile.missing)
        moment, mask = moments(text, source.format, profile.zone)
        said = f"{column} {{}} does not read as {source.format}"
        typing.add(f"{name}.{side}", "unparseable_time", mask, text, said)
        iso.append(moment.dt.strftime("%Y-%m-%dT%H:%M:%S"))
    endless = iso[0].is_null() & iso[1].is_not_null()
    said = f"{source.end} {{}} ends a stop without {source.start}"
    typing.add(f"{name}.open", "bad_clock_stop", endless, iso[1], said)
    frame = pl.DataFrame([iso[0].alias("start"), iso[1].fill_null("").alias("end")])
    return frame.select(pl.concat_str("start", "end", separator="/")).to_series()


def whole_numbers(column: pl.Series) -> pl.Series:
    """Whole floats as integers: 5.0 in a workbook is the 5 of a text file. NaN is empty."""
    if not (column.dtype.is_float() or column.dtype.is_decimal()):
        return column
    numbers = column.cast(pl.Float64).fill_nan(None)
    some = numbers.drop_nulls()
    if (some.is_finite() & (some == some.round(0)) & (some.abs() < 2**53)).all():
        return numbers.cast(pl.Int64)
    return numbers


def _text(raw: pl.Series) -> pl.Series:
    """As text; a time of day, which Excel keeps as a time of the day 0, as HH:MM."""
    clock = raw.dtype == pl.Time or (
        isinstance(raw.dtype, pl.Datetime) and bool((raw.drop_nulls().dt.year() < 1901).all())
    )
    return raw.dt.strftime("%H:%M") if clock and len(raw) else raw.cast(pl.String)


def blanks_to_null(column: pl.Series, missing: list[str]) -> pl.Series:
    """Text without odd or doubled blanks; what means no value is null. Other types stay."""
    column = whole_numbers(column)
    if column.dtype.is_temporal() or column.dtype == pl.Boolean:
        return column
    text = column.cast(pl.String)
    if text.str.contains_any(BLANKS).any():
        if text.str.contains_any(ODD_BLANKS).any():
            text = text.str.replace_all(r"[\u00a0\u3000\t ]+", " ")
        text = text.str.strip_chars()
    gone = text.is_in(pl.Series([*missing, ""], dtype=pl.String).implode())
    return text.set(gone.fill_null(value=False), None) if gone.any() else text


def _one(
    typing: Typing,
    raw: pl.Series,
    name: str,
    wanted: pl.DataType,
    profile: Profile,
    part: LogPart,
    contract: Contract,
) -> pl.Series:
    if wanted in (pl.Datetime("us"), pl.Date()):
        form = part.dates[name]
        moment, bad = moments(raw, form, profile.zone)
        seen = raw.cast(pl.String) if bad.any() else raw
        said = f"{name} {{}} does not read as {form}"
        hints = {} if form in EXCEL_EPOCHS else _serial_hints(seen, bad)
        typing.add(name, "unparseable_time", bad, seen, said, hints)
        return moment.cast(wanted)
    table = part.codes.get(name)
    if table is None and name in contract.codes:
        table = {code: code for code in contract.codes[name]}
    if table is not None:
        return _coded(typing, raw.cast(pl.String), name, table, wanted, profile, contract)
    if wanted == pl.String():
        text = _text(raw)
        if name == "clock_stops":
            typing.add(
                name, "bad_clock_stop", bad_stops(text), text, "clock_stops {} is no interval"
            )
        if name.endswith("_id"):
            lost = text.str.contains(LOST_DIGITS).fill_null(value=False)
            typing.add(name, "digits_lost", lost, text, f"{name} {{}} {LOST}")
        return text
    return _number(typing, raw, name, wanted)


def _number(typing: Typing, raw: pl.Series, name: str, wanted: pl.DataType) -> pl.Series:
    if raw.dtype == pl.Boolean and wanted == pl.Boolean():
        return raw
    text = raw.cast(pl.String)
    if wanted == pl.Boolean():
        number = text.str.to_lowercase().replace_strict(
            [*YES, *NO],
            [True] * len(YES) + [False] * len(NO),
            default=None,
            return_dtype=pl.Boolean,
        )
    else:
        number = text.cast(wanted, strict=False)
    bad = number.is_null() & text.is_not_null()
    typing.add(name, "not_a_number", bad, text, f"{name} {{}} is not a number")
    return number


def moments(raw: pl.Series, form: str, zone: ZoneInfo) -> tuple[pl.Series, pl.Series]:
    """Naive times in the zone of the profile, and the mask of texts that are none."""
    kind = raw.dtype
    if form in EXCEL_EPOCHS and not kind.is_temporal():
        return _from_serials(raw, form)
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is not None:
            raw = raw.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
        return raw.cast(pl.Datetime("us")), pl.Series([False], dtype=pl.Boolean).new_from_index(
            0, len(raw)
        )
    if kind == pl.Date:
        return raw.cast(pl.Datetime("us")), pl.Series([False], dtype=pl.Boolean).new_from_index(
            0, len(raw)
        )
    text = raw.cast(pl.String)
    if "%z" in form or "%:z" in form:
        moment = text.str.to_datetime(form, time_unit="us", strict=False, time_zone="UTC")
        moment = moment.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
    elif any(mark in form for mark in CLOCK_MARKS):
        moment = text.str.to_datetime(form, time_unit="us", strict=False)
    else:
        moment = text.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    return moment, moment.is_null() & text.is_not_null()


def _serial_hints(seen: pl.Series, bad: pl.Series) -> dict[str, str]:
    """What is said of the first few texts that may be serial days of Excel."""
    if not bad.any():
        return {}
    strange = seen.filter(bad)
    likely = strange.filter(strange.str.contains(r"^[34]\d{4}(\.\d+)?$")).unique().head(HINTS)
    return dict.fromkeys(likely, '. A serial day of Excel? Then the format is "excel"')


def _from_serials(raw: pl.Series, form: str) -> tuple[pl.Series, pl.Series]:
    """Days since the first day of Excel, to the second, as Excel shows them."""
    days = raw.cast(pl.Float64, strict=False)
    days = days.set(~days.is_between(0, 100_000).fill_null(value=False), None)
    seconds = (days * 86_400).round(0).cast(pl.Int64)
    frame = pl.DataFrame({"seconds": seconds})
    moment = frame.select(
        pl.lit(EXCEL_EPOCHS[form]).cast(pl.Datetime("us")) + pl.duration(seconds="seconds")
    ).to_series()
    return moment, moment.is_null() & raw.is_not_null()


def _coded(
    typing: Typing,
    text: pl.Series,
    name: str,
    table: dict[str, str | int],
    wanted: pl.DataType,
    profile: Profile,
    contract: Contract,
) -> pl.Series:
    coded = text.replace_strict(
        list(table), list(table.values()), default=None, return_dtype=wanted
    )
    bad = coded.is_null() & text.is_not_null()
    if not bad.any():
        typing.add(name, "unknown_code", bad, text, "")
    else:
        known = ", ".join(table)
        said = f"{name} code '{{}}' is not in profile '{profile.reference}' ({known})"
        strange = text.filter(bad).unique().sort().head(HINTS).to_list()
        found = {code: _elsewhere(code, contract.name, name, profile) for code in strange}
        typing.add(name, "unknown_code", bad, text, said, found)
    return coded


def _elsewhere(code: str, log: str, name: str, profile: Profile) -> str:
    """Which other shipped profile knows a code, and as what."""
    for other in shipped():
        if other in (profile.reference, "template"):
            continue
        part = load_profile(other).logs.get(log)
        if part is None:
            continue
        for column, table in part.codes.items():
            if code in table and (column == name or not part.codes.get(name, {}).get(code)):
                return f". Profile '{other}' knows '{code}' as {column} {table[code]!r}"
    return ""
