"""The units whose names are nearest to a spelling, by its characters and by its pinyin.

Who types 正务 for 政务 types the same sounds: both distances count alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import polars as pl

NEAREST = 3


@dataclass(frozen=True)
class Near:
    """A unit that may be meant."""

    unit_id: str
    name: str
    hall_id: str | None = None

    @property
    def text(self) -> str:
        """Name and id, of a counter with its hall."""
        hall = f" in hall {self.hall_id}" if self.hall_id is not None else ""
        return f"{self.name} ({self.unit_id}{hall})"


@lru_cache(maxsize=65536)
def pinyin(text: str) -> str:
    """The sounds of a name as one text: 政务 and 正务 are both 'zhengwu'."""
    from pypinyin import lazy_pinyin  # its tables take a fifth of a second to load

    return "".join(lazy_pinyin(text))


@dataclass
class Known:
    """The names of one kind of unit, in all their times."""

    all: list[Near]
    spellings: list[str]

    @classmethod
    def of(cls, days: pl.DataFrame) -> "Known":
        """From spelling, name, unit_id and hall_id of units."""
        rows = days.select("unit_id", "name", "hall_id", "spelling").unique(maintain_order=True)
        return cls([Near(*row[:3]) for row in rows.iter_rows()], rows["spelling"].to_list())

    @cached_property
    def _distinct(self) -> tuple[list[str], list[str], np.ndarray]:
        """Each spelling once, its pinyin, and which of them each unit has."""
        places = {one: place for place, one in enumerate(dict.fromkeys(self.spellings))}
        of_unit = np.array([places[one] for one in self.spellings], dtype=np.int64)
        return list(places), [pinyin(one) for one in places], of_unit

    def units(self, ids: Iterable[str]) -> list[Near]:
        """These units, each once, by their last name."""
        found = {one.unit_id: one for one in self.all}
        return [found[one] for one in ids if one in found]

    def nearest(self, spelling: str, hall: str | None = None, n: int = NEAREST) -> list[Near]:
        """The n units nearest to a normalised spelling; counters of `hall` only where it is given.

        The distance is the mean of the edit distances of characters and of pinyin, each as a
        share of the longer text; of equally near ones the smaller id goes first.
        """
        if not self.all:
            return []
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        texts, sounds, of_unit = self._distinct
        scorer = Levenshtein.normalized_distance
        apart = cdist([spelling], texts, scorer=scorer)[0]
        apart = apart + cdist([pinyin(spelling)], sounds, scorer=scorer)[0]
        order = sorted(
            (float(apart[of_unit[place]]), one.unit_id, place)
            for place, one in enumerate(self.all)
            if hall is None or one.hall_id == hall
        )
        found: dict[str, Near] = {}
        for _, unit_id, place in order:
            found.setdefault(unit_id, self.all[place])
            if len(found) == n:
                break
        return list(found.values())
