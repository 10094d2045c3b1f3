"""The comparison with a known truth is itself right, and its quickest cell holds."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import betaln
from scipy.stats import betabinom, spearmanr

from simulation.truth import PAGE, RESULTS, drawn_row
from simulation.truth_cities import METRICS, city, series_of, spreads, whole_groups
from simulation.truth_drawn import Setting, replicates
from simulation.truth_estimators import (
    fixed,
    likeliest,
    mixed,
    nodes_of,
    oracle,
    ours,
    plug_in,
)
from simulation.truth_measures import block_error, rank_correlation, top_precision
from simulation.truth_months import ALONE, VARIANTS, choices, lent
from simulation.truth_page import page
from simulation.truth_results import gates, paired


def test_ours_predicts_better_than_plug_in_with_twenty_peers_at_the_ceiling():
    """The gate of K = 20, with its error: to take the likeliest spread as certain has a price."""
    parts = []
    for (one,) in replicates(Setting(20, 0.998, 60), 80, 2, seed=1):
        x, n = one.x[0], one.n[0]
        made = {"ours": ours(x, n), "plug_in": plug_in(x, n)}
        told = {name: forecast.score(one.x[1], one.n[1]) for name, forecast in made.items()}
        parts.append(pl.DataFrame({"block": one.blocks, **told}))
    gain, error = paired(pl.concat(parts), "ours", "plug_in")
    assert gain > 2 * error


def test_a_setting_is_measured_and_judged_as_a_whole():
    """The path of the long run: every method on the same counts, gates from paired differences."""
    row = drawn_row(Setting(20, 0.97, 60), 12, seed=1)
    states = {gate["gate"]: gate["state"] for gate in gates(row)}
    assert states["predicts better than Wilson-lower"] == "holds", row["score_gain"]
    assert states["rank correlation at most 0.02 below the oracle"] in ("holds", "fails")
    assert row["rows"] == 12 * 20
    assert row["score"]["oracle"] > row["score"]["wilson_lower"]


def test_orders_at_the_ceiling_are_reported_and_not_gated():
    """There the raw rate beats even the oracle in rank correlation: it keeps its ties."""
    row = drawn_row(Setting(20, 0.998, 60), 6, seed=1)
    orders = [gate["state"] for gate in gates(row) if "oracle" in gate["gate"]]
    assert orders == ["reported", "reported"]


def test_a_gain_within_its_error_is_neither_shown_nor_refuted():
    """Two errors on either side of nothing."""
    row = drawn_row(Setting(20, 0.97, 60), 2, seed=1)
    for gain, state in ((0.05, "holds"), (-0.01, "open"), (0.01, "open"), (-0.05, "fails")):
        row["score_gain"]["plug_in"] = [gain, 0.01]
        told = {one["gate"]: one["state"] for one in gates(row)}
        assert told["predicts better than plug-in at K = 20"] == state


def city_wide_gain(apart: float) -> tuple[float, float]:
    """What shrinkage inside each family gains over shrinkage of all families towards one mean."""
    parts = []
    for families in replicates(Setting(120, 0.97, 500, families=4, apart=apart), 6, 2, seed=3):
        x, n = (np.concatenate([getattr(one, key)[0] for one in families]) for key in "xn")
        later_x, later_n = (
            np.concatenate([getattr(one, key)[1] for one in families]) for key in "xn"
        )
        apiece = [ours(one.x[0], one.n[0]).score(one.x[1], one.n[1]) for one in families]
        parts.append(
            pl.DataFrame(
                {
                    "block": families[0].blocks[0],
                    "inside": np.concatenate(apiece),
                    "wide": ours(x, n).score(later_x, later_n),
                }
            )
        )
    return paired(pl.concat(parts), "inside", "wide")


def test_city_wide_shrinkage_loses_when_groups_differ():
    """A mutant that must fail the gate: no peers, one mean for everybody."""
    gain, error = city_wide_gain(apart=1.5)
    assert gain > 2 * error


def test_city_wide_shrinkage_loses_nothing_when_groups_are_alike():
    """Else the gain above would come from somewhere else."""
    gain, error = city_wide_gain(apart=0.0)
    assert gain < 2 * error


def test_what_a_method_expects_adds_up_to_one():
    """A score is a log probability: over all counts of the next month they make 1."""
    x, n, later = np.array([0.0, 3.0]), np.array([12.0, 40.0]), 9
    spread = nodes_of(np.linspace(0.001, 0.2, 50))
    made = [fixed(x / n, n), plug_in(x, n), ours(x, n), oracle(x, n, spread)]
    for forecast in made:
        logs = [forecast.score(np.full(2, k), np.full(2, later)) for k in range(later + 1)]
        assert np.exp(logs).sum(axis=0) == pytest.approx([1, 1])


def test_the_score_of_a_posterior_is_the_beta_binomial():
    """Number for number with scipy's."""
    forecast = mixed(np.array([0.1]), np.array([[2.0]]), np.array([[30.0]]))
    found = forecast.score(np.array([4.0]), np.array([25.0]))
    assert found == pytest.approx(betabinom.logpmf(4, 25, 2, 30))


