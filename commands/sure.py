"""hallscore sure: how sure the values of a metric are, by unit (可靠程度)."""

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import As, AsOf, Format, Json, PeriodText
from terminal import parse_as_of, say, write_frame

if TYPE_CHECKING:
    import polars as pl

    from metrics.fairness.second_look import SecondLook

ROWS = 20  # of a long list in the terminal; --format csv and --json have all
REDRESS = "rerating_satisfaction"
IN_A_TABLE = (
    *("id", "name", "n", "d", "value", "state", "low", "high"),
    *("shrunk", "shrunk_low", "shrunk_high", "reliability"),
)
OF_RATINGS = ("response_rate",)


def sure_command(
    context: typer.Context,
    metric: Annotated[str, typer.Argument(help="Id of a metric.")],
    period: PeriodText,
    by: Annotated[
        str, typer.Option(help="counter, hall, township, county, department, city or all")
    ] = "counter",
    unit: Annotated[str | None, typer.Option(help="Id of one unit.")] = None,
    halves: Annotated[
        bool, typer.Option("--split-half", help="Do odd and even days order the units alike?")
    ] = False,
    sources: Annotated[
        bool,
        typer.Option("--agreement", help=f"Call-back against second rating; of {REDRESS}."),
    ] = False,
    as_of: AsOf = None,
    user: As = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """n, d, value, interval, shrunk value, reliability, peers and response rate, by unit."""
    from data.errors import HallscoreError
    from metrics.fairness.second_look import second_look
    from metrics.fairness.shrunk import shrunk
    from metrics.fairness.split_half import split_halves
    from metrics.periods import parse_period
    from metrics.scope import scope_for

    form = "json" if as_json else form
    home, scope, asked = context.obj, scope_for(context.obj, user), parse_period(period)
    day = parse_as_of(as_of)
    head = {"metric": metric, "period": asked.text, "by": by}
    if (halves, sources, unit is not None).count(True) > 1:
        raise HallscoreError("--unit, --split-half, --agreement: ask for one of them.")
    if sources:
        if metric != REDRESS:
            raise HallscoreError(
                f"metric {metric!r} has one source. Two are there of {REDRESS}: the call-back and "
                "the citizen's second rating."
            )
        _write_look(second_look(home, asked, scope, by, day), head, form)
        return
    if halves:
        _write(split_halves(home, metric, asked, by, scope, day), head, form)
        return
    told = shrunk(home, metric, asked, by, scope, day)
    if unit is not None:
        told = one_unit(told, unit)
    columns = list(IN_A_TABLE) + [name for name in OF_RATINGS if told[name].count()]
    _write(told.select(columns) if form == "table" else told, head, form)


def one_unit(told: "pl.DataFrame", unit: str) -> "pl.DataFrame":
    """The row of a unit; an unknown one raises HallscoreError with the nearest."""
    import polars as pl

    from data.errors import HallscoreError, nearest

    found = told.filter(pl.col("id") == unit)
    if found.is_empty():
        known = told["id"].to_list()
        raise HallscoreError(f"--unit {unit!r}: no such unit here.{nearest(unit, known)}")
    return found


def _write_look(found: "SecondLook", head: dict[str, Any], form: str) -> None:
    told = {
        name: None if isinstance(one, float) and math.isnan(one) else one
        for name, one in asdict(found.whole).items()
    }
    head = head | {"as_of": found.as_of.isoformat(), "agreement": told}
    if form == "table":
        for name, one in told.items():
            print(f"{name:<12} {one if one is None else round(one, 4)}")
    _write(found.units, head, form)


def _write(frame: "pl.DataFrame", head: dict[str, Any], form: str) -> None:
    if form == "json":
        print(json.dumps(head | {"rows": frame.to_dicts()}, ensure_ascii=False, default=str))
        return
    write_frame(frame.head(ROWS) if form == "table" else frame, form)
    if form == "table" and frame.height > ROWS:
        say(f"… {frame.height - ROWS} more rows: --format csv or --json has all")
