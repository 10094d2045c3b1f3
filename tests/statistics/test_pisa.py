"""Rank sets on the table of csranks' own example.

OECD, PISA 2018, mean score in mathematics and its standard error, 38 countries in alphabetical
order from Australia to the United States, as shipped with csranks 1.2.3, to two decimals.
"""

import numpy as np
import pytest

from metrics.methods.ranks import (
    bootstrap_sets,
    competition_ranks,
    holm_sets,
    marginal_sets,
    tau_best,
    tau_worst,
)

# fmt: off
SCORE = [
    491.36, 498.94, 508.07, 512.02, 417.41, 390.93, 402.33, 499.47, 509.40, 523.41, 507.30,
    495.41, 500.04, 451.37, 481.08, 495.19, 499.63, 463.03, 486.59, 526.97, 525.93, 496.13,
    481.19, 483.42, 408.80, 519.23, 494.49, 500.96, 515.65, 492.49, 486.16, 508.90, 481.39,
    502.39, 515.31, 453.51, 501.77, 478.24,
]
ERROR = [
    1.94, 2.97, 2.26, 2.36, 2.42, 2.99, 3.29, 2.46, 1.74, 1.74, 1.97, 2.32, 2.65, 3.09,
    2.32, 1.95, 2.20, 3.50, 2.78, 2.47, 3.12, 1.96, 1.95, 1.10, 2.49, 2.63, 1.71, 2.22,
    2.60, 2.68, 2.56, 1.36, 1.46, 2.65, 2.91, 2.26, 2.56, 3.24,
]
# fmt: on


@pytest.mark.parametrize(
    ("method", "width", "within"),
    [(holm_sets, 11.3, 0.01), (bootstrap_sets, 11.1, 0.02), (marginal_sets, 8.8, 0.05)],
)
def test_sets_are_as_wide_as_those_of_the_reference(
    method: object, width: float, within: float
) -> None:
    """Mean of high − low: Holm 11.3; csranks 11.1 together and 8.8 alone (Holm is no bootstrap)."""
    low, high = method(SCORE, ERROR)  # type: ignore[operator]
    assert float(np.mean(high - low)) == pytest.approx(width, rel=within)


def test_ranks_are_the_published_ones_and_lie_in_their_sets() -> None:
    """Japan, Korea, Estonia lead; Colombia is last; their rank sets say so."""
    ranks = competition_ranks(SCORE)
    assert [int(ranks[at]) for at in (19, 20, 9, 5)] == [1, 2, 3, 38]
    for method in (holm_sets, marginal_sets, bootstrap_sets):
        low, high = method(SCORE, ERROR)
        assert ((low <= ranks) & (ranks <= high)).all()


def test_who_may_be_among_the_best_five_and_the_last_five() -> None:
    """At least five each; the leader is in the one, the last in the other, nobody in both."""
    low, high = holm_sets(SCORE, ERROR)
    best, last = tau_best(low, 5), tau_worst(high, 5)
    assert best[[19, 20, 9]].all()
    assert last[[5, 6, 24, 4]].all()
    assert min(int(best.sum()), int(last.sum())) >= 5
    assert not (best & last).any()
