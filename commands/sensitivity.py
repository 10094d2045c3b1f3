"""hallscore sensitivity: what a ranking owes to the weights of its scheme (权重敏感性)."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import As, AsOf, Json, PeriodText
from terminal import parse_as_of, write_table

if TYPE_CHECKING:
    from metrics.fairness.sensitivity import Flip

ROWS = 20  # of a long list in the terminal; JSON has all
COLUMNS = ("frame", "rank", "id", "name")


def sensitivity_command(
    context: typer.Context,
    period: PeriodText,
    scheme: Annotated[str | None, typer.Option(help="Id of a scheme.")] = None,
    frame: Annotated[str | None, typer.Option(help="A level, hall:ID or county:ID.")] = None,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Ids of two units: the smallest change of the weights that flips them."),
    ] = None,
    as_of: AsOf = None,
    user: As = None,
    lang: Annotated[str, typer.Option(help="Language of the statements: zh or en.")] = "zh",
    as_json: Json = False,
) -> None:
    """Who stays in the first tenth when every weight moves by ±20 %; --pair A B: what flips two."""
    import polars as pl

    from data.errors import HallscoreError, nearest
    from metrics.fairness.sensitivity import (
        SPREAD,
        WEIGHTINGS,
        WORDS,
        flips,
        sensitivity,
        statement,
    )
    from metrics.periods import parse_period
    from metrics.scheme_files import DEFAULT
    from metrics.scope import scope_for

    if lang not in WORDS:
        raise HallscoreError(f"--lang {lang!r}: known are zh, en.{nearest(lang, tuple(WORDS))}")
    home, scope, asked = context.obj, scope_for(context.obj, user), parse_period(period)
    name, day = scheme or DEFAULT, parse_as_of(as_of)
    head: dict[str, Any] = {"period": asked.text, "scheme": name}
    if pair is not None:
        _write_flip(head, flips(home, asked, scope, name, *pair, day), pair, as_json)
        return
    found = sensitivity(home, asked, scope, name, frame, day)
    head |= {"weightings": WEIGHTINGS, "spread": SPREAD}
    if as_json:
        rows = [one | {"statement": statement(one["moves5"], lang)} for one in found.to_dicts()]
        print(json.dumps(head | {"units": rows}, ensure_ascii=False))
        return
    _write_head(head)
    write_table(found.select(*COLUMNS, pl.exclude(COLUMNS)).head(ROWS))
    if found.height > ROWS:
        print(f"… {found.height - ROWS} more rows: --json has all")
    for one in found.head(3).to_dicts():
        print(f"{one['name']} ({one['id']}): {statement(one['moves5'], lang)}")


def _write_flip(
    head: dict[str, Any], found: "Flip | None", pair: tuple[str, str], as_json: bool
) -> None:
    """The change by item, and the scores before and after; or that there is none."""
    head |= {"pair": list(pair), "flips": found is not None}
    if found is not None:
        head |= {"ahead": found.ahead, "behind": found.behind, "moved": found.moved}
        head |= {"before": list(found.before), "after": list(found.after)}
    rows = [] if found is None else found.frame.to_dicts()
    if as_json:
        print(json.dumps(head | {"items": rows}, ensure_ascii=False))
        return
    _write_head(head)
    if found is None:
        print(
            "没有权重能使两者持平 (no weights bring the two level: the one behind is nowhere "
            "better, or rules without weight keep them apart)"
        )
        return
    write_table(found.frame)


def _write_head(head: dict[str, Any]) -> None:
    for name, said in head.items():
        print(f"{name:<12} {said}")
