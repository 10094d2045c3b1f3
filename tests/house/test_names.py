"""The words we do not use are in no code, not in a text or comment of it either."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import place, product_files

# A reserved word of DuckDB that also means four other things, and a word that hides whether a
# rating (评价) or an assessment (考核) is meant. Neither stands anywhere: name, text or comment.
NOWHERE = {"window", "windows", "evaluation", "evaluations"}
VARIABLES = {"data", "info", "obj", "tmp", "res", "service"}
VERBS = {"process", "handle", "manage", "do"}

# Somebody else's names, which we have to spell as they do; each with its reason.
ALLOWED = {
    "transform_window": "Altair's method for a running sum",
    "handle_s": "办理时长, the handling time of the glossary",
}


def words_of(text: str) -> set[str]:
    """The lower-case words in names and prose: snake_case and camelCase are taken apart."""
    for name in ALLOWED:
        text = re.sub(rf"\b{name}\b", " ", text)
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    return set(re.findall(r"[a-z]+", split.lower()))


def banned_tokens(path: Path, text: str) -> Iterator[str]:
    """Banned words of a Python file, token by token, so that the line is named."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        for word in words_of(token.string) & NOWHERE:
            yield f"{place(path, token.start[0])}: {word!r}"


def banned_names(path: Path, text: str) -> Iterator[str]:
    """Variables and functions with a name that says nothing."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name, banned = node.id, node.id in VARIABLES
        elif isinstance(node, ast.arg):
            name, banned = node.arg, node.arg in VARIABLES
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name, banned = node.name, node.name.lstrip("_").split("_")[0] in VERBS
        else:
            continue
        if banned and name not in ALLOWED:
            yield f"{place(path, node.lineno)}: {name!r}"


def banned_sql(path: Path, text: str) -> Iterator[str]:
    """Banned words of a SQL file, comments and all, and columns that are not named."""
    for number, line in enumerate(text.splitlines(), 1):
        for word in words_of(line) & NOWHERE:
            yield f"{place(path, number)}: {word!r}"
        if re.search(r"\bSELECT\s+\*", line, re.IGNORECASE):
            yield f"{place(path, number)}: columns are named, never *"


def test_the_python_keeps_to_the_glossary():
    """A banned word is named with its file and line."""
    found = [
        line
        for path in product_files(".py")
        for rule in (banned_tokens, banned_names)
        for line in rule(path, path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_the_sql_keeps_to_the_glossary():
    """A banned word is named with its file and line."""
    files = product_files(".sql")
    assert files
    found = [line for path in files for line in banned_sql(path, path.read_text("utf-8"))]
    assert not found, "\n".join(found)


def test_planted_words_are_found():
    """The checks above see what they are there for."""
    path = product_files(".py")[0]
    assert list(banned_tokens(path, "last_window = 3\n"))
    assert list(banned_tokens(path, "x = 'SELECT n FROM evaluation'\n"))
    assert not list(banned_tokens(path, "chart.transform_window(total)\n"))
    assert list(banned_names(path, "def handle_rows(data): res = data\n"))
    assert not list(banned_names(path, "handle_s = 3\n"))
    assert list(banned_sql(path, "SELECT * FROM ratings"))
    assert list(banned_sql(path, "SUM(n) OVER w WINDOW w AS (ORDER BY day)"))
