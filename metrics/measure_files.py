"""Measure files: one SQL text each, with its grain, logs and stocks declared in its head."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.errors import HallscoreError, nearest

FOLDER = Path(__file__).parent / "measures"
STRATA = ("item", "case_kind", "channel")  # what a row was about, as text
GRAINS = ("counter", "department", "own", "day", "half_hour", "lag_days", "bin", *STRATA)
HEADS = ("grain", "log", "reference", "late", "foresees", "stock", "span")
HEAD = re.compile(r"^-- (?P<name>[a-z_]+): (?P<text>.+)$")
LIST = re.compile(r"^SELECT\n(?P<list>.*?)^FROM ", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"(?P<name>[a-z0-9_]+),?$")


@dataclass(frozen=True)
class MeasureFile:
    """What one measure file counts.

    `logs`: all are needed; `either`: those of them that a home keeps at all. `stocks` are measures
    that are sums of flows from the beginning: name -> (flow in, flow out). `foresees`: its
    days may lie after the last day with data (due days). `spans_data`: every day of the data.
    """

    name: str
    sql: str
    grain: tuple[str, ...]
    sums: tuple[str, ...]
    logs: tuple[str, ...]
    either: tuple[str, ...]
    references: tuple[str, ...]
    late: str | None
    foresees: bool
    stocks: Mapping[str, tuple[str, str]]
    spans_data: bool

    @property
    def digest(self) -> str:
        """Digest of the definition; sums of another definition are made again."""
        return hashlib.sha256(self.sql.encode()).hexdigest()[:16]

    @property
    def sources(self) -> tuple[str, ...]:
        """Every log that the file reads."""
        return self.logs + self.either


def parse_measure(path: Path) -> MeasureFile:
    """Read one measure file; an unknown or missing head line raises HallscoreError."""
    text = path.read_text("utf-8")
    heads: dict[str, list[str]] = {}
    for place, line in enumerate(text.splitlines(), start=1):
        match = HEAD.match(line)
        if match is None:
            continue
        if match["name"] not in HEADS:
            raise HallscoreError(
                f"{path.name}, line {place}: head {match['name']!r}; expected one of "
                f"{', '.join(HEADS)}.{nearest(match['name'], HEADS)}"
            )
        heads.setdefault(match["name"], []).append(match["text"])
    grain = _names(_only(heads, "grain", path))
    strange = [name for name in grain if name not in GRAINS]
    if strange:
        raise HallscoreError(
            f"{path.name}: grain {strange[0]!r}; expected some of {', '.join(GRAINS)}."
            f"{nearest(strange[0], GRAINS)}"
        )
    return _build(path.stem, text, heads, grain, _only(heads, "log", path))


def _build(
    name: str, text: str, heads: Mapping[str, list[str]], grain: tuple[str, ...], log: str
) -> MeasureFile:
    sums = tuple(one for one in _columns(text) if one not in grain)
    several = tuple(part.strip() for part in log.split("|"))
    return MeasureFile(
        name=name,
        sql=text,
        grain=grain,
        sums=sums,
        logs=_names(log) if len(several) == 1 else (),
        either=several if len(several) > 1 else (),
        references=_names(*heads.get("reference", [])),
        late=heads["late"][0] if "late" in heads else None,
        foresees="foresees" in heads,
        stocks=dict(_stock(line) for line in heads.get("stock", [])),
        spans_data="span" in heads,
    )


def _columns(sql: str) -> list[str]:
    """Names of the outermost select list, which has one expression per line or two."""
    listed = LIST.search(sql)
    lines = listed["list"].splitlines() if listed else []
    ends = [line for line in lines if line.endswith(",")] + lines[-1:]
    return [match["name"] for line in ends if (match := COLUMN.search(line))]


def _names(*texts: str) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(","))


def _only(heads: Mapping[str, list[str]], name: str, path: Path) -> str:
    if name not in heads:
        raise HallscoreError(f"{path.name}: no line `-- {name}: …`. Declare it in the head.")
    return heads[name][0]


def _stock(line: str) -> tuple[str, tuple[str, str]]:
    name, flows = line.split(" = ")
    came, left = flows.split(" - ")
    return name.strip(), (came.strip(), left.strip())


@cache
def measure_files(folder: Path = FOLDER) -> Mapping[str, MeasureFile]:
    """All measure files by name; those that span the days of the others come last."""
    found = [parse_measure(path) for path in sorted(folder.glob("*.sql"))]
    return {one.name: one for one in sorted(found, key=lambda one: one.spans_data)}


@cache
def homes_of_measures() -> Mapping[str, MeasureFile]:
    """The file of each measure (sums and stocks) by the measure's name."""
    homes: dict[str, MeasureFile] = {}
    for one in measure_files().values():
        for name in (*one.sums, *one.stocks):
            homes[name] = one
    return homes
