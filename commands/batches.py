"""hallscore batches: deliveries and the way back."""

import json
from pathlib import Path
from typing import Annotated

import typer

from commands.options import Admit, Format, Json, NewUnits
from terminal import progress_bar, say, write_frame, write_reports

batches = typer.Typer(no_args_is_help=True, help="Deliveries and the way back.")


@batches.command("list")
def batches_list(context: typer.Context, form: Format = "table", as_json: Json = False) -> None:
    """All committed batches."""
    import polars as pl

    from data.store import snapshot

    rows = [batch.report() for batch in snapshot(context.obj).batches]
    if as_json or form == "json":
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        row["quarantined"] = sum(row["quarantined"].values())
        del row["examples"], row["sheets"]
    write_frame(pl.DataFrame(rows, infer_schema_length=None), form)


@batches.command("withdraw")
def batches_withdraw(
    context: typer.Context,
    batch: int,
    reason: Annotated[str, typer.Option()],
    as_json: Json = False,
) -> None:
    """Take a file out of every view; nothing is erased, its ids are free again."""
    from data.wayback import left_open, withdraw

    gone = withdraw(context.obj, batch, reason)
    write_reports(gone, as_json)
    for sentence in left_open(context.obj, gone):
        say(sentence)


@batches.command("replace")
def batches_replace(
    context: typer.Context,
    batch: int,
    files: Annotated[list[Path], typer.Argument(help="One file, or several as one batch.")],
    profile: str | None = None,
    admit_units: Admit = False,
    yes_new_units: NewUnits = None,
    as_json: Json = False,
) -> None:
    """Put a corrected file in the place of a batch, in one step."""
    from data.wayback import replace_batch

    with progress_bar() as show:
        report = replace_batch(
            context.obj,
            batch,
            files[0],
            profile,
            admit_units,
            yes_new_units,
            progress=show,
            more=tuple(files[1:]),
        )
    write_reports([report], as_json)
