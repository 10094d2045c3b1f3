"""Any history of deliveries, withdrawals and replacements: the cube of the files that are left."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.store import snapshot
from data.wayback import replace_batch, withdraw
from metrics.rollup import refresh
from tests.builders import Row, case, cube_of, rating, send, ticket, town, write

pytestmark = pytest.mark.slow
CALM = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def ratings(draw: st.DrawFn) -> Row:
    """Few cases and few times, so that pairs repeat, tie, and lie across files."""
    number = draw(st.integers(0, 14))
    return rating(
        number,
        case_id=f"K{number % 5}",
        counter_id=f"C{1 + number % 2}",
        rated_at=f"2019-0{7 + number % 3}-{1 + number * 5 % 9:02d} 10:00:00",
        grade=2 + number % 4,
    )


@st.composite
def cases(draw: st.DrawFn) -> Row:
    """Versions of few cases that only fill and move on, so that any order is allowed."""
    number, stage = draw(st.integers(0, 5)), draw(st.integers(0, 3))
    stop = f"2019-08-{10 + number}T09:00:00/"
    later = [
        {},
        {"item_id": "A"},
        {"clock_stops": stop, "state": "suspended"},
        {
            "clock_stops": stop + "2019-08-20T09:00:00",
            "closed_at": f"2019-09-0{1 + number} 10:00:00",
        },
    ]
    return case(number, clock_stops="", state="") | later[stage]


def tickets() -> st.SearchStrategy[Row]:
    return st.integers(0, 14).map(ticket)


STEPS = st.lists(
    st.tuples(st.sampled_from(["send", "send", "send", "withdraw", "replace", "again", "cube"]),
              st.integers(0, 9)),
    min_size=2, max_size=7,
)  # fmt: skip


def played(home: Path, log: str, files: list[list[Row]], moves: list[tuple[str, int]]) -> list[Any]:
    """Play a history on a home; the files whose batches are live at its end, in order."""
    standing: list[tuple[int, Path]] = []
    for place, (move, choice) in enumerate(moves):
        path = write(home.parent / f"f{place}.csv", files[choice % len(files)])
        numbers = {batch.no for batch in snapshot(home).live}
        standing = [(no, file) for no, file in standing if no in numbers]
        if move == "cube":
            refresh(home)
        elif move == "withdraw" and standing:
            withdraw(home, standing[choice % len(standing)][0], "wrong")
        elif move == "replace" and standing:
            twin = any(file.read_bytes() == path.read_bytes() for _, file in standing)
            if not twin:
                old = standing.pop(choice % len(standing))
                standing.append((replace_batch(home, old[0], path).no, path))
        elif move == "again" and standing:
            send(home, log, standing[choice % len(standing)][1])
        else:
            batch = send(home, log, path)
            if batch.no not in {no for no, _ in standing}:
                standing.append((batch.no, path))
    live = {batch.no for batch in snapshot(home).live}
    return [path for no, path in standing if no in live]


def same_in_the_end(log: str, files: list[list[Row]], moves: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, clean = (town(Path(folder) / name / "home") for name in "ab")
        left = played(home, log, files, moves)
        for path in left:  # rows that were known from a batch which left come back with their file
            send(home, log, path)
        for path in reversed(left):
            send(clean, log, path)
        assert cube_of(home) == cube_of(clean)


@given(st.lists(st.lists(ratings(), min_size=1, max_size=9), min_size=1, max_size=4), STEPS)
@CALM
def test_ratings_with_repeats(files: list[list[Row]], moves: list[tuple[str, int]]) -> None:
    same_in_the_end("ratings", files, moves)


@given(st.lists(st.lists(cases(), min_size=1, max_size=9), min_size=1, max_size=4), STEPS)
@CALM
def test_cases_that_progress(files: list[list[Row]], moves: list[tuple[str, int]]) -> None:
    same_in_the_end("cases", files, moves)


@given(st.lists(st.lists(tickets(), min_size=1, max_size=9), min_size=1, max_size=4), STEPS)
@CALM
def test_tickets(files: list[list[Row]], moves: list[tuple[str, int]]) -> None:
    same_in_the_end("tickets", files, moves)
