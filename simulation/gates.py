"""The gates: what each cell of the design must hold, within two Monte Carlo errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulation.cells import WIDTH, Cell

Found = Mapping[str, Mapping[str, float]]
SLACK = 2.0  # Monte Carlo errors
REGULAR = (0.93, 0.97)
WORST, DEGENERATE, SETS = 0.90, 0.95, 0.95
FALSE_BELOW, POWER = 0.05, 0.80
WIDEST = 0.80  # mean width of the rank sets over K, in the cell WIDTH
RANKABILITY = 0.25  # how far the mean rankability may lie from the true one


@dataclass(frozen=True)
class Gate:
    """One promise in one cell: what was found, between which bounds it must lie, and whether."""

    cell: str
    name: str
    found: float
    error: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Within the bounds, two Monte Carlo errors allowed on either side."""
        slack = SLACK * self.error
        return self.low - slack <= self.found <= self.high + slack

    def as_row(self) -> dict[str, Any]:
        """For the results file."""
        row = {key: getattr(self, key) for key in ("cell", "name", "found", "error", "low", "high")}
        return row | {"holds": self.holds}


def gates(cell: Cell, found: Found) -> list[Gate]:
    """All gates of a cell; misspecified and strongly correlated cells have none of coverage."""

    def gate(name: str, key: str, low: float, high: float) -> Gate:
        error = found[key]["error"]
        return Gate(cell.name, name, found[key]["mean"], error if error == error else 0, low, high)

    told: list[Gate] = []
    if cell == WIDTH:
        return [gate("sets_width", "sets_width", 0, WIDEST), gate("sets", "sets", SETS, 1)]
    if cell.kind == "regular":
        told.append(gate("coverage", "coverage", *REGULAR))
        told += [gate("quintile", key, WORST, 1) for key in found if key.startswith("quintile_")]
        told += [gate("group", key, WORST, 1) for key in found if key.startswith("group_")]
        if cell.peers >= 20:
            told.append(_rankability(cell, found))
    if cell.kind == "degenerate":
        told.append(gate("coverage", "coverage", DEGENERATE, 1))
    if cell.kind in ("regular", "degenerate"):
        told.append(gate("sets", "sets", SETS, 1))
        told.append(gate("false_below", "false_share_below", 0, FALSE_BELOW))
    if "power" in found and cell.kind == "regular":
        told.append(gate("power", "power", POWER, 1))
    return told


def _rankability(cell: Cell, found: Found) -> Gate:
    """The difference between the mean rankability that is said and the true one."""
    said, true = found["rankability"], found["rankability_true"]
    error = (said["error"] ** 2 + true["error"] ** 2) ** 0.5
    off = said["mean"] - true["mean"]
    return Gate(cell.name, "rankability", off, error, -RANKABILITY, RANKABILITY)
