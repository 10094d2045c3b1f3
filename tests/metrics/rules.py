"""Schemes for tests: one item on the wait, so that a score is the share of short waits × 100."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from random import Random

from town import Row, Town

HEAD = """
id = "{id}"
label = {{ zh = "考评", en = "Scheme" }}
version = "{version}"
valid_from = {start}
publish = "official"
small = "ranked"
frame = "all"
missing = "spread"
{more}
"""
WAIT = """
[[item]]
id = "wait"
metric = "wait_within_15_rate"
weight = 100
mapping = [[0, 0], [1, 1]]
"""


def write_scheme(
    home: Path,
    more: str = "",
    rules: str = "",
    *,
    items: str = WAIT,
    name: str = "mine",
    version: str = "1",
    start: str = "2019-01-01",
) -> None:
    """A scheme file of a home; `more` are keys of the scheme, `rules` tables after its items."""
    head = HEAD.format(id=name, version=version, start=start, more=more)
    if "frame =" in more:
        head = head.replace('frame = "all"\n', "")
    (home / "schemes").mkdir(exist_ok=True)
    (home / "schemes" / f"{name}-{version}.toml").write_text(head + items + rules, "utf-8")


def waits(town: Town, day: date, slow: dict[str, int], size: int = 10) -> list[Row]:
    """Tickets of a day: so many of `size` visitors of each counter wait for half an hour."""
    return [
        row
        for counter, count in slow.items()
        for row in town.queue(counter, [1800] * count + [60] * (size - count), day)
    ]


def shuffled(rows: Iterable[Row], seed: int) -> list[Row]:
    """The same rows in another order."""
    listed = list(rows)
    Random(seed).shuffle(listed)
    return listed
