"""A metric of the whole against the like part of an earlier period, in words that say which."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dashboard.components import figures
from dashboard.components.kept import kept
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics import rollup
from metrics.beside import Like, beside, like, per_workday
from metrics.catalogue import Metric
from metrics.catalogue import metric as metric_of
from metrics.comparison import EARLIER, Change
from metrics.periods import Period, parse_period
from metrics.scope import Scope
from metrics.values import default_as_of

KEPT = 500


@dataclass(frozen=True)
class Compared:
    """A change (None: nothing like to compare with), its two stretches, and the days of a count."""

    change: Change | None
    like: Like
    days: tuple[int, int] | None


@kept(KEPT)
def _compared(
    home: Path, stamp: str, name: str, period: str, scope: Scope, against: str, by: str, unit: str
) -> Compared | None:
    cube, one, asked = rollup.ensure(home), metric_of(name), parse_period(period)
    as_of = default_as_of(cube, asked)
    alike = like(cube, asked, as_of, against)
    rows = beside(cube, one, asked, by, scope, as_of, alike)
    mine = rows.filter(pl.col("id") == unit) if unit else rows
    if mine.is_empty():
        return None
    row = mine.row(0, named=True)
    told = None if row["change"] is None else Change(row["change_kind"], row["change"])
    return Compared(told, alike, per_workday(cube, one, as_of, alike))


def compared_text(
    viewer: Viewer, metric: Metric, period: Period, by: str = "all", unit: str = ""
) -> str:
    """环比, and 同比 where there is a year before; counts per working day, to date with to date.

    Of the whole, or of one unit of `by`.
    """
    words, told = viewer.words, []
    for against in EARLIER:
        asked = (viewer.home, viewer.stamp, metric.id, period.text, viewer.scope, against)
        found = _compared(*asked, by, unit)
        if found is not None and found.change is not None:
            told.append(_sentence(metric, found, found.change, words))
    if not told:
        return words("compare.no_previous")
    return words("compare.join").join(told)


def _sentence(metric: Metric, found: Compared, change: Change, words: Words) -> str:
    days, before = found.days or (found.like.days, found.like.days_before)
    kind = ""
    if found.like.to_date:
        kind = "_to_date" if days == before else "_uneven"
    elif found.days is not None and days != before:
        kind = "_per_day"
    amount = figures.amount_text(metric, change, words)
    said = words(f"compare.{found.like.asked}{kind}", change=amount, days=days, before=before)
    return said + words("compare.guess") if found.like.estimated else said
