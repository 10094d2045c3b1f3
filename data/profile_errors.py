"""Messages about profiles: which line, which key, what would be right."""

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.errors import nearest

KEYS = {
    "": [
        "name",
        "title",
        "source",
        "timezone",
        "encoding",
        "delimiter",
        "missing",
        "absent_columns",
        "period",
        "units",
    ],
    "period": ["every", "from", "to"],
    "units": ["level"],
    "log": ["columns", "dates", "codes", "missing", "no_rating", "grade_check"],
}


def key_line(text: str, table: str, key: str | None = None) -> int:
    """Line of `key` under [table] (or of the table's head); 1 where it is not found."""
    inside, head = table == "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = stripped.split("#")[0].strip() == f"[{table}]"
            head = number if inside else head
            if inside and key is None:
                return number
        elif inside and key is not None:
            found = re.match(r"""["']?(?P<key>[^"'=]+?)["']?\s*=""", stripped)
            if found and found["key"] == key:
                return number
    return head or 1


def validation_message(path: Path, text: str, error: ValidationError, logs: list[str]) -> str:
    """The first problem of a profile in words: file, line, key, what was seen, what is expected."""
    first = error.errors()[0]
    places = [str(part) for part in first["loc"] if not _is_branch(str(part))]
    if places and places[0] == "logs":
        places = places[1:]
    table, key = ".".join(places[:-1]), places[-1] if places else ""
    line = key_line(text, table, key) if key else 1
    if first["type"] == "extra_forbidden":
        known = KEYS[""] + logs if not table else KEYS.get(table, KEYS["log"])
        return (
            f"{path}, line {line}: unknown key {'.'.join(places)!r}.{nearest(key, known)} "
            f"Known keys here: {', '.join(known)}."
        )
    if first["type"] == "missing":
        return f"{path}: key {'.'.join(places)!r} is missing. See data/profiles/template.toml."
    return f"{path}, line {line}: {'.'.join(places)} is {_seen(first['input'])}; {first['msg']}."


def _is_branch(part: str) -> bool:
    """Names that pydantic adds for the branches of a union."""
    return part in ("str", "Joined", "Constant", "Interval") or part.startswith("function-")


def _seen(value: Any) -> str:
    return repr(value) if len(repr(value)) < 60 else repr(value)[:57] + "…"
