"""Editions: a ranking that is frozen, hashed, re-computable, and corrected in the open.

An edition holds the inputs that it rests on and the results that it prints. `verify` computes the
results anew from those inputs alone and compares them byte for byte.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from data import edition_ledger as ledger
from data.edition_folder import (
    HEADER,
    INPUTS,
    RESULTS,
    changed_files,
    digest_of,
    edition_ids,
    edition_path,
    manifest_digest,
    new_folder,
    next_id,
    write_text,
)
from data.errors import HallscoreError
from metrics.edition_build import results_of
from metrics.edition_results import Header, Results, read_results, write_results
from metrics.fairness.score_draws import SEED
from metrics.frozen_cube import recorded
from metrics.periods import Period, parse_period
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT, versions
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_model import Scheme

Progress = Callable[[str, float], None]
ROOMS = Path(__file__).parent.parent
CODE = (".py", ".sql", ".toml", ".csv")


@dataclass(frozen=True, eq=False)
class Edition:
    """An edition with its state now, its results, and the digest of its manifest."""

    id: str
    state: str
    digest: str
    header: Header
    folder: Path
    results: Results


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Names the program: a digest of everything in the rooms data and metrics."""
    whole = hashlib.sha256()
    for room in ("data", "metrics"):
        for path in sorted((ROOMS / room).rglob("*")):
            if path.suffix in CODE:
                whole.update(path.relative_to(ROOMS).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()[:16]


def draft(
    home: Path,
    period: Period,
    by: str,
    at: datetime,
    scheme: str = DEFAULT,
    as_of: date | None = None,
    reason: str = "",
    progress: Progress | None = None,
) -> Edition:
    """Make an edition of a period, not published yet; `by` is its maker, `at` the time.

    Where one stands already the new one corrects it, and `reason` says why. Before it gets its
    name the results are computed a second time, from the frozen inputs alone; HallscoreError if
    they differ by a byte.
    """
    show = progress or (lambda text, share: None)
    if not by.strip():
        raise HallscoreError("--by is empty. Say who makes the edition; it is kept for good.")
    corrects = ledger.standing_edition(home, period.text, scheme)
    if corrects is not None and not reason.strip():
        raise HallscoreError(
            f"{period.text}: {corrects} stands. A new edition corrects it; say with --reason why."
        )
    if (left := _unrecorded(home, period, scheme)) is not None:
        return left
    live = ensure(home)
    name = next_id(home, period.text, scheme)
    with new_folder(home, name) as folder:
        show("results", 0.1)
        with recorded(live, folder / INPUTS):
            found = results_of(folder / INPUTS, period, scheme, as_of)
        write_results(found, folder / RESULTS)
        asked = as_of and as_of.isoformat()
        told = _header(found, name, by, at) | {"corrects": corrects, "reason": reason}
        write_text(folder / HEADER, told | {"as_of_asked": asked})
        show("results from the frozen inputs", 0.5)
        if wrong := _recomputed(folder):
            raise HallscoreError(
                f"edition {name}: {', '.join(wrong)} cannot be computed again from the frozen "
                "inputs; nothing was kept. Please report it with the scheme and period."
            )
        show("edition", 0.9)
    ledger.append(home, name, ledger.DRAFT, by, at, reason)
    show("edition", 1.0)
    return edition(home, name)


def _unrecorded(home: Path, period: Period, scheme: str) -> Edition | None:
    """An edition that is whole but was never recorded, for its maker was stopped in between."""
    for name in edition_ids(home):
        if ledger.state_of(home, name) is None:
            told = _read_header(edition_path(home, name))
            if (told.period, told.scheme.id) == (period, scheme) and told.made_at is not None:
                ledger.append(home, name, ledger.DRAFT, told.made_by, told.made_at, told.reason)
                return edition(home, name)
    return None


def _header(found: Results, name: str, by: str, at: datetime) -> dict[str, object]:
    told = found.header
    return {
        "id": name,
        "period": told.period.text,
        "scheme": told.scheme.id,
        "scheme_version": told.scheme.version,
        "as_of": told.as_of.isoformat(),
        "made_by": by,
        "made_at": at.isoformat(sep=" ", timespec="seconds"),
        "code": code_digest(),
        "seed": SEED,
        "stamp": told.stamp,
    }


def edition(home: Path, name: str) -> Edition:
    """An edition by its id, with the state in which it is now."""
    folder = edition_path(home, name)
    state = ledger.state_of(home, name)
    if state is None:  # a kill between the folder and its record
        state = "unrecorded"
    found = _read(folder)
    return Edition(name, state, manifest_digest(home, name), found.header, folder, found)


def editions(home: Path) -> tuple[Edition, ...]:
    """All editions by period, scheme and number."""
    return tuple(edition(home, name) for name in edition_ids(home))


# The folder of an edition never changes.
@lru_cache(maxsize=16)
def _read(folder: Path) -> Results:
    return read_results(_read_header(folder), folder / RESULTS)


def _read_header(folder: Path) -> Header:
    told = json.loads((folder / HEADER).read_text("utf-8"))
    period = parse_period(told["period"])
    return Header(
        id=told["id"],
        period=period,
        scheme=_scheme(folder, told["scheme"], told["scheme_version"], period),
        as_of=date.fromisoformat(told["as_of"]),
        corrects=told["corrects"],
        reason=told["reason"],
        made_by=told["made_by"],
        made_at=datetime.fromisoformat(told["made_at"]),
        code=told["code"],
        seed=told["seed"],
        stamp=told["stamp"],
    )


def _scheme(folder: Path, name: str, version: str, period: Period) -> Scheme:
    """The version of a scheme that the edition went by, as it was frozen."""
    for one in versions(name, folder / INPUTS):
        if one.version == version:
            return one
    return scheme_of(name, folder / INPUTS, period.start)


def submit(home: Path, name: str, by: str, at: datetime) -> Edition:
    """Hand an edition to the checker."""
    ledger.append(home, name, ledger.SUBMITTED, by, at)
    return edition(home, name)


def approve(home: Path, name: str, by: str, at: datetime) -> Edition:
    """Publish a submitted edition; HallscoreError for who made or submitted it."""
    ledger.append(home, name, ledger.PUBLISHED, by, at)
    return edition(home, name)


def withdraw(home: Path, name: str, by: str, at: datetime, reason: str) -> Edition:
    """Take an edition back; it stays retrievable, and nothing counts by it any more."""
    ledger.append(home, name, ledger.WITHDRAWN, by, at, reason)
    return edition(home, name)


@dataclass(frozen=True)
class Verified:
    """What `verify` found. `wrong`: a sentence for each file or link that is not as it should be.

    `same_code`: this program is the one that made the edition; `files`: how many were compared.
    """

    id: str
    digest: str
    wrong: tuple[str, ...]
    same_code: bool
    files: int

    @property
    def holds(self) -> bool:
        """Whether everything is as it was made, and comes out again."""
        return not self.wrong


def verify(home: Path, name: str, progress: Progress | None = None) -> Verified:
    """Check an edition: each file against the manifest, the chain of records, and every result.

    The results are computed anew from a copy of the frozen inputs and compared byte for byte.
    """
    show = progress or (lambda text, share: None)
    folder = edition_path(home, name)
    show("digests", 0.1)
    digest = manifest_digest(home, name)
    wrong = [*changed_files(folder), *ledger.broken_links(home)]
    for one in ledger.history(home, name):
        if one.digest != digest:
            wrong.append(f"manifest.json: not the one that was {one.state} (record {one.no})")
            break
    show("results from the frozen inputs", 0.3)
    if not any(one.startswith((INPUTS, HEADER)) for one in wrong):
        wrong += [f"{RESULTS}/{one}: not what the inputs give" for one in _recomputed(folder)]
    show("edition", 1.0)
    count = sum(1 for path in folder.rglob("*") if path.is_file())
    made_by = json.loads((folder / HEADER).read_text("utf-8")).get("code")
    return Verified(name, digest, tuple(dict.fromkeys(wrong)), made_by == code_digest(), count)


def _recomputed(folder: Path) -> tuple[str, ...]:
    """The result files that the frozen inputs do not give byte for byte."""
    told = json.loads((folder / HEADER).read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="hallscore-") as place:
        inputs = Path(place) / INPUTS
        shutil.copytree(folder / INPUTS, inputs, copy_function=shutil.copyfile)
        asked = told["as_of_asked"]
        day = asked and date.fromisoformat(asked)
        found = results_of(inputs, parse_period(told["period"]), told["scheme"], day)
        again = Path(place) / RESULTS
        write_results(found, again)
        names = sorted(path.name for path in again.iterdir())
        return tuple(one for one in names if _differs(again / one, folder / RESULTS / one))


def _differs(one: Path, other: Path) -> bool:
    return not other.exists() or digest_of(one) != digest_of(other)
