"""Which counts of a tree must be withheld so that nobody learns a small one by subtraction.

A count of 1 to least − 1 is about too few people to be printed; 0 is printed. What is withheld
must not follow from what is printed: where it does, the next smallest sibling goes too, and where
there is none the total above (complementary suppression, cascading up and down the tree; the
practice of the NHS Friends and Family Test, here with a proof in place of a rule of thumb).

The attacker of the proof knows every printed cell, that every total is the sum of its children,
which withheld cells are small (1 to least − 1), and which of the others are not 0. On a tree the
bounds that follow from this are exact: one pass up and one down give them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

PRINTED, SMALL, BESIDE = 0, 1, 2
FAR = np.int64(2**62)  # no upper bound
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]


def suppress(counts: ArrayLike, parent: ArrayLike, least: int = 5) -> NDArray[np.int8]:
    """PRINTED, SMALL or BESIDE for each cell, shapes (m,) or (m, k) and parent (m,) → as counts.

    `parent` is the row of the total of each row, −1 for a root; each total is the sum of its
    children. The k counts of a row (good and bad of the same ratings) are withheld together. SMALL
    is what is small by itself; BESIDE is withheld so that it does not give a small one away.
    Raises ValueError for counts that do not add up, `least` below 3 (＜2 would be 1) and cycles.
    """
    cells = np.atleast_2d(np.asarray(counts, np.int64).T).T
    above = np.asarray(parent, np.int64)
    depth = _depths(above)
    _check(cells, above, least)
    codes = np.where((cells > 0) & (cells < least), SMALL, PRINTED).astype(np.int8)
    codes = _together(codes)
    while True:
        told = _from_below(*_ranges(cells, codes, least), above, depth)
        known = _known(cells, codes, told)
        if known.any():
            _hide_below(cells, codes, above, known)
        else:
            known = _known(cells, codes, _from_above(*told, above, depth))
            if not known.any():
                return codes.reshape(np.shape(counts))
            _hide_beside(cells, codes, above, known)
        codes = _together(codes)


def _known(cells: Ints, codes: Codes, told: tuple[Ints, Ints]) -> NDArray[np.bool_]:
    """Withheld counts of which only one value is possible; that nobody was there may be known."""
    low, high = told
    known: NDArray[np.bool_] = (codes != PRINTED) & (low == high) & (cells > 0)
    return known


def _check(cells: Ints, above: Ints, least: int) -> None:
    if least < 3:
        raise ValueError("expected least >= 3: of a count below 2 that is not 0 all is known")
    if cells.shape[0] != above.shape[0] or np.any(cells < 0):
        raise ValueError("expected counts >= 0, and a parent for each row")
    sums = np.zeros_like(cells)
    inner = above >= 0
    np.add.at(sums, above[inner], cells[inner])
    totals = np.unique(above[inner])
    if np.any(sums[totals] != cells[totals]):
        raise ValueError("expected each total to be the sum of its children")


def _depths(above: Ints) -> Ints:
    """How far each row is from its root; ValueError for a ring."""
    depth, at = np.zeros(len(above), np.int64), above.copy()
    for _ in range(len(above) + 1):
        if np.all(at < 0):
            return depth
        depth += at >= 0
        at = np.where(at >= 0, above[np.maximum(at, 0)], -1)
    raise ValueError("expected a tree: some row is above itself")


def _together(codes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Every count of a row that is withheld in one of them."""
    hidden = (codes != PRINTED).any(axis=1, keepdims=True)
    return np.where(hidden & (codes == PRINTED), BESIDE, codes).astype(np.int8)


def bounds(
    counts: ArrayLike, codes: ArrayLike, parent: ArrayLike, least: int = 5
) -> tuple[Ints, Ints]:
    """The least and the most that each count can be by what is printed, shapes as `counts`.

    `codes` as `suppress` gives them. A printed count is its own bound; FAR is no upper bound.
    """
    cells = np.atleast_2d(np.asarray(counts, np.int64).T).T
    marks = np.asarray(codes, np.int8).reshape(cells.shape)
    above = np.asarray(parent, np.int64)
    depth = _depths(above)
    told = _from_below(*_ranges(cells, marks, least), above, depth)
    low, high = _from_above(*told, above, depth)
    return low.reshape(np.shape(counts)), high.reshape(np.shape(counts))


