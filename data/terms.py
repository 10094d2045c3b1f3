"""The vocabulary of data/terms.toml: Chinese word, English word, and their names in code."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TERMS = Path(__file__).parent / "terms.toml"


@dataclass(frozen=True)
class Term:
    """One word in both languages; the first identifier is its main name."""

    zh: str
    en: str
    identifiers: tuple[str, ...]
    code: str | None = None  # the value that stands for the word in the identifier's column


@cache
def terms() -> tuple[Term, ...]:
    """All words, in the order of the file."""
    entries = tomllib.loads(TERMS.read_text("utf-8"))["term"]
    return tuple(Term(**{**entry, "identifiers": tuple(entry["identifiers"])}) for entry in entries)
