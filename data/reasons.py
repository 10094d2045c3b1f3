"""Why a row is in quarantine, in words for people."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("reasons.toml")


@cache
def reasons() -> Mapping[str, Mapping[str, str]]:
    """Each reason with its words in zh and en."""
    return tomllib.loads(FILE.read_text("utf-8"))


def reason_label(reason: str, lang: str) -> str:
    """The reason in a language; a reason of a store that a newer version wrote stays as it is."""
    return reasons()[reason][lang] if reason in reasons() else reason
