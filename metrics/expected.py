"""What is expected: which source owes which log, by which hall, for which halls."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from data.errors import HallscoreError, nearest
from data.nil_receipts import Ledger
from data.schedules import Schedule, Span
from data.sources import Source, sources_path
from metrics.cube import CubeState
from metrics.places import Tree, tree
from metrics.scope import Scope

EVERYBODY = Scope("", None)


@dataclass(frozen=True, eq=False)
class Duty:
    """What a source owes for the halls that stand behind one hall.

    `alone`: the hall itself must appear in the deliveries (`each`). `opened`, `closed`: the days
    from and before which the hall is there.
    """

    name: str
    source: Source
    schedule: Schedule
    hall_id: str
    hall: str
    halls: frozenset[str]
    alone: bool
    opened: date = date.min
    closed: date = date.max

    @property
    def key(self) -> tuple[str, str]:
        """Finds the duty again, also as it stands in another period."""
        return self.name, self.hall_id

    def spans(self, first: date, last: date) -> list[Span]:
        """The expected spans that touch some days while the hall was there."""
        found = self.schedule.spans(first, last)
        return [one for one in found if one[1] > self.opened and one[0] < self.closed]


@dataclass(frozen=True)
class Voice:
    """The hall by which a hall is reported on: its duty, and how far up the source's own hall is.

    `alone`: that hall must appear itself.
    """

    hall_id: str
    alone: bool
    steps: int


@lru_cache(maxsize=64)
def duties(state: CubeState, book: Ledger, start: date, end: date) -> tuple[Duty, ...]:
    """The duties of all scheduled sources by the halls as they stand in [start, end).

    Of several sources of a log the one that names a hall, or the nearest above it, speaks for it:
    a township with a source of its own has not reported because the city has.
    """
    found = tree(state, EVERYBODY, start, end)
    voices = {name: _voices(state, found, name, source) for name, source in book.scheduled.items()}
    nearest_of: dict[tuple[str, str], int] = {}
    for name, by_hall in voices.items():
        for hall, voice in by_hall.items():
            key = (book.sources[name].log, hall)
            nearest_of[key] = min(voice.steps, nearest_of.get(key, voice.steps))
    return tuple(
        duty
        for name, source in book.scheduled.items()
        for duty in _duties_of(
            state,
            found,
            name,
            source,
            {
                hall: voice
                for hall, voice in voices[name].items()
                if voice.steps == nearest_of[source.log, hall]
            },
        )
    )


def _voices(state: CubeState, found: Tree, name: str, source: Source) -> dict[str, Voice]:
    """hall_id -> who speaks for it, of the halls that a source reports on."""
    assert source.schedule is not None
    each = source.schedule.each
    parents = dict(found.halls.select("hall_id", "parent_id").iter_rows())
    levels = dict(found.halls.select("hall_id", "level").iter_rows())
    roots = _roots(state, name, source, parents)
    spoken = {hall: _voice(hall, roots, parents, levels, each) for hall in parents}
    return {hall: voice for hall, voice in spoken.items() if voice is not None}


def _duties_of(
    state: CubeState, found: Tree, name: str, source: Source, voices: dict[str, Voice]
) -> list[Duty]:
    assert source.schedule is not None
    names = dict(found.halls.select("hall_id", pl.coalesce("name", "hall_id")).iter_rows())
    behind: dict[tuple[str, bool], set[str]] = {}
    for hall, voice in voices.items():
        behind.setdefault((voice.hall_id, voice.alone), set()).add(hall)
    staffed = set(found.counters["hall_id"])
    lives = _lives(state.snap.reference("halls"))
    rules = source.schedule
    return [
        Duty(name, source, rules, hall, names[hall], frozenset(halls), alone, *lives[hall])
        for (hall, alone), halls in sorted(behind.items())
        # Beside the halls that must appear, a root only counts for counters that are left over.
        if alone or rules.each is None or halls & staffed
    ]


def _roots(
    state: CubeState, name: str, source: Source, parents: dict[str, str | None]
) -> tuple[str, ...]:
    for unit in source.units:
        if unit not in parents:
            raise HallscoreError(
                f"{sources_path(state.home)}: sources.{name}.units: hall {unit!r} is not in the "
                f"table `halls`.{nearest(unit, parents)} Correct the id, or load the hall."
            )
    return source.units or tuple(one for one, above in parents.items() if above not in parents)


def _voice(
    hall: str,
    roots: tuple[str, ...],
    parents: dict[str, str | None],
    levels: dict[str, str | None],
    each: str | None,
) -> Voice | None:
    at: str | None = hall
    alone: str | None = None
    for steps in range(len(parents)):  # a ring of parents must end too
        if at is None:
            return None
        if alone is None and each is not None and levels.get(at) == each:
            alone = at
        if at in roots:
            return Voice(alone or at, alone is not None, steps)
        at = parents.get(at)
    return None


def _lives(halls: pl.DataFrame) -> dict[str, tuple[date, date]]:
    """hall_id -> the day from which it is there, and the day before which."""
    spans = halls.group_by("hall_id").agg(
        pl.col("valid_from").fill_null(date.min).min(), pl.col("valid_to").fill_null(date.max).max()
    )
    return {one: (opened, closed) for one, opened, closed in spans.iter_rows()}
