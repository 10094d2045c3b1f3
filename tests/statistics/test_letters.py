"""Letter displays: sharing a letter and not being told apart are the same thing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from metrics.methods.letters import letters
from metrics.methods.ranks import holm_sets

Apart = NDArray[np.bool_]


def apart_of(units: int, pairs: set[tuple[int, int]]) -> Apart:
    apart = np.zeros((units, units), dtype=bool)
    for i, j in pairs:
        apart[i, j] = apart[j, i] = True
    return apart


def shared(found: list[tuple[str, ...]]) -> Apart:
    return np.array([[bool(set(one) & set(two)) for two in found] for one in found], dtype=bool)


@given(st.integers(1, 11).flatmap(lambda k: st.tuples(st.just(k), st.integers(0, 2 ** (k * k)))))
@settings(max_examples=150, deadline=None)
def test_units_share_a_letter_exactly_if_they_are_not_told_apart(case: tuple[int, int]) -> None:
    """Whatever the pairs are, also those that no order explains."""
    units, bits = case
    drawn = np.array([bits >> at & 1 for at in range(units * units)], bool).reshape(units, units)
    apart = np.triu(drawn, 1) | np.triu(drawn, 1).T
    assert np.array_equal(shared(letters(apart)), ~apart)


@pytest.mark.parametrize("seed", range(5))
def test_thirty_counters_of_unlike_errors_need_few_letters(seed: int) -> None:
    """Exact again, and never more letters than units: what is left over is swept away."""
    rng = np.random.default_rng(seed)
    est, se = np.sort(rng.normal(0, 1, 30))[::-1], rng.uniform(0.05, 0.5, 30)
    surely = np.abs(est[:, None] - est[None, :]) / np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    found = letters(surely > 3.0)
    assert np.array_equal(shared(found), surely <= 3.0)
    assert len({letter for one in found for letter in one}) <= 30


def test_a_table_reads_as_usual() -> None:
    """The first is apart from the last two, the last from the first two."""
    found = letters(apart_of(4, {(0, 2), (0, 3), (1, 3)}))
    assert ["".join(one) for one in found] == ["a", "ab", "bc", "c"]
    assert letters(apart_of(3, set())) == [("a",)] * 3
    assert letters(apart_of(3, {(0, 1), (0, 2), (1, 2)})) == [("a",), ("b",), ("c",)]
    assert letters([]) == []


def test_a_group_that_others_cover_has_no_letter_of_its_own() -> None:
    """Six units in a ring of three pairs: four largest groups, three of them say it all."""
    apart = apart_of(6, {(0, 5), (1, 3), (2, 4)} | {(3, 2), (4, 0), (5, 1)})
    found = letters(apart)
    assert np.array_equal(shared(found), ~apart)
    covered = {letter for one in found for letter in one}
    for gone in covered:
        left = [tuple(letter for letter in one if letter != gone) for one in found]
        assert not np.array_equal(shared(left), ~apart)


def test_after_z_the_letters_begin_again_with_a_number() -> None:
    """30 units that are all apart."""
    found = letters(~np.eye(30, dtype=bool))
    assert [one[0] for one in found[24:28]] == ["y", "z", "a2", "b2"]
    assert len(set(found)) == 30


def test_counters_that_differ_less_than_chance_have_one_letter() -> None:
    """The pairs of their rank sets: nobody is surely better than another."""
    low, high = holm_sets([0.90, 0.91, 0.92, 0.93], [0.05] * 4)
    apart = high[:, None] < low[None, :]
    assert letters(apart | apart.T) == [("a",)] * 4


@pytest.mark.parametrize(
    ("separated", "says"),
    [
        (np.zeros((31, 31), bool), "at most 30"),
        (np.zeros((2, 3), bool), "square"),
        ([[False, True], [False, False]], "symmetric"),
        (np.eye(2, dtype=bool), "apart from itself"),
        (np.kron(np.eye(10), 1 - np.eye(3)), "order explains"),
    ],
)
def test_what_is_no_comparison_of_thirty_units_is_refused(separated: Apart, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        letters(separated)
