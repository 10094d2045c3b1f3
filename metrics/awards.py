"""Awards by rule (评优): red and black lists, candidates by titles, and runs of last places."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from data.errors import HallscoreError
from metrics.annual import parts_of, roll_up
from metrics.award_lists import AWARDS
from metrics.eligibility import ineligible
from metrics.months import Months, published_or_computed
from metrics.periods import Period
from metrics.points import as_points
from metrics.rollup import ensure
from metrics.scheme_files import DEFAULT, versions
from metrics.scheme_model import Award, LastPlaces
from metrics.scope import Scope
from metrics.values import default_as_of

__all__ = ["AWARDS", "awards"]

TITLES = pl.Schema({"id": pl.String(), "titles": pl.Int64(), "periods": pl.String()})
GROUPS = {"frame": pl.col("frame"), "hall": pl.col("hall_id"), "all": pl.lit("all")}


@dataclass(frozen=True)
class _Asked:
    home: Path
    period: Period
    scope: Scope
    scheme: str
    as_of: date | None
    entity: str | None


def awards(
    home: Path,
    period: Period,
    scope: Scope,
    scheme: str = DEFAULT,
    as_of: date | None = None,
    entity: str | None = None,
) -> pl.DataFrame:
    """AWARDS that follow from a scheme's rules in a period, among the units that the scope sees.

    Lists of the period's own kind: those of a month from its ranking, those of a quarter or year
    from the roll-up. Who is not ranked gets nothing; who has a veto or is not eligible gets no red
    list, and the next one moves up. At the edge of a quota all of the tied get in. The first of a
    group is never among its last, so that nobody is blamed where all are equal.
    """
    asked = _Asked(home, period, scope, scheme, as_of, entity)
    found = _standing(asked)
    if found is None:
        return pl.DataFrame(schema=AWARDS)
    lists = [
        _listed(asked, found, award, ()) for award in found.scheme.awards if _fits(award, period)
    ]
    if found.scheme.period == period.kind:
        lists += [_last(asked, found, one) for one in found.scheme.last_places]
    return pl.concat([pl.DataFrame(schema=AWARDS), *lists])


def _fits(award: Award, period: Period) -> bool:
    return award.period == period.kind


def _standing(asked: _Asked) -> Months | None:
    """The ranked units of a period, or of its roll-up; None where there is nothing to rank."""
    state, period = ensure(asked.home), asked.period
    known = [
        one
        for one in versions(asked.scheme, asked.home)
        if one.valid_from < period.end and (one.valid_to is None or one.valid_to > period.start)
    ]
    if not known or period.start > (asked.as_of or default_as_of(state, period)):
        return None
    if any(one.in_force(period.start) and one.period == period.kind for one in known):
        return published_or_computed(
            asked.home, asked.scheme, period, asked.scope, asked.as_of, asked.entity
        )
    lists = [one.period for version in known for one in version.awards]
    if period.kind not in lists:
        return None
    up = roll_up(asked.home, period, asked.scope, asked.scheme, asked.as_of, entity=asked.entity)
    return Months(period, up.scheme, up.as_of, up.source, up.frame)


def _listed(asked: _Asked, found: Months, award: Award, seen: tuple[str, ...]) -> pl.DataFrame:
    """Who is on a list: by the titles it needs, then by its quota."""
    ranked = _ranked(found.units, award.within)
    titles = _titles(asked, found, award, seen)
    who = ranked if titles is None else ranked.join(titles, on="id", maintain_order="left")
    if titles is None:
        who = who.with_columns(titles=pl.lit(None, pl.Int64), periods=pl.lit(None, pl.String))
    if award.list == "red":
        out = ineligible(
            *(ensure(asked.home), found.scheme, who, asked.period, asked.scope, found.as_of),
            entity=asked.entity,
        )
        who = who.join(out, on="id", how="anti", maintain_order="left").filter(~pl.col("barred"))
        if award.least is not None:
            who = who.filter(pl.col("score_u") >= award.least)
    if award.count is None and award.share is None:
        told = who.with_columns(quota=pl.lit(None, pl.Int64), edge=pl.lit(value=False))
        return _shaped(told, found, award.id, award.list, "titles")
    sizes = ranked.group_by("group").agg(quota=_quota(award), best=pl.col("standing").min())
    placed = who.join(sizes, on="group", maintain_order="left")
    return _shaped(
        _first(placed, last=award.list == "black"),
        found,
        award.id,
        award.list,
        "count" if award.share is None else "share",
    )


def _quota(award: Award) -> pl.Expr:
    """Places of a group: a count, or a share of its ranked, rounded down, at least one."""
    if award.share is None:
        return pl.lit(award.count, pl.Int64)
    part = pl.len().cast(pl.Int64) * award.share.numerator // award.share.denominator
    return pl.max_horizontal(part, 1).cast(pl.Int64)


def _ranked(units: pl.DataFrame, within: str) -> pl.DataFrame:
    """The ranked of a period with the group in which a quota counts."""
    ranked = units.filter(pl.col("rank").is_not_null()).with_columns(group=GROUPS[within])
    return ranked.sort("standing", "id")


def _first(placed: pl.DataFrame, *, last: bool) -> pl.DataFrame:
    """The first (or last) of each group up to its quota, ties at the edge with them."""
    if last:
        placed = placed.filter(pl.col("standing") > pl.col("best"))
    place = pl.col("standing").rank("min", descending=last).over("group").cast(pl.Int64)
    taken = placed.with_columns(place=place).filter(pl.col("place") <= pl.col("quota"))
    over = pl.len().over("group") > pl.col("quota")
    return taken.with_columns(edge=over & (pl.col("place") == pl.col("place").max().over("group")))


def _titles(
    asked: _Asked, found: Months, award: Award, seen: tuple[str, ...]
) -> pl.DataFrame | None:
    """TITLES of those who have enough awards of the list that this one needs; None: none needed."""
    if award.of is None:
        return None
    if award.of in (*seen, award.id):
        raise HallscoreError(
            f"scheme {asked.scheme!r}, award {award.id!r}: `of` leads back to {award.of!r}. "
            "An award rests on lists that do not rest on it."
        )
    inner = next(one for one in found.scheme.awards if one.id == award.of)
    way = (*seen, award.id)
    if inner.period == award.period:
        lists = [(asked.period, _listed(asked, found, inner, way))]
    else:
        lists = [
            (part, _list_named(replace(asked, period=part), award.of, way))
            for part in parts_of(asked.period, inner.period)
        ]
    rows = [one.select("id", part=pl.lit(part.text)) for part, one in lists]
    together = pl.concat([pl.DataFrame(schema={"id": pl.String(), "part": pl.String()}), *rows])
    sums = together.group_by("id").agg(
        titles=pl.len().cast(pl.Int64), periods=pl.col("part").sort().str.join(",")
    )
    return sums.filter(pl.col("titles") >= award.needs).match_to_schema(TITLES)


def _list_named(asked: _Asked, name: str, seen: tuple[str, ...]) -> pl.DataFrame:
    """One list of a shorter period, by the version of the scheme then in force."""
    cutoff = asked.as_of or ensure(asked.home).last_day
    found = None if cutoff is not None and asked.period.start > cutoff else _standing(asked)
    known = [] if found is None else [one for one in found.scheme.awards if one.id == name]
    if found is None or not known or not _fits(known[0], asked.period):
        return pl.DataFrame(schema=AWARDS)
    return _listed(asked, found, known[0], seen)


def _last(asked: _Asked, found: Months, rule: LastPlaces) -> pl.DataFrame:
    """Who is among the last of the own frame in so many periods running, this one included."""
    who, period, spans = _among_last(found, rule.last), asked.period, [asked.period.text]
    for _ in range(rule.periods - 1):
        period = period.previous()
        spans.append(period.text)
        before = _standing(replace(asked, period=period))
        if before is None:
            return pl.DataFrame(schema=AWARDS)
        who = who.join(_among_last(before, rule.last), on="id", how="semi", maintain_order="left")
    told = who.with_columns(
        titles=pl.lit(None, pl.Int64), periods=pl.lit(",".join(reversed(spans)))
    )
    return _shaped(told, found, rule.id, "last", "last")


def _among_last(found: Months, count: int) -> pl.DataFrame:
    ranked = _ranked(found.units, "frame")
    best = ranked.group_by("group").agg(best=pl.col("standing").min())
    placed = ranked.join(best, on="group", maintain_order="left")
    return _first(placed.with_columns(quota=pl.lit(count, pl.Int64)), last=True)


def _shaped(who: pl.DataFrame, found: Months, award: str, listed: str, basis: str) -> pl.DataFrame:
    given = who.with_columns(
        award=pl.lit(award),
        list=pl.lit(listed),
        basis=pl.lit(basis),
        source=pl.lit(found.source),
        score=as_points("score_u"),
        by_rule=pl.lit(value=True),
    )
    ordered = given.sort("order", "frame", "rank", "id", descending=_down(listed))
    return ordered.select(pl.col(name).cast(kind) for name, kind in AWARDS.items())


def _down(listed: str) -> Sequence[bool]:
    """A list of the last begins with the last."""
    return [False, False, listed != "red", False]
