"""What was not accepted: kept with its reason, listed, exported, and tried again."""

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from data import batches as registry
from data.batches import Batch
from data.errors import HallscoreError
from data.ingest import ingest, quiet
from data.intake import OnProgress, Request
from data.masking import MASKS
from data.profile import load_profile
from data.store import Snapshot, snapshot

COLUMNS = ("batch", "log", "file", "line", "reason", "detail", "raw")


def waiting(snap: Snapshot, reason: str | None = None, batch: int | None = None) -> pl.DataFrame:
    """Rows in quarantine, with batch, log, file, line, reason, detail and masked raw text (JSON).

    Rows of withdrawn batches and rows that were tried again are left out: a second refusal is a
    row of the batch that tried.
    """
    tried = {pair for one in snap.live for pair in one.replayed}
    frames = [pl.DataFrame(schema={name: _NUMBERS.get(name, pl.String()) for name in COLUMNS})]
    for one in snap.live:
        if one.quarantined and batch in (None, one.no):
            frames.append(_rows_of(snap.home, one))
    rows = pl.concat(frames)
    if tried:
        done = pl.DataFrame(sorted(tried), schema=_NUMBERS, orient="row")
        rows = rows.join(done, on=["batch", "line"], how="anti", maintain_order="left")
    return rows if reason is None else rows.filter(reason=reason)


# A blotted number would be the same id for two people; a ragged line has no columns.
_REPLAYABLE = ~pl.col("reason").is_in(["ragged_row", "open_quote", "unreadable_row"]) & ~pl.col(
    "raw"
).str.contains_any(list(MASKS))
_NUMBERS: dict[str, pl.DataType] = {"batch": pl.Int32(), "line": pl.Int32()}


def _rows_of(home: Path, batch: Batch) -> pl.DataFrame:
    stored = pl.read_parquet(registry.folder(home, batch.no) / "quarantine.parquet")
    return stored.with_columns(
        batch=pl.lit(batch.no, dtype=pl.Int32), log=pl.lit(batch.log), file=pl.lit(batch.file)
    ).select(COLUMNS)


def summary(rows: pl.DataFrame) -> pl.DataFrame:
    """How many rows wait, per batch, log and reason."""
    return (
        rows.group_by("batch", "log", "file", "reason")
        .agg(n=pl.len(), first_detail=pl.col("detail").first())
        .sort("batch", "reason")
    )


def replay(
    home: Path,
    *,
    reason: str | None = None,
    batch: int | None = None,
    profile: str | None = None,
    admit_units: bool = False,
    new_units: int | None = None,
    progress: OnProgress = quiet,
) -> list[Batch]:
    """Send waiting rows through the ordinary ingest again: a batch per log, profile and source."""
    snap = snapshot(home)
    rows = waiting(snap, reason, batch).filter(_REPLAYABLE)
    if rows.is_empty():
        raise HallscoreError(
            "nothing waits in quarantine that fits and can be tried again. Rows that are no rows "
            "of their file, or of which personal numbers were blotted out, need their file "
            "(`hallscore batches replace`). See `hallscore quarantine list`."
        )
    profiles = {one.no: one.profile for one in snap.batches}
    used = pl.col("batch").replace_strict(profiles, return_dtype=pl.String)
    sources = {one.no: one.source for one in snap.batches}
    came_by = pl.col("batch").replace_strict(sources, return_dtype=pl.String)
    reports = []
    grouped = rows.with_columns(profile=pl.lit(profile) if profile else used, source=came_by)
    for key, part in grouped.group_by(["log", "profile", "source"], maintain_order=True):
        log, name, source = (str(one) for one in key)
        # A folder for each attempt: two may run at once.
        with TemporaryDirectory(prefix=".replay-", dir=home) as folder:
            path = _write_rows(Path(folder), log, part, load_profile(name).encoding)
            request = Request(
                path,
                log,
                name,
                admit_units=admit_units,
                new_units=new_units,
                replayed=tuple(part.select("batch", "line").iter_rows()),
                source=source,
            )
            reports.append(ingest(home, request, progress))
    return reports


def _write_rows(folder: Path, log: str, rows: pl.DataFrame, encoding: str) -> Path:
    """The raw rows as one jsonl file, in the columns and the encoding of their source."""
    columns = list(dict.fromkeys(key for raw in rows["raw"] for key in json.loads(raw)))
    first = rows["batch"].min()
    path = folder / f"replay-{log}-{first!s}.jsonl"
    path.write_text(jsonl(rows["raw"], columns), encoding)
    return path


def jsonl(raws: Iterable[str], columns: list[str]) -> str:
    """Rows as JSON lines with the same columns in each."""
    empty = dict.fromkeys(columns, "")
    lines = [json.dumps(empty | json.loads(raw), ensure_ascii=False) for raw in raws]
    return "\n".join(lines) + "\n"
