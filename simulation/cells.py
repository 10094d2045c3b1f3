"""The fixed design: 60 settings of a city in which the promises of the methods are tried.

Every count is of bad events (few are bad); `share` is the usual share of good ones. Nothing here is
drawn: the list is the same in every run, so that two reports can be laid side by side.
"""

from dataclasses import dataclass
from math import inf
from typing import Literal

Truth = Literal["beta", "shift", "two_point", "heavy", "drift"]
Kind = Literal["regular", "degenerate", "misspecified", "correlated"]
REPLICATES = 400
CEILING = 0.99  # from this share of good ones on the smallest step that matters is a wider one
CEILING_ODDS, USUAL_ODDS = 2.5, 1.75
REGULAR_LIKENESS = 0.02  # days less alike than this are part of the promise


@dataclass(frozen=True)
class Cell:
    """One setting: K peers, median n, share of good events mu, M, truth, likeness of a day (ICC).

    `equal`: every unit has exactly the median n (for the width of the rank sets only).
    """

    peers: int
    size: int
    share: float
    strength: float
    truth: Truth = "beta"
    likeness: float = 0.0
    equal: bool = False

    @property
    def name(self) -> str:
        """The key of the cell in results and reports."""
        end = "-equal" if self.equal else ""
        return (
            f"{self.truth}-K{self.peers}-n{self.size}-mu{self.share:g}"
            f"-M{self.strength:g}-icc{self.likeness:g}{end}"
        )

    @property
    def odds(self) -> float:
        """The smallest ratio of odds that matters: as the catalogue has it of rates like this."""
        return CEILING_ODDS if self.share >= CEILING else USUAL_ODDS

    @property
    def kind(self) -> Kind:
        """Which gate is asked of it; a shift between peer groups is regular: we fit by group."""
        if self.share >= 1 or self.strength == inf:
            return "degenerate"
        if self.likeness > REGULAR_LIKENESS:
            return "correlated"
        return "regular" if self.truth in ("beta", "shift") else "misspecified"

    @property
    def groups(self) -> int:
        """Peer groups in the cell: more than one only where they differ."""
        return min(8, max(2, self.peers // 26)) if self.truth == "shift" else 1


# Median n, mu, M: from townships with a handful of ratings to a city hall at the ceiling.
_SETTINGS = (
    (5, 0.90, 20),
    (30, 0.97, 60),
    (90, 0.998, 60),
    (90, 0.998, 500),
    (1000, 0.97, 60),
    (1000, 0.998, 500),
)
_PEERS = (5, 20, 130, 1600)

INDEPENDENT = tuple(Cell(k, n, mu, m) for k in _PEERS for n, mu, m in _SETTINGS)
CORRELATED = (
    *(
        Cell(k, n, mu, m, likeness=0.02)
        for k in (5, 20, 130)
        for n, mu, m in ((90, 0.97, 60), (1000, 0.97, 60), (1000, 0.998, 500))
    ),
    Cell(130, 5, 0.90, 20, likeness=0.02),
    Cell(1600, 90, 0.97, 60, likeness=0.02),
    Cell(1600, 1000, 0.97, 60, likeness=0.02),
)
SHIFTED = (
    Cell(20, 90, 0.97, 60, "shift"),
    Cell(130, 90, 0.97, 60, "shift"),
    Cell(130, 90, 0.998, 60, "shift"),
    Cell(130, 1000, 0.97, 500, "shift", 0.02),
    Cell(1600, 90, 0.97, 500, "shift"),
    Cell(1600, 1000, 0.998, 500, "shift", 0.02),
)
DEGENERATE = (
    Cell(5, 30, 1.0, 60),
    Cell(20, 90, 1.0, 500),
    Cell(130, 1000, 1.0, inf),
    Cell(1600, 90, 1.0, 500),
    Cell(20, 90, 0.97, inf),
    Cell(130, 30, 0.90, inf),
    Cell(130, 1000, 0.998, inf),
)
MISSPECIFIED = (
    Cell(20, 90, 0.97, 60, "two_point"),
    Cell(130, 90, 0.97, 60, "two_point"),
    Cell(130, 1000, 0.998, 500, "two_point"),
    Cell(20, 90, 0.97, 60, "heavy"),
    Cell(130, 1000, 0.97, 20, "heavy"),
    Cell(130, 90, 0.998, 60, "heavy"),
    Cell(20, 90, 0.97, 60, "drift"),
    Cell(130, 90, 0.97, 20, "drift"),
    Cell(130, 1000, 0.97, 60, "drift", 0.02),
)
ALIKE = (Cell(20, 90, 0.97, 60, likeness=0.1), Cell(130, 1000, 0.97, 60, likeness=0.1))

CELLS = (*INDEPENDENT, *CORRELATED, *SHIFTED, *DEGENERATE, *MISSPECIFIED, *ALIKE)
# Not one of the 60: how wide the published rank sets are where the method sheet states a bound.
WIDTH = Cell(60, 1000, 0.97, 60, equal=True)
# What runs on every change: one cell in the quick tests, four in the slow ones.
QUICK = Cell(20, 90, 0.97, 60, likeness=0.02)
SMOKE = (QUICK, Cell(130, 90, 0.998, 60), Cell(130, 1000, 0.97, 500, "shift", 0.02), DEGENERATE[4])
