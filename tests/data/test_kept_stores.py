"""Every version opens every store that an earlier one wrote."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from data.store import snapshot
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value

KEPT = Path(__file__).parent.parent / "kept"
ALL = Scope("test", None)
# What the makers of the stores put in, by hand: metric → counter → (n, d).
EXPECTED = {
    "active_good_rate": {"C1": (1, 2), "C2": (1, 1)},
    "on_time_rate": {"C1": (1, 2), "C2": (0, 0)},
    "tickets": {"C1": (1, None), "C2": (1, None)},
    "abandonment_rate": {"C1": (0, 1), "C2": (1, 1)},
}


@pytest.mark.parametrize("kept", sorted(KEPT.glob("format-*")), ids=lambda path: path.name)
def test_a_kept_store_opens_and_gives_its_numbers(kept: Path, tmp_path: Path) -> None:
    """Seven live batches, one withdrawn, one row in quarantine."""
    home = tmp_path / "home"
    shutil.copytree(kept, home)
    snap = snapshot(home)
    assert [len(snap.batches), len(snap.withdrawn)] == [8, 1]
    assert sum(sum(batch.quarantined.values()) for batch in snap.batches) == 1
    august = parse_period("2019-08")
    for metric, rows in EXPECTED.items():
        frame = value(home, metric, august, "counter", ALL, date(2019, 9, 30))
        got = {row["id"]: (row["n"], row["d"]) for row in frame.to_dicts()}
        assert got == rows, metric
