"""The ledger of editions: who made, submitted, approved or withdrew which, one file a record.

Each record holds the sha256 of the record before, so that none can be changed or taken out
unseen. Maker and checker are different persons. States of an edition: draft, submitted, published;
later corrected (by a published edition that names it) or withdrawn.
"""

import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from data.disk import lease, write_json
from data.edition_folder import (
    HEADER,
    ID,
    changed_files,
    edition_path,
    editions_folder,
    manifest_digest,
)
from data.errors import HallscoreError
from data.numbered import names_in, next_no

DRAFT, SUBMITTED, PUBLISHED, WITHDRAWN, CORRECTED = STATES = (
    *("draft", "submitted", "published"),
    *("withdrawn", "corrected"),
)
# From which states a record of a state may follow.
AFTER: dict[str, tuple[str | None, ...]] = {
    DRAFT: (None,),
    SUBMITTED: (DRAFT,),
    PUBLISHED: (SUBMITTED,),
    WITHDRAWN: (DRAFT, SUBMITTED, PUBLISHED),
}


@dataclass(frozen=True)
class Record:
    """`digest`: of the manifest; `corrects`: the edition that a published one takes the place of.

    `before`: sha256 of the record before; empty in the first.
    """

    no: int
    edition: str
    state: str
    by: str
    at: datetime
    reason: str
    digest: str
    corrects: str | None
    before: str


def ledger_folder(home: Path) -> Path:
    """Where the records lie."""
    return editions_folder(home) / "ledger"


def records(home: Path) -> tuple[Record, ...]:
    """All records by number."""
    folder = ledger_folder(home)
    return _read(folder, names_in(folder))


@lru_cache(maxsize=16)
def _read(folder: Path, names: tuple[str, ...]) -> tuple[Record, ...]:
    found = []
    for name in names:
        content = json.loads((folder / name).read_text("utf-8"))
        content["at"] = datetime.fromisoformat(content["at"])
        found.append(Record(**content))
    return tuple(found)


def mark(home: Path) -> str:
    """Names what is published: another mark may mean other published scores. Empty: nothing is."""
    names = names_in(ledger_folder(home))
    return f"e{len(names)}" if names else ""


def state_of(home: Path, edition: str) -> str | None:
    """The state of an edition; None for one that no record names."""
    kept = records(home)
    mine = [one.state for one in kept if one.edition == edition]
    replaced = any(one.corrects == edition for one in kept if one.state == PUBLISHED)
    if mine and mine[-1] == PUBLISHED and replaced:
        return CORRECTED
    return mine[-1] if mine else None


def history(home: Path, edition: str) -> tuple[Record, ...]:
    """The records of one edition."""
    return tuple(one for one in records(home) if one.edition == edition)


def maker(home: Path, edition: str) -> str:
    """Who made an edition."""
    return history(home, edition)[0].by


def standing_edition(home: Path, period: str, scheme: str) -> str | None:
    """The edition of a period that holds now: published, not withdrawn, not corrected."""
    for one in reversed(records(home)):
        named = ID.fullmatch(one.edition)
        if one.state != PUBLISHED or named is None:
            continue
        same = (named["period"], named["scheme"]) == (period, scheme)
        if same and state_of(home, one.edition) == PUBLISHED:
            return one.edition
    return None


def append(home: Path, edition: str, state: str, by: str, at: datetime, reason: str = "") -> Record:
    """Add a record; HallscoreError where the state does not follow, or who must not says so."""
    if not by.strip():
        raise HallscoreError("--by is empty. Say who does it; it is kept for good.")
    folder = edition_path(home, edition)
    with lease(home):
        _check(home, edition, state, by, reason)
        names = names_in(ledger_folder(home))
        before = _digest(ledger_folder(home) / names[-1]) if names else ""
        corrects = None
        if state == PUBLISHED:
            corrects = json.loads((folder / HEADER).read_text("utf-8"))["corrects"]
            _check_whole(folder, edition)
        record = Record(
            no=next_no([int(name[:6]) for name in names]),
            edition=edition,
            state=state,
            by=by.strip(),
            at=at,
            reason=reason.strip(),
            digest=manifest_digest(home, edition),
            corrects=corrects,
            before=before,
        )
        write_json(ledger_folder(home) / f"{record.no:06d}.json", asdict(record))
    return record


def _check(home: Path, edition: str, state: str, by: str, reason: str) -> None:
    now = state_of(home, edition)
    if now not in AFTER[state]:
        raise HallscoreError(
            f"edition {edition} is {now or 'not recorded'}; it cannot become {state}. "
            f"That follows {', '.join(str(one) for one in AFTER[state] if one) or 'nothing'}."
        )
    if state == WITHDRAWN and not reason.strip():
        raise HallscoreError("--reason is empty. Say why the edition leaves; it is kept for good.")
    if state == PUBLISHED:
        _check_checker(home, edition, by)
        _check_order(home, edition)


def _check_checker(home: Path, edition: str, by: str) -> None:
    """Nobody approves what they made or submitted."""
    for one in history(home, edition):
        if _same(one.by, by):
            raise HallscoreError(
                f"edition {edition}: {one.by} made it {one.state} and cannot approve it. "
                "Maker and checker are different persons; let another one approve."
            )


def _check_order(home: Path, edition: str) -> None:
    """A second edition of a period is published only in the place of the one that stands."""
    header = json.loads((edition_path(home, edition) / HEADER).read_text("utf-8"))
    standing = standing_edition(home, header["period"], header["scheme"])
    if header["corrects"] != standing:
        raise HallscoreError(
            f"edition {edition} corrects {header['corrects'] or 'nothing'}, but of "
            f"{header['period']} {standing or 'nothing'} stands. Withdraw it and draft anew."
        )


def _check_whole(folder: Path, edition: str) -> None:
    if changed := changed_files(folder):
        raise HallscoreError(
            f"edition {edition} is not as it was made: {'; '.join(changed[:3])}. "
            "Withdraw it and draft anew."
        )


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def broken_links(home: Path) -> tuple[str, ...]:
    """Where the chain of records is broken, a sentence each."""
    folder, found, before = ledger_folder(home), [], ""
    for place, name in enumerate(names_in(folder), start=1):
        content = json.loads((folder / name).read_text("utf-8"))
        if content["no"] != place:
            found.append(f"ledger/{name}: number {content['no']}, expected {place}")
        if content["before"] != before:
            found.append(f"ledger/{name}: does not follow the record before it")
        before = _digest(folder / name)
    return tuple(found)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
