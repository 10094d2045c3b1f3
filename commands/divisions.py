"""hallscore divisions: a new edition of the administrative divisions, compared and taken in."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.options import Format, Json
from terminal import parse_day, progress_bar, say, write_frame, write_reports

if TYPE_CHECKING:
    from data.divisions import Diff

divisions = typer.Typer(no_args_is_help=True, help="Editions of the administrative divisions.")
From = Annotated[str, typer.Option("--from", help="The first day of the edition.")]
Edition = Annotated[
    str | None, typer.Option(help="Which edition, where the file holds several (column edition).")
]
Decided = Annotated[
    Path | None, typer.Option(help="A csv file of decisions: code, decision, note.")
]


@divisions.command("diff")
def divisions_diff(
    context: typer.Context,
    file: Path,
    from_day: From,
    edition: Edition = None,
    decisions: Decided = None,
    template: Annotated[
        Path | None, typer.Option(help="Write a file of decisions to fill in.")
    ] = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """What an edition would open, close, rename, move and give another code; nothing changes."""
    found = compare(context.obj, file, from_day, edition, decisions)
    if template is not None:
        from data.division_decisions import write_template

        write_template(template, found)
        say(f"{template}: fill in the column decision and pass it with --decisions")
    if as_json or form == "json":
        print(json.dumps(found.report(), ensure_ascii=False, default=str))
        return
    show(found, form)


@divisions.command("import")
def divisions_import(
    context: typer.Context,
    file: Path,
    from_day: From,
    yes: Annotated[int | None, typer.Option(help="The number of changes that you read.")] = None,
    edition: Edition = None,
    decisions: Decided = None,
    as_json: Json = False,
) -> None:
    """Make the listed changes, and no others, as batches that can be withdrawn."""
    from data.division_import import import_divisions

    found = compare(context.obj, file, from_day, edition, decisions)
    with progress_bar() as bar:
        reports = import_divisions(context.obj, found, yes, bar)
    write_reports(reports, as_json)


def compare(
    home: Path, file: Path, from_day: str, edition: str | None, decisions: Path | None
) -> "Diff":
    """The diff of a file against the halls of the home on a day."""
    from data.disk import check_format
    from data.division_decisions import read_decisions
    from data.divisions import diff
    from data.editions import read_edition
    from data.store import snapshot

    day = parse_day(from_day, "--from")
    check_format(home)
    return diff(snapshot(home), read_edition(file, edition), day, read_decisions(decisions))


def show(found: "Diff", form: str) -> None:
    """The list and what it does not list, in words."""
    import polars as pl

    rows = [change.listed() for change in (*found.changes, *found.unsettled)]
    if rows:
        write_frame(pl.DataFrame(rows, infer_schema_length=None), form)
    said = (
        f"{found.edition.name} from {found.day}: {len(found.changes)} changes, "
        f"{len(found.unsettled)} to settle, {found.unchanged} halls unchanged, "
        f"{len(found.declined)} openings declined, {found.kept} kept"
    )
    say(said)
    say(
        f"it reaches down to {found.edition.reach}: {found.below} halls outside its levels are "
        "neither opened nor closed by it"
    )
    if found.uncoded:
        say(f"{found.uncoded} halls have no division code and were not compared")
