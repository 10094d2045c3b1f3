"""How far a pull has come: the greatest watermark of its rows, by the source's own clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.pull_session import TIMES, Cell, Column

# '0000-00-00', '-infinity' and a year before Christ are no place to go on from.
ORDINARY = re.compile(r"[1-9]\d{3}-\d\d-\d\d(?!.*BC)")


@dataclass
class Marks:
    """`reached` after the rows seen so far, which come in the order of their watermark.

    A row dated 2099, or 'infinity', would end all later pulls: the watermark never passes `now`,
    the server's own time in the form in which the watermark is written.
    """

    column: Column
    now: str
    reached: str | None
    ahead: int = 0
    without: int = 0

    def see(self, marks: Sequence[Cell]) -> None:
        """The watermarks of the next rows, as the server's text."""
        for mark in marks:
            if mark is None:
                self.without += 1
            elif self.column.kind not in TIMES:
                self.reached = str(mark)
            else:
                self._see_time(str(mark))

    def _see_time(self, mark: str) -> None:
        if mark.startswith("infinity") or re.match(r"\d{5}", mark) or mark > self.now:
            self.ahead += 1
            self.reached = self.now
        elif ORDINARY.match(mark):
            self.reached = mark

    def notes(self) -> list[str]:
        """What a person should know, in sentences."""
        name, told = self.column.name, []
        if self.ahead:
            told.append(
                f"{name}: rows dated after the server's own time: {self.ahead:,}; they are "
                "read each time, and the watermark stays at that time"
            )
        if self.without:
            told.append(
                f"{name}: rows without a watermark: {self.without:,}; they are read each time"
            )
        return told
