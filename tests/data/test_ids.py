"""The index of ids answers as a Python dict would, and its codes never change."""

import tempfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ids import (
    MOST_RUNS,
    PARTS,
    SAMPLE,
    Entries,
    IdIndex,
    hash_content,
    hash_ids,
    stable_order,
)
from data.stage import sweep

# Few values on purpose: equal high halves with other low halves, and ids that come again.
Row = tuple[int, int, int]  # high, low, content
DELIVERY = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 9)), max_size=8)
DELIVERIES = st.lists(DELIVERY, min_size=1, max_size=14)
QUERIES = [(high, low) for high in range(7) for low in range(4)]


def entries(rows: list[Row], no: int) -> Entries:
    high, low, content = (np.array(part, dtype=np.uint64) for part in zip(*rows, strict=True))
    batch = np.full(len(rows), no, dtype=np.int32)
    return Entries.sorted(high, low, content, batch, np.full(len(rows), 201900 + no, np.int32))


def answers(index: IdIndex, before: int, dead: frozenset[int] = frozenset()) -> list[Row]:
    """(place of the query, content, batch) of every hit, in order."""
    high, low = (np.array(part, dtype=np.uint64) for part in zip(*QUERIES, strict=True))
    hits = index.hits(high, low, before, dead)
    assert (hits.month == 201900 + hits.batch).all()
    return sorted(zip(hits.query.tolist(), hits.content.tolist(), hits.batch.tolist(), strict=True))


def expected(deliveries: dict[int, list[Row]], dead: frozenset[int]) -> list[Row]:
    stored: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for no, rows in deliveries.items():
        for high, low, content in rows:
            stored.setdefault((high, low), []).append((content, no))
    return sorted(
        (place, content, no)
        for place, query in enumerate(QUERIES)
        for content, no in stored.get(query, [])
        if no not in dead
    )


