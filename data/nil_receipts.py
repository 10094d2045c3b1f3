"""Nil receipts: a person states that a source had nothing to report; kept for good, one file each.

The ledger is what is expected of sources (sources.toml) together with these statements.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from data.disk import lease, open_home, write_json
from data.errors import HallscoreError
from data.masking import mask_text
from data.numbered import check_known, names_in, next_no
from data.sources import Source, load_sources, sources_path


@dataclass(frozen=True)
class NilReceipt:
    """No business on the days [start, end) in the halls below `unit` ("" = wherever it reports)."""

    no: int
    source: str
    unit: str
    start: date
    end: date
    by: str
    reason: str
    recorded_at: datetime
    withdrawn: str | None = None


def receipts_folder(home: Path) -> Path:
    """Where nil receipts lie, one JSON file each."""
    return home / "receipts"


def record_nil(home: Path, nil: NilReceipt) -> NilReceipt:
    """Store a statement under the next number; `no` of the one given is not looked at."""
    for option, text in (("--by", nil.by), ("--reason", nil.reason)):
        if not text.strip():
            raise HallscoreError(f"{option} is empty. Say who states it and why; it is kept.")
    open_home(home)
    with lease(home):
        no = next_no([one.no for one in nil_receipts(home)])
        kept = replace(nil, no=no, by=mask_text(nil.by), reason=mask_text(nil.reason))
        content = {key: value for key, value in kept.__dict__.items() if key != "withdrawn"}
        write_json(receipts_folder(home) / f"{no:06d}.json", content)
    return kept


def withdraw_nil(home: Path, no: int, reason: str) -> NilReceipt:
    """A statement that was wrong no longer counts; it stays on record."""
    if not reason.strip():
        raise HallscoreError("--reason is empty. Say why the receipt leaves; it is kept for good.")
    with lease(home):
        known = {one.no: one for one in nil_receipts(home)}
        check_known("nil receipt", no, known)
        if known[no].withdrawn is not None:
            raise HallscoreError(f"nil receipt {no} was withdrawn before ({known[no].withdrawn}).")
        path = receipts_folder(home) / f"{no:06d}.withdrawn.json"
        write_json(path, {"no": no, "reason": mask_text(reason)})
    return replace(known[no], withdrawn=mask_text(reason))


def nil_receipts(home: Path) -> tuple[NilReceipt, ...]:
    """All statements by number, withdrawn ones too. The files never change once they are there."""
    folder = receipts_folder(home)
    return _read(folder, names_in(folder))


@lru_cache(maxsize=16)
def _read(folder: Path, names: tuple[str, ...]) -> tuple[NilReceipt, ...]:
    gone = {
        int(name[:6]): json.loads((folder / name).read_text("utf-8"))["reason"]
        for name in names
        if name.endswith(".withdrawn.json")
    }
    found = []
    for name in names:
        if name.endswith(".withdrawn.json"):
            continue
        content = json.loads((folder / name).read_text("utf-8"))
        for key in ("start", "end"):
            content[key] = date.fromisoformat(content[key])
        content["recorded_at"] = datetime.fromisoformat(content["recorded_at"])
        found.append(NilReceipt(**content, withdrawn=gone.get(content["no"])))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Ledger:
    """What is expected of which source, and what was stated in place of a delivery.

    `digest` names the content; it is empty where nothing is expected.
    """

    sources: dict[str, Source]
    nils: tuple[NilReceipt, ...]
    digest: str

    @property
    def scheduled(self) -> dict[str, Source]:
        """The sources of which deliveries are expected."""
        return {name: one for name, one in self.sources.items() if one.schedule is not None}


def ledger(home: Path) -> Ledger:
    """The ledger of a home as it stands; the same one as long as nothing changes."""
    path = sources_path(home)
    content = path.read_bytes() if path.is_file() else b""
    return _ledger(home, content, nil_receipts(home))


@lru_cache(maxsize=8)
def _ledger(home: Path, content: bytes, nils: tuple[NilReceipt, ...]) -> Ledger:
    sources = load_sources(home)
    if not any(one.schedule for one in sources.values()):
        return Ledger(sources, (), "")
    digest = hashlib.sha256(content + repr(nils).encode()).hexdigest()[:12]
    return Ledger(sources, tuple(one for one in nils if one.withdrawn is None), digest)
