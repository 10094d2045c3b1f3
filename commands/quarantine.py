"""hallscore quarantine: rows that were not accepted."""

from pathlib import Path

import typer

from commands.options import Admit, Format, Json, NewUnits
from terminal import progress_bar, say, write_frame, write_reports

quarantine = typer.Typer(no_args_is_help=True, help="Rows that were not accepted.")


@quarantine.command("list")
def quarantine_list(
    context: typer.Context,
    reason: str | None = None,
    batch: int | None = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """How many rows wait, by batch and reason."""
    from data.quarantine import summary, waiting
    from data.store import snapshot

    write_frame(summary(waiting(snapshot(context.obj), reason, batch)), form, as_json)


@quarantine.command("export")
def quarantine_export(
    context: typer.Context, out: Path, reason: str | None = None, batch: int | None = None
) -> None:
    """Write the waiting rows with reason, line and (masked) raw text to a csv file."""
    from data.quarantine import waiting
    from data.store import snapshot

    rows = waiting(snapshot(context.obj), reason, batch)
    out.write_bytes(b"\xef\xbb\xbf" + rows.drop("place").write_csv().encode())
    say(f"{out}: {rows.height} rows")


@quarantine.command("replay")
def quarantine_replay(
    context: typer.Context,
    reason: str | None = None,
    batch: int | None = None,
    profile: str | None = None,
    admit_units: Admit = False,
    yes_new_units: NewUnits = None,
    as_json: Json = False,
) -> None:
    """Send waiting rows through the ingest again, for instance after a unit was added."""
    from data.quarantine import replay

    with progress_bar() as show:
        reports = replay(
            context.obj,
            reason=reason,
            batch=batch,
            profile=profile,
            admit_units=admit_units,
            new_units=yes_new_units,
            progress=show,
        )
    write_reports(reports, as_json)
