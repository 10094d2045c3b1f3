"""The ladder to K >= least: bands of volume merge, then go, then families merge, then all do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OTHER = "*"  # the families of a level that are too small for a group of their own
Member = tuple[str | None, int | None]  # family, volume (None or 0: not known)


@dataclass(frozen=True)
class Rung:
    """Where a family of a level ended on the ladder.

    `family`: itself, OTHER, or None for the level as a whole. `floors`: the least volume of each
    band but the first. `runs`: first and last band of each group; empty without a volume split.
    `merged`: what was given up to get there: "", bands, volume, family or level.
    """

    family: str | None
    merged: str
    floors: tuple[int, ...] = ()
    runs: tuple[tuple[int, int], ...] = ()

    def run(self, band: int) -> tuple[int, int]:
        """The group of a band, bands counted from 1."""
        return next(run for run in self.runs if run[0] <= band <= run[1])


def climb(members: Sequence[Member], bands: int, least: int) -> dict[str | None, Rung]:
    """The rung of each family of one level, by its members; OTHER for a family nobody has yet.

    `bands` 1: no volume split is asked for. Members without a family belong to the others.
    """
    families = sorted({family for family, _ in members if family is not None})
    sizes = {name: sum(family == name for family, _ in members) for name in families}
    alone = [name for name in families if sizes[name] >= least]
    rest = len(members) - sum(sizes[name] for name in alone)
    if not alone or 0 < rest < least:
        return _as_a_whole(families)
    found: dict[str | None, Rung] = {None: Rung(OTHER, "family"), OTHER: Rung(OTHER, "family")}
    for name in families:
        if name not in alone:
            found[name] = Rung(OTHER, "family")
            continue
        volumes = [volume for family, volume in members if family == name and volume]
        found[name] = _banded(name, volumes, bands, least)
    return found


def _as_a_whole(families: Iterable[str]) -> dict[str | None, Rung]:
    whole = Rung(None, "level")
    return {None: whole, OTHER: whole, **dict.fromkeys(families, whole)}


def split(volumes: Sequence[int], bands: int, least: int) -> Rung:
    """The bands of a level whose families are not asked for."""
    return _banded(None, [one for one in volumes if one], bands, least)


def _banded(name: str | None, volumes: list[int], bands: int, least: int) -> Rung:
    """Bands of about equal numbers of members; a band that is too small joins a neighbour.

    The smallest band (the lower one of two) joins its smaller neighbour, until each has `least`.
    Equal volumes are never parted.
    """
    if bands == 1 or not volumes:
        return Rung(name, "")
    ordered = sorted(volumes)
    floors = tuple(ordered[at * len(ordered) // bands] for at in range(1, bands))
    counts = [0] * bands
    for volume in ordered:
        counts[band_of(volume, floors) - 1] += 1
    runs = [(band, band) for band in range(1, bands + 1)]
    while len(runs) > 1 and min(counts) < least:
        small = counts.index(min(counts))
        beside = [at for at in (small - 1, small + 1) if 0 <= at < len(runs)]
        other = min(beside, key=lambda at: (counts[at], at))
        low, high = sorted((small, other))
        runs[low : high + 1] = [(runs[low][0], runs[high][1])]
        counts[low : high + 1] = [counts[low] + counts[high]]
    if len(runs) == 1:
        return Rung(name, "volume")
    return Rung(name, "bands" if len(runs) < bands else "", floors, tuple(runs))


def band_of(volume: int, floors: Sequence[int], times: int = 1, over: int = 1) -> int:
    """The band of a volume, from 1 on; a volume of another span is scaled by times / over."""
    return 1 + sum(volume * times >= floor * over for floor in floors)
