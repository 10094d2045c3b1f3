"""Scores: fixed mappings, points that add up to the printed score, weight that is not observed."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import HallscoreError
from data.toml_files import load_toml
from metrics.scoring import FOLDER, Scheme, scheme, schemes, score_units, spread

FIRST = scheme("first")
ITEMS = [item.metric for item in FIRST.items]
BEST = {"points_per_round": 0.0, "abandonment_rate": 0.0}


def scored(*units: dict[str, tuple[float | None, int, str]]) -> pl.DataFrame:
    """Scores of units given as item -> (value, d, state); an item left out has its best value."""
    rows = []
    for unit in units:
        row: dict[str, object] = {"id": f"u{len(rows)}"}
        for name in ITEMS:
            value, d, state = unit.get(name, (BEST.get(name, 1.0), 100, "number"))
            row |= {f"{name}_value": value, f"{name}_d": d, f"{name}_state": state}
        rows.append(row)
    kinds = {f"{name}_value": pl.Float64() for name in ITEMS}
    return score_units(pl.DataFrame(rows, schema_overrides=kinds), FIRST)


def none_but(*names: str) -> dict[str, tuple[float | None, int, str]]:
    """A unit without business in all items but these."""
    return {name: (None, 0, "none") for name in ITEMS if name not in names}


def test_full_points_in_every_item_are_a_score_of_100() -> None:
    """Also when the weight of some items went to the others."""
    found = scored(
        {}, {"on_time_rate": (None, 0, "none")}, none_but("on_time_rate", "active_good_rate")
    )
    assert found["score_c"].to_list() == [10_000, 10_000, 10_000]
    assert found["observed"].to_list() == [1.0, 0.75, 0.5]
    assert found["state"].to_list() == ["number"] * 3


def test_points_follow_straight_lines_between_the_pairs_of_the_mapping() -> None:
    """0.975 of good ratings is half way from 60 % to 100 % of 25 points; beyond the ends level."""
    found = scored(
        {"active_good_rate": (0.975, 40, "number")},
        {"active_good_rate": (0.5, 40, "number")},
        {"points_per_round": (9.0, 40, "number")},
    )
    assert found["active_good_rate_c"].to_list() == [2000, 0, 2500]
    assert found["points_per_round_c"].to_list() == [1500, 1500, 0]
    assert found["score_c"].to_list() == [9500, 7500, 8500]


def test_half_a_hundredth_rounds_up_however_binary_writes_it() -> None:
    """10 points x 0.00125 / 0.3 x 0.6 = 0.025 points."""
    found = scored({"response_rate": (0.00125, 800, "number")})
    assert found["response_rate_c"].to_list() == [3]


SHARES = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["number", "few", "none", "missing"])),
    min_size=len(ITEMS),
    max_size=len(ITEMS),
)


@given(parts=SHARES)
def test_the_printed_points_add_up_exactly_to_the_printed_score(
    parts: list[tuple[float, str]],
) -> None:
    """Summed as decimals, as a reader with a pencil would."""
    unit = {
        name: (value if state == "number" else None, 100, state)
        for name, (value, state) in zip(ITEMS, parts, strict=True)
    }
    row = scored(unit).row(0, named=True)
    points = [row[f"{name}_c"] for name in ITEMS if row[f"{name}_c"] is not None]
    if row["state"] == "number":
        assert sum(Decimal(one) / 100 for one in points) == Decimal(row["score_c"]) / 100
        assert 0 <= row["score_c"] <= 10_000
    else:
        assert row["score_c"] is None


@given(st.lists(st.integers(1, 100), min_size=1, max_size=9), st.integers(1, 10_000))
def test_spread_weights_add_up_to_the_whole(weights: list[int], whole: int) -> None:
    """No hundredth is lost, none is invented."""
    parts = spread(weights, whole)
    assert sum(parts) == whole
    exact = [weight * whole / sum(weights) for weight in weights]
    assert all(abs(part - one) < 1 for part, one in zip(parts, exact, strict=True))


def test_who_is_not_ranked_has_a_state_and_no_score() -> None:
    """Too little observed, too small a base, no business at all, nothing reported."""
    small = {name: (1.0, 29, "few") for name in ITEMS}
    mixed = none_but("on_time_rate", "points_per_round")
    found = scored(
        small,
        mixed,
        none_but(),
        {name: (None, 0, "missing") for name in ITEMS},
        {name: (1.0, 29, "number") for name in ITEMS},
    )
    assert found["state"].to_list() == ["few", "few", "none", "missing", "few"]
    assert found["score_c"].null_count() == 5
    assert found["n"].to_list() == [29, 100, 0, 0, 29]


def test_a_log_that_nobody_delivered_does_not_count_against_the_observed_share() -> None:
    """A home with cases only is scored on its cases."""
    only = {name: (None, 0, "missing") for name in ITEMS if name != "on_time_rate"}
    found = scored(only | {"on_time_rate": (0.95, 40, "number")})
    assert found.select("score_c", "observed", "n", "state").row(0) == (6000, 1.0, 40, "number")


def test_an_unknown_scheme_is_refused_with_the_nearest() -> None:
    """As typed on the command line."""
    assert "first" in schemes()
    with pytest.raises(HallscoreError, match="Did you mean 'first'"):
        scheme("frist")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("weight  = 25", "weight  = 24", "the weights add up to 98; expected 100"),
        ('"on_time_rate"', '"ontime_rate"', "Did you mean 'on_time_rate'"),
        ('"on_time_rate"', '"response_rate"', "once only"),
        ("[0.0, 1.0], [0.05, 0.6]", "[0.05, 1.0], [0.05, 0.6]", "rise from pair to pair"),
        ("[0.0, 1.0], [0.05, 0.6]", "[0.0, 1.5], [0.05, 0.6]", "item.4.mapping.0.1"),
        ("publish      =", "published    =", "Did you mean 'publish'"),
        ("mapping = [[0.0, 0.0]", "maping = [[0.0, 0.0]", "Did you mean 'mapping'"),
    ],
)
def test_a_wrong_scheme_is_one_message_that_names_file_and_key(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """Nobody is scored by half a scheme."""
    text = (FOLDER / "first.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(HallscoreError, match=r"mine\.toml") as caught:
        load_toml(path, Scheme)
    assert said in str(caught.value)
