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
from data.name_matching import REJECTED
from data.parts import with_places
from data.profile import load_profile
from data.stage import QUARANTINE
from data.store import Snapshot, snapshot

COLUMNS = ("batch", "log", "file", "line", "reason", "detail", "raw", "place")


def waiting(
    snap: Snapshot,
    reason: str | None = None,
    batch: int | None = None,
    columns: tuple[str, ...] = COLUMNS,
) -> pl.DataFrame:
    """Rows in quarantine, with batch, log, file, line, reason, detail and masked raw text (JSON).

    `line` is that of the file (and sheet), `place` that of the batch, by which it is tried again.

    Rows of withdrawn batches and rows that were tried again are left out: a second refusal is a
    row of the batch that tried. `columns`: those that are wanted, batch, place and reason at least.
    """
    tried = {pair for one in snap.live for pair in one.replayed}
    frames = [pl.DataFrame(schema={name: _NUMBERS.get(name, pl.String()) for name in columns})]
    for one in snap.live:
        if one.quarantined and batch in (None, one.no):
            frames.append(_rows_of(snap.home, one, columns))
    rows = pl.concat(frames)
    if tried:
        names = {"batch": pl.Int32(), "place": pl.Int32()}
        done = pl.DataFrame(sorted(tried), schema=names, orient="row")
        rows = rows.join(done, on=["batch", "place"], how="anti", maintain_order="left")
    return rows if reason is None else rows.filter(reason=reason)


# A ragged line has no columns, and the value of an error cell is not in the file.
_BROKEN = ("ragged_row", "open_quote", "unreadable_row", "error_cell", "formula_without_value")
# A blotted number would be the same id for two people.
_REPLAYABLE = ~pl.col("reason").is_in(_BROKEN) & ~pl.col("raw").str.contains_any(list(MASKS))
_NUMBERS: dict[str, pl.DataType] = dict.fromkeys(("batch", "line", "place"), pl.Int32())


def _rows_of(home: Path, batch: Batch, columns: tuple[str, ...]) -> pl.DataFrame:
    stored = ["line", *(name for name in columns if name in QUARANTINE and name != "line")]
    path = registry.folder(home, batch.no) / "quarantine.parquet"
    told = pl.read_parquet(path, columns=stored).with_columns(
        batch=pl.lit(batch.no, dtype=pl.Int32), log=pl.lit(batch.log), file=pl.lit(batch.file)
    )
    return with_places(told, batch.parts).select(columns)


def summary(rows: pl.DataFrame) -> pl.DataFrame:
    """How many rows wait, per batch, log and reason."""
    return (
        rows.group_by("batch", "log", "file", "reason")
        .agg(n=pl.len(), first_detail=pl.col("detail").first())
        .sort("batch", "reason")
    )


def by_reason(rows: pl.DataFrame) -> pl.DataFrame:
    """reason, log, n, batches, file, line, detail of the first, most rows first."""
    grouped = rows.group_by("reason", "log", maintain_order=True).agg(
        pl.len().alias("n"),
        pl.col("batch").n_unique().alias("batches"),
        pl.col("file", "line", "detail").first(),
    )
    return grouped.sort("n", "reason", "log", descending=[True, False, False])


def replay(
    home: Path,
    *,
    reason: str | None = None,
    batch: int | None = None,
    profile: str | None = None,
    admit_units: bool = False,
    new_units: int | None = None,
    only: pl.DataFrame | None = None,
    progress: OnProgress = quiet,
) -> list[Batch]:
    """Send waiting rows through the ordinary ingest again: a batch per log, profile and source.

    `only`: batch and place (Int32) of the rows that are meant. Rows whose name was decided to be no
    unit of ours are left where they are unless their reason is asked for.
    """
    snap = snapshot(home)
    rows = waiting(snap, reason, batch).filter(_REPLAYABLE)
    if only is not None:
        rows = rows.join(only, on=["batch", "place"], how="semi", maintain_order="left")
    elif reason is None:
        rows = rows.filter(pl.col("reason") != REJECTED)
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
                replayed=tuple(part.select("batch", "place").iter_rows()),
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
