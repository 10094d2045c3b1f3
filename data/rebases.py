"""Rebases (重设基线): a recorded event after which a control chart has limits of its own.

Limits are never moved because the points moved: somebody records what happened, on which day and
who says so. Each record is a file for good; one that was wrong is withdrawn and stays on record.
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

EVERY = "all"  # every metric, or every unit


@dataclass(frozen=True)
class Rebase:
    """From `day` on the charts of `metric` have a new phase, of `unit` and of what stands below it.

    `metric` and `unit` may be "all". `event` is what happened, `by` who says so; both are masked.
    """

    no: int
    metric: str
    unit: str
    day: date
    event: str
    by: str
    recorded_at: datetime
    withdrawn: str | None = None


def rebases_folder(home: Path) -> Path:
    """Where rebases lie, one JSON file each."""
    return home / "rebases"


def record_rebase(home: Path, rebase: Rebase) -> Rebase:
    """Store an event under the next number; `no` of the one given is not looked at.

    HallscoreError where the event or its author is empty, or the same event already stands.
    """
    for option, text in (("--by", rebase.by), ("--event", rebase.event)):
        if not text.strip():
            raise HallscoreError(f"{option} is empty. Say what happened and who says so; it stays.")
    open_home(home)
    with lease(home):
        known = rebases(home)
        for one in known:
            if one.withdrawn is None and _place(one) == _place(rebase):
                raise HallscoreError(
                    f"rebase {one.no}: {one.metric} of {one.unit} begins a new phase on {one.day} "
                    f"already ({one.event}). Withdraw it first if the event is another."
                )
        no = next_no([one.no for one in known])
        kept = replace(
            rebase, no=no, by=mask_text(rebase.by), event=mask_text(rebase.event), withdrawn=None
        )
        content = {key: value for key, value in kept.__dict__.items() if key != "withdrawn"}
        write_json(rebases_folder(home) / f"{no:06d}.json", content)
    return kept


def withdraw_rebase(home: Path, no: int, reason: str) -> Rebase:
    """An event that was wrong no longer begins a phase; it stays on record."""
    if not reason.strip():
        raise HallscoreError("--reason is empty. Say why the rebase leaves; it is kept for good.")
    with lease(home):
        known = {one.no: one for one in rebases(home)}
        check_known("rebase", no, known)
        if known[no].withdrawn is not None:
            raise HallscoreError(f"rebase {no} was withdrawn before ({known[no].withdrawn}).")
        path = rebases_folder(home) / f"{no:06d}.withdrawn.json"
        write_json(path, {"no": no, "reason": mask_text(reason)})
    return replace(known[no], withdrawn=mask_text(reason))


def rebases(home: Path) -> tuple[Rebase, ...]:
    """All events by number, withdrawn ones too. The files never change once they are there."""
    folder = rebases_folder(home)
    return _read(folder, names_in(folder))


def standing_rebases(home: Path) -> tuple[Rebase, ...]:
    """The events that count, by day."""
    standing = (one for one in rebases(home) if one.withdrawn is None)
    return tuple(sorted(standing, key=lambda one: (one.day, one.no)))


def rebases_digest(home: Path) -> str:
    """Names the content of the standing events; empty where there is none."""
    standing = standing_rebases(home)
    return hashlib.sha256(repr(standing).encode()).hexdigest()[:12] if standing else ""


def _place(rebase: Rebase) -> tuple[str, str, date]:
    return rebase.metric, rebase.unit, rebase.day


@lru_cache(maxsize=16)
def _read(folder: Path, names: tuple[str, ...]) -> tuple[Rebase, ...]:
    gone, found = dict[int, str](), []
    for name in names:
        content = json.loads((folder / name).read_text("utf-8"))
        if name.endswith(".withdrawn.json"):
            gone[content["no"]] = content["reason"]
            continue
        content["day"] = date.fromisoformat(content["day"])
        content["recorded_at"] = datetime.fromisoformat(content["recorded_at"])
        found.append(Rebase(**content))
    return tuple(replace(one, withdrawn=gone.get(one.no)) for one in found)
