"""The sources of a home: who delivers which log, by which profile, when, and by which way.

<home>/sources.toml holds one table per source, [sources.NAME]; the name is what batches, aliases
and receipts know the source by.
"""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from data.database_settings import DatabasePart
from data.errors import HallscoreError, nearest
from data.inbox_rules import InboxRules
from data.schedules import Schedule
from data.tables import LOGS, TABLES
from data.toml_files import Strict, load_toml

Level = Literal["city", "county", "township", "village"]


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
    inbox: InboxRules | None = None
    schedule: Schedule | None = None

    @model_validator(mode="after")
    def _log_is_known(self) -> "Source":
        if self.log not in TABLES:
            raise ValueError(f"unknown log {self.log!r}.{nearest(self.log, TABLES)}")
        if self.schedule is not None and self.log not in LOGS:
            raise ValueError(
                f"a schedule is kept for logs of events ({', '.join(LOGS)}), not for the reference "
                f"table {self.log!r}"
            )
        return self


class Sources(Strict):
    """The file sources.toml."""

    sources: dict[str, Source] = Field(default_factory=dict)

    @field_validator("sources")
    @classmethod
    def _names_are_folder_names(cls, sources: dict[str, Source]) -> dict[str, Source]:
        # Each has a folder <home>/inbox/NAME, so that a name must not lead anywhere else.
        if strange := [name for name in sources if re.fullmatch(r"\w[\w-]*", name) is None]:
            raise ValueError(f"the name {strange[0]!r}: letters, digits, _ and - make a name")
        return sources


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
