"""The words of the pages in Chinese and English; a missing key is an error, never a blank."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from data.errors import HallscoreError, nearest

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")


@cache
def keys_of(lang: str) -> Mapping[str, str]:
    """All texts of a language by dotted key, for instance `ranking.title`."""
    content = tomllib.loads((FOLDER / f"{lang}.toml").read_text("utf-8"))
    return dict(_flatten(content, ""))


def _flatten(table: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, entry in table.items():
        if isinstance(entry, Mapping):
            found += _flatten(entry, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", str(entry)))
    return found


class Label(Protocol):
    """A text that carries its own languages, as in the catalogue."""

    def __getitem__(self, lang: str, /) -> str: ...


@dataclass(frozen=True)
class Words:
    """The texts of one language: `words("ranking.title", period="2019年8月")`."""

    lang: str

    def __call__(self, key: str, **parts: object) -> str:
        """The text of a key with its parts filled in."""
        known = keys_of(self.lang)
        if key not in known:
            raise HallscoreError(
                f"dashboard/text/{self.lang}.toml has no text {key!r}."
                f"{nearest(key, known)} Add it there."
            )
        return known[key].format(**parts) if parts else known[key]

    def of(self, label: Label) -> str:
        """The text of a label in this language."""
        return label[self.lang]
