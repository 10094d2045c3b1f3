"""What the command line prints: results to stdout, progress and messages to stderr."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from data.batches import Batch


SHEET_ROWS = {
    "rows of sums left out": "total_rows",
    "notes left out": "note_rows",
    "repeated headers left out": "repeated_headers",
    "hidden rows, read like others": "hidden_rows",
}
SHEET_COUNTS = ("title_rows", "blank_rows")


def say(text: str) -> None:
    """A message for people; stdout stays free for results."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None]]:
    """A bar on the terminal (stderr), silent where there is none."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=1.0)

        def show(text: str, share: float) -> None:
            bar.update(task, description=text, completed=share)

        yield show


def parse_as_of(text: str | None) -> date | None:
    """The day of --as-of, if one is given."""
    return None if text is None else parse_day(text, "--as-of")


def parse_day(text: str, option: str) -> date:
    """An ISO date of an option, or a clear refusal."""
    from data.errors import HallscoreError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HallscoreError(f"{option} {text!r}: not a date. Write it as 2019-09-05.") from None


def write_frame(frame: "pl.DataFrame", form: str, as_json: bool = False) -> None:
    """Print a frame as table, csv or JSON; numbers as numbers."""
    from data.errors import HallscoreError, nearest

    form = "json" if as_json else form
    if form == "json":
        print(json.dumps(frame.to_dicts(), ensure_ascii=False, default=str))
    elif form == "csv":
        print(frame.write_csv(), end="")
    elif form == "table":
        write_table(frame)
    else:
        raise HallscoreError(
            f"--format {form!r}: known formats are table, csv, json."
            f"{nearest(form, ['table', 'csv', 'json'])}"
        )


def write_table(frame: "pl.DataFrame") -> None:
    """A table for the terminal, all rows, values as people read them."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name, kind in frame.schema.items():
        table.add_column(name, justify="right" if kind.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*("" if cell is None else _cell(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _cell(cell: object) -> str:
    return f"{cell:.4f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell)


def write_reports(reports: list["Batch"], as_json: bool) -> None:
    """Batch reports: JSON, or words in which the sum can be checked."""
    if as_json:
        contents = [report.report() for report in reports]
        print(json.dumps(contents[0] if len(contents) == 1 else contents, ensure_ascii=False))
        return
    for report in reports:
        counts = report.counts
        print(f"batch {report.no}  {report.log}  {report.file}  profile {report.profile}")
        for key, count in counts.items():
            print(f"  {key:<12} {count:>12,}")
        print(f"  {'quarantined':<12} {sum(report.quarantined.values()):>12,}")
        for reason, count in report.quarantined.items():
            where = "" if report.parts else f"{report.file}, "
            print(f"    {reason:<22} {count:>8,}  {where}{report.examples[reason]}")
        if report.admitted_units:
            print(f"  admitted {report.admitted_units} halls and counters from the log")
        for sheet in report.sheets:
            for sentence in sheet_sentences(sheet):
                print(f"  {sentence}")


def sheet_sentences(sheet: dict[str, Any]) -> list[str]:
    """What was left out of a sheet and what was hidden in it; nothing where nothing was."""
    counted = [
        (name, len(sheet[key]), numbers(sheet[key]))
        for name, key in SHEET_ROWS.items()
        if sheet[key]
    ]
    told = [f"{n} {name} (line {lines})" for name, n, lines in counted]
    told += [f"{sheet[key]} {key.replace('_', ' ')}" for key in SHEET_COUNTS if sheet[key]]
    if sheet["hidden_columns"]:
        told.append(f"hidden columns {', '.join(sheet['hidden_columns'])} (read like others)")
    title = f"{sheet['file']}, sheet {sheet['sheet']}, header in line {sheet['header'][0]}"
    left = [f"sheet {name} was not read: {why}" for name, why in sheet["left_sheets"].items()]
    return [f"{title}: {'; '.join(told)}" if told else title, *left]


def numbers(lines: Sequence[int]) -> str:
    """The first of many lines."""
    return ", ".join(map(str, lines[:5])) + (" …" if len(lines) > 5 else "")
