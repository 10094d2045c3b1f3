"""What is said about a row that is refused, and how much of it is kept."""

from zoneinfo import ZoneInfo

import polars as pl

from data.contracts import Contract
from data.contracts_conduct import ENTITY
from data.contracts_loop import COMPARED_IN_LOOP
from data.masking import mask_series
from data.profile import Interval, LogPart, source_columns
from data.readers import RawChunk
from data.typing_rules import moments, whole_numbers

COMPARED = {
    "closed_before_accepted": ("closed_at", "accepted_at", "received_at"),
    "accepted_before_received": ("accepted_at", "received_at"),
    "closed_without_a_time": ("state", "closed_at"),
    "called_before_taken": ("called_at", "taken_at"),
    "finished_before_called": ("finished_at", "called_at", "taken_at"),
    "no_counter_and_no_desk": ("counter_id", "counter_name", "hall_id", "hall_name", "desk_no"),
    "no_counter": ("counter_id", "counter_name"),
    "no_counters": ("counters", "counter_names"),
    "no_hall": ("hall_id", "hall_name"),
    "accepted_without_unit": ("decision", "unit_id"),
    "hall_of_no_counter": ("kind", "hall_id"),
    "no_counter_and_no_hall": ("counter_id", "counter_name", "hall_id", "hall_name"),
    "not_one_of_day_and_month": ("day", "month"),
    "ends_before_it_begins": ("valid_to", "valid_from"),
    "ends_before_it_starts": ("ends_at", "starts_at"),
    "no_kind": ("kind",),
    "no_entity": ENTITY,
    "out_before_in": ("in_at", "out_at", "due_in", "due_out"),
    "leave_kind_without_leave": ("leave_kind", "kind"),
    "score_above_scale": ("score", "scale"),
    "decided_before_it_happened": ("decided_on", "happened_on"),
    **COMPARED_IN_LOOP,
}


# An id and the name that may stand for it: a row without both lacks its key.
KEYLESS = ("no_counter", "no_counters", "no_hall", "no_kind")


def refused(details: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """line, reason and detail of the rows that a contract refuses: the first rule that failed."""
    schema = {"line": pl.Int32(), "reason": pl.String(), "detail": pl.String()}
    rules = [name for name in details.columns if name not in contract.schema.column_names()]
    if details.is_empty():
        return pl.DataFrame(schema=schema)
    reason, detail = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for rule in reversed(rules):
        field, _, check = rule.partition("|")
        failed = pl.col(rule).cast(pl.String) == "invalid"
        name = field if not check else "bad_value"
        if check == "nullability" or field in KEYLESS:
            name = "missing_key"
        reason = pl.when(failed).then(pl.lit(name)).otherwise(reason)
        detail = pl.when(failed).then(_said(field, check, contract)).otherwise(detail)
    told = details.select("line", reason=reason, detail=detail).cast(schema)  # type: ignore[arg-type]
    return told.with_columns(mask_series(told["detail"]))


def _said(field: str, check: str, contract: Contract) -> pl.Expr:
    """The values that broke a rule, and the bound where it is one."""
    if check == "nullability":
        return pl.lit(f"{field} is empty")
    if check:
        bound = getattr(contract.fields[field], check, None)
        expected = "is no number" if check in ("nan", "inf") else f"breaks {check} {bound}"
        return pl.concat_str(_shown(field, contract), pl.lit(f" {expected}"))
    parts = [_shown(name, contract) for name in COMPARED.get(field, ())]
    return pl.concat_str(parts, separator=", ") if parts else pl.lit(field)


def _shown(name: str, contract: Contract) -> pl.Expr:
    """Name and value of a field."""
    timed = type(contract.fields[name]).__name__ == "Datetime"
    seen = pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S") if timed else pl.col(name).cast(pl.String)
    return pl.concat_str(pl.lit(f"{name} "), seen.fill_null("(empty)"))


def raw_of(rows: pl.DataFrame, part: LogPart, zone: ZoneInfo) -> pl.DataFrame:
    """line and the row as JSON of the columns that the profile reads, personal numbers masked.

    Typed columns (parquet, workbooks) are written as the profile reads them from text, so that a
    replay reads what the file said.
    """
    columns = [name for name in part.sources() if name in rows.columns]
    forms = _formats(part)
    read = rows.select(
        pl.col("_line").alias("line"),
        *(_as_read(rows[name], forms.get(name), zone).alias(f"_{name}") for name in columns),
    )
    texts = read.select(
        "line",
        raw=pl.struct(pl.col(f"_{name}").alias(name) for name in columns).struct.json_encode(),
    )
    return texts.with_columns(mask_series(texts["raw"]))


def _formats(part: LogPart) -> dict[str, str]:
    """The date format of each column of the file that holds times."""
    found: dict[str, str] = {}
    for name, source in part.columns.items():
        form = source.format if isinstance(source, Interval) else part.dates.get(name)
        found |= dict.fromkeys(source_columns(source), form) if form else {}
    return found


def _as_read(column: pl.Series, form: str | None, zone: ZoneInfo) -> pl.Series:
    """A column as text; times in the format, where it keeps all of them."""
    column = whole_numbers(column)
    plain = column.cast(pl.String)
    if form is None or not isinstance(column.dtype, pl.Date | pl.Datetime):
        return plain
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone and "z" not in form:
        column = column.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
    text = column.dt.strftime(form)
    kept = moments(text, form, zone)[0].eq_missing(moments(column, form, zone)[0])
    return text.zip_with(kept, plain)


def unreadable(raw: RawChunk, part: LogPart, delimiter: str) -> pl.Series:
    """Raw text of rows without columns, up to the first column that the profile never reads.

    Whose column a piece of such a row belongs to is not known, and names or free text may follow.
    """
    names = [name for name in raw.rows.columns if name != "_line"]
    read = set(part.sources())
    strange = [name for name in names if name not in read]
    texts = raw.rejects["raw"]
    if strange and len(texts):
        ahead = names.index(strange[0])
        texts = pl.Series(
            "raw",
            [
                _before(text, strange) if text.startswith("{") else _first(text, ahead, delimiter)
                for text in texts
            ],
            dtype=pl.String,
        )
    return mask_series(texts)


def _first(text: str, cells: int, delimiter: str) -> str:
    return delimiter.join([*text.split(delimiter)[:cells], "…"])


def _before(text: str, strange: list[str]) -> str:
    places = [at for name in strange if (at := text.find(f'"{name}"')) >= 0]
    return text[: min(places)] + "…" if places else text
