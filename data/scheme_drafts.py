"""Drafts of other weights for a scheme: who proposed them and why; never in force by themselves.

Each is a file `scheme_drafts/<no>.json`, kept for good. It becomes official only as a scheme file
that somebody else checks and lays into `schemes/` (docs/how-to/schemes.md).
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from data.disk import lease, open_home, write_json
from data.errors import HallscoreError
from data.masking import mask_text
from data.numbered import names_in, next_no


@dataclass(frozen=True)
class SchemeDraft:
    """`weights`: item → points as text, those that differ from version `version` of the scheme."""

    no: int
    scheme: str
    version: str
    weights: dict[str, str]
    author: str
    reason: str
    recorded_at: datetime


def drafts_folder(home: Path) -> Path:
    """Where they lie."""
    return home / "scheme_drafts"


def save_draft(home: Path, wanted: SchemeDraft) -> SchemeDraft:
    """Store a draft under the next number; `no` of the one given is not looked at."""
    for option, text in (("--by", wanted.author), ("--reason", wanted.reason)):
        if not text.strip():
            raise HallscoreError(f"{option} is empty. Say who proposes it and why; it is kept.")
    if not wanted.weights:
        raise HallscoreError("no weight differs from the scheme: there is nothing to propose.")
    open_home(home)
    with lease(home):
        no = next_no([one.no for one in scheme_drafts(home)])
        kept = replace(
            wanted, no=no, author=mask_text(wanted.author), reason=mask_text(wanted.reason)
        )
        write_json(drafts_folder(home) / f"{no:06d}.json", asdict(kept))
    return kept


def scheme_drafts(home: Path) -> tuple[SchemeDraft, ...]:
    """All drafts by number."""
    folder = drafts_folder(home)
    found = []
    for name in names_in(folder):
        content = json.loads((folder / name).read_text("utf-8"))
        content["recorded_at"] = datetime.fromisoformat(content["recorded_at"])
        found.append(SchemeDraft(**content))
    return tuple(found)
