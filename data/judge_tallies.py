"""Is a tally new, known, a correction, beside a log, or one too many?

A unit, span and measure has one tally: a later `updated_at` of the same one corrects it, another
source's, or a month beside its days, or a hall's beside its counter's, is a conflict.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.ids import Hits
from data.judge import Verdict
from data.tallies import REASON

Row = Mapping[str, Any]
Slot = tuple[Any, ...]


def slot_of(row: Row) -> Slot:
    """What a tally speaks of: the same in all of its versions."""
    return tuple(row[name] for name in ("counter", "hall", "since", "day", "measure", "source"))


@dataclass
class Book:
    """The tallies that stand so far; `halls` is the hall of each counter."""

    halls: Mapping[int, int | None]
    versions: dict[str, dict[datetime | None, int]] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    places: dict[tuple[Any, ...], list[Row]] = field(default_factory=dict)

    def enter(self, row: Row) -> None:
        """Take a row in."""
        known = self.versions.setdefault(row["id"], {})
        known[row["updated_at"]] = row["n"]
        if row["id"] not in self.slots:
            self.slots[row["id"]] = slot_of(row)
            self.places.setdefault(self._place(row), []).append(row)

    def _place(self, row: Row) -> tuple[Any, ...]:
        """Where tallies of the same things are looked for: hall (or counter), measure, month."""
        hall = row["hall"] if row["counter"] is None else self.halls.get(row["counter"])
        unit = ("counter", row["counter"]) if hall is None else ("hall", hall)
        return (*unit, row["measure"], row["since"].year, row["since"].month)

    def objection(self, row: Row) -> str:
        """Why the row cannot stand beside those that do; empty where it can."""
        if row["id"] in self.slots:
            return self._against_versions(row)
        for other in self.places.get(self._place(row), ()):
            apart = row["day"] < other["since"] or other["day"] < row["since"]
            both_counters = row["counter"] is not None and other["counter"] is not None
            if apart or (both_counters and row["counter"] != other["counter"]):
                continue
            return f"{_told(other)} reports {other['measure']} of the same {_shared(row, other)}"
        return ""

    def _against_versions(self, row: Row) -> str:
        if slot_of(row) != self.slots[row["id"]]:
            return "the same id is a tally of another unit, span, measure or source"
        known, stamp, n = self.versions[row["id"]], row["updated_at"], row["n"]
        # Without a stamp nothing says which of two sums is the later one.
        same = known[stamp] == n if stamp in known else stamp is not None or n in known.values()
        if same:
            return ""
        return f"n was {list(known.values())[-1]}; a correction needs a later updated_at"


def _told(row: Row) -> str:
    by = f" of source {row['source']!r}" if row["source"] else ""
    return f"another tally{by} ({_span(row['since'], row['day'])})"


def _shared(row: Row, other: Row) -> str:
    return "unit" if (row["counter"], row["hall"]) == (other["counter"], other["hall"]) else "hall"


def _span(since: date, day: date) -> str:
    return since.isoformat() if since == day else since.strftime("%Y-%m")


def judge_tallies(
    ids: pl.DataFrame,
    hits: Hits,
    pick: Callable[[pl.Series], pl.DataFrame],
    stored: Callable[[NDArray[np.int32]], pl.DataFrame],
    overruling: Callable[[pl.DataFrame], pl.DataFrame],
    halls: Mapping[int, int | None],
) -> tuple[Verdict, pl.DataFrame]:
    """The verdict, and the rows refused beside a log as (line, reason, detail).

    `pick(places)` gives rows of the batch, `stored(months)` live stored rows, `overruling(rows)`
    the rows with the `log` that counts the same, or null.
    """
    distinct = _unseen(ids, hits)
    known = ids.height - distinct.height
    rows = pick(distinct["place"].sort()).join(distinct.select("place", "content"), on="place")
    looked_at = overruling(rows)
    refused = looked_at.filter(pl.col("log").is_not_null())
    free = looked_at.filter(pl.col("log").is_null())
    book = Book(halls)
    months = (pl.col("day").dt.year() * 100 + pl.col("day").dt.month()).cast(pl.Int32)
    wanted = np.union1d(hits.month, free.select(months).to_series().to_numpy())
    for row in stored(wanted.astype(np.int32)).iter_rows(named=True):
        book.enter(row)
    conflicts = _enter_all(book, free.sort("updated_at", "content").iter_rows(named=True))
    refusals = refused.select(
        "line",
        reason=pl.lit(REASON),
        detail=pl.format("{}: the log `{}` holds rows of this unit and span", "measure", "log"),
    )
    stays = free["place"].filter(~free["place"].is_in(conflicts["place"].implode()))
    keep = np.zeros(ids.height, dtype=np.bool_)
    keep[stays.to_numpy()] = True
    never = pl.Series(np.zeros(ids.height, dtype=np.bool_))
    return Verdict(pl.Series(keep), never, known, conflicts), refusals


def _unseen(ids: pl.DataFrame, hits: Hits) -> pl.DataFrame:
    """One row per id and content that the store does not hold."""
    stored = pl.DataFrame({"place": hits.query, "content": hits.content}).unique()
    fresh = ids.join(stored, on=["place", "content"], how="anti", maintain_order="left")
    return fresh.sort("line").unique(["high", "low", "content"], keep="first", maintain_order=True)


def _enter_all(book: Book, rows: Iterable[Row]) -> pl.DataFrame:
    """place, detail of the rows that cannot stand; by content, so that no order of lines tells."""
    bad: list[tuple[int, str]] = []
    for row in rows:
        objection = book.objection(row)
        if objection:
            bad.append((row["place"], objection))
        else:
            book.enter(row)
    return pl.DataFrame(bad, schema={"place": pl.Int64(), "detail": pl.String()}, orient="row")
