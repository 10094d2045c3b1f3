"""What schemes say of each other: who is named exists, fits, and nobody rests on himself."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from data.errors import HallscoreError, nearest
from metrics.scheme_items import MeanItem, ScoreItem
from metrics.scheme_model import Scheme

Filed = tuple[Scheme, Path]
Known = Mapping[str, Sequence[Filed]]


def check_links(known: Known) -> None:
    """Raise HallscoreError for a scheme that names an unknown or unfit one, or itself in a ring."""
    for versions in known.values():
        for chosen, path in versions:
            for place, item in enumerate(chosen.items):
                if isinstance(item, ScoreItem | MeanItem) and item.scheme is not None:
                    _check(chosen, item, f"{path}: key 'item.{place}.scheme': ", known)
    for name in known:
        _check_ring(name, known, (name,))


def _check(chosen: Scheme, item: ScoreItem | MeanItem, where: str, known: Known) -> None:
    name = str(item.scheme)
    if name not in known:
        raise HallscoreError(
            f"{where}no scheme {name!r}.{nearest(name, known)} Known: {', '.join(sorted(known))}."
        )
    wanted = "staff" if isinstance(item, MeanItem) else chosen.entity
    for other, path in known[name]:
        if other.entity != wanted:
            raise HallscoreError(
                f"{where}scheme {name!r} ({path}) scores {other.entity}; expected one of {wanted}, "
                f"because item {item.id!r} takes "
                + ("the scores of staff." if wanted == "staff" else "its own units' scores.")
            )


def named_by(chosen: Scheme) -> Iterator[str]:
    """The schemes on which a scheme rests."""
    for item in chosen.items:
        if isinstance(item, ScoreItem | MeanItem) and item.scheme is not None:
            yield item.scheme


def _check_ring(name: str, known: Known, trail: tuple[str, ...]) -> None:
    for chosen, path in known[name]:
        for other in named_by(chosen):
            if other in trail:
                ring = " → ".join([*trail[trail.index(other) :], other])
                raise HallscoreError(
                    f"{path}: scheme {name!r} rests on {other!r}, and so on itself: {ring}. "
                    "Break the ring: let one of them stand without the others."
                )
            _check_ring(other, known, (*trail, other))
