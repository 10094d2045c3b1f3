"""hallscore funnel: which units lie outside what chance allows, and rates at the same case mix."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import As, AsOf, Json, PeriodText
from terminal import parse_as_of, write_table

if TYPE_CHECKING:
    import polars as pl

    from metrics.fairness.case_mix import CaseMix
    from metrics.fairness.funnel import MetricFunnel

ROWS = 20  # of a long list in the terminal; JSON has all
SHOWN = ["id", "name", "hall", "n", "d", "value", "lower998", "upper998", "outlier", "state"]
MIX = ["id", "name", "n", "d", "value", "o", "e", "sr", "low", "high", "adjusted", "own_share"]


def funnel_command(
    context: typer.Context,
    metric: Annotated[str, typer.Argument(help="Id of a metric that is a share.")],
    period: PeriodText,
    frame: Annotated[
        str | None, typer.Option(help="A level, all, hall:ID or county:ID; else all units.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="counter, hall, township, county, department or city")
    ] = "counter",
    case_mix: Annotated[
        bool, typer.Option("--case-mix", help="The rate at the city's mix of items instead.")
    ] = False,
    as_of: AsOf = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """Funnel (漏斗图): n, d, value, limits; outside the limits is a lead, not a verdict."""
    from data.errors import HallscoreError
    from metrics.fairness.case_mix import adjusted
    from metrics.fairness.funnel import funnel
    from metrics.periods import parse_period
    from metrics.scope import scope_for

    scope, asked, day = scope_for(context.obj, user), parse_period(period), parse_as_of(as_of)
    if case_mix and frame is not None:
        raise HallscoreError(
            f"--frame {frame!r}: --case-mix compares each unit with all of the scope; leave out "
            "--frame, or name the unit with --by."
        )
    if case_mix:
        _write_mix(adjusted(context.obj, metric, asked, scope, by, day), period, metric, as_json)
        return
    _write_funnel(funnel(context.obj, metric, asked, scope, frame, by, day), as_json)


def _write_funnel(found: "MetricFunnel", as_json: bool) -> None:
    import polars as pl

    head: dict[str, Any] = {"period": found.period.text, "as_of": found.as_of}
    head |= {"metric": found.metric.id, "by": found.by, "frame": found.frame, "kind": found.kind}
    head |= {"units": found.points.height, "target": found.target, "phi": found.phi}
    head |= {"tau2": found.tau2, "adjusted": found.adjusted}
    if as_json:
        rows = {"points": found.points.to_dicts(), "curve": found.curve.to_dicts()}
        print(json.dumps(head | rows, ensure_ascii=False, default=str))
        return
    _print_head(head | {"note": "落在界外是线索，不是结论 (outside is a lead, not a verdict)"})
    outside = found.points.filter(pl.col("outside") != "none").sort("p", "id")
    _print_rows("outside the 99.8 % limits", outside.select(SHOWN))
    _print_rows("points", found.points.select(SHOWN))


def _write_mix(found: "CaseMix", period: str, metric: str, as_json: bool) -> None:
    head: dict[str, Any] = {"period": period, "as_of": found.as_of, "metric": metric}
    head |= {"counted": found.counted, "overall": found.overall}
    if as_json:
        rows = {"units": found.frame.to_dicts()}
        print(json.dumps(head | rows, ensure_ascii=False, default=str))
        return
    _print_head(head)
    _print_rows("units", found.frame.select(MIX))


def _print_head(head: dict[str, Any]) -> None:
    for name, said in head.items():
        print(f"{name:<20} {said}")


def _print_rows(name: str, frame: "pl.DataFrame") -> None:
    print(f"\n{name} ({frame.height})")
    if not frame.is_empty():
        write_table(frame.head(ROWS))
    if frame.height > ROWS:
        print(f"… {frame.height - ROWS} more rows: --json has all")
