"""Small files and homes for tests: logs as lists of dicts, written in every format that is read."""

import csv
import gzip
import io
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from data.batches import Batch
from data.ingest import ingest
from data.intake import Request
from data.store import snapshot
from data.views import connect
from metrics.cube import CubeState
from metrics.rollup import refresh

Row = dict[str, Any]
HALLS = [
    {"hall_id": "H1", "name": "市民中心", "level": "city", "parent_id": ""},
    {"hall_id": "H2", "name": "天元区政务服务中心", "level": "county", "parent_id": "H1"},
]
DEPARTMENTS = [{"department_id": "D1", "name": "公安局"}, {"department_id": "D2", "name": "税务局"}]
COUNTERS = [
    {"counter_id": "C1", "name": "公安窗口", "hall_id": "H1", "department_id": "D1"},
    {"counter_id": "C2", "name": "税务窗口", "hall_id": "H2", "department_id": "D2"},
]
GB_PROFILE = "canonical_gb.toml"


def text_of(rows: list[Row]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)
    return out.getvalue()


def write(path: Path, rows: list[Row]) -> Path:
    """Write rows by the suffix of the path; `.gb.csv` is GB18030, `.bom.csv` has a BOM."""
    text, name = text_of(rows), path.name
    plain = [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
    if name.endswith(".gb.csv"):
        path.write_bytes(text.encode("gb18030"))
    elif name.endswith(".bom.csv"):
        path.write_bytes(text.encode("utf-8-sig"))
    elif name.endswith(".csv.gz"):
        path.write_bytes(gzip.compress(text.encode()))
    elif name.endswith(".csv"):
        path.write_text(text, "utf-8")
    elif name.endswith(".jsonl"):
        lines = [json.dumps(row, ensure_ascii=False) for row in plain]
        path.write_text("\n".join(lines) + "\n", "utf-8")
    elif name.endswith(".xlsx"):
        pl.DataFrame(plain).write_excel(path)
    else:
        pl.DataFrame(plain).write_parquet(path)
    return path


def gb_profile(folder: Path) -> str:
    """The canonical profile for GB18030 files."""
    from data.profile import SHIPPED

    path = folder / GB_PROFILE
    text = (SHIPPED / "canonical.toml").read_text("utf-8")
    path.write_text(text.replace('encoding = "utf-8"', 'encoding = "gb18030"'), "utf-8")
    return str(path)


def send(home: Path, log: str, rows: list[Row] | Path, **options: Any) -> Batch:
    """Ingest rows (or a file) of a log; `profile` and the options of a Request may be given."""
    profile = options.pop("profile", "canonical")
    if isinstance(rows, list):
        home.parent.mkdir(parents=True, exist_ok=True)
        number = len(list(home.parent.glob("sent-*.csv")))
        rows = write(home.parent / f"sent-{number:03d}.csv", rows)
    batch = ingest(home, Request(rows, log, profile, **options))
    parts = sum(batch.counts[key] for key in ("accepted", "known", "repeated", "no_rating"))
    assert batch.counts["read"] == parts + sum(batch.quarantined.values())
    return batch


MADE: dict[str, tempfile.TemporaryDirectory[str]] = {}


def made_once(key: str, home: Path, make: Callable[[Path], object]) -> None:
    """What `make` ingests into a home of its own: the first time made, then copied.

    A home beside others, or one that somebody has begun, is made like any other.
    """
    beside = home.parent.iterdir() if home.parent.exists() else iter(())
    if next(beside, None) is not None:
        make(home)
        return
    if key not in MADE:
        MADE[key] = tempfile.TemporaryDirectory()
        make(Path(MADE[key].name) / home.name)
    shutil.copytree(MADE[key].name, home.parent, dirs_exist_ok=True)


def town(home: Path) -> Path:
    """A home with two halls, two departments and two counters."""
    made_once(f"plain {home.name}", home, _plain_town)
    return home


def _plain_town(home: Path) -> None:
    for log, rows in (("halls", HALLS), ("departments", DEPARTMENTS), ("counters", COUNTERS)):
        send(home, log, rows)


VIEWS = {
    **{"ratings": ("pair",), "tickets": (), "cases": ("key",), "inspections": (), "findings": ()},
    **{"attendance": (), "bonuses": (), "votes": (), "vetoes": ()},
}


def counting_rows(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that counts, without what only says how it came: batch, line, internal codes."""
    con = connect(snapshot(home))
    found = {}
    for view, codes in VIEWS.items():
        frame = con.sql(f"SELECT * FROM {view}").pl()
        hidden = {"batch", "line", "month", "contested", *codes}
        columns = sorted(set(frame.columns) - hidden)
        found[view] = sorted(frame.select(columns).rows(), key=repr)
    con.close()
    return found


def sums(state: CubeState) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every cube."""
    found = {}
    for name, months in state.manifest.files.items():
        paths = [state.home / "cube" / one.file for one in months.values()]
        rows = [row for path in paths for row in pl.read_parquet(path).rows()]
        found[name] = sorted(rows, key=repr)
    return found


def cube_of(home: Path) -> tuple[Any, Any]:
    """What counts and what it sums to; two homes with the same cube give the same answers."""
    return counting_rows(home), sums(refresh(home))


def rating(number: int, **changes: Any) -> Row:
    base = {
        "rating_id": f"R{number}",
        "case_id": f"K{number}",
        "counter_id": "C1",
        "rated_at": f"2019-08-{number % 27 + 1:02d} 10:00:00",
        "grade": 5,
    }
    return base | changes


def ticket(number: int, **changes: Any) -> Row:
    base = {
        "ticket_id": f"T{number}",
        "counter_id": "C2",
        "taken_at": f"2019-08-{number % 27 + 1:02d} 09:00:00",
        "called_at": f"2019-08-{number % 27 + 1:02d} 09:07:00",
        "finished_at": f"2019-08-{number % 27 + 1:02d} 09:20:00",
        "status": "served",
    }
    return base | changes


def case(number: int, **changes: Any) -> Row:
    base = {
        "case_id": f"K{number}",
        "counter_id": "C1",
        "received_at": f"2019-08-{number % 27 + 1:02d} 09:00:00",
        "closed_at": "",
        "due_at": "2019-09-02 17:00:00",
        "item_id": "",
        "updated_at": "",
    }
    return base | changes
