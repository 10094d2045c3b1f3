"""hallscore receipts: who has reported (报送情况), and statements that there was nothing."""

import json
from datetime import datetime
from typing import Annotated

import typer

from commands.options import As, AsOf, Format, Json, PeriodText
from terminal import parse_as_of, say, write_frame

receipts = typer.Typer(help="Who has reported what, in time or late, and who owes it (谁未报送).")


@receipts.callback(invoke_without_command=True)
def receipts_list(
    context: typer.Context,
    period: Annotated[
        str | None, typer.Option("--period", help="2019, 2019-Q3, 2019-08, 2019-W35, 2019-08-14")
    ] = None,
    as_of: AsOf = None,
    user: As = None,
    only: Annotated[
        str | None, typer.Option(help="Only this state: received, late, missing, not due, nil.")
    ] = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """The receipt list of a period, as things stood on --as-of (without it: today)."""
    if context.invoked_subcommand is not None:
        return
    import polars as pl

    from data.disk import now_in
    from data.errors import HallscoreError, nearest
    from data.profile import SITE_ZONE
    from metrics.periods import parse_period
    from metrics.receipts import STATES, receipts
    from metrics.rollup import ensure
    from metrics.scope import scope_for

    if period is None:
        raise HallscoreError("hallscore receipts: --period is missing, for instance 2019-08.")
    if only is not None and only not in STATES:
        raise HallscoreError(
            f"--only {only!r}: known are {', '.join(STATES)}.{nearest(only, STATES)}"
        )
    day = parse_as_of(as_of) or now_in(SITE_ZONE).date()
    scope = scope_for(context.obj, user)
    frame = receipts(ensure(context.obj), parse_period(period), scope, day)
    write_frame(frame if only is None else frame.filter(pl.col("state") == only), form, as_json)


@receipts.command("nil")
def receipts_nil(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Its name in sources.toml.")],
    period: PeriodText,
    by: Annotated[str, typer.Option("--by", help="Who states it.")],
    reason: Annotated[str, typer.Option(help="Why there was nothing to report.")],
    unit: Annotated[
        str | None, typer.Option(help="The hall that must report; without it, all of the source.")
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="The day on which it was stated; without it, today.")
    ] = None,
    as_json: Json = False,
) -> None:
    """State that a source had nothing to report: its units are `none`, not `missing`."""
    from metrics.nil import state_nil
    from metrics.periods import parse_period

    at = None if on is None else datetime.fromisoformat(f"{parse_as_of(on)} 00:00:00")
    nil = state_nil(context.obj, source, parse_period(period), unit, by, reason, at)
    if as_json:
        print(json.dumps(nil.__dict__, ensure_ascii=False, default=str))
    else:
        where = nil.unit or "all halls of the source"
        say(f"nil receipt {nil.no}: {nil.source}, {where}, {period}: nothing to report")


@receipts.command("withdraw")
def receipts_withdraw(
    context: typer.Context,
    number: int,
    reason: Annotated[str, typer.Option()],
    as_json: Json = False,
) -> None:
    """Take a nil receipt back; it stays on record, and the delivery is owed again."""
    from data.nil_receipts import withdraw_nil

    nil = withdraw_nil(context.obj, number, reason)
    if as_json:
        print(json.dumps(nil.__dict__, ensure_ascii=False, default=str))
    else:
        say(f"nil receipt {nil.no} no longer counts: {nil.withdrawn}")
