"""hallscore publish, verify and diff: editions from draft to publication, and proof of them."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import AsOf, Format, Json, PeriodText
from terminal import parse_as_of, progress_bar, say, write_frame

if TYPE_CHECKING:
    from metrics.edition import Edition

publish = typer.Typer(
    no_args_is_help=True, help="Editions of a ranking: 月评比 that leaves the house."
)
By = Annotated[str, typer.Option("--by", help="Who does it; it is kept for good.")]
Name = Annotated[str, typer.Argument(help="Id of an edition, such as 2019-08.first.1.")]
Scheme = Annotated[str | None, typer.Option(help="Id of a scheme.")]


def now() -> datetime:
    """The clock of the machine, to the second, in the zone of China, naive."""
    from zoneinfo import ZoneInfo

    from data.disk import now_in

    return now_in(ZoneInfo("Asia/Shanghai"))


@publish.command("draft")
def draft_command(
    context: typer.Context,
    period: PeriodText,
    by: By,
    scheme: Scheme = None,
    as_of: AsOf = None,
    reason: Annotated[str, typer.Option(help="Why a published edition is corrected.")] = "",
    as_json: Json = False,
) -> None:
    """Freeze inputs and results of a period; computed twice, it must come out the same."""
    from metrics.edition import draft
    from metrics.periods import parse_period
    from metrics.scheme_files import DEFAULT

    asked = (parse_period(period), by, now(), scheme or DEFAULT, parse_as_of(as_of), reason)
    with progress_bar() as show:
        told(draft(context.obj, *asked, show), as_json)


@publish.command("submit")
def submit_command(context: typer.Context, edition: Name, by: By, as_json: Json = False) -> None:
    """Hand a draft to the checker."""
    from metrics.edition import submit

    told(submit(context.obj, edition, by, now()), as_json)


@publish.command("approve")
def approve_command(context: typer.Context, edition: Name, by: By, as_json: Json = False) -> None:
    """Publish a submitted edition; who made or submitted it cannot."""
    from metrics.edition import approve

    told(approve(context.obj, edition, by, now()), as_json)


@publish.command("withdraw")
def withdraw_command(
    context: typer.Context,
    edition: Name,
    by: By,
    reason: Annotated[str, typer.Option(help="Why it leaves; it is kept for good.")],
    as_json: Json = False,
) -> None:
    """Take an edition back; it stays retrievable."""
    from metrics.edition import withdraw

    told(withdraw(context.obj, edition, by, now(), reason), as_json)


@publish.command("list")
def list_command(context: typer.Context, form: Format = "table", as_json: Json = False) -> None:
    """All editions with their state, maker, checker and digest."""
    import polars as pl

    from metrics.edition import editions

    rows = [row_of(context.obj, one) for one in editions(context.obj)]
    write_frame(pl.DataFrame(rows), form, as_json)
    if not rows and not as_json and form == "table":
        say("no edition yet: make one with publish draft")


def row_of(home: Path, one: "Edition") -> dict[str, Any]:
    """An edition as a row of the list."""
    from data.edition_ledger import PUBLISHED, history

    checked = [record for record in history(home, one.id) if record.state == PUBLISHED]
    return {
        "edition": one.id,
        "state": one.state,
        "as_of": one.header.as_of.isoformat(),
        "ranked": one.results.ranked.height,
        "apart": one.results.unranked.height,
        "made_by": one.header.made_by,
        "checked_by": checked[-1].by if checked else "",
        "corrects": one.header.corrects or "",
        "digest": one.digest[:12],
    }


def told(one: "Edition", as_json: bool) -> None:
    """Say what an edition is now."""
    ranked, apart = one.results.ranked.height, one.results.unranked.height
    if as_json:
        content = {"edition": one.id, "state": one.state, "digest": one.digest}
        print(json.dumps(content | {"ranked": ranked, "apart": apart}, ensure_ascii=False))
        return
    say(f"{one.id}: {one.state}; {ranked} ranked, {apart} apart; digest {one.digest[:12]}")


def verify_command(context: typer.Context, edition: Name, as_json: Json = False) -> None:
    """Check an edition: digests, chain, and all results computed anew from its frozen inputs."""
    from metrics.edition import verify

    with progress_bar() as show:
        found = verify(context.obj, edition, show)
    if as_json:
        print(json.dumps(asdict(found) | {"holds": found.holds}, ensure_ascii=False))
    elif found.holds:
        say(
            f"{edition} holds: {found.files} files as they were made, "
            "and every result comes out again byte for byte"
        )
    else:
        say(f"{edition} does NOT hold:\n  " + "\n  ".join(found.wrong))
    if not found.same_code and not as_json:
        say("note: this program is not the one that made it; the method may have changed since")
    if not found.holds:
        sys.exit(1)


def diff_command(
    context: typer.Context,
    first: Name,
    second: Name,
    part: Annotated[str, typer.Option(help="ranks, items, lines or header.")] = "ranks",
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """What moved from one edition to another, and why."""
    from data.errors import HallscoreError, nearest
    from metrics.edition import edition
    from metrics.edition_diff import diff

    parts = ("ranks", "items", "lines", "header")
    if part not in parts:
        raise HallscoreError(
            f"--part {part!r}: known are {', '.join(parts)}.{nearest(part, parts)}"
        )
    found = diff(edition(context.obj, first), edition(context.obj, second))
    write_frame(getattr(found, part), form, as_json)
    if form == "table" and not as_json:
        own = int(found.ranks["own"].sum())
        say(
            f"{own} counters with another result, {found.ranks.height - own} that others passed; "
            f"{len(found.sure)} more with another rank set or tier alone"
        )
