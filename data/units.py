"""Halls, counters and departments by number. Rows are joined on ids; data.names finds them."""

from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from data.batches import folder
from data.desks import desk_days
from data.errors import HallscoreError, nearest
from data.staff_days import staff_days
from data.store import Snapshot
from data.tables import LOGS
from data.valid_days import closures, open_places

KINDS = {"halls": "hall_id", "counters": "counter_id", "departments": "department_id"}
NAMED_IN_FULL = 20  # a nearest name is looked up for the first few unknown ids only


@dataclass
class Units:
    """Numbers of the units that count, and of those that a batch brings or leans on.

    A unit that no reference file knows lives by the batches that name it: each of them keeps a
    copy, so that it stays when the batch that named it first is withdrawn. `placed`:
    where each counter stood open, day by day; `closed`: the days on which it was not open.
    """

    known: dict[str, dict[str, int]]
    ever: dict[str, dict[str, int]]
    counters: pl.DataFrame
    from_logs: dict[str, pl.DataFrame]
    from_reference: bool
    desks: pl.DataFrame
    aliases: pl.DataFrame
    placed: pl.DataFrame = field(default_factory=pl.DataFrame)
    closed: pl.DataFrame = field(default_factory=pl.DataFrame)
    snap: Snapshot | None = field(default=None, repr=False)
    admitted: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    carried: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, snap: Snapshot) -> "Units":
        """The units of a snapshot; a number stays with its id for good."""
        known = {
            table: dict(snap.reference(table).select(key, "no").iter_rows())
            for table, key in KINDS.items()
        }
        admitting = [batch.no for batch in snap.live if batch.log in LOGS]
        from_logs = {
            table: snap.reference(table).filter(pl.col("batch").is_in(admitting))
            for table in ("halls", "counters")
        }
        units = cls(
            known,
            {table: numbers_ever(snap, table) for table in KINDS},
            pl.DataFrame(),
            from_logs,
            any(batch.log in ("halls", "counters") for batch in snap.live),
            desk_days(*(snap.reference(table) for table in ("desks", "halls", "counters"))),
            snap.reference("aliases"),
        )
        counters = snap.reference("counters")
        units.counters = units._with_numbers(counters.unique("counter_id", keep="last"))
        units.placed, units.closed = open_places(counters), closures(counters)
        units.snap = snap
        return units

    @cached_property
    def staff(self) -> pl.DataFrame:
        """`staff_days` of the snapshot; read only by the logs that ask who stood where."""
        assert self.snap is not None
        return staff_days(self.snap.reference("staff"), self.snap.reference("counters"))

    def _with_numbers(self, counters: pl.DataFrame) -> pl.DataFrame:
        """counter_id, counter, counter_hall, counter_department of each known counter."""
        halls, departments = self.known["halls"], self.known["departments"]
        return counters.select(
            "counter_id",
            pl.col("no").alias("counter"),
            counter_hall=pl.col("hall_id").replace_strict(
                halls, default=None, return_dtype=pl.Int32
            ),
            counter_department=pl.col("department_id").replace_strict(
                departments, default=None, return_dtype=pl.Int32
            ),
        )

    def number(self, table: str, one: str) -> int:
        """The number of a unit, a new one if it has none yet."""
        numbers = self.ever[table]
        if one not in numbers:
            numbers[one] = max(numbers.values(), default=0) + 1
        self.known[table][one] = numbers[one]
        return numbers[one]

    def admit(self, rows: pl.DataFrame, level: str) -> None:
        """Take halls and counters that are not known yet from typed rows of a log."""
        named = rows.filter(pl.col("hall_id").is_not_null())
        for row in named.unique("hall_id", keep="first", maintain_order=True).iter_rows(named=True):
            self._admit_hall(row, level)
        if "counter_id" not in rows.columns:
            return
        named = rows.filter(pl.col("counter_id").is_not_null())
        first = named.unique("counter_id", keep="first", maintain_order=True)
        fresh = [
            self._admit_counter(row)
            for row in first.iter_rows(named=True)
            if row["counter_id"] not in self.known["counters"]
        ]
        if fresh:
            frame = pl.DataFrame(fresh, schema_overrides={"no": pl.Int32, "hall_id": pl.String})
            padded = frame.with_columns(department_id=pl.lit(None, dtype=pl.String))
            self.counters = pl.concat([self.counters, self._with_numbers(padded)])

    def _admit_hall(self, row: dict[str, object], level: str) -> None:
        hall_id = str(row["hall_id"])
        if hall_id in self.known["halls"]:
            return
        entry = {
            "no": self.number("halls", hall_id),
            "hall_id": hall_id,
            "name": row.get("hall_name") or hall_id,
            "level": level,
        }
        self.admitted.setdefault("halls", []).append(entry)

    def _admit_counter(self, row: dict[str, object]) -> dict[str, object]:
        counter_id = str(row["counter_id"])
        entry: dict[str, object] = {
            "no": self.number("counters", counter_id),
            "counter_id": counter_id,
            "name": row.get("counter_name") or counter_id,
            "hall_id": row.get("hall_id"),
        }
        self.admitted.setdefault("counters", []).append(entry)
        return entry

    def lean_on(self, stored: pl.DataFrame) -> None:
        """Note which units that only logs know the stored rows of this batch use."""
        for column, table in (("counter", "counters"), ("hall", "halls")):
            if column in stored.columns and not self.from_logs[table].is_empty():
                key = KINDS[table]
                used = self.from_logs[table].filter(pl.col("no").is_in(stored[column].implode()))
                self.carried.setdefault(table, set()).update(used[key].to_list())
                if table == "counters":
                    halls = used["hall_id"].drop_nulls().to_list()
                    self.carried.setdefault("halls", set()).update(halls)

    def to_keep(self) -> dict[str, pl.DataFrame]:
        """What the batch keeps of units, by table: those it brought and those it leans on."""
        found = {}
        for table, known in self.from_logs.items():
            kept = known.filter(pl.col(KINDS[table]).is_in(sorted(self.carried.get(table, ()))))
            brought = pl.DataFrame(self.admitted.get(table, []), schema_overrides={"no": pl.Int32})
            both = pl.concat([kept.drop("batch", "line"), brought], how="diagonal_relaxed")
            if both.height:
                found[table] = both.unique(KINDS[table], maintain_order=True)
        return found

    @property
    def admitted_n(self) -> int:
        """How many halls and counters this batch brought."""
        return sum(len(entries) for entries in self.admitted.values())

    def check_admission(self, agreed: int | None) -> None:
        """Refuse units from a log where a reference file rules, unless their count is named."""
        count = self.admitted_n
        if not count or not self.from_reference or agreed == count:
            return
        names = [str(e["name"]) for entries in self.admitted.values() for e in entries][:5]
        said = "" if agreed is None else f" --yes-new-units {agreed} does not name that count."
        raise HallscoreError(
            f"the log names {count} halls and counters that the reference files do not know "
            f"(first: {', '.join(names)}).{said} Correct the reference file, or repeat with "
            f"--admit-units --yes-new-units {count} if they are new."
        )


