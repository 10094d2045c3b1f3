"""The process that only reads, all the while: counts must never be torn and nothing may fail.

python -m tests.faults.reader HOME STOPFILE
"""

import sys
from pathlib import Path

from data.store import snapshot
from data.views import connect
from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value


def main(home: Path, stop: Path) -> None:
    rounds = 0
    while not stop.exists():
        snap = snapshot(home)
        con = connect(snap)
        counted = con.execute("SELECT COUNT(*) FROM ratings_all").fetchall()[0][0]
        kept = sum(
            batch.counts["accepted"] + batch.counts["repeated"]
            for batch in snap.live
            if batch.log == "ratings"
        )
        assert counted == kept, f"{counted} rows, {kept} by the reports"
        con.close()
        frame = value(
            home, "active_good_rate", parse_period("2019-08"), "counter", Scope("r", None)
        )
        assert frame.height == 2
        rounds += 1
    assert rounds > 3, rounds
    print(rounds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
