"""Checks of scheme files before they rule: alone, beside those there are, and against a home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.errors import HallscoreError
from metrics.rollup import ensure
from metrics.scheme_files import filed, filed_schemes, scheme, scheme_paths, versions
from metrics.scheme_items import DeductItem
from metrics.scheme_links import Filed
from metrics.scheme_model import Scheme
from metrics.score_events import unscored
from metrics.sums import Span

EVER = Span(date.min, date.max, date.max)


@dataclass(frozen=True)
class Checked:
    """A file that is a scheme; `unscored`: finding codes of the home, with their number, that no
    item takes although the scheme deducts for findings."""

    path: Path
    scheme: Scheme
    unscored: dict[str, int]


def check_files(paths: Sequence[Path], home: Path) -> list[Checked]:
    """Read the files beside the schemes there are, as if they lay in <home>/schemes.

    Raises HallscoreError for the first that is wrong; a file replaces one of the same name.
    """
    for path in paths:
        if not path.is_file():
            raise HallscoreError(f"{path}: no such file. Name TOML files of schemes.")
    names = {path.name for path in paths}
    others = [path for path in scheme_paths(home) if path.name not in names]
    known = filed([*others, *paths])
    by_path = {path: one for found in known.values() for one, path in found}
    return [Checked(path, by_path[path], _unscored(home, by_path[path])) for path in paths]


def _unscored(home: Path, chosen: Scheme) -> dict[str, int]:
    takes = any(isinstance(item, DeductItem) and item.events == "findings" for item in chosen.items)
    if not takes or not (home / "format").exists():
        return {}
    found = unscored(ensure(home), chosen.items, EVER)
    return dict(zip(found["code"].to_list(), found["n"].to_list(), strict=True))


def named(text: str, home: Path) -> Filed:
    """The scheme that ID, ID@VERSION or a file names; raises HallscoreError with the nearest."""
    path = Path(text)
    if path.suffix == ".toml":
        return check_files([path], home)[0].scheme, path
    name, _, version = text.partition("@")
    if not version:
        scheme(name, home)
        return filed_schemes(home)[name][-1]
    known = [one.version for one in versions(name, home)]
    if version not in known:
        raise HallscoreError(f"{text!r}: scheme {name!r} has versions {', '.join(known)}.")
    return filed_schemes(home)[name][known.index(version)]