def numbers_ever(snap: Snapshot, table: str) -> dict[str, int]:
    """The number that each id ever had, withdrawn batches included."""
    key = KINDS[table]
    paths = [*snap.files[table]]
    for batch in snap.batches:
        path = folder(snap.home, batch.no) / f"{table}.parquet"
        paths += [str(path)] if path.exists() else []
    frames = [pl.read_parquet(path, columns=[key, "no"], hive_partitioning=False) for path in paths]
    return {one: no for frame in frames for one, no in frame.iter_rows()}


def reject(rows: pl.DataFrame, mask: pl.Expr, reason: str, detail: pl.Expr) -> pl.DataFrame:
    """Rows that fall under `mask`, as quarantine entries without their raw text."""
    return rows.filter(mask).select("line", reason=pl.lit(reason), detail=detail)


def unknown(rows: pl.DataFrame, column: str, table: str, reason: str, units: Units) -> pl.DataFrame:
    """Quarantine entries for rows whose unit the store does not know, with the nearest known id."""
    known = list(units.known[table])
    missed = rows.filter(
        pl.col(column).is_not_null(),
        ~pl.col(column).is_in(pl.Series(known, dtype=pl.String).implode()),
    )
    if missed.is_empty():
        return missed.select("line", reason=pl.lit(reason), detail=pl.lit(""))
    ids = missed[column].unique(maintain_order=True).to_list()
    what = KINDS[table].removesuffix("_id")
    said = {
        one: f"{what} {one!r} is not in the table `{table}`."
        + (nearest(one, known) if place < NAMED_IN_FULL else "")
        for place, one in enumerate(ids)
    }
    detail = pl.col(column).replace_strict(said, return_dtype=pl.String)
    return missed.select("line", reason=pl.lit(reason), detail=detail)
