"""The intervals keep their promise where the truth is known, and what is wrong does not."""

from dataclasses import replace

import numpy as np
import pytest

from simulation.analysis import OURS
from simulation.cells import CELLS, QUICK, SMOKE, Cell
from simulation.coverage import measured, tried
from simulation.gates import Gate, gates
from simulation.measures import replicate
from simulation.mutants import MUTANTS, Mutant

SEED = 7


def test_the_design_is_sixty_cells_with_one_name_each() -> None:
    assert len({cell.name for cell in CELLS}) == len(CELLS) == 60


def test_one_cell_holds_its_gates() -> None:
    """Twenty peers, days that are a little alike: intervals, quintiles, rank sets, calls."""
    told = gates(QUICK, measured(QUICK, SEED, 60))
    assert {one.name for one in told} >= {"coverage", "quintile", "sets", "false_below"}
    assert [one for one in told if not one.holds] == []


def test_a_replicate_is_the_same_whoever_computes_it() -> None:
    first, again = (replicate(QUICK, [SEED, 3]) for _ in range(2))
    assert first == again
    assert first != replicate(QUICK, [SEED, 4])


def test_a_gate_allows_two_errors_and_no_more() -> None:
    near = Gate("cell", "coverage", 0.92, 0.006, 0.93, 0.97)
    assert near.holds
    assert not replace(near, error=0.004).holds
    assert not replace(near, found=0.99).holds


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_mutant_fails_the_gate_that_ours_holds(mutant: Mutant) -> None:
    """A check that no mistake can fail proves nothing."""
    told = tried(mutant, SEED, 30)
    assert told["caught"], told
    assert told["ours_holds"], told


@pytest.mark.slow
@pytest.mark.parametrize("cell", SMOKE, ids=lambda one: one.name)
def test_four_cells_cover_what_they_promise(cell: Cell) -> None:
    """Intervals and rank sets; docs/explanation/coverage.md says what power there is."""
    promised = ("coverage", "quintile", "group", "sets")
    told = [one for one in gates(cell, measured(cell, SEED, 200)) if one.name in promised]
    assert told
    assert [one for one in told if not one.holds] == []


def test_equal_truths_are_never_all_told_apart() -> None:
    """The widest sets of a city without differences: nearly everybody may stand anywhere."""
    row = replicate(Cell(20, 90, 0.97, np.inf), [SEED, 1], OURS)
    assert row["sets"] == 1.0
    assert row["sets_width"] > 0.9
