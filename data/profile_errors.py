"""Messages about profiles: which line, which key, what would be right."""

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

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
        "workbook",
    ],
    "period": ["every", "from", "to"],
    "units": ["level"],
    "workbook": ["sheet", "header_rows", "sep", "total_words"],
    "source": ["join", "sep", "value", "from", "to", "format"],
    "log": ["columns", "dates", "codes", "missing", "no_rating", "grade_check", "derive_kind"],
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


def table_line(text: str, name: str) -> int:
    """First line that names a top-level key or table; 1 where none does."""
    pattern = re.compile(rf"""\s*(\[+\s*)?["']?{re.escape(name)}["']?\s*[.=\]]""")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if pattern.match(line)), 1)


def validation_message(path: Path, text: str, error: ValidationError, logs: list[str]) -> str:
    """The first problem of a profile in words: file, line, key, what was seen, what is expected."""
    first = _telling(error.errors())
    places = [str(part) for part in first["loc"] if not _is_branch(str(part))]
    if places and places[0] == "logs":
        places = places[1:]
    table, key = ".".join(places[:-1]), places[-1] if places else ""
    line = _line(text, places)
    if first["type"] == "extra_forbidden":
        known = KEYS[""] + logs if not table else KEYS.get(table, KEYS["log"])
        if len(places) > 3:
            known = KEYS["source"]
        return (
            f"{path}, line {line}: unknown key {'.'.join(places)!r}.{nearest(key, known)} "
            f"Known keys here: {', '.join(known)}."
        )
    if first["type"] == "missing":
        return f"{path}: key {'.'.join(places)!r} is missing. See data/profiles/template.toml."
    said = f"{path}, line {line}: {'.'.join(places)} is {_seen(first['input'])}; {_expected(first)}"
    return said + ("" if said.endswith((".", "?")) else ".")


def _telling(errors: list[ErrorDetails]) -> ErrorDetails:
    """The first problem; of a column that may be written in several ways, that of the nearest."""
    first = errors[0]
    branch = next((at for at, part in enumerate(first["loc"]) if _is_branch(str(part))), None)
    if branch is None or not isinstance(first["input"], dict):
        return first
    tables: dict[object, list[ErrorDetails]] = {}
    for one in errors:
        if one["loc"][:branch] == first["loc"][:branch] and one["loc"][branch] != "str":
            tables.setdefault(one["loc"][branch], []).append(one)
    nearest_table = min(tables.values(), key=len)
    return next(
        (one for one in nearest_table if one["type"] == "extra_forbidden"), nearest_table[0]
    )


def _line(text: str, places: list[str]) -> int:
    """The line of a key, of the field that holds it, or of its table."""
    if not places:
        return 1
    if len(places) > 3:
        return key_line(text, ".".join(places[:2]), places[2])
    inside = key_line(text, ".".join(places[:-1]), places[-1])
    return inside if inside > 1 else max(key_line(text, ".".join(places)), inside)


def _expected(error: ErrorDetails) -> str:
    """What pydantic expected, with the nearest of a few allowed words."""
    said = error["msg"].removeprefix("Value error, ")
    if error["type"] == "literal_error":
        hint = nearest(str(error["input"]), re.findall(r"'([^']+)'", said))
        if str(error["loc"][-1]) == "encoding" and str(error["input"]).lower().startswith("gb"):
            hint = " GBK and GB2312 are read as 'gb18030'."
        return said + "." + hint
    if error["loc"][-1] == "str":
        return (
            'expected is a column name, { join = ["a", "b"], sep = "/" }, { value = "x" } or '
            '{ from = "a", to = "b", format = "%Y-%m-%d" }'
        )
    return said


def _is_branch(part: str) -> bool:
    """Names that pydantic adds for the branches of a union."""
    return part in ("str", "Joined", "Constant", "Interval") or part.startswith("function-")


def _seen(value: Any) -> str:
    return repr(value) if len(repr(value)) < 60 else repr(value)[:57] + "…"
