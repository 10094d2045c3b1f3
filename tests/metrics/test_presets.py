"""Every preset scores a simulated quarter; the hotline alone is missing until its orders come."""

from pathlib import Path

import polars as pl
import pytest

from hallscore import build_demo
from metrics.periods import parse_period
from metrics.scheme_files import scheme, schemes
from metrics.scope import PERSONS, Scope
from metrics.scores import score

PERIODS = {"day": "2019-08-14", "month": "2019-08", "quarter": "2019-Q3"}
HOTLINE = ("p13_yulin", "p13_yulin_counties")
# Votes are cast in halls of cities and counties, those of colleagues in the city's alone.
WHERE = {"p06_yangdong": ("city", "county"), "p11_tax_star": ("city",)}
EVERYWHERE = ("city", "county", "township")


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small third quarter of the simulated city with all its logs."""
    home = tmp_path_factory.mktemp("city") / "home"
    build_demo(home, "2019-07-01", "2019-09-30", 200_000, 2019, lambda _said, _share: None)
    return home


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in schemes() if name.startswith("p")])
def test_a_preset_scores_the_simulated_city(quarter: Path, name: str) -> None:
    """Most of those whom it is made for have a score, and their lines add up to it."""
    chosen = scheme(name)
    scope = Scope("local", None, frozenset([PERSONS]))
    found = score(quarter, parse_period(PERIODS[chosen.period]), scope, name)
    units = found.units
    if name in HOTLINE:
        assert units["state"].unique().to_list() == ["missing"]
        return
    meant = units.filter(pl.col("level").is_in(WHERE.get(name, EVERYWHERE)))
    states = meant["state"].value_counts()
    assert (meant["state"] == "number").mean() > 0.8, states
    sums = found.lines.group_by("id").agg(pl.col("points_u").sum())
    both = units.filter(pl.col("state") == "number").join(sums, on="id", how="left")
    assert both.filter(pl.col("score_u") != pl.col("points_u").fill_null(0)).is_empty()
