"""The process that is killed or measured: one pull of the source `queue`.

python -m tests.servers.child HOME STEP     dies at a step of the pull or of its batch
python -m tests.servers.child HOME memory   prints how many pieces it read, and the bytes it grew by
"""

import resource
import sys
from pathlib import Path

from data import steps
from data.pull import pull
from tests.faults.child import dying_at


def size() -> int:
    """What this process holds now, in bytes; the greatest ever would include its parent's."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def measuring() -> None:
    """Print how far the reading went above its first piece, and leave before the ingest."""
    sizes: list[int] = []

    def reached(step: str) -> None:
        sizes.append(size())
        if step == "pull_spooled":
            print(len(sizes), max(sizes) - sizes[0])
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
