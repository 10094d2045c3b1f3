"""A query of a source is one SELECT and nothing else.

The read-only session is what protects the source; this refuses early, with a reason.
"""

import re

QUOTED = {
    "postgresql": re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""),
    "mariadb": re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`", re.DOTALL),
}
WRITES = re.compile(
    r"\b(insert|update|delete|merge|replace\s+into|truncate|drop|alter|create|grant|revoke|call|"
    r"copy|load|lock|into|set|for\s+share)\b",
    re.IGNORECASE,
)
STRANGE = {
    ";": "more than one statement",
    "--": "a comment",
    "/*": "a comment",
    "$$": "a dollar quote",
}


def refuse_other_than_select(query: str, kind: str) -> None:
    """ValueError with what was seen, unless the text is a single SELECT (or WITH … SELECT)."""
    bare = QUOTED[kind].sub(" '' ", query)
    if not re.match(r"\s*(select|with)\b", bare, re.IGNORECASE):
        seen = (bare.split() or ["nothing"])[0]
        raise ValueError(f"`query` must be a single SELECT; it begins with {seen!r}")
    for mark, meaning in STRANGE.items():
        if mark in bare:
            raise ValueError(f"`query` must be a single SELECT; it has {mark!r} ({meaning})")
    if found := WRITES.search(bare):
        raise ValueError(f"`query` must only read; it has the word {found[0]!r} outside quotes")
    if kind == "postgresql" and re.search(r"\be '' ", bare, re.IGNORECASE):
        raise ValueError("`query` has an E'…' text; write it as a plain '…' text")
    if not _balanced(bare):
        raise ValueError("`query` has brackets that do not pair")


def _balanced(bare: str) -> bool:
    depth = 0
    for letter in bare:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0