def test_no_grid_point_is_likelier_than_the_plug_in():
    """The opponent is not weakened: its maximum is one."""
    group = next(replicates(Setting(130, 0.97, 60), 1, 2, seed=8))[0]
    x, n = group.x[0], group.n[0]

    def told(mu: float, strength: float) -> float:
        a, b = mu * strength, (1 - mu) * strength
        return float((betaln(x + a, n - x + b) - betaln(a, b)).sum())

    best = told(*likeliest(x, n))
    grid = [told(mu, m) for mu in np.linspace(0.01, 0.08, 30) for m in np.geomspace(5, 1e5, 60)]
    assert best >= max(grid) - 1e-6


def test_plug_in_without_a_bad_event_stays_finite():
    """Half an event over all units, the kindest reading of a likeliest share of 0."""
    forecast = plug_in(np.zeros(5), np.full(5, 20.0))
    assert np.isfinite(forecast.score(np.ones(5), np.full(5, 20.0))).all()


def test_ties_at_the_border_share_the_places():
    """Ten units, one place, five tied for it, the true best among them: a fifth."""
    truth = np.arange(10.0)
    assert top_precision([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], truth) == pytest.approx(0.2)
    assert top_precision(truth, truth) == 1
    assert top_precision(-truth, truth) == 0


def test_rank_correlation_is_spearmans_and_an_estimate_without_order_tells_none():
    """A constant has no correlation; it counts as 0, not as missing."""
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 5, 40), rng.random(40)
    assert rank_correlation(one, other) == pytest.approx(spearmanr(one, other).statistic)
    assert rank_correlation(np.ones(40), other) == 0


def test_errors_grow_with_what_hangs_together():
    """A hundred equal copies in one block tell no more than one."""
    values = np.random.default_rng(0).normal(size=50)
    _, alone = block_error(values, np.ones(50))
    _, copied = block_error(values * 100, np.full(50, 100))
    assert copied == pytest.approx(alone)


def test_no_discount_is_the_month_alone_and_none_is_the_sum():
    """Both ends of the power prior are what they say."""
    group = next(replicates(Setting(20, 0.97, 60), 1, 3, seed=8))[0]
    whole = lent(group, 1, 1, 1.0, seed=0)
    summed = ours(group.x[:2].sum(axis=0), group.n[:2].sum(axis=0), seed=0)
    assert whole.estimate == pytest.approx(summed.estimate)
    alone = ours(group.x[1], group.n[1], seed=0).estimate
    assert lent(group, 1, 1, 0.0, seed=0).estimate == pytest.approx(alone)


def test_a_discount_is_chosen_by_months_already_seen():
    """What the month to come says must not choose for it."""
    worst = dict.fromkeys(VARIANTS, -9.0)
    rows = [
        {"month": 1, **worst, "1 × 0.5": -1.0},
        {"month": 2, **worst, ALONE: -0.5},
        {"month": 3, **worst, "2 × 1": 0.0},
    ]
    assert choices(pl.DataFrame(rows), [1, 2, 3]) == {2: "1 × 0.5", 3: ALONE}


def test_the_page_is_that_of_the_figures():
    """Nobody edits it by hand."""
    assert PAGE.read_text("utf-8") == page(json.loads(RESULTS.read_text("utf-8")))


@pytest.mark.slow
def test_a_city_counts_what_its_truth_says(tmp_path: Path):
    """Through logs, ingest and sums: over all counters the bad share is the known one.

    Within five binomial errors; waits are alike within a day, so theirs are three times as wide.
    """
    one = city(tmp_path, 1, tickets=200_000, years=2)
    for name in METRICS:
        rows = one.months[name].join(one.truth, on="id")
        x, n = rows["x"].sum(), rows["n"].sum()
        expected = (rows["n"] * rows[name]).sum() / n
        allowed = 5 * np.sqrt(expected / n) * (3 if name.startswith("wait") else 1)
        assert x / n == pytest.approx(expected, abs=allowed), name
        group = list(series_of(one, name, whole_groups(one), spreads([one], name), by_unit=True))
        assert sum(part.n.sum() for part in group) == n
