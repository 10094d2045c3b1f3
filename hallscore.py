"""The command line of Hallscore: logs in, values and rankings out. Every import is lazy."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.aliases import aliases
from commands.assignments import assignments
from commands.batches import batches
from commands.compare import compare_command
from commands.divisions import divisions
from commands.exempt import exempt
from commands.export import export_command
from commands.fairness_funnel import funnel_command
from commands.inbox import inbox_command
from commands.loop import loop
from commands.options import Admit, As, AsOf, Format, Json, NewUnits, PeriodText
from commands.profile import profile
from commands.publish import diff_command, publish, verify_command
from commands.pull import pull_command
from commands.quarantine import quarantine
from commands.rebase import rebase
from commands.receipts import receipts
from commands.schemes import schemes
from commands.score import score_command
from commands.sensitivity import sensitivity_command
from commands.sheet import sheet_command
from commands.summary import summary
from commands.sure import sure_command
from terminal import parse_as_of, parse_day, progress_bar, say, write_frame, write_reports

if TYPE_CHECKING:
    import polars as pl

    from metrics.ranking import Ranking

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(quarantine, name="quarantine")
app.add_typer(batches, name="batches")
app.add_typer(assignments, name="assignments")
app.add_typer(aliases, name="aliases")
app.command("pull")(pull_command)
app.add_typer(receipts, name="receipts")
app.command("inbox")(inbox_command)
app.command("score")(score_command)
app.command("compare")(compare_command)
app.add_typer(profile, name="profile")
app.add_typer(divisions, name="divisions")
app.add_typer(summary, name="summary")
app.add_typer(exempt, name="exempt")
app.add_typer(loop, name="loop")
app.add_typer(schemes, name="schemes")
app.command("sensitivity")(sensitivity_command)
app.command("sheet")(sheet_command)
app.command("funnel")(funnel_command)
app.command("sure")(sure_command)
app.add_typer(rebase, name="rebase")
app.add_typer(publish, name="publish")
app.command("verify")(verify_command)
app.command("diff")(diff_command)
app.command("export")(export_command)

HOME = Path("var")


@app.callback()
def root(
    context: typer.Context,
    home: Annotated[Path, typer.Option(help="The folder with the store.")] = HOME,
) -> None:
    """Hallscore: fair, explainable, reproducible scores of service counters (政务服务窗口)."""
    context.obj = home


@app.command("ingest")
def ingest_command(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="One file, or several as one batch.")],
    log: Annotated[
        str,
        typer.Option(
            help="ratings, tickets, cases, inspections, attendance, rectifications, halls, …"
        ),
    ],
    profile: Annotated[str, typer.Option(help="Name of a shipped profile or path of a TOML file.")],
    period: Annotated[str | None, typer.Option(help="The period this file reports on.")] = None,
    admit_units: Admit = False,
    yes_new_units: NewUnits = None,
    as_json: Json = False,
) -> None:
    """Take one file of a log, or several as one batch, into the store."""
    from data.ingest import ingest
    from data.intake import Request

    span = None
    if period is not None:
        from metrics.periods import parse_period

        parsed = parse_period(period)
        span = (parsed.start, parsed.end)
    more = tuple(files[1:])
    request = Request(files[0], log, profile, admit_units, yes_new_units, span, more=more)
    with progress_bar() as show:
        report = ingest(context.obj, request, show)
    write_reports([report], as_json)
    if report.counts["known"] == report.counts["read"]:
        say_what_waits(context.obj, report.no)


def say_what_waits(home: Path, batch: int) -> None:
    """A file that was committed before adds nothing; its rows in quarantine go another way."""
    from data.quarantine import waiting
    from data.store import snapshot

    count = waiting(snapshot(home), batch=batch).height
    if count:
        say(
            f"{count:,} rows of this file wait in quarantine since batch {batch}; once the cause "
            f"is mended: `hallscore quarantine replay --batch {batch}` (new units: --admit-units)"
        )


@app.command()
def rollup(context: typer.Context, as_json: Json = False) -> None:
    """Bring the counter × day sums up to the store; only touched days are recomputed."""
    from metrics.rollup import refresh

    with progress_bar() as show:
        state = refresh(context.obj, show)
    if as_json:
        print(json.dumps(state.report(), ensure_ascii=False, default=str))
    else:
        say(state.sentence())


@app.command("value")
def value_command(
    context: typer.Context,
    metric: str,
    period: PeriodText,
    by: Annotated[
        str, typer.Option(help="counter, hall, township, county, department, city or all")
    ],
    as_of: AsOf = None,
    places: Annotated[
        str, typer.Option(help="then: each day where it stood; now: all as they stand today.")
    ] = "then",
    public: Annotated[
        bool, typer.Option("--public", help="Withhold counts below 5 and what gives them away.")
    ] = False,
    rolling: Annotated[
        bool, typer.Option("--rolling", help="Three months together where one has too few.")
    ] = False,
    user: As = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """A metric by unit: id, name, n, d, value, state, reported (if any is). Rates are 0–1."""
    from metrics.periods import parse_period
    from metrics.reported import value_and_reported
    from metrics.scope import scope_for

    home, day = context.obj, parse_as_of(as_of)
    scope = scope_for(home, user)
    if public or rolling:
        from commands.compare import other_form

        asked = (home, metric, parse_period(period), by, scope, day, places)
        write_frame(other_form(*asked, public=public, rolling=rolling), form, as_json)
        return
    frame = value_and_reported(home, metric, parse_period(period), by, scope, day, places)
    write_frame(frame, form, as_json)


@app.command("rank")
def rank_command(
    context: typer.Context,
    period: PeriodText,
    frame: Annotated[str | None, typer.Option(help="peers, a level, hall:ID or county:ID.")] = None,
    scheme: Annotated[str | None, typer.Option(help="Id of a scheme.")] = None,
    as_of: AsOf = None,
    user: As = None,
    form: Format = "table",
    detail: Annotated[
        bool, typer.Option(help="Each item with its value, n, d and points.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write a .xlsx or .csv file.")] = None,
    lang: Annotated[str, typer.Option(help="Language of the file: zh or en.")] = "zh",
    as_json: Json = False,
) -> None:
    """The ranking of the counters inside their frame; who is not ranked is listed after it."""
    from metrics.fairness.ranking import fair_ranking
    from metrics.periods import parse_period
    from metrics.scheme_files import DEFAULT
    from metrics.scope import scope_for

    home, day = context.obj, parse_as_of(as_of)
    chosen = scheme or DEFAULT
    ranking = fair_ranking(home, parse_period(period), scope_for(home, user), frame, chosen, day)
    if out is not None:
        from metrics.awards import awards

        given = awards(home, parse_period(period), scope_for(home, user), chosen, day)
        save_ranking(ranking, frame, out, lang, given)
        return
    write_frame(ranking.detail() if detail else ranking.table(), form, as_json)


def save_ranking(
    ranking: "Ranking", frame: str | None, out: Path, lang: str, given: "pl.DataFrame | None" = None
) -> None:
    """The ranking as the page offers it: a workbook, or csv with a BOM, that names its filters."""
    from dashboard.exports.ranking import ranking_csv, ranking_workbook
    from dashboard.text import LANGUAGES, Words
    from data.errors import HallscoreError

    if lang not in LANGUAGES:
        raise HallscoreError(f"--lang {lang!r}: known are {', '.join(LANGUAGES)}.")
    words = Words(lang)
    filters = {
        words("export.period"): ranking.period.text,
        words("export.frame"): frame or words("level.all"),
        words("export.scheme"): f"{words.of(ranking.scheme.label)} {ranking.scheme.version}",
        words("export.as_of"): ranking.as_of.isoformat(),
    }
    writers = {".xlsx": ranking_workbook, ".csv": ranking_csv}
    if out.suffix not in writers:
        raise HallscoreError(f"--out {out}: write a file named .xlsx or .csv.")
    more = [given] if out.suffix == ".xlsx" else []
    out.write_bytes(writers[out.suffix](ranking, filters, words, *more))
    say(f"{out}: {ranking.frame.height} ranked, {ranking.unranked.height} apart")


@app.command()
def doctor(context: typer.Context, as_of: AsOf = None, as_json: Json = False) -> None:
    """What is stale, missing, lagging or past review."""
    import polars as pl

    from metrics.doctor import doctor as examine

    findings = examine(context.obj, parse_as_of(as_of))
    if as_json:
        print(json.dumps(findings, ensure_ascii=False, default=str))
    elif findings:
        write_frame(pl.DataFrame(findings), "table")
    else:
        say("nothing to report")


@app.command()
def compact(context: typer.Context, as_json: Json = False) -> None:
    """One sorted file per month instead of many, and old files away; no number changes."""
    from data.housekeeping import compact as tidy

    months = tidy(context.obj)
    if as_json:
        print(json.dumps(months))
    else:
        say(", ".join(f"{log}: {n} months" for log, n in months.items()) or "nothing to do")


@app.command()
def demo(
    context: typer.Context,
    first: Annotated[str, typer.Option("--from")] = "2019-01-01",
    last: Annotated[str, typer.Option("--to")] = "2019-12-31",
    tickets: Annotated[int, typer.Option(help="About how many queue tickets a year.")] = 2_000_000,
    seed: int = 2019,
    as_json: Json = False,
) -> None:
    """Simulate a city, ingest its logs, roll them up; a home that has it is left alone."""
    wanted = {"from": first, "to": last, "tickets": tickets, "seed": seed}
    done = context.obj / "simulated" / "done.json"
    if done.exists() and json.loads(done.read_text("utf-8")) == wanted:
        say(f"{context.obj}: the simulated city is there already")
        return
    with progress_bar() as show:
        times = build_demo(context.obj, first, last, tickets, seed, show)
    done.write_text(json.dumps(wanted), "utf-8")
    if as_json:
        print(json.dumps(times))
        return
    for part, seconds in times.items():
        say(f"{part:<10} {seconds:6.1f} s")


def build_demo(
    home: Path, first: str, last: str, tickets: int, seed: int, show: Callable[[str, float], None]
) -> dict[str, float]:
    """The simulated city as logs, ingested and rolled up; seconds of each part."""
    from data.ingest import ingest
    from data.intake import Request
    from data.simulate import simulate
    from metrics.rollup import refresh

    start, end = parse_day(first, "--from"), parse_day(last, "--to")
    times = {"simulate": time.perf_counter()}
    out = home / "simulated"
    city = simulate(out, start, end, tickets=tickets, seed=seed, progress=show)
    times["ingest"] = time.perf_counter()
    for place, file in enumerate(city.files):
        show(f"ingest {file.path.name}", place / len(city.files))
        ingest(home, Request(file.path, file.log, "canonical"))
    times["rollup"] = time.perf_counter()
    refresh(home, show)
    marks = [*times.values(), time.perf_counter()]
    return {
        part: round(after - before, 2)
        for part, before, after in zip(times, marks, marks[1:], strict=False)
    }


@app.command()
def serve(
    context: typer.Context,
    port: int = 8501,
    address: Annotated[str, typer.Option(help="0.0.0.0 opens it to other machines.")] = "127.0.0.1",
    user: As = None,
) -> None:
    """Open the dashboard, for this machine only unless another address is given."""
    page = Path(__file__).parent / "dashboard" / "server.py"
    command = [sys.executable, "-m", "streamlit", "run", str(page)]
    command += [f"--server.port={port}", f"--server.address={address}"]
    environment = os.environ | {"HALLSCORE_HOME": str(context.obj.absolute())}
    # Each viewer has a thread, and glibc would give each thread a heap of its own to fragment.
    environment.setdefault("MALLOC_ARENA_MAX", "2")
    if user is not None:
        environment["HALLSCORE_AS"] = user
    os.chdir(Path(__file__).parent)  # .streamlit/config.toml is looked for here
    os.execve(sys.executable, command, environment)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; a known error is one message and exit code 2."""
    from data.errors import HallscoreError

    try:
        return app(args=arguments)
    except HallscoreError as error:
        say(f"hallscore: {error}")
        sys.exit(2)


if __name__ == "__main__":
    main()
