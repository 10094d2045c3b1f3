"""Who looks at which state of which home; everything a page may know before it asks for a frame."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dashboard.text import Words
from metrics.cube import CubeState
from metrics.rollup import ensure
from metrics.scope import Scope, scope_for


@dataclass(frozen=True)
class Viewer:
    """`stamp` names the content of the cube: equal stamps give equal numbers.

    `cube` is the one of that stamp; a page reads it without looking at the disk again.
    """

    home: Path
    user: str | None
    scope: Scope
    words: Words
    stamp: str
    first_day: date
    last_day: date
    cube: CubeState

    @property
    def end(self) -> date:
        """The day after the last one with data."""
        return self.last_day + timedelta(days=1)


def viewer(home: Path, user: str | None, words: Words) -> Viewer | None:
    """The viewer of a home, or None when there is nothing to see in it yet."""
    scope = scope_for(home, user)
    if not (home / "format").exists():
        return None
    cube = ensure(home)
    if cube.first_day is None or cube.last_day is None:
        return None
    return Viewer(home, user, scope, words, cube.stamp, cube.first_day, cube.last_day, cube)
