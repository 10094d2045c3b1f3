"""A city whose sources know names alone has the numbers of the city that sends ids."""

import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data.quarantine import replay, waiting
from data.simulate import SimulatedCity, simulate
from data.store import snapshot
from tests.builders import cube_of, send
from tests.named import alias

REFERENCES = ("halls", "departments", "counters", "desks", "staff", "items", "opening_hours")
WRITTEN = {"政务": "正务", "便民": "便名"}  # how this source spells its halls


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> SimulatedCity:
    folder = tmp_path_factory.mktemp("city")
    return simulate(folder, date(2019, 8, 1), date(2019, 8, 31), tickets=120_000, seed=11)


def frames(city: SimulatedCity) -> dict[str, list[pl.DataFrame]]:
    found: dict[str, list[pl.DataFrame]] = {}
    for file in city.files:
        found.setdefault(file.log, []).append(pl.read_parquet(file.path))
    return found


def spelt(column: str) -> pl.Expr:
    return pl.col(column).str.replace_many(list(WRITTEN), list(WRITTEN.values()))


def names_only(rows: pl.DataFrame, logs: dict[str, list[pl.DataFrame]]) -> pl.DataFrame:
    """The same rows with names; a hall that shares its name with another keeps its id."""
    halls, counters = logs["halls"][0], logs["counters"][0]
    plain = halls.select("hall_id", hall_name="name", _twice=pl.col("name").is_duplicated())
    if "counter_id" in rows.columns:
        named = counters.select("counter_id", counter_name="name", _hall="hall_id")
        rows = rows.cast({"counter_id": pl.String()})
        rows = rows.join(named, on="counter_id", how="left", maintain_order="left")
        rows = rows.with_columns(counter_id=pl.lit(None, pl.String))
        # A row of a hall itself names no counter.
        place = [name for name in ("_hall", "hall_id") if name in rows.columns]
        rows = rows.with_columns(hall_id=pl.coalesce(place)).drop("_hall")
    if "hall_id" not in rows.columns:
        return rows
    rows = rows.drop("hall_name", strict=False)
    rows = rows.join(plain, on="hall_id", how="left", maintain_order="left")
    return rows.with_columns(
        hall_id=pl.when("_twice").then("hall_id"), hall_name=spelt("hall_name")
    )


def aliases(logs: dict[str, list[pl.DataFrame]]) -> list[dict[str, object]]:
    halls = logs["halls"][0].filter(~pl.col("name").is_duplicated())
    written = halls.select(spelling=spelt("name"), unit="hall_id", name="name")
    changed = written.filter(pl.col("spelling") != pl.col("name"))
    return [alias(spelling, unit) for spelling, unit, _ in changed.iter_rows()]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_names_alone_give_the_cube_of_the_ids(
    seed: int, city: SimulatedCity, tmp_path: Path
) -> None:
    """1,506 halls and 6,002 counters; aliases come anywhere between the logs."""
    logs = frames(city)
    by_id, by_name = tmp_path / "ids" / "home", tmp_path / "names" / "home"
    for home in (by_id, by_name):
        home.parent.mkdir()
        for table in REFERENCES:
            send(home, table, written(home.parent / f"{table}.parquet", logs[table][0]))
    steps = [(log, rows) for log in logs if log not in REFERENCES for rows in logs[log]]
    for place, (log, rows) in enumerate(steps):
        assert not send(by_id, log, written(by_id.parent / f"{place}.parquet", rows)).quarantined
    halfway = random.Random(seed).randrange(len(steps))
    for place, (log, rows) in enumerate(steps):
        if place == halfway:
            send(by_name, "aliases", aliases(logs))
        path = written(by_name.parent / f"{place}.parquet", names_only(rows, logs))
        send(by_name, log, path)
    assert halfway == 0 or not waiting(snapshot(by_name)).is_empty()
    if halfway:
        replay(by_name)
    assert waiting(snapshot(by_name)).is_empty()
    assert cube_of(by_name) == cube_of(by_id)


def written(path: Path, rows: pl.DataFrame) -> Path:
    rows.write_parquet(path)
    return path
