"""What a person decided about the changes of an edition: one line per place in a small csv file."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from data.editions import Edition, padded
from data.errors import HallscoreError, nearest

if TYPE_CHECKING:
    from data.divisions import Diff

CLOSE, KEEP, OPEN, DECLINE = "close", "keep", "open", "decline"
WORDS = (CLOSE, KEEP, OPEN, DECLINE)
COLUMNS = ("code", "decision", "note")
OTHERS = "*"  # the line for all openings that no other line names


@dataclass(frozen=True)
class Decisions:
    """By code of a hall: close, keep, or the code under which it goes on.

    By code of a division without a hall: open, or decline; `*` stands for all others of those.
    """

    by_code: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    path: Path = Path()

    def of(self, code: str) -> str | None:
        """The decision about a hall's code, if there is one."""
        return self.by_code.get(code)

    def declines(self, code: str) -> bool:
        """Whether a division gets no hall."""
        return self.by_code.get(code, self.by_code.get(OTHERS)) == DECLINE

    def where(self, code: str) -> str:
        """File and line of a decision."""
        return f"{self.path}, line {self.lines[code]}"

    def check(self, halls: Iterable[str], edition: Edition) -> None:
        """Refuse decisions about codes that neither a hall nor the edition has."""
        own = set(halls)
        known = own | set(edition.divisions) | {OTHERS}
        for code, decision in self.by_code.items():
            if code not in known:
                raise HallscoreError(
                    f"{self.where(code)}: code {code!r} is neither that of a hall nor of the "
                    f"edition.{nearest(code, known, 0.8)}"
                )
            if decision not in WORDS and decision not in edition.divisions:
                raise HallscoreError(
                    f"{self.where(code)}: decision {decision!r}; expected {', '.join(WORDS)}, or a "
                    f"code of the edition.{nearest(decision, [*WORDS, *edition.divisions], 0.8)}"
                )
            wrong = (OPEN, DECLINE) if code in own else (CLOSE, KEEP)
            if decision in wrong:
                what = "a hall has the code" if code in own else "no hall has the code"
                raise HallscoreError(
                    f"{self.where(code)}: {decision!r} for {code}, but {what}. A hall is kept, "
                    "closed or goes on under a code; a place without one is opened or declined."
                )


def read_decisions(path: Path | None) -> Decisions:
    """The decisions of a file (columns code, decision, note); none without one.

    A line without a decision decides nothing.
    """
    if path is None:
        return Decisions()
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise HallscoreError(f"--decisions {path}: cannot be read: {error}.") from None
    reader = csv.DictReader(text.splitlines())
    header = reader.fieldnames or []
    for name in COLUMNS[:2]:
        if name not in header:
            raise HallscoreError(
                f"{path}, line 1: no column {name!r} in {','.join(header)!r}; expected "
                f"{','.join(COLUMNS)}.{nearest(name, header)}"
            )
    found, lines = dict[str, str](), dict[str, int]()
    for row in reader:
        code, decision = (row["code"] or "").strip(), (row["decision"] or "").strip()
        if not code or not decision:
            continue
        code = code if code == OTHERS else padded(code)
        if code in found:
            raise HallscoreError(
                f"{path}, line {reader.line_num}: code {code!r} is decided in line {lines[code]} "
                "too. Keep one of the lines."
            )
        found[code] = padded(decision) if decision.isdigit() else decision
        lines[code] = reader.line_num
    return Decisions(found, lines, path)


def write_template(path: Path, found: "Diff") -> None:
    """A decisions file with a line per opening and closing as proposed, and one per doubt, empty.

    With a BOM: it is edited in Excel.
    """
    proposed = {("opened",): OPEN, ("closed",): CLOSE, ("ambiguous",): ""}
    rows = []
    for change in (*found.changes, *found.unsettled):
        if change.kinds in proposed:
            listed = change.listed()
            name = listed["name"] or listed["new_name"]
            note = f"{listed['level']} {name} {change.note}".strip()
            code = listed["code"] or listed["new_code"]
            rows.append((code, proposed[change.kinds], note))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    path.write_text(out.getvalue(), "utf-8-sig")
