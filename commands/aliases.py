"""hallscore aliases: what the names that sources write stand for."""

from typing import Annotated, Any

import typer

from commands.options import Format, Json
from terminal import parse_day, progress_bar, write_frame, write_reports

aliases = typer.Typer(no_args_is_help=True, help="What the names that sources write stand for.")

By = Annotated[str, typer.Option("--by", help="Who decides; it is kept for good.")]
Source = Annotated[str | None, typer.Option(help="Source of sources.toml, or the profile's name.")]
Kind = Annotated[str | None, typer.Option(help="counter, hall or department.")]
Hall = Annotated[str | None, typer.Option(help="Id: only in rows of this hall (counters).")]
Start = Annotated[str | None, typer.Option("--from", help="First day on which it holds.")]
End = Annotated[str | None, typer.Option("--to", help="First day on which it no longer holds.")]
Replay = Annotated[bool, typer.Option("--replay/--no-replay", help="Try the waiting rows again.")]


@aliases.command("list")
def aliases_list(
    context: typer.Context,
    waiting: Annotated[
        bool, typer.Option("--waiting/--decided", help="What waits, or what was decided.")
    ] = True,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """Spellings that wait, with the nearest units; or the decisions, with who and when."""
    import polars as pl

    from data.aliases import decided_names, waiting_names
    from data.store import snapshot

    snap = snapshot(context.obj)
    if not waiting:
        write_frame(decided_names(snap), form, as_json)
        return
    frame = waiting_names(snap)
    if not as_json and form != "json":
        near = pl.element().struct.field("unit_id") + " " + pl.element().struct.field("name")
        frame = frame.with_columns(
            pl.col("batches").cast(pl.List(pl.String)).list.join(" "),
            pl.col("nearest").list.eval(near).list.join("; "),
        )
    write_frame(frame, form, as_json)


@aliases.command("accept")
def aliases_accept(
    context: typer.Context,
    spelling: str,
    by: By,
    unit: Annotated[str, typer.Option(help="Id of the counter, hall or department.")],
    source: Source = None,
    kind: Kind = None,
    hall: Hall = None,
    start: Start = None,
    end: End = None,
    again: Replay = True,
    as_json: Json = False,
) -> None:
    """Decide that a spelling is this unit, and take in the rows that wait for it."""
    from data.aliases import accept

    choice = _choice(spelling, by, source, kind, hall, start, end)
    with progress_bar() as show:
        reports = accept(context.obj, choice, unit, again=again, progress=show)
    write_reports(reports, as_json)


@aliases.command("reject")
def aliases_reject(
    context: typer.Context,
    spelling: str,
    by: By,
    source: Source = None,
    kind: Kind = None,
    hall: Hall = None,
    start: Start = None,
    end: End = None,
    again: Replay = True,
    as_json: Json = False,
) -> None:
    """Decide that a spelling is no unit of ours; its rows stay in quarantine and are counted."""
    from data.aliases import reject

    choice = _choice(spelling, by, source, kind, hall, start, end)
    with progress_bar() as show:
        reports = reject(context.obj, choice, again=again, progress=show)
    write_reports(reports, as_json)


def _choice(
    spelling: str,
    by: str,
    source: str | None,
    kind: str | None,
    hall: str | None,
    start: str | None,
    end: str | None,
) -> Any:
    from data.aliases import Choice

    first = None if start is None else parse_day(start, "--from")
    last = None if end is None else parse_day(end, "--to")
    return Choice(spelling, by, source, kind, hall, first, last)
