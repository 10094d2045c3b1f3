"""The folder of an edition: frozen inputs, results, and a manifest with the digest of every file.

`<home>/editions/<id>/` is written once, under a draft name, and renamed when it is whole.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data.disk import sync_file
from data.errors import HallscoreError, nearest
from data.frozen import sync_folder

MANIFEST, HEADER, INPUTS, RESULTS = "manifest.json", "header.json", "inputs", "results"
ID = re.compile(r"(?P<period>[0-9A-Z-]+)\.(?P<scheme>[a-z][a-z0-9_]*)\.(?P<no>[1-9][0-9]*)")
READ_ONLY = 0o444


def editions_folder(home: Path) -> Path:
    """Where the editions of a home lie."""
    return home / "editions"


def edition_path(home: Path, edition: str) -> Path:
    """The folder of an edition; HallscoreError that names the nearest where there is none."""
    path = editions_folder(home) / edition
    if ID.fullmatch(edition) is None or not (path / MANIFEST).exists():
        known = edition_ids(home)
        listed = ", ".join(known[-8:]) or "none yet"
        raise HallscoreError(
            f"edition {edition!r}: there is none of that name in {editions_folder(home)}; "
            f"there are: {listed}.{nearest(edition, known)}"
        )
    return path


def edition_ids(home: Path) -> tuple[str, ...]:
    """The editions there are: by period, then scheme, then number."""
    found = [ID.fullmatch(path.parent.name) for path in editions_folder(home).glob(f"*/{MANIFEST}")]
    named = [one for one in found if one is not None]
    ordered = sorted(named, key=lambda one: (one["period"], one["scheme"], int(one["no"])))
    return tuple(one.string for one in ordered)


def next_id(home: Path, period: str, scheme: str) -> str:
    """The id of the next edition of a period by a scheme."""
    mine = [ID.fullmatch(one) for one in edition_ids(home)]
    numbers = [
        int(one["no"]) for one in mine if one and (one["period"], one["scheme"]) == (period, scheme)
    ]
    return f"{period}.{scheme}.{max(numbers, default=0) + 1}"


@contextmanager
def new_folder(home: Path, edition: str) -> Iterator[Path]:
    """A draft folder that becomes the edition when the block ends well; nothing is left otherwise.

    The manifest is written, everything is flushed and made read-only, then it gets its name.
    """
    top = editions_folder(home)
    top.mkdir(parents=True, exist_ok=True)
    sweep(home)
    draft = top / f".draft-{os.getpid()}-{secrets.token_hex(4)}"
    draft.mkdir()
    try:
        yield draft
        _write_manifest(draft, edition)
        for path in sync_folder(draft):
            path.chmod(READ_ONLY)
        draft.replace(top / edition)
        sync_file(top)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def sweep(home: Path) -> None:
    """Remove drafts whose process is gone: they were never editions."""
    for path in editions_folder(home).glob(".draft-*"):
        if not Path(f"/proc/{path.name.split('-')[1]}").exists():
            shutil.rmtree(path, ignore_errors=True)


def _write_manifest(folder: Path, edition: str) -> None:
    content = {"format": 1, "edition": edition, "files": digests(folder)}
    write_text(folder / MANIFEST, content)


def write_text(path: Path, content: Mapping[str, Any]) -> None:
    """A JSON file that is the same for the same content."""
    text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", "utf-8")


def digest_of(path: Path) -> str:
    """sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder but its manifest, with its sha256."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: digest_of(path) for name, path in names.items() if name != MANIFEST}


def manifest_digest(home: Path, edition: str) -> str:
    """sha256 of the manifest: it names the whole content of an edition."""
    return digest_of(edition_path(home, edition) / MANIFEST)


def changed_files(folder: Path) -> tuple[str, ...]:
    """What differs from the manifest, a sentence a file: changed, missing or not listed."""
    listed = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    seen = digests(folder)
    changed = [f"{name}: changed" for name in listed if name in seen and seen[name] != listed[name]]
    missing = [f"{name}: missing" for name in listed if name not in seen]
    return (*changed, *missing, *(f"{name}: not in the manifest" for name in seen.keys() - listed))
