"""What halls do: departments, service items, and which items a kind of counter takes."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.simulate.divisions import LEVELS

BUSINESS = Path(__file__).parent / "business.toml"
SLOTS = 128  # tickets of a counter draw one of so many slots; an item holds several of them


@dataclass(frozen=True)
class Department:
    """A department as business.toml describes it; counters per level, items by place."""

    place: int
    department_id: str
    name: str
    family: str
    minutes: float  # mean time at the desk
    popularity: float  # tickets relative to other departments
    counters: dict[str, int]
    communities_only: bool
    weekend: bool
    receives_for: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    """The item list as arrays of shape (items,); a limit of 0 means that there is none."""

    frame: pl.DataFrame
    department: NDArray[np.int64]
    immediate: NDArray[np.bool_]
    promised: NDArray[np.int64]
    by_workday: NDArray[np.bool_]
    reach: NDArray[np.int64]  # highest place in LEVELS at which the item is taken


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(BUSINESS.read_text("utf-8"))["department"])


def departments() -> tuple[Department, ...]:
    """All departments, in the order of business.toml; ids hold across halls."""
    return tuple(
        Department(
            place,
            entry["id"],
            entry["name"],
            entry["family"],
            float(entry["minutes"]),
            float(entry["popularity"]),
            {level: entry.get("counters", {}).get(level, 1) for level in entry["levels"]},
            entry.get("communities_only", False),
            entry.get("weekend", False),
            tuple(entry.get("receives_for", ())),
        )
        for place, entry in enumerate(_entries())
    )


def items() -> Items:
    """All service items with promised and statutory limits; immediate ones have neither."""
    rows, reach = [], []
    for place, entry in enumerate(_entries()):
        numbered = [(m, action) for m in entry["matters"] for action in m["actions"]]
        for number, (matter, action) in enumerate(numbered, start=1):
            row = _item(f"{entry['id']}-{number:02d}", entry["id"], place, matter, action)
            rows.append(row)
            reach.append(3 if matter.get("simple") else 1 if matter.get("complex") else 2)
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("promised_limit", "statutory_limit").cast(pl.Int32)
    )
    return Items(
        frame.drop("place"),
        frame["place"].to_numpy(),
        (frame["case_kind"] == "immediate").to_numpy(),
        frame["promised_limit"].fill_null(0).to_numpy().astype(np.int64),
        (frame["promised_unit"] != "day").fill_null(value=True).to_numpy(),
        np.array(reach, dtype=np.int64),
    )


def _item(
    item_id: str, department_id: str, place: int, matter: dict[str, Any], action: str
) -> dict[str, object]:
    unit = matter.get("unit", "workday")
    promised, statutory = matter.get("promised"), matter.get("statutory")
    return {
        "item_id": item_id,
        "name": matter["name"] + action,
        "department_id": department_id,
        "place": place,
        "case_kind": "immediate" if promised is None else "promised",
        "statutory_limit": statutory,
        "statutory_unit": None if statutory is None else unit,
        "promised_limit": promised,
        "promised_unit": None if promised is None else unit,
    }


def item_slots(catalogue: Items, rng: np.random.Generator) -> NDArray[np.int32]:
    """Items by department, level and slot, shape (departments, levels, SLOTS).

    Small stations do simple business: an item is drawn only where it is taken. A comprehensive
    counter (综合窗口) gives four slots in five to the departments for which it receives.
    """
    listed = departments()
    by_id = {one.department_id: one.place for one in listed}
    slots = np.zeros((len(listed), len(LEVELS), SLOTS), dtype=np.int32)
    for one in listed:
        others = [by_id[name] for name in one.receives_for]
        weight = np.where(np.isin(catalogue.department, others), 4 / max(len(others), 1), 0.0)
        weight[catalogue.department == one.place] = 1.0
        weight *= rng.lognormal(0.0, 0.9, len(weight))
        # Immediate business is the bulk of what walks in; months of waiting are rare.
        weight *= np.where(catalogue.immediate, 1.6, 1.0)
        for step in range(len(LEVELS)):
            taken = weight * (catalogue.reach >= step)
            share = np.cumsum(taken if taken.any() else weight)
            even = (np.arange(SLOTS) + 0.5) / SLOTS * share[-1]
            slots[one.place, step] = np.searchsorted(share, even)
    return slots
