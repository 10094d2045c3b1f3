"""hallscore sheet: the month of each member of staff (个人月考核表), for who may see persons."""

from typing import Annotated

import typer

from commands.options import As, AsOf, Format, Json, PeriodText
from terminal import parse_as_of, write_frame


def sheet_command(
    context: typer.Context,
    period: PeriodText,
    hall: Annotated[str | None, typer.Option(help="Only the counters of this hall.")] = None,
    counter: Annotated[str | None, typer.Option(help="Only this counter.")] = None,
    as_of: AsOf = None,
    user: As = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """One row per member of staff: shifts by their kind, bonus and finding points."""
    from metrics.attendance_sheet import monthly_sheet
    from metrics.periods import parse_period
    from metrics.scope import scope_for

    home, day = context.obj, parse_as_of(as_of)
    scope = scope_for(home, user)
    frame = monthly_sheet(home, parse_period(period), scope, counter, hall, day)
    write_frame(frame, form, as_json)
