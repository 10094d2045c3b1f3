"""hallscore loop: bad ratings and what becomes of them (差评闭环)."""

from typing import Annotated

import typer

from commands.options import As, AsOf, Format, Json
from terminal import parse_as_of, write_frame

# What fits beside each other on a screen; csv and JSON have all columns.
IN_A_TABLE = (
    *("rating_id", "counter", "hall", "opened_on", "state"),
    *("next_stage", "next_due_on", "days_left", "step", "verdict"),
)
loop = typer.Typer(no_args_is_help=True, help="Bad ratings and what becomes of them.")


@loop.command("list")
def loop_list(
    context: typer.Context,
    period: Annotated[str | None, typer.Option(help="Those that were opened in it.")] = None,
    state: Annotated[
        str | None,
        typer.Option(
            help="unsigned, open, signed, verified, rectified, replied, closed, overdue or voided"
        ),
    ] = None,
    as_of: AsOf = None,
    user: As = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """One row per bad rating: stage, due day of the next one, days left, step of the ladder."""
    from metrics.loop import loop as rows_of
    from metrics.periods import parse_period
    from metrics.scope import scope_for

    span = None if period is None else parse_period(period)
    scope = scope_for(context.obj, user)
    rows = rows_of(context.obj, scope, parse_as_of(as_of), span, state)
    if form == "table" and not as_json:
        rows = rows.select(IN_A_TABLE)
    write_frame(rows, form, as_json)
