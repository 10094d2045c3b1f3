"""hallscore pull: what is new in a source's database."""

import json
from typing import Annotated

import typer

from commands.options import Admit, Json, NewUnits
from terminal import progress_bar, say, write_reports


def pull_command(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="A source of sources.toml with a database.")],
    full: Annotated[
        bool, typer.Option("--full", help="Read everything again, from the first value on.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would be read; take nothing in.")
    ] = False,
    admit_units: Admit = False,
    yes_new_units: NewUnits = None,
    as_json: Json = False,
) -> None:
    """Take what is new in a source's database into the store, by its watermark; only reading."""
    from data.pull import pull

    with progress_bar() as show:
        pulled = pull(
            context.obj,
            source,
            full=full,
            dry_run=dry_run,
            admit_units=admit_units,
            new_units=yes_new_units,
            progress=show,
        )
    if as_json:
        print(json.dumps(pulled.report(), ensure_ascii=False))
        return
    span = f"from {pulled.since or 'the beginning'} to {pulled.reached or 'no watermark yet'}"
    if dry_run:
        print(f"{source}: {pulled.read:,} rows would be read, {span.partition(' to ')[0]}")
    elif pulled.batch is None or not pulled.batch.no:
        print(f"{source}: nothing new in {pulled.read:,} rows, {span}")
    else:
        write_reports([pulled.batch], as_json=False)
        print(f"  {span}")
    for note in pulled.notes:
        say(note)
