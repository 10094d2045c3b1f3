"""The files of a ranking that go out together: workbook, csv, and a ZIP with their manifest."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.edition_workbook import (
    Issue,
    edition_filters,
    edition_workbook,
    items_sheet,
    ledger_sheet,
    ranking_frame,
    unranked_sheet,
)
from dashboard.text import Words
from metrics.edition_results import Results

Progress = Callable[[str, float], None]
MANIFEST = "manifest.json"
UNSAFE = str.maketrans(dict.fromkeys('\\/:*?"<>| ', "_"))
FIRST = (1980, 1, 1, 0, 0, 0)  # what a ZIP can say at the earliest


def pack_files(
    results: Results, issue: Issue, words: Words, progress: Progress | None = None
) -> dict[str, bytes]:
    """Every file of the pack by its name; the same edition gives the same bytes."""
    show = progress or (lambda text, share: None)
    stem = _stem(results, issue, words)
    filters = edition_filters(results, issue, words)
    show("workbook", 0.3)
    files = {f"{stem}.xlsx": edition_workbook(results, issue, words)}
    show("csv", 0.7)
    sheets = {
        "ranking": ranking_frame(results, words),
        "items": items_sheet(results, words).frame,
        "ledger": ledger_sheet(results, words).frame,
        "unranked": unranked_sheet(results, words).frame,
    }
    for name, frame in sheets.items():
        title = words(f"edition.{name}").translate(UNSAFE)
        files[f"{stem}_{title}.csv"] = csv_bytes(_spelt(frame), filters)
    manifest = _manifest(results, issue, words, files)
    return files | {MANIFEST: (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()}


def _spelt(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers as they are, without the noise of binary fractions."""
    return frame.with_columns(pl.col(pl.Float64).round(4))


def _stem(results: Results, issue: Issue, words: Words) -> str:
    """Period, whose part, what, and the number of the edition or the word draft."""
    told = results.header
    mark = f"v{told.id.rpartition('.')[2]}" if told.id else ""
    state = words(f"edition_state.{issue.state}") if issue.state != "published" else ""
    place = results.part or words("edition.whole")
    parts = (told.period.text, place, words("ranking.title"), told.scheme.id, mark, state)
    return "_".join(one for one in parts if one).translate(UNSAFE)


def _manifest(
    results: Results, issue: Issue, words: Words, files: Mapping[str, bytes]
) -> dict[str, object]:
    return {
        "edition": results.header.id,
        "state": issue.state,
        "digest": issue.digest,
        "part": results.part or words("edition.whole"),
        "filters": edition_filters(results, issue, words),
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
    }


def zip_bytes(files: Mapping[str, bytes], made: datetime | None) -> bytes:
    """One ZIP of the files, with the time of the edition on each."""
    out = io.BytesIO()
    when = made.timetuple()[:6] if made else FIRST
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, max(when, FIRST))  # type: ignore[arg-type]
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def write_pack(
    results: Results, issue: Issue, words: Words, out: Path, progress: Progress | None = None
) -> tuple[Path, list[Path]]:
    """Write the pack and its ZIP into a folder below `out`; the folder and the files."""
    files = pack_files(results, issue, words, progress)
    stem = _stem(results, issue, words)
    folder = out / stem
    folder.mkdir(parents=True, exist_ok=True)
    archive = {f"{stem}.zip": zip_bytes(files, results.header.made_at)}
    written = []
    for name, content in {**files, **archive}.items():
        draft = folder / f".{name}"
        draft.write_bytes(content)
        draft.replace(folder / name)
        written.append(folder / name)
    if progress:
        progress("files", 1.0)
    return folder, written
