"""The catalogue: every worked example holds, and a wrong file says what is wrong with it."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data.errors import HallscoreError
from metrics.catalogue import FOLDER, Metric, catalogue, metric, past_review, read_catalogue
from metrics.histogram import quantiles
from metrics.measure_files import homes_of_measures, measure_files
from metrics.reference_pages import catalogue_markdown, formula

EXAMPLES = [(one, place) for one in catalogue().values() for place in range(len(one.example))]


@pytest.mark.parametrize(
    ("one", "place"), EXAMPLES, ids=[f"{one.id}-{place}" for one, place in EXAMPLES]
)
def test_a_worked_example_gives_its_n_d_and_value(one: Metric, place: int) -> None:
    """The examples are written by hand from the definition in words."""
    example = one.example[place]
    if one.percent is not None:
        bins = pl.DataFrame(example["waits"], schema=["bin", "waits"], orient="row")
        found = quantiles(bins.with_columns(unit=0), "unit", one.percent).row(0, named=True)
        assert (found["n"], found["value"]) == (example["n"], pytest.approx(example["value"]))
        return
    n, d, value = one.divide(example)
    assert (n, d) == (example["n"], example.get("d"))
    assert value == pytest.approx(example["value"])


def test_nothing_over_nothing_has_no_value() -> None:
    """Zero bad ratings of zero are neither 0 nor 100 %."""
    assert metric("bad_rate").divide({"active_bad": 0, "active_ratings": 0}) == (0, 0, None)


def test_every_measure_that_a_metric_names_is_counted_by_one_file() -> None:
    """No measure has two homes."""
    names = [name for one in measure_files().values() for name in one.sums]
    assert len(names) == len(set(names))
    used = {name for one in catalogue().values() for name in one.measures}
    assert used <= set(homes_of_measures())


def test_labels_and_variants_differ_so_that_no_two_numbers_are_taken_for_each_other() -> None:
    """Each definition (口径) is printed beside its number."""
    metrics = catalogue().values()
    assert len({one.label.zh for one in metrics}) == len(metrics)
    assert all(one.label["en"] and one.variant["zh"] for one in metrics)


def test_an_unknown_metric_is_refused_with_the_nearest() -> None:
    """As typed on the command line."""
    with pytest.raises(HallscoreError, match="Did you mean 'on_time_rate'"):
        metric("ontime_rate")


def test_entries_past_their_review_are_found() -> None:
    """On the day itself an entry is not late yet."""
    metrics = list(catalogue().values())
    assert past_review(metrics, date(2027, 6, 30)) == []
    assert past_review(metrics, date(2027, 7, 1)) == metrics


WRONG = [
    ('good          = "low"', 'god = "low"', "unknown key 'god'. Did you mean 'good'"),
    ('zh = "差评率"', 'zn = "差评率"', "label.zn"),
    ("source        = { zh", "sauce = { zh", "sauce"),
    ('numerator     = "active_bad"', 'numerator = "activ_bad"', "Did you mean 'active_bad'"),
    ('numerator     = "active_bad"\n', "", "every metric but a quantile has a `numerator`"),
    ('denominator   = "active_ratings"\n', "", "ratios and means, and only they"),
    ('kind          = "ratio"', 'kind = "quantile"', "`histogram` and `percent`"),
    ('kind          = "ratio"', 'kind = "median"', "seen 'median'"),
    ('id            = "bad_rate"', 'id = "worse_rate"', "expected 'bad_rate'"),
    ("next_review   = 2027-06-30\n", "", "the key 'next_review' is missing"),
    ("min_n         = 30", "min_n = [", "not readable as TOML"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_a_wrong_file_is_one_message_that_names_file_and_key(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """The nearest known key or measure is offered."""
    text = (FOLDER / "bad_rate.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "bad_rate.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(HallscoreError) as caught:
        read_catalogue(tmp_path)
    assert said in str(caught.value)
    assert "bad_rate.toml" in str(caught.value)


def test_the_reference_pages_show_every_metric_with_its_formula() -> None:
    """Generated text; the build compares it with docs/reference."""
    page = catalogue_markdown()
    assert all(f"## `{name}`" in page for name in catalogue())
    assert formula(metric("unrated_rate")) == (
        "`(services − exempt_services − active_ratings) / (services − exempt_services)`"
    )
    assert formula(metric("points_per_round")) == "`(points_c) / (100 × (rounds_covered))`"
    assert formula(metric("wait_p90")) == "`90 % nearest rank of waits`"
    assert formula(metric("tickets")) == "`tickets`"
    assert "100 active_grade_5 + 80 active_grade_4" in formula(metric("active_satisfaction"))
