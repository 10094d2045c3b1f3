"""Rows entered by hand (登记): one row, through the ordinary machinery, as a batch of its own.

The row is kept as a small file under <home>/entered, so that it is taken in, checked, reported and
withdrawn like every other. What a file would leave in quarantine is refused at once.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import xxhash

from data.batches import Batch
from data.contracts import CONTRACTS, Contract
from data.disk import now_in, open_home, sync_file
from data.errors import HallscoreError, nearest
from data.ingest import ingest
from data.intake import Request
from data.masking import mask_text, pseudonymise
from data.profile import SITE_ZONE
from data.store import snapshot

PROFILE, SOURCE = "canonical", "entry"
# The logs that people enter rows of; those that this version has no contract of are left out.
ENTERED = ("findings", "exemptions", "attendance", "bonuses", "votes", "vetoes", "voids")
FOLDER = "entered"
BY = "entered_by"  # beside the fields of the contract; the profile does not read it


@dataclass(frozen=True)
class Entry:
    """A row that was entered, by whom, and the batch that it is."""

    batch: Batch
    row: dict[str, str]
    by: str


def enterable() -> list[str]:
    """The logs of which a row can be entered."""
    return [log for log in ENTERED if log in CONTRACTS]


def enter(home: Path, log: str, row: Mapping[str, Any], by: str) -> Batch:
    """Take one row (field of the contract → value) into a log and return its batch.

    An empty id is made of the content; `decided_by` and `decided_on` default to `by` and today.
    A row that is refused, or that is there already, raises HallscoreError with the reason and
    leaves nothing behind.
    """
    contract = _contract(log)
    if not by.strip():
        raise HallscoreError("--by is empty. Say who enters the row; it is kept for good.")
    told = _texts(contract, row)
    _defaults(contract, told, by)
    told.setdefault(contract.id_column, f"{SOURCE}-{_digest(told)}")
    open_home(home)
    empty = dict.fromkeys(contract.fields, "")
    path = _write(home, log, empty | told | {BY: mask_text(by.strip())})
    try:
        span = _span(contract, told)
        request = Request(path, log, PROFILE, source=SOURCE, span=span, whole=True)
        batch = ingest(home, request)
        if not batch.counts["accepted"]:
            raise HallscoreError(
                f"{log}: this very row is there already, as batch {batch.no}. Nothing was entered."
            )
    except HallscoreError:
        path.unlink()
        raise
    return batch


def entries(home: Path, log: str) -> list[Entry]:
    """The rows of a log that were entered, the newest first, withdrawn ones too."""
    _contract(log)
    found = []
    for batch in reversed(snapshot(home).batches):
        path = home / FOLDER / log / batch.file
        if batch.source == SOURCE and batch.log == log and path.is_file():
            row = json.loads(path.read_text("utf-8"))
            by = row.pop(BY, "")
            found.append(Entry(batch, {name: cell for name, cell in row.items() if cell}, by))
    return found


def _contract(log: str) -> Contract:
    if log not in enterable():
        raise HallscoreError(
            f"log {log!r}: rows are entered of {', '.join(enterable())}."
            f"{nearest(log, enterable())} Ingest a file of the others."
        )
    return CONTRACTS[log]


def _texts(contract: Contract, row: Mapping[str, Any]) -> dict[str, str]:
    """The filled fields as the canonical profile reads them, personal numbers masked."""
    told: dict[str, str] = {}
    for name, cell in row.items():
        if name not in contract.fields:
            raise HallscoreError(
                f"{contract.name}: no field {name!r}; the contract has "
                f"{', '.join(contract.fields)}.{nearest(name, contract.fields)}"
            )
        text = _text(cell)
        if text and type(contract.fields[name]).__name__ == "Datetime":
            text = _moment(text)
        if text:
            told[name] = _masked(name, text)
    return told


def _moment(text: str) -> str:
    """A moment without seconds, or with a T, as the profile reads it; other texts as they are."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if moment.tzinfo else _text(moment)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()


def _masked(name: str, text: str) -> str:
    """An id stays tellable from others; in words a citizen's numbers are blotted out."""
    if name.endswith("_id"):
        return str(pseudonymise(pl.Series([text])).item())
    return mask_text(text)


def _defaults(contract: Contract, told: dict[str, str], by: str) -> None:
    """Who decides and when, where the log asks for it and the row does not say it."""
    said = {"decided_by": mask_text(by.strip()), "decided_on": now_in(SITE_ZONE).date().isoformat()}
    for name, text in said.items():
        if name in contract.fields:
            told.setdefault(name, text)


def _digest(told: Mapping[str, str]) -> str:
    return xxhash.xxh3_64_hexdigest(json.dumps(told, sort_keys=True, ensure_ascii=False).encode())


def _span(contract: Contract, told: Mapping[str, str]) -> tuple[date, date] | None:
    """An entered row reports on its own day, not on the month around it."""
    try:
        day = date.fromisoformat(told.get(contract.day_column or "", "")[:10])
    except ValueError:
        return None  # the contract says what is wrong with it
    return day, day + timedelta(days=1)


def _write(home: Path, log: str, row: Mapping[str, str]) -> Path:
    """The row as a file of one line, under a name that no other entry has."""
    moment = now_in(SITE_ZONE).strftime("%Y%m%d-%H%M%S")
    path = home / FOLDER / log / f"{moment}-{secrets.token_hex(4)}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    for one in (path, path.parent, path.parent.parent, home):
        sync_file(one)
    return path
