"""hallscore rebase: recorded events after which control charts have new limits."""

import json
from typing import Annotated

import typer

from commands.options import Format, Json
from terminal import parse_day, say, write_frame

rebase = typer.Typer(
    no_args_is_help=True, help="Rebases (重设基线) of control charts, by recorded events alone."
)


@rebase.command("add")
def rebase_add(
    context: typer.Context,
    metric: Annotated[str, typer.Argument(help="Id of a metric, or all.")],
    unit: Annotated[str, typer.Option(help="Id of a hall, county or counter, or all.")],
    start: Annotated[str, typer.Option("--from", help="The first day after the event.")],
    event: Annotated[str, typer.Option(help="What happened, without names of persons.")],
    by: Annotated[str, typer.Option("--by", help="Who says so; it is kept for good.")],
    as_json: Json = False,
) -> None:
    """Record an event: from its day on the chart has limits of its own, and names the event."""
    from metrics.fairness.rebasing import add_rebase

    kept = add_rebase(context.obj, metric, unit, parse_day(start, "--from"), event, by)
    if as_json:
        print(json.dumps(vars(kept), ensure_ascii=False, default=str))
    else:
        say(f"rebase {kept.no}: {kept.metric} of {kept.unit} from {kept.day}: {kept.event}")


@rebase.command("list")
def rebase_list(context: typer.Context, form: Format = "table", as_json: Json = False) -> None:
    """All recorded events by number; withdrawn ones with the reason."""
    from data.rebases import rebases
    from metrics.fairness.rebasing import rebase_frame

    found = rebase_frame(rebases(context.obj))
    write_frame(found, form, as_json)
    if found.is_empty() and not as_json and form == "table":
        say("no event is recorded: every chart has one phase")


@rebase.command("withdraw")
def rebase_withdraw(
    context: typer.Context,
    number: int,
    reason: Annotated[str, typer.Option(help="Why it leaves; it is kept for good.")],
    as_json: Json = False,
) -> None:
    """Take an event back; it stays on record, and the phase before it goes on."""
    from data.rebases import withdraw_rebase

    gone = withdraw_rebase(context.obj, number, reason)
    if as_json:
        print(json.dumps(vars(gone), ensure_ascii=False, default=str))
    else:
        say(f"rebase {gone.no} no longer counts: {gone.withdrawn}")