@given(deliveries=DELIVERIES, dead=st.frozensets(st.integers(1, 14)), merging=st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_index_answers_like_a_dict(
    deliveries: list[list[Row]], dead: frozenset[int], merging: bool
) -> None:
    """Merged or not, with withdrawn batches left out; at most four runs after each merge."""
    with tempfile.TemporaryDirectory() as folder:
        index = IdIndex(Path(folder) / "ratings")
        stored: dict[int, list[Row]] = {}
        for no, rows in enumerate(deliveries, start=1):
            stored[no] = rows
            if rows:
                index.write(no, entries(rows, no))
            if merging:
                index.merge(no + 1)
                assert len(list(index.folder.glob("run-*"))) <= MOST_RUNS
            assert answers(index, no + 1, dead) == expected(stored, dead)


@given(deliveries=DELIVERIES, last=DELIVERY.filter(bool))
@settings(max_examples=20, deadline=None)
def test_a_run_without_its_commit_is_not_seen(deliveries: list[list[Row]], last: list[Row]) -> None:
    """Neither before it is swept nor after, and a merge does not take it in."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        index = IdIndex(home / "ids" / "ratings")
        stored = dict(enumerate(deliveries, start=1))
        for no, rows in stored.items():
            if rows:
                index.write(no, entries(rows, no))
        ghost = len(stored) + 1
        index.write(ghost, entries(last, ghost))
        index.merge(ghost)
        assert answers(index, ghost) == expected(stored, frozenset())
        sweep(home, ghost)
        assert not list(index.folder.glob(f"run-*{ghost:06d}"))
        assert answers(index, ghost + 1) == expected(stored, frozenset())


@pytest.mark.parametrize("part", [*PARTS, "renamed"])
def test_a_merge_that_died_loses_nothing(part: str, tmp_path: Path) -> None:
    """Whatever of the merged run was there: the old runs answer until they are gone."""
    index = IdIndex(tmp_path / "ratings")
    stored = {no: [(no % 6, no % 3, no)] for no in range(1, MOST_RUNS + 2)}
    for no, rows in stored.items():
        index.write(no, entries(rows, no))
    both = entries([*stored[1], *stored[2]], 1)
    both = Entries(both.high, both.low, both.content, both.content.astype(np.int32), both.month)
    both = Entries(both.high, both.low, both.content, both.batch, 201900 + both.batch)
    if part == "renamed":
        both.save(index.folder / "run-000001-000002")
    else:
        both.save(index.folder / "draft-000001-000002")
        (index.folder / "draft-000001-000002" / f"{part}.npy").unlink()
    assert answers(index, 99) == expected(stored, frozenset())
    index.merge(99)
    assert answers(index, 99) == expected(stored, frozenset())
    assert len(list(index.folder.glob("run-*"))) <= MOST_RUNS


def test_the_code_of_an_id_is_the_published_xxh3() -> None:
    """Values of the reference implementation, seed 0; another code would lose every stored id."""
    high, low = hash_ids(pl.Series(["", "R1", "办件-2019-08-14"]))
    assert hex(high[0]) + hex(low[0])[2:] == "0x99aa06d3014798d86001c324468d497f"
    assert [int(one) for one in high[1:]] == ID_HIGHS
    assert [int(one) for one in low[1:]] == ID_LOWS


ID_HIGHS = [0xBF984134388ADD1C, 0x5EA3683CC66C6CBE]
ID_LOWS = [0x7E4E979190CC857D, 0xC19A4928F66C11E1]


def test_the_code_of_a_row_is_the_published_splitmix64() -> None:
    """One zero gives its first output of seed 0; the next columns mix the state on."""
    zeros = pl.DataFrame({"a": [0], "b": [0], "c": [0]})
    firsts = [hash_content(zeros, tuple("abc"[:n]))[0] for n in (1, 2, 3)]
    assert hex(firsts[0]) == "0xe220a8397b1dcdaf"
    assert [int(one) for one in firsts[1:]] == ZERO_CODES


ZERO_CODES = [0xA706DD2F4D197E6F, 0x238275BC38FCBE91]
TYPED = pl.DataFrame(
    {
        "text": ["C1", None, "好"],
        "number": pl.Series([5, None, -1], dtype=pl.Int8),
        "day": [date(2019, 8, 14), None, date(1970, 1, 1)],
        "moment": pl.Series([datetime(2019, 8, 14, 10), None, None], dtype=pl.Datetime("us")),
        "flag": [True, None, False],
        "many": pl.Series([[1, 2], None, []], dtype=pl.List(pl.Int32)),
    }
)
TYPED_CODES = [0xD6EC124ACF07B718, 0x8B2B3096BA06561, 0xA28C35473FA11333]


def test_the_code_of_a_typed_row_stays() -> None:
    """Fixed once; a change here makes every row that is sent again a conflict."""
    assert [int(one) for one in hash_content(TYPED, tuple(TYPED.columns))] == TYPED_CODES


def test_equal_rows_have_equal_codes_in_any_company() -> None:
    """A column of few texts is coded by a table, one of many by hand: the same codes."""
    few = pl.DataFrame({"a": ["x", None, "x", "y", "x", "x"]})
    many = pl.DataFrame({"a": ["y", "x", None]})
    one, two = hash_content(few, ("a",)), hash_content(many, ("a",))
    assert [one[0], one[1], one[3]] == [two[1], two[2], two[0]]


def test_a_column_of_few_texts_after_many_has_the_same_codes() -> None:
    """The first rows decide how it is coded, and never what the code is."""
    many = [f"t{at}" for at in range(SAMPLE)]
    mixed = pl.DataFrame({"a": [*many, *["x", None] * SAMPLE]})
    few = pl.DataFrame({"a": ["x", None] * 3})
    assert hash_content(mixed, ("a",))[-2:].tolist() == hash_content(few, ("a",))[:2].tolist()


@pytest.mark.parametrize("values", [1, 50, 2**63])
def test_the_order_of_codes_keeps_equal_ones_in_place(values: int) -> None:
    """As numpy's stable sort has it, whether codes repeat or not."""
    codes = np.random.default_rng(3).integers(0, values, 2000, dtype=np.uint64)
    assert np.array_equal(stable_order(codes), np.argsort(codes, kind="stable"))


def test_swapped_fields_are_another_row() -> None:
    """Nor is an empty text the same as none."""
    rows = pl.DataFrame({"a": ["x", "y", None, ""], "b": ["y", "x", "x", "x"]})
    assert len(set(hash_content(rows, ("a", "b")).tolist())) == 4
