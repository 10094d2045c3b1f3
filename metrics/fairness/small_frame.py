"""A few units beside each other (the ten county halls): who can be told apart, and who cannot.

Ten units are a frame of their own: no quota makes sense among them, and a fitted spread between
them rests on ten numbers. What can be said is which of the pairs differ by more than chance. The
tests are exact, hold together (Holm), and know that the events of a day are alike.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.errors import HallscoreError, nearest
from data.versions import in_force
from metrics.catalogue import Metric, catalogue, metric
from metrics.cube import CubeState
from metrics.entities import LEVELS
from metrics.fairness.day_sums import day_sums
from metrics.fairness.peers import peer_groups
from metrics.measure_files import homes_of_measures
from metrics.periods import Period
from metrics.places import tree
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import COLUMNS, default_as_of, value_of

MOST = 30  # letters and 435 pairs are what a sheet can show
FEW = 8  # below it the spread between the units is what was assumed of it
STEP = 1e-4  # the printed decimal of a rate: 0.01 percentage points
SMALL = pl.Schema(
    COLUMNS
    | {
        "lower": pl.Float64(),
        "upper": pl.Float64(),
        "rank": pl.Int64(),
        "tied": pl.Boolean(),
        "rank_low": pl.Int64(),
        "rank_high": pl.Int64(),
        "letters": pl.String(),
        "deff": pl.Float64(),
    }
)


@dataclass(frozen=True, eq=False)
class SmallFrame:
    """SMALL of at most 30 units, best first, then those without a rank.

    `lower`, `upper`: Wilson 95 %. `rank_low`, `rank_high`: where the true rank may be, for all
    units together at 95 %. Who shares a letter is not told apart. `deff`: by how much correlated
    days (correlation `rho`) make the base count less. `k`: units with a rank; `told_apart` of the
    `pairs` differ by more than chance.
    """

    metric: Metric
    period: Period
    by: str
    as_of: date
    units: pl.DataFrame
    k: int
    told_apart: int
    rho: float

    @property
    def pairs(self) -> int:
        """Pairs of units with a rank: k(k − 1)/2."""
        return self.k * (self.k - 1) // 2

    def sentences(self, lang: str = "zh") -> list[str]:
        """What can be said of so few units, in plain words."""
        return _zh(self) if lang == "zh" else _en(self)


def small_frame(
    home: Path,
    metric_id: str,
    period: Period,
    by: str,
    scope: Scope,
    frame: str | None = None,
    as_of: date | None = None,
) -> SmallFrame:
    """The units of `by` in a scope beside each other, by a share (n of d events).

    `frame`: a hall level, hall:ID or county:ID (what lies below it), or the name of a peer group.
    Raises HallscoreError for more than 30 units, for metrics that are no share of events, and for
    those of which neither high nor low is good.
    """
    state, one = ensure(home), metric(metric_id)
    _check(one)
    day = as_of or default_as_of(state, period)
    told = value_of(state, one, period, by, scope, day)
    if frame is not None:
        told = told.filter(pl.col("id").is_in(sorted(_inside(state, by, scope, period, frame))))
    ranked = told.filter(pl.col("state") == "number")
    if ranked.height > MOST:
        raise HallscoreError(
            f"{ranked.height} units by {by}: letters and pairs are for {MOST} or fewer. Choose a "
            "smaller frame (--frame county:ID, a level, a peer group), or `hallscore rank`."
        )
    rows, apart, rho = _compared(state, one, ranked, period, by, day)
    rest = told.join(ranked, on="id", how="anti", maintain_order="left")
    absent = [
        pl.lit(None, kind).alias(name) for name, kind in SMALL.items() if name not in told.columns
    ]
    both = pl.concat([rows, rest.with_columns(absent).select(list(SMALL))])
    return SmallFrame(one, period, by, day, both, ranked.height, apart, rho)


def comparable() -> tuple[str, ...]:
    """Ids of the metrics by which a few units can be compared: shares of events, good or bad."""
    return tuple(
        name for name, one in catalogue().items() if _of_events(one) and one.good != "none"
    )


def _of_events(one: Metric) -> bool:
    """Whether n of d are events, each on a day of its own; what is open at the end has no day."""
    homes = homes_of_measures()
    dated = all(name in homes[name].sums for name in one.measures)
    return one.kind == "ratio" and one.drawn == "events" and dated


def _check(one: Metric) -> None:
    if not _of_events(one):
        raise HallscoreError(
            f"metric {one.id!r} is no share of events: pairs of it cannot be tested from n and d "
            "alone. Take a rate, such as bad_rate or on_time_rate."
        )
    if one.good == "none":
        raise HallscoreError(
            f"metric {one.id!r}: neither high nor low is good, so that nobody stands before others."
        )


def _inside(state: CubeState, by: str, scope: Scope, period: Period, frame: str) -> set[str]:
    """Ids of the units of a frame."""
    found = tree(state, scope, period.start, period.end)
    kind, _, name = frame.partition(":")
    if frame in LEVELS:
        halls = set(found.halls.filter(pl.col("level") == frame)["hall_id"])
    elif kind in ("hall", "county") and name in found.halls["hall_id"]:
        halls = {name} if kind == "hall" else found.below(name)
    elif by in ("counter", "hall"):
        groups = peer_groups(state, by, period)
        names = groups["group"].unique().sort().to_list()
        if frame in names:
            return set(groups.filter(pl.col("group") == frame)["id"])
        raise _unknown(frame, [*LEVELS, *names])
    else:
        raise _unknown(frame, [*LEVELS, *found.halls["hall_id"]])
    if by != "counter":
        return halls
    counters = in_force(
        state.snap.reference("counters"), "counter_id", period.start, period.end
    ).filter(pl.col("hall_id").is_in(sorted(halls)))
    return set(counters["counter_id"])


def _unknown(frame: str, known: list[str]) -> HallscoreError:
    return HallscoreError(
        f"--frame {frame!r}: expected a level ({', '.join(LEVELS)}), hall:ID, county:ID or the "
        f"name of a peer group as `rank --frame peers` prints it.{nearest(frame, known)}"
    )


def _compared(
    state: CubeState, one: Metric, ranked: pl.DataFrame, period: Period, by: str, day: date
) -> tuple[pl.DataFrame, int, float]:
    """SMALL of units with a number, best first; how many pairs are told apart; rho."""
    from metrics.methods.intervals import wilson
    from metrics.methods.letters import letters
    from metrics.methods.ranks import competition_ranks

    count = ranked.height
    rho, deff = _effects(state, one, ranked, period, by, day)
    n, d = ranked["n"].to_numpy().astype(float), ranked["d"].to_numpy().astype(float)
    lower, upper = wilson(n / deff, d / deff)
    better = surely_better(d - n if one.good == "high" else n, d, deff)
    sign = 1 if one.good == "high" else -1
    rank = competition_ranks(sign * n / d, STEP)
    rows = ranked.with_columns(
        lower=pl.Series(lower, dtype=pl.Float64),
        upper=pl.Series(upper, dtype=pl.Float64),
        rank=pl.Series(rank, dtype=pl.Int64),
        rank_low=pl.Series(1 + better.sum(axis=1), dtype=pl.Int64),
        rank_high=pl.Series(count - better.sum(axis=0), dtype=pl.Int64),
        deff=pl.Series(deff, dtype=pl.Float64),
    ).with_columns(tied=pl.len().over("rank") > 1)
    order = rows.with_row_index("at").sort("rank", "id")["at"].to_numpy()
    placed = rows[order.tolist()]
    told = ["".join(one) for one in letters((better | better.T)[np.ix_(order, order)])]
    named = placed.with_columns(letters=pl.Series(told, dtype=pl.String))
    return named.select(list(SMALL)), int(better.sum()), rho


def surely_better(
    bad: NDArray[np.float64], size: NDArray[np.float64], deff: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """[i, j]: j has surely a lower bad rate than i, shapes (K,) → (K, K); all pairs hold at 95 %.

    Fisher's exact test on counts that are divided by the design effect and rounded, with Holm over
    the K(K − 1) one-sided tests.
    """
    from metrics.methods.fisher import upper_tail
    from metrics.methods.ranks import holm

    count = len(size)
    whole = np.maximum(np.rint(size / deff), 1).astype(np.int64)
    part = np.minimum(np.rint(bad / deff).astype(np.int64), whole)
    better = np.zeros((count, count), dtype=np.bool_)
    row, other = np.nonzero(part[:, None] * whole[None, :] > part[None, :] * whole[:, None])
    # Whoever has not the higher share is no better surely; those tests count for Holm all the same.
    chance = np.ones(count * (count - 1))
    chance[: len(row)] = upper_tail(part[row], whole[row], part[other], whole[other])
    better[row, other] = holm(chance, 0.05)[: len(row)]
    return better


def _effects(
    state: CubeState, one: Metric, ranked: pl.DataFrame, period: Period, by: str, day: date
) -> tuple[float, NDArray[np.float64]]:
    """The correlation of a day's events among these units, and the design effect of each."""
    from metrics.methods.days import day_correlation, design_effect

    place = {name: at for at, name in enumerate(ranked["id"])}
    sums = day_sums(state, one, period, by, day).filter(pl.col("id").is_in(list(place)))
    who = np.array([place[name] for name in sums["id"]], dtype=np.int64)
    size = sums["d"].to_numpy()
    rho = day_correlation(sums["n"].to_numpy(), size, who)
    return rho, design_effect(size, who, rho, len(place))


