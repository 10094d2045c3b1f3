"""Letters beside the units of a small table: units that share a letter are not told apart.

Source: Piepho 2004, J Comput Graph Stat 13:456 (insert and absorb, then sweep).
"""

from itertools import combinations
from string import ascii_lowercase

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_UNITS = 30  # beyond it nobody reads letters
MOST_COLUMNS = 500  # what can be ordered by a value needs about as many as there are units


def letters(separated: ArrayLike) -> list[tuple[str, ...]]:
    """The letters of each of K units, K <= 30, from a symmetric (K, K) matrix of bools.

    `separated[i, j]`: i and j are told apart. Units i and j share a letter if and only if they are
    not. `a` belongs to the first unit, so give the units in the order of the table; after `z` come
    `a2`, `b2`, … Raises ValueError for more than 30 units, for a matrix that is not symmetric with
    False on its diagonal, and for one of more than 500 groups, which no comparison of values
    gives.
    """
    apart = _given(separated)
    columns = _inserted(apart)
    kept = _swept(columns, apart)
    # Named in the order of the table: by the first unit of each group, then by the next one.
    kept.sort(key=lambda column: [at for at in range(len(apart)) if column >> at & 1])
    marks = [f"{letter}{turn or ''}" for turn in ("", *range(2, 100)) for letter in ascii_lowercase]
    return [
        tuple(mark for mark, column in zip(marks, kept, strict=False) if column >> unit & 1)
        for unit in range(len(apart))
    ]


def _given(separated: ArrayLike) -> NDArray[np.bool_]:
    apart = np.asarray(separated, dtype=np.bool_)
    if apart.size == 0:
        return np.zeros((0, 0), dtype=np.bool_)
    if apart.ndim != 2 or apart.shape[0] != apart.shape[1] or len(apart) > MOST_UNITS:
        raise ValueError(f"expected a square matrix of at most {MOST_UNITS} units")
    if not np.array_equal(apart, apart.T) or apart.diagonal().any():
        raise ValueError("expected a symmetric matrix in which nobody is apart from itself")
    return apart


def _inserted(apart: NDArray[np.bool_]) -> list[int]:
    """Groups (bits: units) of which none holds a separated pair: all that cannot be enlarged."""
    columns = [(1 << len(apart)) - 1] if len(apart) else []
    for i, j in combinations(range(len(apart)), 2):
        if not apart[i, j]:
            continue
        both = 1 << i | 1 << j
        kept = [one for one in columns if one & both != both]
        split = {one & ~bit for one in columns if one & both == both for bit in (1 << i, 1 << j)}
        # Large ones first: a group is absorbed by one that holds all of it.
        for one in sorted(split, key=int.bit_count, reverse=True):
            if not any(one & other == one for other in kept):
                kept.append(one)
        if len(kept) > MOST_COLUMNS:
            raise ValueError(f"expected pairs that an order explains, not {len(kept)} groups")
        columns = kept
    return columns


def _swept(columns: list[int], apart: NDArray[np.bool_]) -> list[int]:
    """Without the groups of which each pair, and each unit, is in another one too."""
    kept = list(columns)
    for one in sorted(columns, key=int.bit_count):
        others = [other for other in kept if other != one]
        units = [at for at in range(len(apart)) if one >> at & 1]
        pairs = [1 << i | 1 << j for i, j in combinations(units, 2)] or [one]
        if all(any(pair & other == pair for other in others) for pair in pairs):
            kept = others
    return kept
