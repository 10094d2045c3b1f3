"""hallscore assignments: who was asked to see to which figure, by when (交办)."""

from datetime import datetime
from typing import Annotated

import typer

from commands.options import As, Format, Json
from terminal import parse_day, say, write_frame

assignments = typer.Typer(help="Assignments (交办): a unit is to see to a figure by a day.")
By = Annotated[str, typer.Option("--by", help="Who says it; kept for good.")]
Told = Annotated[str, typer.Option("--text", help="What was done; kept for good.")]


@assignments.callback(invoke_without_command=True)
def assignments_list(
    context: typer.Context,
    user: As = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """All assignments that you may see, overdue ones first, as they stand today."""
    if context.invoked_subcommand is not None:
        return
    from data.disk import now_in
    from data.profile import SITE_ZONE
    from metrics.assigned import assigned
    from metrics.scope import scope_for

    day = now_in(SITE_ZONE).date()
    write_frame(assigned(context.obj, scope_for(context.obj, user), day), form, as_json)


@assignments.command("add")
def assignments_add(
    context: typer.Context,
    metric: Annotated[str, typer.Argument(help="A metric of the catalogue.")],
    unit: Annotated[str, typer.Option(help="Id of the hall or counter; empty: the city.")],
    period: Annotated[str, typer.Option("--period", help="The period of the figure.")],
    task: Annotated[str, typer.Option(help="What is to be done; kept for good.")],
    due: Annotated[str, typer.Option(help="The last day, 2019-09-12.")],
    by: By,
    user: As = None,
) -> None:
    """Assign a figure to a unit; the figure is printed into the record as it stands now."""
    from data.assignments import Assignment, assign
    from data.disk import now_in
    from data.profile import SITE_ZONE
    from metrics.assigned import check_unit, figure_of
    from metrics.catalogue import metric as metric_of
    from metrics.periods import parse_period
    from metrics.scope import scope_for

    scope, now = scope_for(context.obj, user), now_in(SITE_ZONE)
    one, asked = metric_of(metric), parse_period(period)
    check_unit(context.obj, scope, unit, now.date())
    figure = figure_of(context.obj, one, asked, scope, unit)
    wanted = Assignment(0, unit, one.id, asked.text, figure, task, parse_day(due, "--due"), by, now)
    kept = assign(context.obj, wanted)
    say(f"assignment {kept.no}: {one.id} {figure}, due {kept.due}")


@assignments.command("answer")
def assignments_answer(context: typer.Context, number: int, by: By, text: Told) -> None:
    """Answer an open assignment (反馈)."""
    from data.assignments import answer

    kept = answer(context.obj, number, _said(by, text))
    say(f"assignment {kept.no}: {len(kept.answers)} answers")


@assignments.command("done")
def assignments_done(context: typer.Context, number: int, by: By, text: Told) -> None:
    """Close an assignment (办结); it stays on record."""
    from data.assignments import close

    kept = close(context.obj, number, _said(by, text))
    say(f"assignment {kept.no} is done")


def _said(by: str, text: str):  # type: ignore[no-untyped-def]  # the import is lazy
    from data.assignments import Said
    from data.disk import now_in
    from data.profile import SITE_ZONE

    when: datetime = now_in(SITE_ZONE)
    return Said(by, text, when)
