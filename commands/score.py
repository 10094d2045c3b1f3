"""hallscore score: the scores of a period, and why one unit has its own."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import As, AsOf, Format, Json, PeriodText
from terminal import parse_as_of, write_frame

if TYPE_CHECKING:
    import polars as pl

    from metrics.explain import Explanation
    from metrics.scores import Scores

COLUMNS = ("label", "points", "n", "d", "value", "state", "day", "row", "exempt")


def score_command(
    context: typer.Context,
    period: PeriodText,
    scheme: Annotated[str | None, typer.Option(help="Id of a scheme.")] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", help="Id of a unit: its lines, and the difference.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="With --explain: another period than the one before.")
    ] = None,
    entity: Annotated[
        str | None, typer.Option(help="The dual entity of the scheme (chief), if not its own.")
    ] = None,
    as_of: AsOf = None,
    user: As = None,
    lang: Annotated[str, typer.Option(help="Language of the explanation: zh or en.")] = "zh",
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """Scores: id, name, score, state, observed, n and points per item; --explain: why."""
    from data.errors import HallscoreError, nearest
    from metrics.explain import explain as explain_unit
    from metrics.periods import parse_period
    from metrics.rollup import ensure
    from metrics.scheme_files import DEFAULT
    from metrics.scope import scope_for
    from metrics.scores import score

    home, scope = context.obj, scope_for(context.obj, user)
    asked = parse_period(period)
    if lang not in ("zh", "en"):
        raise HallscoreError(f"--lang {lang!r}: known are zh, en.{nearest(lang, ('zh', 'en'))}")
    if against is not None and explain is None:
        raise HallscoreError(f"--against {against!r}: a difference needs --explain ID.")
    scheme = scheme or DEFAULT
    found = score(home, asked, scope, scheme, parse_as_of(as_of), entity)
    if explain is None:
        write_frame(score_frame(found), form, as_json)
        return
    other = parse_period(against) if against is not None else asked.previous()
    before = score(home, other, scope, scheme, None, entity) if _held(scheme, home, other) else None
    if before is None and against is not None:
        score(home, other, scope, scheme, None, entity)  # says since when the scheme holds
    told = explain_unit(ensure(home), found, explain, scope, before)
    write_explanation(told, lang, form, as_json)


def _held(scheme: str, home: Any, period: Any) -> bool:
    """Whether a version of the scheme holds in a period."""
    from metrics.scheme_files import versions

    return any(one.in_force(period.start) for one in versions(scheme, home))


def score_frame(found: "Scores") -> "pl.DataFrame":
    """One row per unit: id, name, score (a text with the scheme's decimals), state, observed, n,
    and the points of each item.
    """
    import polars as pl

    from metrics.points import printed

    def text(column: str) -> "pl.Series":
        numbers = units[column].to_list()
        said = [None if one is None else printed(one, found.scheme.decimals) for one in numbers]
        return pl.Series(said, dtype=pl.String)

    units = found.units
    for item in found.scheme.items:
        part = found.parts.filter(pl.col("item") == item.id).select("id", pl.col("points_u"))
        units = units.join(
            part.rename({"points_u": item.id}), on="id", how="left", maintain_order="left"
        )
    points = {item.id: text(item.id) for item in found.scheme.items}
    named = units.select("id", "name", "state", "observed", "n")
    told = named.with_columns(score=text("score_u"), **points)
    return told.select("id", "name", "score", "state", "observed", "n", *points)


def explanation_content(told: "Explanation", lang: str) -> dict[str, Any]:
    """Everything of an explanation, JSON-ready."""
    difference, seen = told.difference, told.inspected
    change = None if difference is None else difference.change_u
    return {
        "id": told.unit,
        "name": told.name,
        "period": told.scores.period.text,
        "scheme": told.scores.scheme.id,
        "version": told.scores.scheme.version,
        "as_of": told.scores.as_of.isoformat(),
        "state": told.state,
        "score": None if told.score_u is None else told.points(told.score_u),
        "lines": told.table(lang).to_dicts(),
        "evidence": {
            name: {"count": one.count, "rows": one.rows.to_dicts()}
            for name, one in told.behind.items()
        },
        "inspected": None if seen is None else dict(seen.__dict__),
        "exemptions": told.lifted.to_dicts(),
        "against": None if difference is None else difference.before.period.text,
        "change": None if change is None else told.points(change),
        "difference": [] if difference is None else difference.table(lang).to_dicts(),
        "sentence": None if difference is None else difference.sentence(lang),
    }


def write_explanation(told: "Explanation", lang: str, form: str, as_json: bool) -> None:
    """The lines with their sum; as a table also the difference and its sentence."""
    if as_json or form == "json":
        print(json.dumps(explanation_content(told, lang), ensure_ascii=False, default=str))
        return
    lines = told.table(lang).select(COLUMNS)
    if form != "table":
        write_frame(lines, form)
        return
    chosen = told.scores.scheme
    score = "—" if told.score_u is None else told.points(told.score_u)
    print(f"{told.name} ({told.unit})  {told.scores.period.text}  {chosen.label[lang]}  {score}")
    write_frame(told.total(lang).select(COLUMNS), "table")
    for name, one in told.behind.items():
        if one.count:
            print(f"  {name}: {one.count:,} → {', '.join(one.rows['row'].drop_nulls().head(5))}")
    if told.lifted.height:
        write_frame(told.lifted, "table")
    if told.difference is not None:
        print(told.difference.sentence(lang))
        write_frame(told.difference.table(lang), "table")
