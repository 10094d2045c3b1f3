"""hallscore compare: a few units and who of them can be told apart; other forms of values."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import As, AsOf, Format, Json, PeriodText
from terminal import parse_as_of, say, write_frame

if TYPE_CHECKING:
    import polars as pl

    from metrics.fairness.small_frame import SmallFrame
    from metrics.periods import Period
    from metrics.scope import Scope

IN_A_TABLE = (
    *("rank", "tied", "id", "name", "n", "d", "value", "lower", "upper"),
    *("rank_low", "rank_high", "letters", "state"),
)


def compare_command(
    context: typer.Context,
    metric: Annotated[str, typer.Option(help="A rate of the catalogue, such as on_time_rate.")],
    period: PeriodText,
    by: Annotated[str, typer.Option(help="counter, hall, township, county or department")] = (
        "county"
    ),
    frame: Annotated[
        str | None, typer.Option(help="A level, hall:ID, county:ID or a peer group.")
    ] = None,
    as_of: AsOf = None,
    user: As = None,
    lang: Annotated[str, typer.Option(help="Language of the sentences: zh or en.")] = "zh",
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """At most 30 units by one rate: interval, rank set, letters, and what can be said of them."""
    from data.errors import HallscoreError, nearest
    from metrics.fairness.small_frame import small_frame
    from metrics.periods import parse_period
    from metrics.scope import scope_for

    if lang not in ("zh", "en"):
        raise HallscoreError(f"--lang {lang!r}: known are zh, en.{nearest(lang, ('zh', 'en'))}")
    scope, day = scope_for(context.obj, user), parse_as_of(as_of)
    told = small_frame(context.obj, metric, parse_period(period), by, scope, frame, day)
    if as_json or form == "json":
        print(json.dumps(content(told), ensure_ascii=False, default=str))
        return
    write_frame(told.units if form == "csv" else told.units.select(IN_A_TABLE), form)
    for sentence in told.sentences(lang) if form == "table" else ():
        say(sentence)


def content(told: "SmallFrame") -> dict[str, Any]:
    """Everything of a comparison, JSON-ready."""
    return {
        "metric": told.metric.id,
        "period": told.period.text,
        "by": told.by,
        "as_of": told.as_of.isoformat(),
        "k": told.k,
        "pairs": told.pairs,
        "told_apart": told.told_apart,
        "rho": told.rho,
        "sentences": {lang: told.sentences(lang) for lang in ("zh", "en")},
        "units": told.units.to_dicts(),
    }


def other_form(
    home: Path,
    metric: str,
    period: "Period",
    by: str,
    scope: "Scope",
    as_of: date | None,
    places: str,
    *,
    public: bool,
    rolling: bool,
) -> "pl.DataFrame":
    """What `value --public` and `value --rolling` print; not both, and 当时口径 only."""
    from data.errors import HallscoreError

    if public and rolling:
        raise HallscoreError(
            "--public --rolling: months and their sums beside each other would give small counts "
            "away. Ask for one of them."
        )
    if places != "then":
        raise HallscoreError(
            f"--places {places}: --public and --rolling count where it stood then."
        )
    if public:
        from metrics.fairness.suppressed import public_value

        say("suppressed (＜5): fewer than five people, or withheld to keep such a count unknown")
        return public_value(home, metric, period, by, scope, as_of)
    from metrics.fairness.rolling import rolled

    return rolled(home, metric, period, by, scope, as_of=as_of)
