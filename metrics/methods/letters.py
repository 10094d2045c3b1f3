"""Letters for units that are not told apart: two share a letter if and only if they are not.

Being told apart is not transitive, so that a unit may carry several letters. Source: Piepho 2004,
J Comput Graph Stat 13:456 (insert and absorb). Meant for at most 30 units.
"""

import numpy as np
from numpy.typing import ArrayLike

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def letters(separated: ArrayLike) -> list[str]:
    """The letters of each unit from the symmetric (K, K) matrix of separated pairs.

    The first letter goes to the first unit; beyond z follow a2, b2, …
    """
    apart = np.asarray(separated, dtype=np.bool_)
    if apart.ndim != 2 or np.any(apart != apart.T) or np.any(np.diag(apart)):
        raise ValueError("expected a symmetric matrix; nobody is separated from itself")
    count = len(apart)
    columns = [frozenset(range(count))] if count else []
    for low, high in zip(*map(np.ndarray.tolist, np.nonzero(np.triu(apart))), strict=True):
        parted = [
            column - {one} if {low, high} <= column else column
            for column in columns
            for one in ((low, high) if {low, high} <= column else (low,))
        ]
        fresh = list(dict.fromkeys(parted))
        columns = [one for one in fresh if not any(one < other for other in fresh)]
    columns.sort(key=sorted)
    names = [
        ALPHABET[at % 26] + (str(at // 26 + 1) if at >= 26 else "") for at in range(len(columns))
    ]
    return [
        "".join(name for name, column in zip(names, columns, strict=True) if unit in column)
        for unit in range(count)
    ]
