"""Batches: what each delivered file brought, and whether it still counts."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.disk import sync_file, write_json
from data.errors import HallscoreError, nearest
from data.parts import Part

COUNTS = ("read", "accepted", "known", "repeated", "no_rating")


@dataclass(frozen=True)
class Batch:
    """One committed delivery. `covers` are half-open spans of days it reports on.

    `app` is the application transaction in the table's commit: the batch counts if, and only if,
    the table knows it.
    """

    no: int
    app: str
    digest: str
    log: str
    profile: str
    file: str
    counts: dict[str, int]
    quarantined: dict[str, int]
    admitted_units: int
    first_day: date | None
    last_day: date | None
    covers: tuple[tuple[date, date], ...]
    replaces: int | None = None
    replayed: tuple[tuple[int, int], ...] = ()
    clock: str = ""
    examples: dict[str, str] = field(default_factory=dict)
    dead: tuple[int, ...] = ()  # batches that had left when its rows were judged
    source: str = ""  # its name in sources.toml, where it came by one
    parts: tuple[Part, ...] = ()  # files and sheets, where there are several
    sheets: tuple[dict[str, Any], ...] = ()  # what was done with the rows of each sheet
    received_at: datetime | None = None  # naive, in the zone of the profile's site
    withdrawn: str | None = field(default=None)

    def leans_on(self, other: "Batch") -> bool:
        """Whether rows of this batch may have counted as known because `other` had them."""
        here = other.log == self.log and other.no < self.no and other.no not in self.dead
        return here and self.counts["known"] > 0

    def report(self) -> dict[str, Any]:
        """The batch report with its fixed keys; read = the sum of the parts."""
        return {
            "batch": self.no,
            "log": self.log,
            "profile": self.profile,
            "source": self.source,
            "file": self.file,
            **{key: self.counts[key] for key in COUNTS},
            "quarantined": self.quarantined,
            "examples": self.examples,
            "sheets": list(self.sheets),
            "admitted_units": self.admitted_units,
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "received_at": self.received_at and self.received_at.isoformat(" "),
            "withdrawn": self.withdrawn,
        }


def folder(home: Path, no: int) -> Path:
    """Where a batch keeps its report, quarantine and units."""
    return home / "batches" / f"{no:06d}"


def write_report(home: Path, batch: Batch) -> Path:
    """Store the report; it counts from the commit on."""
    path = folder(home, batch.no) / "report.json"
    content = {name: getattr(batch, name) for name in Batch.__dataclass_fields__}
    del content["withdrawn"]
    content["parts"] = [asdict(part) for part in batch.parts]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content, ensure_ascii=False, default=str), "utf-8")
    draft.replace(path)  # readers look at every report, also before its batch counts
    return path


@lru_cache(maxsize=65536)
def _parsed(path: Path, _stamp: int) -> Batch:
    content = json.loads(path.read_text("utf-8"))
    for key in ("first_day", "last_day"):
        content[key] = content[key] and date.fromisoformat(content[key])
    if received := content.get("received_at"):
        content["received_at"] = datetime.fromisoformat(received)
    content["covers"] = tuple(
        (date.fromisoformat(start), date.fromisoformat(end)) for start, end in content["covers"]
    )
    content["parts"] = tuple(Part(**part) for part in content.get("parts", ()))
    content["sheets"] = tuple(content.get("sheets", ()))
    content["dead"] = tuple(content.get("dead", ()))
    content["replayed"] = tuple((no, line) for no, line in content["replayed"])
    return Batch(**content)


def committed(home: Path, knows: Callable[[Batch], bool]) -> tuple[Batch, ...]:
    """All batches whose transaction the tables know, by number, with their withdrawal if any."""
    found = []
    for path in sorted((home / "batches").glob("[0-9]*/report.json")):
        try:
            batch = _parsed(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            continue  # an attempt that never committed was swept away just now
        if knows(batch):
            found.append(batch)
    return tuple(_with_withdrawals(home, found))


def _with_withdrawals(home: Path, found: list[Batch]) -> list[Batch]:
    reasons: dict[int, str] = {}
    for path in (home / "withdrawals").glob("[0-9]*.json"):
        record = json.loads(path.read_text("utf-8"))
        for no in (record["batch"], *record.get("also", ())):
            reasons[no] = record["reason"]
    # A replacement is one commit: the old batch leaves in the moment in which the new one counts.
    for batch in found:
        if batch.replaces is not None:
            for old in same_file(found, batch.replaces, before=batch.no):
                reasons.setdefault(old.no, f"replaced by batch {batch.no}")
    return [
        Batch(**{**batch.__dict__, "withdrawn": reasons[batch.no]})
        if batch.no in reasons
        else batch
        for batch in found
    ]


def same_file(batches: Iterable[Batch], no: int, before: int | None = None) -> list[Batch]:
    """Batch `no` and the others that hold rows of the very same file.

    A file that is sent again brings the rows that it lacks under a number of its own; when the
    file leaves, it leaves whole. `before`: only batches below that number.
    """
    known = list(batches)
    digests = {batch.digest for batch in known if batch.no == no}
    return [
        batch
        for batch in known
        if batch.digest in digests and (before is None or batch.no < before)
    ]


def find(batches: tuple[Batch, ...], no: int) -> Batch:
    """The committed batch of that number, or an error that names the ones there are."""
    for batch in batches:
        if batch.no == no:
            return batch
    known = [str(batch.no) for batch in batches]
    raise HallscoreError(
        f"batch {no}: no such committed batch; there are {', '.join(known) or 'none'}."
        f"{nearest(str(no), known)} See `hallscore batches list`."
    )


def record_withdrawal(home: Path, no: int, also: list[int], reason: str) -> None:
    """Write, in one file, that batches no longer count; their rows stay where they are."""
    record = {"batch": no, "also": also, "reason": reason}
    write_json(home / "withdrawals" / f"{no:06d}.json", record)
    sync_file(home)