def _ranges(cells: Ints, codes: Codes, least: int) -> tuple[Ints, Ints]:
    """What the marks say by themselves: the attacker is told who is not 0."""
    hidden = codes != PRINTED
    low = np.where(hidden, np.minimum(cells, 1), cells)
    return low, np.where(hidden, np.where(codes == SMALL, least - 1, FAR), cells)


def _from_below(low: Ints, high: Ints, above: Ints, depth: Ints) -> tuple[Ints, Ints]:
    """Bounds narrowed by the parts of each total, the deepest first."""
    for level in range(int(depth.max(initial=0)), 0, -1):
        _narrow_totals(low, high, above, depth == level)
    return low, high


def _from_above(low: Ints, high: Ints, above: Ints, depth: Ints) -> tuple[Ints, Ints]:
    """Bounds narrowed by the total of each part and its siblings, from the root down."""
    for level in range(1, int(depth.max(initial=0)) + 1):
        _narrow_parts(low, high, above, depth == level)
    return low, high


def _sums(bound: Ints, above: Ints, rows: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Per total the sum of a finite bound, and how many of its parts have none."""
    finite, free = np.zeros_like(bound), np.zeros_like(bound)
    part = bound[rows]
    np.add.at(finite, above[rows], np.where(part >= FAR, 0, part))
    np.add.at(free, above[rows], (part >= FAR).astype(np.int64))
    return finite, free


def _narrow_totals(low: Ints, high: Ints, above: Ints, rows: NDArray[np.bool_]) -> None:
    """A total lies between the sums of the bounds of its parts."""
    totals = np.unique(above[rows])
    least, _ = _sums(low, above, rows)
    most, free = _sums(high, above, rows)
    low[totals] = np.maximum(low[totals], least[totals])
    high[totals] = np.minimum(high[totals], np.where(free[totals] > 0, FAR, most[totals]))


def _narrow_parts(low: Ints, high: Ints, above: Ints, rows: NDArray[np.bool_]) -> None:
    """A part is its total less the others: at least less their most, at most less their least."""
    least, _ = _sums(low, above, rows)
    most, free = _sums(high, above, rows)
    over = above[rows]
    others_low = least[over] - low[rows]
    mine_free = (high[rows] >= FAR).astype(np.int64)
    others_free = free[over] - mine_free
    others_high = most[over] - np.where(mine_free > 0, 0, high[rows])
    up = np.where(high[over] >= FAR, FAR, high[over] - others_low)
    down = np.where(others_free > 0, 0, low[over] - others_high)
    high[rows] = np.minimum(high[rows], up)
    low[rows] = np.maximum(low[rows], down)


def _first_columns(keys: Sequence[int], known: NDArray[np.bool_]) -> dict[int, int]:
    """By key of the row the first column that is known: what goes for it may do for the others."""
    found: dict[int, int] = {}
    for row, column in np.argwhere(known).tolist():
        key = keys[row]
        found[key] = min(found.get(key, column), column)
    return dict(sorted(found.items()))


def _hide_below(cells: Ints, codes: Codes, above: Ints, known: NDArray[np.bool_]) -> None:
    """One part more of each total that its parts give away.

    Where all that are not 0 are withheld already, the marks alone do it (a total below 5 of four
    parts that are not 0): then nothing says any more that the total is small.
    """
    for row, column in _first_columns(range(len(codes)), known).items():
        parts = np.nonzero((above == row) & (codes[:, column] == PRINTED) & (cells[:, column] > 0))
        if len(parts[0]):
            codes[parts[0][np.argmin(cells[parts[0], column])]] = BESIDE
        else:
            codes[row, column] = BESIDE


def _hide_beside(cells: Ints, codes: Codes, above: Ints, known: NDArray[np.bool_]) -> None:
    """For each printed total whose parts are known: its next smallest part, else the total."""
    for total, column in _first_columns(above.tolist(), known).items():
        if codes[total, column] != PRINTED:
            continue  # known from further above, where it is mended
        parts = np.nonzero(
            (above == total) & (codes[:, column] == PRINTED) & (cells[:, column] > 0)
        )[0]
        codes[parts[np.argmin(cells[parts, column])] if len(parts) else total] = BESIDE
