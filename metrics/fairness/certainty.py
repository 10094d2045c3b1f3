"""How sure a ranking is: rank sets, tiers, reliability of each unit, rankability of each frame.

The official rank is an act of rule and stays as it is; this stands beside it.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.cube import CubeState
from metrics.fairness.score_draws import ScoreDraws, score_draws
from metrics.methods.posterior_ranks import posterior_ranks
from metrics.methods.ranks import holm_sets
from metrics.methods.reliability import rankability
from metrics.methods.tiers import tiers
from metrics.points import UNIT
from metrics.scores import Scores

Floats = NDArray[np.float64]
SURE = pl.Schema(
    {
        "id": pl.String(),
        "rank_low": pl.Int64(),  # simultaneous 95 % set: all true ranks of the frame together
        "rank_high": pl.Int64(),
        "tier": pl.String(),  # above, expected or below the mean of the frame
        "reliability": pl.Float64(),  # share of what is seen that is no chance, 0–1
        "middle": pl.Float64(),  # posterior median of the true score, points
        "low": pl.Float64(),  # 95 % interval
        "high": pl.Float64(),
        "expected_rank": pl.Float64(),
        "p_top": pl.Float64(),  # chance of the best tenth of the frame
        "p_bottom": pl.Float64(),
    }
)
FRAMES = pl.Schema(
    {
        "frame": pl.String(),
        "k": pl.Int64(),  # ranked units
        "rankability": pl.Float64(),  # null: nothing is left to chance, or one unit alone
        "told_apart": pl.Int64(),  # pairs whose order is sure, of k (k − 1) / 2
        "above": pl.Int64(),
        "below": pl.Int64(),
    }
)
TIERS = {1: "above", 0: "expected", -1: "below"}
LEVEL = 0.95
RANKABLE = 0.5  # below it positions are mostly noise (Lingsma et al. 2009)


@dataclass(frozen=True, eq=False)
class Certainty:
    """SURE of the ranked units, FRAMES of their frames, and the draws that both come from."""

    units: pl.DataFrame
    frames: pl.DataFrame
    draws: ScoreDraws


def certainty(state: CubeState, found: Scores, ranked: pl.DataFrame) -> Certainty:
    """The certainty of ranked units (id, frame). Scores of facts alone have none: null.

    Rank sets: Holm on the official scores with their errors, closed form. Tiers, intervals and
    chances: from the draws. Reliability: between / (between + error²), between being the variance
    of the true scores of the frame.
    """
    draws = score_draws(state, found)
    place = {id_: at for at, id_ in enumerate(draws.ids)}
    official = dict(found.units.filter(pl.col("state") == "number").select("id", "score_u").rows())
    units, frames = [pl.DataFrame(schema=SURE)], []
    for frame in ranked["frame"].unique().sort():
        ids = ranked.filter(pl.col("frame") == frame)["id"].to_list()
        at = [place[id_] for id_ in ids]
        scores = np.array([official[id_] / UNIT for id_ in ids])
        least = found.scheme.least_difference / UNIT
        step = found.scheme.step / UNIT
        rows, told = _frame(ids, scores, draws.values[at], draws.error[at], least, step)
        units.append(rows)
        frames.append((frame, *told))
    return Certainty(pl.concat(units), pl.DataFrame(frames, schema=FRAMES, orient="row"), draws)


def _frame(
    ids: list[str],
    scores: Floats,
    draws: NDArray[np.float32],
    error: Floats,
    least: float,
    step: float,
) -> tuple[pl.DataFrame, tuple[int, float | None, int | None, int | None, int | None]]:
    """SURE of one frame, and k, rankability, pairs told apart, above and below of FRAMES."""
    count, known = len(ids), np.isfinite(error)
    if not known.any():
        return _facts(ids), (count, None, None, None, None)
    rows = _known(
        [id_ for id_, one in zip(ids, known, strict=True) if one],
        scores[known],
        draws[known],
        error[known],
        least,
        step,
    )
    # Who has its points by rule and no data could stand anywhere, before or behind the others.
    unknown = count - len(rows)
    rows = rows.with_columns(pl.col("rank_high") + unknown)
    anywhere = _facts([id_ for id_, one in zip(ids, known, strict=True) if not one])
    whole = pl.concat(
        [
            rows,
            anywhere.with_columns(
                rank_low=pl.lit(1, pl.Int64),
                rank_high=pl.lit(count, pl.Int64),
                reliability=pl.lit(0.0),
            ),
        ]
    )
    share = _rankability(draws[known], error[known])
    sure = int((rows["rank_low"] - 1).sum())
    calls = rows["tier"]
    return whole, (count, share, sure, int((calls == "above").sum()), int((calls == "below").sum()))


def _known(
    ids: list[str],
    scores: Floats,
    draws: NDArray[np.float32],
    error: Floats,
    least: float,
    step: float,
) -> pl.DataFrame:
    """SURE of the units of a frame that rest on data."""
    # No score is known beyond its last printed decimal.
    noise = np.maximum(error, step / 2)
    low, high = holm_sets(scores, noise, LEVEL)
    call, _, _ = tiers(draws, draws.mean(axis=0), least)
    ranks = posterior_ranks(draws)
    between = _between(draws)
    tail = (1 - LEVEL) / 2
    bottom, middle, top = np.quantile(draws, [tail, 0.5, 1 - tail], axis=1)
    return pl.DataFrame(
        {
            "id": ids,
            "rank_low": low,
            "rank_high": high,
            "tier": [TIERS[int(one)] for one in call],
            "reliability": between / (between + noise**2),
            "middle": middle,
            "low": bottom,
            "high": top,
            "expected_rank": ranks.expected,
            "p_top": ranks.top,
            "p_bottom": ranks.bottom,
        },
        schema=SURE,
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def _between(draws: NDArray[np.float32]) -> float:
    """Variance of the true scores between the units of a frame; NaN for one alone."""
    return float(draws.var(axis=0, ddof=1).mean()) if len(draws) > 1 else float("nan")


def _rankability(draws: NDArray[np.float32], error: Floats) -> float | None:
    return rankability(draws.var(axis=0, ddof=1), error**2) if len(draws) > 1 else None


def _facts(ids: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"id": ids}).select(
        pl.col("id"),
        *(pl.lit(None, kind).alias(name) for name, kind in SURE.items() if name != "id"),
    )
