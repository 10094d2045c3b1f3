"""Letters say exactly which pairs are told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.methods.letters import letters


def matrix(size: int, pairs: set[tuple[int, int]]) -> np.ndarray:
    apart = np.zeros((size, size), dtype=bool)
    for low, high in pairs:
        apart[low, high] = apart[high, low] = True
    return apart


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 9).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.tuples(*[st.integers(0, n - 1)] * 2)))
    )
)
def test_two_share_a_letter_if_and_only_if_they_are_not_told_apart(
    drawn: tuple[int, set[tuple[int, int]]],
) -> None:
    size, pairs = drawn
    apart = matrix(size, {one for one in pairs if one[0] != one[1]})
    told = letters(apart)
    for low in range(size):
        assert told[low]
        for high in range(size):
            assert bool(set(told[low]) & set(told[high])) != apart[low, high]


def test_a_chain_of_neighbours_overlaps() -> None:
    """1 and 3 differ, 2 is like both: a, ab, b."""
    assert letters(matrix(3, {(0, 2)})) == ["a", "ab", "b"]
    assert letters(matrix(2, {(0, 1)})) == ["a", "b"]
    assert letters(matrix(3, set())) == ["a", "a", "a"]
    assert letters(np.zeros((0, 0))) == []


def test_an_asymmetric_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        letters([[False, True], [False, False]])
