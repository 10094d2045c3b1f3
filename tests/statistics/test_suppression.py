"""No withheld count follows from what is printed: an attacker with all totals learns none."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from metrics.methods.suppression import BESIDE, FAR, PRINTED, SMALL, bounds, suppress

Table = tuple[NDArray[np.int64], NDArray[np.int64]]
ROOT = -1


def family(*parts: int) -> Table:
    """A total in the first row and its parts."""
    return np.array([sum(parts), *parts]), np.array([ROOT, *[0] * len(parts)])


def tree(groups: list[list[int]]) -> Table:
    """A root, the totals of the groups, then their parts."""
    totals = [sum(one) for one in groups]
    counts = [sum(totals), *totals]
    parent = [ROOT, *[0] * len(groups)]
    for at, one in enumerate(groups):
        counts += one
        parent += [at + 1] * len(one)
    return np.array(counts), np.array(parent)


def limits(count: int, code: int, least: int) -> tuple[int, int | None]:
    """What the attacker knows of one cell before any sum."""
    if code == PRINTED:
        return count, count
    return min(count, 1), least - 1 if code == SMALL else None


def attacked(
    counts: NDArray[np.int64], parent: NDArray[np.int64], codes: NDArray[np.int8], least: int
) -> list[tuple[float, float]]:
    """The bounds of each withheld cell by linear programming over all sums."""
    size = len(counts)
    equations, right = [], []
    for total in sorted({int(one) for one in parent if one >= 0}):
        row = np.zeros(size)
        row[total] = -1
        row[parent == total] = 1
        equations.append(row)
        right.append(0)
    known = [limits(int(n), int(code), least) for n, code in zip(counts, codes, strict=True)]
    found = []
    for cell in np.nonzero(codes != PRINTED)[0]:
        aim, ends = np.zeros(size), []
        for sign in (1, -1):
            aim[cell] = sign
            told = linprog(aim, A_eq=np.array(equations), b_eq=right, bounds=known, method="highs")
            # 3: nothing bounds the cell on that side
            ends.append(float(sign) * np.inf * -1 if told.status == 3 else sign * told.fun)
        found.append((ends[0], ends[1]))
    return found


small = st.one_of(st.integers(0, 6), st.integers(0, 40))
groups = st.lists(st.lists(small, min_size=1, max_size=4), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(groups, st.integers(3, 7))
def test_linear_programming_finds_no_withheld_count(parts: list[list[int]], least: int) -> None:
    counts, parent = tree(parts)
    codes = suppress(counts, parent, least)
    assert set(counts[codes == PRINTED]).isdisjoint(range(1, least))
    for low, high in attacked(counts, parent, codes, least):
        assert high - low >= 1 - 1e-7


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_brute_force_over_whole_numbers_finds_no_withheld_count(parts: list[int]) -> None:
    """Bounds are exact: each bound is taken by some table that prints the same."""
    counts, parent = family(*parts)
    codes = suppress(counts, parent)
    low, high = bounds(counts, codes, parent)
    ranges = [
        range(a, (b if b is not None else 12) + 1)
        for a, b in (limits(int(n), int(c), 5) for n, c in zip(counts[1:], codes[1:], strict=True))
    ]
    begin, end = limits(int(counts[0]), int(codes[0]), 5)
    tables = [one for one in product(*ranges) if begin <= sum(one) <= (end or 10**6)]
    for at, code in enumerate(codes[1:]):
        seen = {one[at] for one in tables}
        assert min(seen) == low[at + 1]
        assert code == PRINTED or len(seen) > 1
        if high[at + 1] < 12:
            assert max(seen) == high[at + 1]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(small, small), min_size=2, max_size=6))
def test_counts_of_a_row_go_together_and_stay_unknown(parts: list[tuple[int, int]]) -> None:
    """Good and bad of the same ratings: neither is known of a withheld row, unless it is 0."""
    cells = np.array([np.sum(parts, axis=0), *parts])
    parent = np.array([ROOT, *[0] * len(parts)])
    codes = suppress(cells, parent)
    hidden = (codes != PRINTED).any(axis=1)
    assert np.array_equal((codes != PRINTED).all(axis=1), hidden)
    low, high = bounds(cells, codes, parent)
    assert np.all((low < high)[(codes != PRINTED) & (cells > 0)])
    for column in range(2):
        ends = attacked(cells[:, column], parent, codes[:, column], 5)
        known = np.array([b - a < 1 - 1e-7 for a, b in ends], dtype=bool)
        assert not np.any(known & (cells[hidden, column] > 0))


@pytest.mark.parametrize(
    ("parts", "withheld"),
    [
        ((3, 0, 12, 30), [1, 3]),  # the second smallest goes too; 0 is printed
        ((3, 2, 12, 30), [1, 2]),  # two of them hide each other
        ((1, 1, 1, 1, 1), [0, 1, 2, 3, 4, 5]),  # five that are not 0 and add up to 5
        ((4, 4, 0), [0, 1, 2]),  # twice the most that a small one can be
        ((5, 6, 0), []),
        ((2, 0, 1), [0, 1, 3]),  # the total is small itself
        ((7,), []),
    ],
)
def test_known_families(parts: tuple[int, ...], withheld: list[int]) -> None:
    codes = suppress(*family(*parts))
    assert np.nonzero(codes != PRINTED)[0].tolist() == withheld


def test_what_is_withheld_beside_a_small_one_is_withheld_below_too() -> None:
    """A township's total must not follow from its own counters, which would be printed."""
    counts, parent = tree([[3], [6, 7], [40, 50]])
    codes = suppress(counts, parent)
    assert (codes[1], codes[2]) == (SMALL, BESIDE)
    assert codes[5] != PRINTED
    assert np.all(codes[[0, 3, 7, 8]] == PRINTED)


def test_the_total_of_four_lone_people_is_not_called_small() -> None:
    codes = suppress(*family(1, 1, 1, 1))
    assert codes.tolist() == [BESIDE, SMALL, SMALL, SMALL, SMALL]


def test_nothing_small_prints_everything_and_a_root_alone_is_safe() -> None:
    assert suppress([9], [ROOT]).tolist() == [PRINTED]
    assert suppress([2], [ROOT]).tolist() == [SMALL]
    assert suppress([], []).tolist() == []
    low, high = bounds([2], [BESIDE], [ROOT])
    assert (low.tolist(), high.tolist()) == ([1], [int(FAR)])


@pytest.mark.parametrize(
    ("counts", "parent", "least", "said"),
    [
        ([9, 4, 4], [ROOT, 0, 0], 5, "sum of its children"),
        ([8, 4, 4], [ROOT, 0, 0], 2, "least >= 3"),
        ([8, -1, 9], [ROOT, 0, 0], 5, "counts >= 0"),
        ([8, 8], [1, 0], 5, "a tree"),
    ],
)
def test_what_is_no_table_is_refused(
    counts: list[int], parent: list[int], least: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        suppress(counts, parent, least)


def test_a_city_of_counters_takes_one_look_a_level() -> None:
    """6,000 counters of 100 halls: the work goes with the cells, and the proof holds for them."""
    rng = np.random.default_rng(7)
    counts, parent = tree([rng.poisson(6, 60).tolist() for _ in range(100)])
    codes = suppress(counts, parent)
    low, high = bounds(counts, codes, parent)
    assert np.all((low < high)[codes != PRINTED])
    assert np.mean(codes == PRINTED) > 0.5
