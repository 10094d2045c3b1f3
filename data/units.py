"""Halls, counters and departments by number: rows are joined on ids, never on names."""

from dataclasses import dataclass, field

import polars as pl

from data.errors import HallscoreError, nearest
from data.store import Snapshot

KINDS = {"halls": "hall_id", "counters": "counter_id", "departments": "department_id"}
NAMED_IN_FULL = 20  # a nearest name is looked up for the first few unknown ids only


@dataclass
class Units:
    """Numbers of units that the store knows, and of those that a batch brings."""

    known: dict[str, dict[str, int]]
    counters: pl.DataFrame
    next_no: dict[str, int]
    from_reference: bool
    admitted: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    @classmethod
    def of(cls, snap: Snapshot) -> "Units":
        """The units of a snapshot; numbers are never given twice, also not after a withdrawal."""
        known = {
            table: dict(snap.reference(table).select(key, "no").iter_rows())
            for table, key in KINDS.items()
        }
        files = any(b.log in ("halls", "counters") for b in snap.live)
        units = cls(known, pl.DataFrame(), dict.fromkeys(KINDS, 0), files)
        for table in KINDS:
            units.next_no[table] = highest_number(snap, table) + 1
        counters = snap.reference("counters").unique("counter_id", keep="last")
        units.counters = units._with_numbers(counters)
        return units

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
        numbers = self.known[table]
        if one not in numbers:
            numbers[one] = self.next_no[table]
            self.next_no[table] += 1
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


def highest_number(snap: Snapshot, table: str) -> int:
    """The highest number a unit ever had, withdrawn batches included."""
    paths = [*snap.files[table]]
    paths += [str(path) for path in (snap.home / "batches").glob(f"[0-9]*/{table}.parquet")]
    numbers = [
        pl.read_parquet(path, columns=["no"], hive_partitioning=False)["no"].cast(pl.Int64)
        for path in paths
    ]
    return max([0, *(int(one) for column in numbers for one in column.to_list())])


def reject(rows: pl.DataFrame, mask: pl.Expr, reason: str, detail: pl.Expr) -> pl.DataFrame:
    """Rows that fall under `mask`, as quarantine entries without their raw text."""
    return rows.filter(mask).select("line", reason=pl.lit(reason), detail=detail)


def unknown(rows: pl.DataFrame, column: str, table: str, reason: str, units: Units) -> pl.DataFrame:
    """Quarantine entries for rows whose unit the store does not know, with the nearest known id."""
    known = list(units.known[table])
    missed = rows.filter(
        pl.col(column).is_not_null(), ~pl.col(column).is_in(pl.Series(known, dtype=pl.String))
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
