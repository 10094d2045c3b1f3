"""The files of the repository, as the house tests see them."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def repository_files() -> list[Path]:
    """All files that are in the repository or about to be: tracked, or new and not ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def product_files(*suffixes: str) -> list[Path]:
    """The product's own code: the three rooms, the command line and what judges the methods."""
    rooms = {"data", "metrics", "dashboard", "commands", "simulation", "hallscore.py"}
    return [
        path
        for path in repository_files()
        if path.suffix in suffixes and path.relative_to(ROOT).parts[0] in rooms
    ]


def place(path: Path, line: int) -> str:
    """Where something stands, as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}"


def copy_repository(target: Path) -> None:
    """What a fresh clone would hold: no virtual environment, no store, no caches."""
    for path in repository_files():
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
