"""hallscore summary day|week|month|year: 日巡查, 周小结, 月评比, 年汇总, as tables or as JSON."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import As, AsOf, Json, PeriodText
from terminal import parse_as_of, write_table

if TYPE_CHECKING:
    import polars as pl

    from metrics.beside import Like
    from metrics.periods import Period

summary = typer.Typer(help="The day, the week, the month and the year at a glance.")
SchemeName = Annotated[str | None, typer.Option(help="Id of a scheme.")]
ROWS = 20  # of a long list in the terminal; JSON has all
# What a line of the terminal has room for; frames that are not here are shown whole.
COUNTS = "metric against value before change change_kind days before_days estimated"
MOVERS = "item name hall value before change change_kind better n before_n"
COLUMNS = {
    "counts": (COUNTS, "kind n d state"),
    "movers": (MOVERS,),
    "findings": ("row name hall code points_u closed_on exempt",),
    "bad": ("row name hall code closed_on exempt",),
    "waiting": ("row name hall opened_on workdays",),
    "overdue": ("row name hall due_on opened_on workdays new closed_on",),
    "still_open": ("kind row name hall opened_on days code due_on",),
    "units": ("frame rank tied name hall rolled scored held now_u projected_rank",),
    "awards": ("award list name hall frame rank score basis quota edge titles",),
    "late": ("source hall owner first_day last_day due_on received_on state",),
}


@summary.command("day")
def summary_day(
    context: typer.Context,
    period: PeriodText,
    as_of: AsOf = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """The daily board (日巡查): rounds, findings, bad ratings, overdue cases, late sources."""
    from metrics.daily import daily_board
    from metrics.scope import scope_for

    asked = _period(period, "day")
    scope = scope_for(context.obj, user)
    board = daily_board(context.obj, asked.start, scope, parse_as_of(as_of))
    frames = {
        name: getattr(board, name)
        for name in ("counts", "halls", "findings", "bad", "waiting", "overdue", "late")
    }
    _write({"period": asked.text, "as_of": board.as_of}, frames, as_json)


@summary.command("week")
def summary_week(
    context: typer.Context,
    period: PeriodText,
    scheme: SchemeName = None,
    as_of: AsOf = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """The weekly summary (周小结): opened, closed, still open, and who moved most."""
    from metrics.scheme_files import DEFAULT
    from metrics.scope import scope_for
    from metrics.weekly import weekly_summary

    asked = _period(period, "week")
    scope = scope_for(context.obj, user)
    found = weekly_summary(context.obj, asked, scope, parse_as_of(as_of), scheme or DEFAULT)
    head = {"period": asked.text, "as_of": found.as_of, "scheme": found.scheme}
    names = ("whole", "counties", "halls", "movers", "still_open", "rounds")
    frames = {name: getattr(found, name) for name in names}
    _write(head | _compared(found.like), frames, as_json)


@summary.command("month")
def summary_month(
    context: typer.Context,
    period: PeriodText,
    scheme: SchemeName = None,
    frame: Annotated[str | None, typer.Option(help="A level, hall:ID or county:ID.")] = None,
    as_of: AsOf = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """The monthly ranking (月评比) beside the month before, and the main counts (环比, 同比)."""
    from metrics.monthly import monthly
    from metrics.scheme_files import DEFAULT
    from metrics.scope import scope_for

    asked = _period(period, "month")
    scope = scope_for(context.obj, user)
    found = monthly(context.obj, asked, scope, scheme or DEFAULT, parse_as_of(as_of), frame)
    version = f"{found.ranking.scheme.id} {found.ranking.scheme.version}"
    head = {"period": asked.text, "as_of": found.as_of, "scheme": version}
    head |= _compared(found.like)
    head |= {"before_version": found.before_version, "before_source": found.before_source}
    frames = {"counts": found.counts, "changes": found.changes, "awards": found.awards}
    frames["unranked"] = found.ranking.unranked.select("id", "name", "state", "frame", "owed_by")
    _write(head, frames, as_json)


@summary.command("year")
def summary_year(
    context: typer.Context,
    period: PeriodText,
    scheme: SchemeName = None,
    frame: Annotated[str | None, typer.Option(help="A level, hall:ID or county:ID.")] = None,
    as_of: AsOf = None,
    user: As = None,
    as_json: Json = False,
) -> None:
    """The annual roll-up (年汇总) from its months, and the lists that follow from the rules."""
    from metrics.annual import roll_up
    from metrics.awards import awards
    from metrics.scheme_files import DEFAULT
    from metrics.scope import scope_for

    asked, day = _period(period, "year"), parse_as_of(as_of)
    scope = scope_for(context.obj, user)
    found = roll_up(context.obj, asked, scope, scheme or DEFAULT, day, frame=frame)
    head: dict[str, Any] = {"period": asked.text, "as_of": found.as_of}
    head |= {"scheme": f"{found.scheme.id} {found.scheme.version}", "rule": found.rule.rule}
    head |= {"of": found.rule.of, "rule_declared": found.declared, "source": found.source}
    head |= {"to_date": found.running}
    if found.source == "computed":
        head["note"] = "未发布，按现值计算 (not published: as computed now)"
    head["versions"] = {
        one.period.text: one.scheme.version for one in found.parts if one is not None
    }
    lists = awards(context.obj, asked, scope, scheme or DEFAULT, day)
    _write(head, {"units": found.frame, "awards": lists}, as_json)


def _period(text: str, kind: str) -> "Period":
    """The period of the kind that the command is about, or a clear refusal."""
    from data.errors import HallscoreError
    from metrics.periods import parse_period

    forms = {"day": "2019-08-14", "week": "2019-W35", "month": "2019-08", "year": "2019"}
    asked = parse_period(text)
    if asked.kind != kind:
        other = f", or use `summary {asked.kind}`" if asked.kind in forms else ""
        raise HallscoreError(
            f"--period {text!r} is a {asked.kind}; `summary {kind}` is about a {kind}. "
            f"Write it as {forms[kind]}{other}."
        )
    return asked


def _compared(alike: "Like") -> dict[str, Any]:
    """What stands beside what: the days, and how many of them are working days."""
    return {
        "compared": f"{alike.now.first} – {alike.now.last}",
        "working_days": alike.days,
        "with": f"{alike.before.first} – {alike.before.last}",
        "with_working_days": alike.days_before,
        "to_date": alike.to_date,
        "calendar_estimated": alike.estimated,
    }


def _write(head: dict[str, Any], frames: dict[str, "pl.DataFrame"], as_json: bool) -> None:
    """One JSON object, or the head and one table per frame; a long one says what is left out.

    Ids of rows are the sources' own, and what looks like a personal number in them is masked.
    """
    from data.masking import mask_series

    frames = {
        name: frame.with_columns(mask_series(frame["row"])) if "row" in frame.columns else frame
        for name, frame in frames.items()
    }
    if as_json:
        rows = {name: frame.to_dicts() for name, frame in frames.items()}
        print(json.dumps(head | rows, ensure_ascii=False, default=str))
        return
    for name, said in head.items():
        print(f"{name:<20} {said}")
    for name, whole in frames.items():
        frame = _for_terminal(name, whole)
        print(f"\n{name} ({frame.height})")
        if not frame.is_empty():
            write_table(frame.head(ROWS))
        if frame.height > ROWS:
            print(f"… {frame.height - ROWS} more rows: --json has all")


def _for_terminal(name: str, frame: "pl.DataFrame") -> "pl.DataFrame":
    """The columns that a line has room for; of long lists of halls those where something was."""
    import polars as pl

    for columns in COLUMNS.get(name, ()):
        if set(columns.split()) <= set(frame.columns):
            return frame.select(columns.split())
    if name in ("halls", "rounds"):
        there = [one for one in ("rounds", "findings", "start", "opened") if one in frame.columns]
        return frame.filter(pl.any_horizontal(pl.col(there).fill_null(0) > 0))
    return frame
