"""The house keeps its words: the glossary in code, nothing personal, no machine."""

import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

from data.masking import is_id_number

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("data", "metrics", "dashboard", "commands", "simulation")
NEVER = {"window", "windows", "evaluation", "evaluate", "data", "info", "obj", "tmp", "res"}
MODULES = {"util", "utils", "helper", "helpers", "common", "misc"}
# Names of other people that we must use as they are.
THEIRS = {"data": "the room itself, and streamlit's and altair's argument", "info": "st.info"}


def tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.suffix in suffixes and path.exists()]


def code_files() -> list[Path]:
    inside = [p for p in tracked(".py") if p.relative_to(ROOT).parts[0] in ROOMS]
    return [*inside, ROOT / "hallscore.py", ROOT / "terminal.py"]


def names_bound_in(path: Path) -> set[str]:
    """Names that the file itself gives: assigned, defined, or parameters."""
    tokens = list(tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline))
    found = set()
    for at, token in enumerate(tokens[:-1]):
        if token.type != tokenize.NAME:
            continue
        after, before = tokens[at + 1].string, tokens[at - 1].string if at else ""
        if before in ("def", "class", "for", "as") or (after in ("=", ":") and before != "."):
            found.add(token.string)
    return found


def test_no_file_gives_a_banned_name() -> None:
    """`window` and its kin are nobody's names here; see the glossary."""
    wrong = {}
    for path in code_files():
        for name in names_bound_in(path):
            parts = set(name.lower().split("_"))
            bad = {"window", "evaluation"} & parts or ({name} & NEVER) - set(THEIRS)
            if bad:
                wrong[f"{path.relative_to(ROOT)}: {name}"] = bad
    assert not wrong


def test_no_sql_uses_window() -> None:
    """The word is reserved in DuckDB and means too much elsewhere."""
    wrong = [
        p.name for p in tracked(".sql") if re.search(r"\bwindow\b", p.read_text("utf-8"), re.I)
    ]
    assert not wrong


def test_no_module_is_a_drawer() -> None:
    """A module has a subject."""
    assert not [path for path in code_files() if path.stem in MODULES]


@pytest.mark.parametrize("path", code_files(), ids=lambda path: path.name)
def test_a_file_has_one_subject(path: Path) -> None:
    """Over 400 lines it has grown a second one."""
    assert len(path.read_text("utf-8").splitlines()) <= 400


TEXTS = (".py", ".sql", ".toml", ".md", ".csv", ".json", ".txt", ".yaml", ".sh", ".ipynb")


def test_no_file_holds_an_id_number() -> None:
    """A number with a right check digit would be a citizen's."""
    wrong = []
    for path in tracked(*TEXTS):
        if path.parent.name == "house" or "zhuzhou_divisions" in path.name:
            continue
        for number in re.findall(r"(?<!\d)\d{17}[\dXx](?![\dXx])", path.read_text("utf-8")):
            if is_id_number(number) and "made up" not in path.read_text("utf-8"):
                wrong.append(f"{path.relative_to(ROOT)}: {number[:6]}…")
    assert not wrong


def test_no_file_names_a_machine() -> None:
    """Paths of one machine have no place in the repository."""
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/")
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked(*TEXTS, "")
        if path.parent.name != "house" and pattern.search(path.read_text("utf-8", "replace"))
    ]
    assert not wrong
