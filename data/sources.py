"""The sources of a home: who delivers which log, by which profile, when, and by which way.

<home>/sources.toml holds one table per source, [sources.NAME]; the name is what batches, aliases
and receipts know the source by.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from data.database_settings import DatabasePart
from data.errors import HallscoreError, nearest
from data.tables import TABLES
from data.toml_files import load_toml

Level = Literal["city", "county", "township", "village"]


class Strict(BaseModel):
    """A table of sources.toml: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """One source of one log. `profile` is a shipped name, or a file beside sources.toml.

    `units`: the halls on whose subtrees it reports; without them it reports on all.
    """

    log: str
    profile: str
    title: str = ""
    owner: str = ""
    units: tuple[str, ...] = ()
    database: DatabasePart | None = None  # read by `hallscore pull`

    @model_validator(mode="after")
    def _log_is_known(self) -> "Source":
        if self.log not in TABLES:
            raise ValueError(f"unknown log {self.log!r}.{nearest(self.log, TABLES)}")
        return self


class Sources(Strict):
    """The file sources.toml."""

    sources: dict[str, Source] = Field(default_factory=dict)


def sources_path(home: Path) -> Path:
    """Where the sources of a home are written."""
    return home / "sources.toml"


def load_sources(home: Path) -> dict[str, Source]:
    """The sources by name; none where there is no file. HallscoreError names file and key."""
    path = sources_path(home)
    return dict(load_toml(path, Sources).sources) if path.is_file() else {}


def source_of(home: Path, name: str) -> Source:
    """The source of that name, or an error with the nearest one."""
    found = load_sources(home)
    if name not in found:
        raise HallscoreError(
            f"source {name!r} is not in {sources_path(home)}; it has {', '.join(found) or 'none'}."
            f"{nearest(name, found)} Add a table [sources.{name}]."
        )
    return found[name]


def profile_of(home: Path, source: Source) -> str:
    """What the ingest takes as --profile: a file beside sources.toml goes before a shipped name."""
    beside = sources_path(home).parent / source.profile
    return str(beside) if beside.suffix == ".toml" and beside.is_file() else source.profile