def _zh(told: SmallFrame) -> list[str]:
    said = [
        f"{told.k}个单位共{told.pairs}对，能分出高低的{told.told_apart}对，"
        f"其余{told.pairs - told.told_apart}对在统计上不可区分。"
    ]
    if told.pairs and not told.told_apart:
        said.append("没有一对能分出高低，不宜排名。")
    if told.k < FEW:
        said.append(f"不足{FEW}个单位，单位间真实差异的估计主要取决于先验假设，不取决于数据。")
    if told.rho > 0:
        said.append(f"同一天的办件相互关联（相关系数{told.rho:.3f}），有效样本已按此折减。")
    if told.k > 1:
        said.append(f"可能居首的{_maybe_first(told)}个；共用字母的单位不可区分。")
    return said


def _en(told: SmallFrame) -> list[str]:
    said = [
        f"{told.k} units make {told.pairs} pairs; {told.told_apart} of them differ by more than "
        f"chance, {told.pairs - told.told_apart} cannot be told apart."
    ]
    if told.pairs and not told.told_apart:
        said.append("No pair can be told apart: do not rank them.")
    if told.k < FEW:
        said.append(
            f"Fewer than {FEW} units: any estimate of how much they truly differ rests on what is "
            "assumed beforehand, not on the data."
        )
    if told.rho > 0:
        said.append(
            f"Events of one day are alike (correlation {told.rho:.3f}); the bases count for less "
            "accordingly."
        )
    if told.k > 1:
        said.append(
            f"{_maybe_first(told)} of them may be first; who shares a letter is not told apart."
        )
    return said


def _maybe_first(told: SmallFrame) -> int:
    return told.units.filter(pl.col("rank_low") == 1).height
