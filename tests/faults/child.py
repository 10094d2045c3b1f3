"""The process that is killed: ingests files one after the other, and dies at a step if told to.

python -m tests.faults.child HOME STEP LOG=FILE [LOG=FILE …]     STEP `-`: does not die by itself
python -m tests.faults.child HOME STEP inbox                     what lies in the inboxes instead
"""

import os
import signal
import sys
from pathlib import Path

from data import steps
from data.inbox import empty_inboxes
from data.ingest import ingest
from data.intake import Request


def dying_at(name: str) -> None:
    """Replace the mark of a step by a kill -9 when its turn comes."""
    plain = steps.reached

    def reached(step: str) -> None:
        plain(step)
        if step == name:
            os.kill(os.getpid(), signal.SIGKILL)

    steps.reached = reached


def main(home: Path, step: str, files: list[str]) -> None:
    dying_at(step)
    print("ready", flush=True)
    for given in files:
        if given == "inbox":
            empty_inboxes(home, wait_s=0.0)
            continue
        log, _, file = given.partition("=")
        ingest(home, Request(Path(file), log, "canonical"))
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
