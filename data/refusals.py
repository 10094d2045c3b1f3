"""What is said about a row that is refused, and how much of it is kept."""

import polars as pl

from data.contracts import Contract
from data.masking import mask_series
from data.profile import LogPart
from data.readers import RawChunk

COMPARED = {
    "closed_before_accepted": ("closed_at", "accepted_at", "received_at"),
    "accepted_before_received": ("accepted_at", "received_at"),
    "closed_without_a_time": ("state", "closed_at"),
    "called_before_taken": ("called_at", "taken_at"),
    "finished_before_called": ("finished_at", "called_at", "taken_at"),
    "no_counter_and_no_desk": ("counter_id", "hall_id", "desk_no"),
    "no_counter_and_no_hall": ("counter_id", "hall_id"),
    "not_one_of_day_and_month": ("day", "month"),
    "ends_before_it_begins": ("valid_to", "valid_from"),
}


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
        name = field if not check else "missing_key" if check == "nullability" else "bad_value"
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


def raw_of(rows: pl.DataFrame, part: LogPart) -> pl.DataFrame:
    """line and the row as JSON of the columns that the profile reads, personal numbers masked."""
    columns = [name for name in part.sources() if name in rows.columns]
    texts = rows.select(
        pl.col("_line").alias("line"),
        raw=pl.struct(pl.col(name).cast(pl.String) for name in columns).struct.json_encode(),
    )
    return texts.with_columns(mask_series(texts["raw"]))


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
