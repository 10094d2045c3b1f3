"""What one replicate says of the promises: who was covered, how widely, and who was called what."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from metrics.methods.days import design_effect
from metrics.methods.intervals import clopper_pearson
from simulation.analysis import OURS, Group, Steps, analyse
from simulation.cells import Cell
from simulation.truths import City, draw

Floats = NDArray[np.float64]
Row = dict[str, float]
QUINTILES = 5
PLANTED_STEPS = 3  # a true gap of so many smallest differences


def measure(cell: Cell, city: City, answer: list[Group], sets: bool = True) -> Row:
    """The numbers of one analysed city; NaN where a number does not apply.

    `calls_*` and `false_*` are numbers of units, all else are shares of one.
    """
    held = np.zeros(len(city.theta), dtype=np.bool_)
    held_latest = held.copy()
    wide = np.zeros(len(city.theta))
    for group in answer:
        who = group.member
        held[who] = _inside(group, city.theta[who])
        held_latest[who] = _inside(group, city.latest[who])
        wide[who] = group.high - group.low
    found = {
        "coverage": float(held.mean()),
        "coverage_worst": float(held[city.worst].mean()),
        "coverage_latest": float(held_latest.mean()),
        "width": float(wide.mean()),
        **_by_part("quintile", held, _quintiles(city)),
        **_by_part("group", held, city.group),
        **_calls(city, answer),
        "rankability": float(np.mean([group.rankability for group in answer])),
        "rankability_true": _true_rankability(cell, city),
    }
    return found | (_sets(city, answer) if sets else {})


def _inside(group: Group, theta: Floats) -> NDArray[np.bool_]:
    # Draws are kept with 24 bits; a share of exactly 0 or 1 is not asked for more than that.
    sure = (theta == 0) | (theta == 1)
    slack = np.where(sure, 1e-7, 0.0)
    above = group.low * (1 - 1e-6) <= theta + slack
    inside: NDArray[np.bool_] = above & (theta <= group.high * (1 + 1e-6) + slack)
    return inside


def _quintiles(city: City) -> NDArray[np.int64]:
    """Of the sizes: 0 holds the units with the fewest events."""
    _, size = city.totals
    order = np.argsort(np.argsort(size, kind="stable"), kind="stable")
    return order * QUINTILES // len(size)


def _by_part(name: str, held: NDArray[np.bool_], part: NDArray[np.int64]) -> Row:
    shares = np.bincount(part, held) / np.bincount(part)
    return {f"{name}_{number}": float(share) for number, share in enumerate(shares)}


def _calls(city: City, answer: Iterable[Group]) -> Row:
    """How many were called below and above, and how many of them do not differ by the least."""
    found = {"calls_below": 0.0, "false_below": 0.0, "calls_above": 0.0, "false_above": 0.0}
    for group in answer:
        theta = city.theta[group.member]
        centre = theta.mean()
        if centre in (0, 1):
            limits = centre, centre
        else:
            limits = tuple(
                expit(logit(centre) + step) for step in (np.log(city.odds), -np.log(city.odds))
            )
        below, above = group.call < 0, group.call > 0
        found["calls_below"] += float(below.sum())
        found["false_below"] += float((below & (theta <= limits[0])).sum())
        found["calls_above"] += float(above.sum())
        found["false_above"] += float((above & (theta >= limits[1])).sum())
    return found


def _true_rankability(cell: Cell, city: City) -> float:
    """tau² / (tau² + median s²) at the drawn truth, averaged over the peer groups."""
    _, size = city.totals
    effect = design_effect(city.size, city.unit, cell.likeness, len(size))
    found = []
    for number in np.unique(city.group):
        who = city.group == number
        theta = city.theta[who]
        tau2 = float(np.var(theta, ddof=1))
        s2 = float(np.median(np.mean(theta * (1 - theta)) * effect[who] / size[who]))
        found.append(tau2 / (tau2 + s2) if tau2 > 0 else 0.0)
    return float(np.mean(found))


def _sets(city: City, answer: Iterable[Group]) -> Row:
    """Whether the sets of a group hold all true ranks, and their mean width over its size."""
    held, wide = [], []
    for group in answer:
        if group.rank_low is None or group.rank_high is None:
            continue
        theta = city.theta[group.member]
        ordered = np.sort(theta)
        # Equals share their ranks: a set must hold all places that a tie could take.
        best = 1 + np.searchsorted(ordered, theta, side="left")
        last = np.searchsorted(ordered, theta, side="right")
        held.append(bool(np.all((group.rank_low <= best) & (last <= group.rank_high))))
        wide.append(float(np.mean(group.rank_high - group.rank_low)) / len(theta))
    return {"sets": float(np.mean(held)), "sets_width": float(np.mean(wide))}


def replicate(cell: Cell, seed: list[int], steps: Steps = OURS, sets: bool = True) -> Row:
    """One city of the cell, drawn, analysed and measured."""
    city = draw(cell, np.random.default_rng([*seed, 0]))
    return measure(cell, city, analyse(city, [*seed, 1], steps, sets), sets)


def planted(cell: Cell, seed: list[int], steps: Steps = OURS) -> Row:
    """Whether a unit with n at the median and a true gap of three least differences is called."""
    city = draw(cell, np.random.default_rng([*seed, 2]), cell.odds**PLANTED_STEPS)
    first = analyse(city, [*seed, 3], steps, sets=False)[0]
    return {"power": float(first.call[0] < 0)}


def summed(rows: list[Row]) -> dict[str, dict[str, float]]:
    """Mean and Monte Carlo error of each number over the replicates, and the false calls of all."""
    names = dict.fromkeys(name for row in rows for name in row)
    found = {name: _mean([row[name] for row in rows if name in row]) for name in names}
    rows = [row for row in rows if "calls_below" in row]
    for side in ("below", "above"):
        if f"calls_{side}" in found:
            found[f"false_share_{side}"] = _ratio(rows, f"false_{side}", f"calls_{side}")
    return found


def _mean(values: list[float]) -> dict[str, float]:
    kept = np.array(values)
    error = float(kept.std(ddof=1) / np.sqrt(len(kept))) if len(kept) > 1 else float("nan")
    return {"mean": float(kept.mean()), "error": error, "n": len(kept)}


def _ratio(rows: list[Row], above: str, below: str) -> dict[str, float]:
    """Share of the false among all calls, with the linearised error over replicates."""
    false, calls = (np.array([row[name] for row in rows]) for name in (above, below))
    if not calls.sum():
        return {"mean": 0.0, "error": 0.0, "n": 0}
    share = float(false.sum() / calls.sum())
    off = false - share * calls
    error = float(off.std(ddof=0) * np.sqrt(len(rows)) / calls.sum())
    # A call or two say little of a share; the exact bound knows it, the linearised error does not.
    low = float(clopper_pearson(false.sum(), calls.sum())[0])
    return {"mean": share, "error": max(error, (share - low) / 2), "n": int(calls.sum())}
