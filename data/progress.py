"""Record logs: how the versions of one record follow each other, and what they say together."""

from dataclasses import dataclass

import polars as pl

from data.contracts_loop import STATES as STATES_OF_LOOP
from data.tables import SOURCE_OF_CASE
from data.tables_loop import SOURCE_OF_RECTIFICATION

ALWAYS_MAY_CHANGE = ("source_state", "updated_at")


@dataclass(frozen=True)
class Progress:
    """The source's columns of a record log, and what tells how far a version is.

    `states` in their order; `reached`: a time that is there says at least that state.
    """

    sources: tuple[str, ...]
    states: tuple[str, ...]
    reached: dict[str, str]

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that a version may fill, but change only with a later `updated_at`."""
        return tuple(name for name in self.sources if name not in ALWAYS_MAY_CHANGE)

    @property
    def rank(self) -> pl.Expr:
        """How far a version is, 0 for the first state: a time says more than a state word."""
        places = {state: place for place, state in enumerate(self.states)}
        told = pl.col("source_state").replace_strict(
            list(places), list(places.values()), default=0, return_dtype=pl.Int8
        )
        timed = [
            pl.when(pl.col(name).is_not_null()).then(pl.lit(places[state], pl.Int8))
            for name, state in self.reached.items()
        ]
        return pl.max_horizontal(told, *timed)


CASES_PROGRESS = Progress(
    tuple(SOURCE_OF_CASE), ("open", "suspended", "closed"), {"closed_at": "closed"}
)
PROGRESS = {
    "cases": CASES_PROGRESS,
    "rectifications": Progress(
        tuple(SOURCE_OF_RECTIFICATION),
        STATES_OF_LOOP,
        {
            "signed_at": "signed",
            "verified_at": "verified",
            "rectified_at": "rectified",
            "replied_at": "replied",
            "rerated_at": "replied",
        },
    ),
}


def in_order(rows: pl.DataFrame, progress: Progress, *ties: str) -> pl.DataFrame:
    """Versions of records by `updated_at`, then by how far they are, then by `ties`.

    Of two lists of stops the longer is the later.
    """
    stops = pl.col("clock_stops").str.len_bytes().fill_null(0)
    return rows.sort("updated_at", progress.rank, stops, *ties, "batch", "line", nulls_last=False)


def fold_versions(members: pl.DataFrame, progress: Progress) -> pl.DataFrame:
    """One row per id: of each field the last filled value in the order of versions.

    Fields that disagree without a later `updated_at` were refused at ingest.
    """
    fields = [pl.col(name).drop_nulls().last() for name in ("key", *progress.sources)]
    grouped = in_order(members, progress).group_by("id", maintain_order=True)
    return grouped.agg(*fields, pl.col("batch").max(), pl.col("line").last())
