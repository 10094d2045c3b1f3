"""Names that wait for a decision, what was decided, and the two verbs: accept and reject.

A decision is an ordinary batch of the table `aliases`, so that it can be withdrawn. Rows carry the
number of their unit: a decision that leaves moves no row that was taken in by it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from data.alias_rules import derive_aliases
from data.alias_sources import known_sources
from data.batches import Batch
from data.errors import HallscoreError, nearest
from data.ingest import ingest, quiet
from data.intake import OnProgress, Request
from data.name_matching import UNMATCHED
from data.names import TABLE_OF, normalised
from data.profile import load_profile
from data.quarantine import replay
from data.store import Snapshot, snapshot
from data.tables import REFERENCES
from data.units import KINDS, Units
from data.views import clockwork
from data.waiting_names import answered, name_rows, waiting_names

__all__ = ["Choice", "accept", "decided_names", "reject", "waiting_names"]


@dataclass(frozen=True)
class Choice:
    """Which spelling is decided: source and kind may be left out where what waits tells them.

    `hall`: of a counter, only in rows of that hall. `start` and `end` are half-open, None always.
    """

    spelling: str
    by: str
    source: str | None = None
    kind: str | None = None
    hall: str | None = None
    start: date | None = None
    end: date | None = None
    on: date | None = None  # the day of the decision; None: today


def decided_names(snap: Snapshot) -> pl.DataFrame:
    """Standing decisions: the columns of the contract, with unit_name and the batch.

    unit_name is the name of the unit in its last version; null where the decision is a reject.
    """
    names = pl.concat(
        snap.reference(table)
        .select(kind=pl.lit(kind), unit_id=KINDS[table], unit_name="name")
        .unique("unit_id", keep="last", maintain_order=True)
        for kind, table in TABLE_OF.items()
    )
    rows = snap.reference("aliases").join(
        names, on=["kind", "unit_id"], how="left", maintain_order="left"
    )
    first = ["source", "kind", "spelling", "hall_id", "decision", "unit_id", "unit_name"]
    last = ["valid_from", "valid_to", "decided_by", "decided_on", "batch"]
    return rows.select(*first, *last)


def accept(
    home: Path, choice: Choice, unit: str, *, again: bool = True, progress: OnProgress = quiet
) -> list[Batch]:
    """Decide that a spelling is a unit of ours, and send the rows that wait for it in again.

    Returns the batch of the decision and, with `again`, those of the rows. HallscoreError with
    nothing done where the unit is unknown or another decision holds on one of the days.
    """
    return _decide(home, choice, unit, again, progress)


def reject(
    home: Path, choice: Choice, *, again: bool = True, progress: OnProgress = quiet
) -> list[Batch]:
    """Decide that a spelling is no unit of ours: its rows stay in quarantine as `rejected_name`."""
    return _decide(home, choice, None, again, progress)


def _decide(
    home: Path, choice: Choice, unit: str | None, again: bool, progress: OnProgress
) -> list[Batch]:
    snap = snapshot(home)
    row = _decision(snap, choice, unit)
    _check(snap, row)
    with TemporaryDirectory(prefix=".alias-", dir=home) as folder:
        path = Path(folder) / "alias.csv"
        row.write_csv(path)
        batch = ingest(home, Request(path, "aliases", "canonical"), progress)
    if batch.quarantined:
        # Somebody decided otherwise in the moment between the check and the ingest.
        raise HallscoreError(f"batch {batch.no}: {', '.join(batch.examples.values())}")
    return [batch, *(_again(home, row, progress) if again else [])]


def _decision(snap: Snapshot, choice: Choice, unit: str | None) -> pl.DataFrame:
    """The one row of the table, with source and kind as given or as what waits tells them."""
    spelling = normalised(choice.spelling)
    if not spelling or not choice.by.strip():
        empty = "--by" if spelling else "the spelling"
        raise HallscoreError(f"{empty} is empty. A decision names what is decided and by whom.")
    if choice.start and choice.end and choice.end <= choice.start:
        raise HallscoreError(
            f"--to {choice.end} is not after --from {choice.start}. --to is the first day on which "
            "the decision no longer holds."
        )
    kind, source = _kind_and_source(snap, choice, spelling, unit)
    zone = load_profile("canonical").zone
    return pl.DataFrame(
        {
            "source": source,
            "spelling": spelling,
            "kind": kind,
            "hall_id": choice.hall,
            "decision": "reject" if unit is None else "accept",
            "unit_id": unit,
            "decided_by": choice.by.strip(),
            "decided_on": choice.on or datetime.now(zone).date(),
            "valid_from": choice.start,
            "valid_to": choice.end,
        },
        schema=dict(REFERENCES["aliases"].columns),
    )


def _kind_and_source(
    snap: Snapshot, choice: Choice, spelling: str, unit: str | None
) -> tuple[str, str]:
    """What is not said is taken from the rows that wait, where there is one answer."""
    waits = name_rows(snap)
    here = waits.filter(spelling=spelling)
    kinds = [choice.kind] if choice.kind else _kinds_of(snap, unit, here, choice.hall)
    if choice.kind is not None and choice.kind not in TABLE_OF:
        raise HallscoreError(
            f"--kind {choice.kind!r} is unknown; known are {', '.join(TABLE_OF)}."
            f"{nearest(choice.kind, TABLE_OF)}"
        )
    if len(kinds) != 1:
        raise HallscoreError(
            f"{spelling!r} may be the name of a {' or a '.join(kinds or TABLE_OF)}. Say which with "
            "--kind."
        )
    here = here.filter(kind=kinds[0])
    sources = here["source"].unique().sort().to_list()
    if choice.source is None and len(sources) != 1:
        written = waits["spelling"].unique().to_list()
        said = (
            f"it waits for several sources ({', '.join(sources)})."
            if sources
            else f"no row waits for it.{nearest(spelling, written)}"
        )
        raise HallscoreError(f"{kinds[0]} name {spelling!r}: {said} Name its source with --source.")
    source = choice.source or sources[0]
    known = {*known_sources(snap), *waits["source"].unique()}
    if source not in known:
        raise HallscoreError(
            f"--source {source!r} is neither in sources.toml nor the name of a profile that was "
            f"used; known are {', '.join(sorted(known))}.{nearest(source, known)}"
        )
    return kinds[0], source


def _kinds_of(snap: Snapshot, unit: str | None, waits: pl.DataFrame, hall: str | None) -> list[str]:
    """Of what kind the unit is, or, where that is not enough, what waits under the spelling."""
    waiting = sorted(waits["kind"].unique())
    fitting = ["counter"] if hall is not None else list(TABLE_OF)
    if unit is None:
        return [kind for kind in waiting if kind in fitting] or waiting
    of_unit = [
        kind
        for kind in fitting
        if unit in snap.reference(TABLE_OF[kind])[KINDS[TABLE_OF[kind]]].to_list()
    ]
    both = [kind for kind in of_unit if kind in waiting]
    # A unit that nobody knows is refused by the rule for its kind, which names the nearest.
    return both if len(both) == 1 else of_unit or waiting or ["counter"]


def _check(snap: Snapshot, row: pl.DataFrame) -> None:
    """The rules of the table, asked before anything is written."""
    numbered = row.with_columns(line=pl.lit(1, dtype=pl.Int32))
    _, rejects = derive_aliases(numbered, Units.of(snap), clockwork(snap))
    if rejects.height:
        raise HallscoreError(f"{rejects['detail'][0]} Nothing was decided.")


def _again(home: Path, row: pl.DataFrame, progress: OnProgress) -> list[Batch]:
    """Replay the waiting rows that the decision answers; what was rejected stays so."""
    snap = snapshot(home)
    told = row.row(0, named=True)
    about = {name: told[name] for name in ("source", "kind", "spelling")}
    rows = answered(name_rows(snap).filter(**about), snap)
    meant = rows.filter(
        pl.col("answer") == told["decision"],
        (pl.col("reason") == UNMATCHED) | (pl.col("answer") == "accept"),
    )
    if meant.is_empty():
        return []
    return replay(home, only=meant.select("batch", place="line"), progress=progress)
