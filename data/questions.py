"""Rows that a computation asked for, kept with their question, so that it can be done again.

The large logs are never copied. What was read of them is small: the rows of a finding, a veto, a
late case. A frozen home answers from what was kept; while it is being made it asks the live one.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from data.errors import HallscoreError

INDEX = "index.json"


@dataclass(eq=False)
class Questions:
    """The answers in a folder. `recording`: an unknown question is asked and its answer kept."""

    folder: Path
    recording: bool
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        index = self.folder / INDEX
        if index.exists():
            for entry in json.loads(index.read_text("utf-8")):
                self._known[entry["question"]] = entry["file"]

    def told(self, question: str, ask: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The answer to a question; HallscoreError where nobody asked it when inputs were kept."""
        if question in self._known:
            return pl.read_parquet(self.folder / self._known[question])
        if not self.recording:
            raise HallscoreError(
                f"{self.folder}: the frozen inputs hold no rows for this question: "
                f"{' '.join(question.split())[:120]!r}. Only what the edition prints can be "
                "computed from them; ask the live home for anything else."
            )
        answer = ask()
        mark = hashlib.sha256(question.encode()).hexdigest()[:12]
        self._known[question] = f"{mark}.parquet"
        self.folder.mkdir(parents=True, exist_ok=True)
        answer.write_parquet(self.folder / self._known[question], compression="zstd")
        return answer

    def write_index(self) -> None:
        """The list of questions and files, in the order of the file names."""
        self.folder.mkdir(parents=True, exist_ok=True)
        listed = [
            {"file": file, "question": question}
            for question, file in sorted(self._known.items(), key=lambda pair: pair[1])
        ]
        text = json.dumps(listed, ensure_ascii=False, indent=1)
        (self.folder / INDEX).write_text(text + "\n", "utf-8")
