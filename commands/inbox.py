"""hallscore inbox: files that sources put into their folders are taken in."""

import json
from typing import Annotated

import typer

from commands.options import Json
from terminal import progress_bar, say

WAIT_S = 5.0


def inbox_command(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Empty the inboxes once and end.")] = False,
    source: Annotated[str | None, typer.Option(help="Only the inbox of this source.")] = None,
    wait: Annotated[
        float, typer.Option(help="Seconds in which a finished file does not change.")
    ] = WAIT_S,
    as_json: Json = False,
) -> None:
    """Take in the finished files of every inbox; one JSON line per file, exit code 1 if refused."""
    from data.errors import HallscoreError
    from data.inbox import empty_inboxes

    if not once:
        raise HallscoreError(
            "say `hallscore inbox --once`: a run ends when the inboxes are empty, and a timer "
            "repeats it (docs/how-to/inbox.md)."
        )
    with progress_bar() as show:
        arrivals = empty_inboxes(context.obj, wait, source, show)
    lines = [one.line() for one in arrivals]
    if as_json:
        print(json.dumps(lines, ensure_ascii=False, default=str))
    else:
        for line in lines:
            print(json.dumps(line, ensure_ascii=False, default=str))
    for one in arrivals:
        if one.troubled:
            say(f"hallscore: {one.source}/{one.file}: {one.status}: {one.error}")
    if any(one.troubled for one in arrivals):
        raise typer.Exit(1)
