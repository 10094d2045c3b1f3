"""Which schemes there are: those that ship and those of a home, each in its versions over time."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from data.errors import HallscoreError, nearest
from data.toml_files import load_toml
from metrics.scheme_links import Filed, check_links
from metrics.scheme_model import Scheme

FOLDER = Path(__file__).parent / "schemes"
# By which counters are ranked where nobody names a scheme.
DEFAULT = "first"


def scheme_paths(home: Path | None) -> tuple[Path, ...]:
    """Scheme files of the house and of the home; a home's file of the same name rules."""
    found = {path.name: path for path in sorted(FOLDER.glob("*.toml"))}
    if home is not None:
        found |= {path.name: path for path in sorted((home / "schemes").glob("*.toml"))}
    return tuple(found[name] for name in sorted(found))


def read_scheme(path: Path) -> Scheme:
    """One scheme file; raises HallscoreError with file, key, value and nearest known key."""
    return load_toml(path, Scheme, exact=True)


def _marks(home: Path | None) -> tuple[tuple[Path, int, int], ...]:
    statuses = [(path, path.stat()) for path in scheme_paths(home)]
    return tuple((path, status.st_mtime_ns, status.st_size) for path, status in statuses)


@lru_cache(maxsize=16)
def _read(marks: tuple[tuple[Path, int, int], ...]) -> dict[str, tuple[Filed, ...]]:
    """All versions of each scheme, oldest first, and its file."""
    return filed(path for path, _, _ in marks)


def filed(paths: Iterable[Path]) -> dict[str, tuple[Filed, ...]]:
    """The schemes of some files by id, versions oldest first; each with its file.

    Raises HallscoreError for a broken file, overlapping versions, and schemes that name wrong ones.
    """
    found: dict[str, list[Filed]] = {}
    for path in paths:
        one = read_scheme(path)
        found.setdefault(one.id, []).append((one, path))
    ordered = {name: _in_order(versions) for name, versions in found.items()}
    check_links(ordered)
    return ordered


def _in_order(versions: Sequence[Filed]) -> tuple[Filed, ...]:
    ordered = sorted(versions, key=lambda one: one[0].valid_from)
    for (early, first), (late, second) in pairwise(ordered):
        if early.valid_to is None or early.valid_to > late.valid_from:
            until = early.valid_to or "without end"
            raise HallscoreError(
                f"{second}: valid_from {late.valid_from} overlaps version {early.version!r} of "
                f"scheme {early.id!r} ({first}, valid until {until}). "
                f"Set valid_to = {late.valid_from} there."
            )
    return tuple(ordered)


def all_schemes(home: Path | None = None) -> dict[str, tuple[Scheme, ...]]:
    """The versions of every scheme by id, oldest first."""
    return {name: tuple(one for one, _ in found) for name, found in filed_schemes(home).items()}


def filed_schemes(home: Path | None = None) -> dict[str, tuple[Filed, ...]]:
    """The same, each version with the file in which it stands."""
    return _read(_marks(home))


def schemes(home: Path | None = None) -> tuple[str, ...]:
    """The ids of the schemes there are."""
    return tuple(sorted(all_schemes(home)))


def versions(name: str, home: Path | None = None) -> tuple[Scheme, ...]:
    """All versions of a scheme; an unknown name raises HallscoreError with the nearest."""
    known = all_schemes(home)
    if name not in known:
        raise HallscoreError(
            f"--scheme {name!r}: no such scheme.{nearest(name, known)} "
            f"Known: {', '.join(sorted(known))}."
        )
    return known[name]


def scheme(name: str, home: Path | None = None, day: date | None = None) -> Scheme:
    """The version of a scheme that holds on a day (the first day of a period); default: the last.

    Before its first version a scheme does not exist: HallscoreError says from when it does.
    """
    known = versions(name, home)
    if day is None:
        return known[-1]
    for one in known:
        if one.in_force(day):
            return one
    spans = ", ".join(f"{one.version} from {one.valid_from}" for one in known)
    raise HallscoreError(f"--scheme {name!r}: no version holds on {day}. There are: {spans}.")
