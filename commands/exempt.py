"""hallscore exempt: decisions that a hall or counter does not answer for a stretch of time."""

from datetime import datetime
from typing import Annotated

import typer

from commands.options import As, AsOf, Format, Json, PeriodText
from terminal import parse_as_of, parse_day, say, write_frame, write_reports

exempt = typer.Typer(
    no_args_is_help=True, help="Exemptions (豁免): what is lifted, by whose decision."
)
FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")


@exempt.command("add")
def exempt_add(
    context: typer.Context,
    start: Annotated[str, typer.Option("--from", help="2019-08-14 09:00")],
    end: Annotated[str, typer.Option("--to", help="Until before this moment.")],
    cause: Annotated[str, typer.Option(help="system_fault, power_cut, epidemic or other.")],
    by: Annotated[str, typer.Option("--by", help="Who decides; it is kept for good.")],
    hall: Annotated[str | None, typer.Option(help="Id of the hall.")] = None,
    counter: Annotated[str | None, typer.Option(help="Id of one counter alone.")] = None,
    city: Annotated[bool, typer.Option("--city", help="The whole city.")] = False,
    below: Annotated[bool, typer.Option("--below", help="The halls below the hall too.")] = False,
    system: Annotated[
        str, typer.Option(help="all, queue, rating, case, inspection or attendance.")
    ] = "all",
    grounds: Annotated[str, typer.Option(help="In words, without names or numbers.")] = "",
    on: Annotated[str | None, typer.Option("--on", help="Day of the decision; today.")] = None,
    as_json: Json = False,
) -> None:
    """Enter one exemption; it is a batch of its own, and `batches withdraw` takes it back."""
    from data.entry import enter
    from data.errors import HallscoreError

    if city == bool(hall or counter):
        raise HallscoreError(
            "an exemption means a hall (--hall H), a counter (--counter C) or everybody (--city): "
            f"seen are --hall {hall!r}, --counter {counter!r}{', --city' if city else ''}. "
            "Name one of them."
        )
    row = {
        "hall_id": hall,
        "counter_id": counter,
        "includes_below": below,
        "system": system,
        "starts_at": parse_moment(start, "--from"),
        "ends_at": parse_moment(end, "--to"),
        "cause": cause,
        "grounds": grounds,
        "decided_on": None if on is None else parse_day(on, "--on"),
    }
    write_reports([enter(context.obj, "exemptions", row, by)], as_json)


@exempt.command("list")
def exempt_list(
    context: typer.Context,
    period: PeriodText = "",
    as_of: AsOf = None,
    user: As = None,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """The standing exemptions of a period (default: the last year) and how much they lifted."""
    from data.disk import now_in
    from data.profile import SITE_ZONE
    from metrics.exemptions import exemptions
    from metrics.periods import parse_period
    from metrics.rollup import ensure
    from metrics.scope import scope_for

    home, scope = context.obj, scope_for(context.obj, user)
    last = ensure(home).last_day
    asked = parse_period(period or str(now_in(SITE_ZONE).year if last is None else last.year))
    frame = exemptions(home, asked, scope, parse_as_of(as_of))
    write_frame(frame, form, as_json)
    if frame.is_empty() and not as_json and form == "table":
        say(f"no exemption touches {asked.text}")


def parse_moment(text: str, option: str) -> datetime:
    """A moment of an option at the site, or a clear refusal."""
    from data.errors import HallscoreError

    for form in FORMS:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007
        except ValueError:
            continue
    raise HallscoreError(
        f"{option} {text!r}: not a moment. Write it as 2019-08-14 09:00, in the zone of the site."
    )
