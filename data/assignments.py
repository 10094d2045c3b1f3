"""Assignments (交办): somebody asks a unit to see to a figure by a day; kept for good, append-only.

Each assignment is a file `assignments/<no>.json`; each answer and the closing are files beside it.
Nothing that is written is ever changed; what is typed is masked.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from data.disk import lease, open_home, write_json
from data.errors import HallscoreError
from data.masking import mask_text
from data.numbered import check_known, names_in, next_no
from data.workdays import FIRST, LAST

ANSWER, DONE = "answer", "done"


@dataclass(frozen=True)
class Said:
    """What somebody wrote about an assignment: an answer (反馈), or that it is done (办结)."""

    by: str
    text: str
    recorded_at: datetime


@dataclass(frozen=True)
class Assignment:
    """`unit`: a hall or counter ("" = the whole city) that is to see to `figure` of `metric`.

    `figure` is what stood on the page, printed; `due` the last day; `done` None while it is open.
    """

    no: int
    unit: str
    metric: str
    period: str
    figure: str
    task: str
    due: date
    by: str
    recorded_at: datetime
    answers: tuple[Said, ...] = ()
    done: Said | None = None


def assignments_folder(home: Path) -> Path:
    """Where they lie."""
    return home / "assignments"


def assign(home: Path, wanted: Assignment) -> Assignment:
    """Store an assignment under the next number; `no` of the one given is not looked at.

    HallscoreError where nobody gives it, nothing is asked, or it is due before it is given or
    beyond the calendar, in whose days every list counts it.
    """
    _needed("--by", wanted.by, "Say who assigns it")
    _needed("--task", wanted.task, "Say what is to be done")
    if not FIRST <= wanted.due <= LAST:
        raise HallscoreError(f"due {wanted.due}: the calendar of working days ends on {LAST}.")
    if wanted.due < wanted.recorded_at.date():
        raise HallscoreError(
            f"due {wanted.due}: that is before the day of the assignment, "
            f"{wanted.recorded_at.date()}. Give a later day."
        )
    open_home(home)
    with lease(home):
        no = next_no([one.no for one in assignments(home)])
        kept = replace(wanted, no=no, by=mask_text(wanted.by), task=mask_text(wanted.task))
        content = asdict(kept)
        del content["answers"], content["done"]
        write_json(assignments_folder(home) / f"{no:06d}.json", content)
    return kept


def answer(home: Path, no: int, said: Said) -> Assignment:
    """Add an answer to an open assignment."""
    return _append(home, no, ANSWER, said)


def close(home: Path, no: int, said: Said) -> Assignment:
    """Say that an assignment is done; only an open one can be closed, and only once."""
    return _append(home, no, DONE, said)


def _append(home: Path, no: int, kind: str, said: Said) -> Assignment:
    _needed("--by", said.by, "Say who writes")
    _needed("--text", said.text, "Say what was done")
    with lease(home):
        known = {one.no: one for one in assignments(home)}
        check_known("assignment", no, known)
        if known[no].done is not None:
            raise HallscoreError(f"assignment {no} is done already; nothing can be added to it.")
        kept = replace(said, by=mask_text(said.by), text=mask_text(said.text))
        place = f"{no:06d}.{kind}-{len(known[no].answers) + 1:03d}.json"
        write_json(assignments_folder(home) / place, asdict(kept))
    return next(one for one in assignments(home) if one.no == no)


def assignments(home: Path) -> tuple[Assignment, ...]:
    """All assignments by number, with what was said of them."""
    folder = assignments_folder(home)
    return _read(folder, names_in(folder))


# The names are the key: no file changes once it is there.
@lru_cache(maxsize=16)
def _read(folder: Path, names: tuple[str, ...]) -> tuple[Assignment, ...]:
    found: dict[int, Assignment] = {}
    for name in sorted(names, key=lambda name: ("-" in name, name)):
        content = json.loads((folder / name).read_text("utf-8"))
        content["recorded_at"] = datetime.fromisoformat(content["recorded_at"])
        no, kind = int(name[:6]), name[7:].partition("-")[0]
        if kind == ANSWER:
            found[no] = replace(found[no], answers=(*found[no].answers, Said(**content)))
        elif kind == DONE:
            found[no] = replace(found[no], done=Said(**content))
        else:
            found[no] = Assignment(**content | {"due": date.fromisoformat(content["due"])})
    return tuple(found[no] for no in sorted(found))


def _needed(option: str, text: str, hint: str) -> None:
    if not text.strip():
        raise HallscoreError(f"{option} is empty. {hint}; it is kept for good.")
