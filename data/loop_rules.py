"""Deadlines of the rating loop: presets by locality, and the one that a home goes by."""

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from data.contracts_loop import COMPLEXITIES, STAGES
from data.errors import HallscoreError, nearest
from data.toml_files import Strict, load_toml

SHIPPED = Path(__file__).with_name("loop_presets.toml")
DEFAULT = "default"
Stage = Literal["signed", "verified", "rectified", "replied", "called_back"]
Days = Annotated[int, Field(ge=0)]


class StageLimit(Strict):
    """The limit of one stage, from the opening on; `complex` is `simple` where it is not given."""

    unit: Literal["workday", "day"]
    simple: Days
    complex: Days | None = None


class Preset(Strict):
    """The deadlines of a place. `ladder`: the first day overdue of each step, ascending."""

    title: dict[Literal["zh", "en"], str]
    source: str
    ladder: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    stages: dict[Stage, StageLimit]

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if not {"rectified", "replied"} & set(self.stages):
            raise ValueError("`stages` needs `rectified` or `replied`: the deadline of the loop")
        if list(self.ladder) != sorted(set(self.ladder)):
            raise ValueError(f"`ladder` {list(self.ladder)} does not ascend")
        return self


class Presets(Strict):
    """The shipped file."""

    presets: dict[str, Preset]


class LoopFile(Strict):
    """<home>/loop.toml: the preset in force, and presets of the home's own."""

    preset: str = DEFAULT
    presets: dict[str, Preset] = Field(default_factory=dict)


@dataclass(frozen=True)
class LoopRules:
    """Presets by name, the one in force where a row names none, and the digest of all that."""

    presets: dict[str, Preset]
    preset: str
    digest: str

    @cached_property
    def limits(self) -> pl.DataFrame:
        """preset, complexity, and per stage its limit (null: none) and whether in workdays."""
        rows = [
            {"preset": name, "complexity": complexity, **_limits(preset, complexity)}
            for name, preset in self.presets.items()
            for complexity in COMPLEXITIES
        ]
        numbers = {f"{stage}_limit": pl.Int64() for stage in STAGES}
        return pl.DataFrame(rows, schema_overrides=numbers, infer_schema_length=None)


def _limits(preset: Preset, complexity: str) -> dict[str, int | bool | None]:
    found: dict[str, int | bool | None] = {}
    limits: dict[str, StageLimit] = {str(name): limit for name, limit in preset.stages.items()}
    for stage in STAGES:
        limit = limits.get(stage)
        days = None if limit is None else limit.simple
        if limit is not None and complexity == "complex" and limit.complex is not None:
            days = limit.complex
        found[f"{stage}_limit"] = days
        found[f"{stage}_working"] = limit is not None and limit.unit == "workday"
    return found


def loop_path(home: Path) -> Path:
    """Where a home chooses its deadlines."""
    return home / "loop.toml"


def load_loop(home: Path) -> LoopRules:
    """The rules of a home; HallscoreError names file, key and the nearest preset."""
    path = loop_path(home)
    paths = (SHIPPED, path) if path.is_file() else (SHIPPED,)
    return _loaded(paths, tuple(one.read_bytes() for one in paths))


@lru_cache(maxsize=8)
def _loaded(paths: tuple[Path, ...], contents: tuple[bytes, ...]) -> LoopRules:
    presets = dict(load_toml(paths[0], Presets).presets)
    own = load_toml(paths[1], LoopFile) if len(paths) > 1 else LoopFile()
    for name in own.presets:
        if name in presets:
            raise HallscoreError(
                f"{paths[1]}: presets.{name} is a shipped preset, which a home cannot change. "
                "Give yours another name."
            )
    presets |= own.presets
    if own.preset not in presets:
        raise HallscoreError(
            f"{paths[1]}: preset {own.preset!r} is not known; known are {', '.join(presets)}."
            f"{nearest(own.preset, presets)}"
        )
    return LoopRules(presets, own.preset, hashlib.sha256(b"\n".join(contents)).hexdigest())
