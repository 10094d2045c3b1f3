"""A trial of a profile on a file: what is read and what is refused, and nothing is taken in."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from data.drafting_looks import BLOT
from data.masking import mask_series
from data.profile import Profile, source_columns
from data.typed import inversion_error, read_typed, unreadable_error
from data.typing_rules import Tally

PERSONAL = ("staff_id", "inspector_id")


@dataclass
class Sample:
    """Of the rows looked at: how many, and the first of those read and of those refused.

    `rows` are typed, personal columns blotted out; `rejects` are line, reason, detail, raw
    (masked); `warnings` would refuse the whole file at its ingest.
    """

    read: int = 0
    accepted: int = 0
    no_rating: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    rejects: pl.DataFrame = field(default_factory=pl.DataFrame)
    warnings: list[str] = field(default_factory=list)
    whole: bool = True


def try_out(path: Path, profile: Profile, log: str, show: int = 20, most: int = 200_000) -> Sample:
    """Type a file by a profile up to about `most` rows; HallscoreError where it does not fit.

    Whether the halls and counters are known is not asked: that needs a store.
    """
    sample, tallies, grades = Sample(), dict[str, Tally](), dict[int, int]()
    for chunk in read_typed(path, profile, log):
        if sample.read >= most:
            sample.whole = False
            break
        sample.read += chunk.read
        sample.accepted += chunk.rows.height
        sample.no_rating += chunk.no_rating
        sample.rows = _more(sample.rows, chunk.rows, show)
        sample.rejects = _more(sample.rejects, chunk.rejects, show)
        for reason, count in chunk.rejects.group_by("reason").len().iter_rows():
            sample.reasons[reason] = sample.reasons.get(reason, 0) + count
        for column, tally in chunk.tallies.items():
            tallies[column] = tallies[column].plus(tally) if column in tallies else tally
        if log == "ratings":
            for grade, count in chunk.rows.group_by("grade").len().iter_rows():
                grades[grade] = grades.get(grade, 0) + count
    errors = (unreadable_error(tallies, profile, log, path), inversion_error(grades, profile, path))
    sample.warnings = [str(error) for error in errors if error is not None]
    sample.rows = _shown(sample.rows)
    sample.rejects = _without_names(sample.rejects, profile, log)
    return sample


def _more(kept: pl.DataFrame, chunk: pl.DataFrame, show: int) -> pl.DataFrame:
    if kept.width and kept.height >= show:
        return kept
    return pl.concat([kept, chunk])[:show] if kept.width else chunk.head(show)


def _shown(rows: pl.DataFrame) -> pl.DataFrame:
    """Columns that hold something; numbers of persons masked, names of staff blotted out."""
    columns = []
    for column in rows.iter_columns():
        if column.null_count() == len(column) and column.name != "line":
            continue
        if column.name in PERSONAL:
            column = pl.Series(column.name, [None if one is None else BLOT for one in column])
        columns.append(mask_series(column) if column.dtype == pl.String else column)
    return pl.DataFrame(columns)


def _without_names(rejects: pl.DataFrame, profile: Profile, log: str) -> pl.DataFrame:
    """Rejects whose raw text shows nobody's name: blotted in a row, left out of a piece of one."""
    columns = profile.part(log).columns
    sources = [columns[field] for field in PERSONAL if field in columns]
    names = [name for source in sources for name in source_columns(source)]
    if not names or rejects.is_empty():
        return rejects
    told = [_blotted(text, names) for text in rejects["raw"]]
    return rejects.with_columns(raw=pl.Series(told, dtype=pl.String))


def _blotted(text: str | None, names: list[str]) -> str | None:
    if text is None:
        return None
    try:
        row = json.loads(text)
    except ValueError:
        return BLOT
    if not isinstance(row, dict):
        return BLOT
    shown = {name: BLOT if name in names and cell else cell for name, cell in row.items()}
    return json.dumps(shown, ensure_ascii=False)
