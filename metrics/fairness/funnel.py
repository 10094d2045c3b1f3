"""The funnel of a metric: who lies outside what chance and the usual spread allow, in one frame.

Outside is a lead, not a verdict: case mix, data and bad luck stand outside too.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.errors import HallscoreError
from metrics.catalogue import Metric, catalogue, metric
from metrics.cube import CubeState
from metrics.entities import assessed
from metrics.periods import Period
from metrics.places import tree
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.standings import framed
from metrics.values import default_as_of, value_of

if TYPE_CHECKING:
    from metrics.methods.funnel import Funnel

CURVE = 120  # sizes at which the limits are drawn
LIMITS = ("lower95", "upper95", "lower998", "upper998")
# Shares of days, not of cases: no binomial belongs to them.
UNCOUNTED = ("speed_up_promised", "speed_up_statutory")
OF_HALLS = ("hall", "township", "county", "city")
SIDES = {-1: "low", 0: "none", 1: "high"}
POINTS = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "hall": pl.String(),
        "n": pl.Int64(),
        "d": pl.Int64(),
        "value": pl.Float64(),
        **dict.fromkeys(LIMITS, pl.Float64()),
        "z": pl.Float64(),
        "p": pl.Float64(),
        "outside": pl.String(),
        "outlier": pl.String(),
        "state": pl.String(),
    }
)


@dataclass(frozen=True, eq=False)
class MetricFunnel:
    """`points`: POINTS, units with a number, the most striking first. `curve`: d and the limits.

    `outside` low, high or none: beyond the 99.8 % limits. `outlier`: the same where it holds among
    all looks (Benjamini–Hochberg 5 %) and the base is not too small (`few` is never an outlier).
    `kind`: arcsine, beta_binomial, binomial, count_ratio, or none. `phi`: 1 where units differ by
    chance alone; `tau2`: variance between them (arcsine scale for arcsine). `adjusted`: the limits
    hold tau2. `spread` says why they do or do not: adjusted, few_units or no_spread.
    """

    period: Period
    metric: Metric
    by: str
    frame: str
    as_of: date
    points: pl.DataFrame
    curve: pl.DataFrame
    kind: str
    target: float | None
    phi: float | None
    tau2: float
    adjusted: bool
    spread: str


def funnel_metrics() -> tuple[str, ...]:
    """Ids of the metrics that have a funnel: so many counted out of so many."""
    return tuple(
        name
        for name, one in catalogue().items()
        if one.kind == "ratio" and one.unit == "share" and name not in UNCOUNTED
    )


def funnel(
    home: Path,
    metric_id: str,
    period: Period,
    scope: Scope,
    frame: str | None = None,
    by: str = "counter",
    as_of: date | None = None,
) -> MetricFunnel:
    """The funnel of a share by unit inside a frame (a level, all, hall:ID or county:ID).

    Without a frame all units of the scope are compared. Rates are 0–1. Units without a number are
    not in it. Raises HallscoreError for a metric without a funnel, an unknown frame, or a frame
    name that stands for several frames. Methods and sources: metrics.methods.funnel.
    """
    return funnel_of(ensure(home), _counted(metric_id), period, scope, frame, by, as_of)


def funnel_of(
    state: CubeState,
    one: Metric,
    period: Period,
    scope: Scope,
    frame: str | None = None,
    by: str = "counter",
    as_of: date | None = None,
) -> MetricFunnel:
    """The same from a cube at hand."""
    from metrics.methods.funnel import FEWEST, count_ratio_funnel, proportion_funnel

    day = as_of or default_as_of(state, period)
    inside = _units(state, by, period, scope, frame or "all")
    values = value_of(state, one, period, by, scope, day).filter(pl.col("value").is_not_null())
    rows = values.join(inside, on="id", maintain_order="left")
    _check(rows, one)
    n, d = rows["n"].to_numpy(), rows["d"].to_numpy()
    # More ratings than services, more answers than questions: then it is no share of a whole.
    found = proportion_funnel(n, d) if np.all(n <= d) else count_ratio_funnel(n, d)
    told = rows.with_columns(
        *(pl.Series(name, each) for name, each in zip(LIMITS, found.limits, strict=True)),
        z=pl.Series(found.z).fill_nan(None),
        p=pl.Series(found.p).fill_nan(None),
        outside=pl.Series([SIDES[int(side)] for side in found.outside], dtype=pl.String),
        _stays=pl.Series(found.outlier),
    ).with_columns(
        outlier=pl.when(pl.col("_stays") & (pl.col("state") == "number"))
        .then("outside")
        .otherwise(pl.lit("none"))
    )
    adjusted = found.dispersion.tau2 > 0
    return MetricFunnel(
        period=period,
        metric=one,
        by=by,
        frame=frame or "all",
        as_of=day,
        points=told.sort(pl.col("outlier") == "none", "p", "id", nulls_last=True).match_to_schema(
            POINTS, extra_columns="ignore"
        ),
        curve=_curve(found, d),
        kind=found.kind,
        target=_known(found.target),
        phi=_known(found.dispersion.phi),
        tau2=found.dispersion.tau2,
        adjusted=adjusted,
        spread="adjusted" if adjusted else "few_units" if rows.height < FEWEST else "no_spread",
    )


def _counted(metric_id: str) -> Metric:
    one = metric(metric_id)
    if one.id not in funnel_metrics():
        raise HallscoreError(
            f"metric {one.id!r} ({one.kind}, {one.unit}) has no funnel; a funnel is of a share "
            f"that is counted. Ask for one of {', '.join(funnel_metrics())}."
        )
    return one


def _units(state: CubeState, by: str, period: Period, scope: Scope, frame: str) -> pl.DataFrame:
    """id and hall of the units of a frame."""
    entity = "hall" if by in OF_HALLS else by
    if entity not in ("counter", "hall", "department"):
        raise HallscoreError(
            f"--by {by!r}: a funnel compares counter, hall, department, township, county or city."
        )
    found = tree(state, scope, period.start, period.end)
    listed = framed(found, assessed(state, entity, period, scope), frame)
    frames = listed["frame"].unique().sort().to_list()
    if len(frames) > 1:
        raise HallscoreError(
            f"--frame {frame!r} stands for {len(frames)} frames; a funnel compares inside one. "
            f"Name one: {', '.join(frames[:5])}{' …' if len(frames) > 5 else ''}, or all."
        )
    return listed.select("id", "hall")


def _check(rows: pl.DataFrame, one: Metric) -> None:
    """A count below zero is no count: two logs disagree."""
    below = rows.filter(pl.col("n") < 0)
    if below.height:
        row = below.row(0, named=True)
        raise HallscoreError(
            f"metric {one.id!r}, unit {row['id']!r}: {row['n']} of {row['d']}; expected 0 or more. "
            "Two logs disagree: there are more ratings than services. Look at response_rate, or "
            "at the completeness of the logs."
        )


def _curve(found: "Funnel", d: NDArray[np.int64]) -> pl.DataFrame:
    """d and LIMITS at sizes from the smallest to the largest, closer where limits bend."""
    schema: dict[str, pl.DataType] = {"d": pl.Int64(), **dict.fromkeys(LIMITS, pl.Float64())}
    if not len(d):
        return pl.DataFrame(schema=schema)
    sizes = np.unique(np.round(np.geomspace(d.min(), d.max(), CURVE)).astype(np.int64))
    drawn = dict(zip(LIMITS, found.limits_at(sizes), strict=True))
    return pl.DataFrame({"d": sizes, **drawn}, schema=schema)


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
