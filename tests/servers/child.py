"""The process that is killed or measured: one pull of the source `queue`.

python -m tests.servers.child HOME STEP     dies at a step of the pull or of its batch
python -m tests.servers.child HOME memory   prints how much it grew while it read, in bytes
"""

import resource
import sys
from pathlib import Path

from data import steps
from data.pull import pull
from tests.faults.child import dying_at


def grown() -> int:
    """The greatest size of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measuring() -> None:
    """Print what the reading took, and leave before the ingest."""
    first: list[int] = []

    def reached(step: str) -> None:
        if step == "pull_reading" and not first:
            first.append(grown())
        if step == "pull_spooled":
            print(grown() - first[0])
            sys.exit(0)

    steps.reached = reached


def main(home: Path, step: str) -> None:
    if step == "memory":
        measuring()
    else:
        dying_at(step)
    pull(home, "queue")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
