"""The target of a metric: the value that earns all points of its item in a scheme."""

from datetime import date
from pathlib import Path

from metrics.catalogue import Metric
from metrics.scheme_files import versions
from metrics.scheme_items import MetricItem


def reaches(one: Metric, value: float, target: float) -> bool:
    """Whether a value of a metric is as good as its target, on the side that is good."""
    return value >= target if one.good == "high" else value <= target


def target_of(home: Path, scheme: str, one: Metric, day: date) -> float | None:
    """The easiest value with all points (满分线) on a day, in the unit of the metric; else None.

    A scheme that is not in force, or an item whose mapping never reaches its whole weight, sets no
    target; nothing is guessed in its place.
    """
    holding = [each for each in versions(scheme, home) if each.in_force(day)]
    for item in holding[0].items if holding else ():
        if isinstance(item, MetricItem) and item.metric == one.id:
            full = [float(value) for value, share in item.mapping if share == 1]
            if full:
                return min(full) if one.good == "high" else max(full)
    return None
