"""From ledgers to figures: means, paired differences with their errors, and the gates."""

from typing import Any

import numpy as np
import polars as pl

from simulation.truth_measures import block_error
from simulation.truth_months import ALONE, CHOSEN, VARIANTS
from simulation.truth_series import METHODS, Ledger

CEILING = 0.995  # beyond it orders are reported, not gated
ORDER_SLACK = 0.02
SURE = 2.0  # standard errors
Row = dict[str, Any]


def paired(
    frame: pl.DataFrame, one: str, other: str, weight: str | None = None
) -> tuple[float, float]:
    """The mean of column `one` less column `other` and its error over the column `block`."""
    gain = frame.select(
        "block",
        gain=pl.col(one) - pl.col(other),
        size=pl.lit(1.0) if weight is None else pl.col(weight).cast(pl.Float64),
    )
    sums = gain.group_by("block", maintain_order=True).agg(
        total=(pl.col("gain") * pl.col("size")).sum(), size=pl.col("size").sum()
    )
    return block_error(sums["total"], sums["size"])


def figures(name: str, kind: str, mu: float, ledger: Ledger) -> Row:
    """The row of a setting: every method's score, rank correlation and precision, and ours less it.

    Scores are log probabilities per unit and month; orders are means over groups weighted by K.
    """
    scores, orders = pl.concat(ledger.scores), pl.concat(ledger.orders)
    methods = [one for one in METHODS if kind == "city" or one != "ours_no_deff"]
    row: Row = {
        "name": name,
        "kind": kind,
        "mu": round(mu, 5),
        "rows": scores.height,
        "groups": orders["block"].n_unique(),
        "score": {one: _round(scores[one].mean()) for one in methods},
        "score_gain": {
            one: _pair(*paired(scores, "ours", one)) for one in methods if one != "ours"
        },
    }
    for measure in ("rank", "top"):
        row[measure] = {one: _round(_weighted(orders, f"{measure} {one}")) for one in methods}
        row[f"{measure}_gain"] = {
            one: _pair(*paired(orders, f"{measure} ours", f"{measure} {one}", "k"))
            for one in methods
            if one != "ours"
        }
    return row


def lending_figures(name: str, kind: str, drift: float, ledger: Ledger) -> Row:
    """What each way of lending gains over the month alone: score, and order of the true shares."""
    scores, orders = pl.concat(ledger.scores), pl.concat(ledger.orders)
    names = [*VARIANTS, CHOSEN]
    others = [one for one in names if one != ALONE]
    means = {one: _round(scores[one].mean()) for one in names}
    return {
        "name": name,
        "kind": kind,
        "drift": drift,
        "rows": scores.height,
        "score": means,
        "score_gain": {one: _pair(*paired(scores, one, ALONE)) for one in others},
        "rank": {one: _round(_weighted(orders, f"rank {one}")) for one in names},
        "rank_gain": {
            one: _pair(*paired(orders, f"rank {one}", f"rank {ALONE}", "k")) for one in others
        },
        "best": max(VARIANTS, key=lambda one: means[one]),
    }


def gates(row: Row) -> list[Row]:
    """The promises of a setting: what was found, the bound, whether it holds."""
    small = row["kind"] == "city K 20" or "K 20," in row["name"]
    found = [
        _gate(row, "predicts better than raw", "score_gain", "raw", better=True),
        _gate(row, "predicts better than Wilson-lower", "score_gain", "wilson_lower", better=True),
        _gate(row, "predicts no worse than plug-in", "score_gain", "plug_in", better=False),
    ]
    if small:
        text = "predicts better than plug-in at K = 20"
        found.append(_gate(row, text, "score_gain", "plug_in", better=True))
    for measure, text in (("rank_gain", "rank correlation"), ("top_gain", "top-decile precision")):
        gain, error = row[measure]["oracle"]
        gated = row["mu"] < CEILING
        holds = gain >= -ORDER_SLACK
        found.append(
            {
                "setting": row["name"],
                "gate": f"{text} at most {ORDER_SLACK} below the oracle",
                "found": gain,
                "error": error,
                "state": ("holds" if holds else "fails") if gated else "reported",
            }
        )
    return found


def _gate(row: Row, text: str, measure: str, other: str, *, better: bool) -> Row:
    gain, error = row[measure][other]
    state = "holds" if gain >= -SURE * error else "fails"
    if better and state == "holds" and gain <= SURE * error:
        # Neither sure to gain nor sure to lose: not shown, and not refuted.
        state = "open"
    return {
        "setting": row["name"],
        "gate": text,
        "found": gain,
        "error": error,
        "state": state,
    }


def raw_as_good(row: Row) -> list[str]:
    """Measures by which the raw rate is not below ours by two errors: an order it tells as well."""
    words = {"score_gain": "score", "rank_gain": "rank correlation", "top_gain": "top decile"}
    return [text for key, text in words.items() if row[key]["raw"][0] <= SURE * row[key]["raw"][1]]


def _weighted(orders: pl.DataFrame, column: str) -> float:
    return float(np.average(orders[column].to_numpy(), weights=orders["k"].to_numpy()))


def _round(number: Any) -> float:
    return round(float(number), 5)


def _pair(mean: float, error: float) -> list[float]:
    return [round(mean, 5), round(error, 5)]
