"""What moved between two editions, and why: own results, places taken by others, inputs."""

from dataclasses import dataclass

import polars as pl

from metrics.edition import Edition
from metrics.edition_frames import LINES
from metrics.edition_results import Results

OWN = ("state", "score", "veto")
PRINTED = ("rank", "tied", "frame")
SURE = ("rank_low", "rank_high", "tier")
POINTS = ("points", "n", "d", "state", "weight")
RANKS = pl.Schema(
    {
        "id": pl.String(),
        "name": pl.String(),
        "hall_id": pl.String(),
        "hall": pl.String(),
        "frame": pl.String(),
        "rank_a": pl.Int64(),
        "rank_b": pl.Int64(),
        "score_a": pl.Float64(),
        "score_b": pl.Float64(),
        "change": pl.Float64(),
        "state_a": pl.String(),
        "state_b": pl.String(),
        "own": pl.Boolean(),  # its own result changed; else others passed it
        "items": pl.String(),  # the items whose points changed, by id
    }
)


@dataclass(frozen=True, eq=False)
class Difference:
    """From edition `a` to edition `b`; empty names are of what is only computed.

    `ranks`: RANKS, one row for each unit whose printed result (score, state, veto, rank) differs.
    `items`: id, item and each of POINTS as <name>_a, <name>_b where one differs. `lines`: LINES and
    `side` (a: only in the first, b: only in the second): the evidence that came or left. `sure`:
    ids whose rank set or tier alone differs. `header`: what, a, b of what the editions rest on.
    """

    a: str
    b: str
    ranks: pl.DataFrame
    items: pl.DataFrame
    lines: pl.DataFrame
    sure: tuple[str, ...]
    header: pl.DataFrame


def diff(a: Edition, b: Edition) -> Difference:
    """What moved from one edition to another, compared as printed."""
    return compare(a.results, b.results)


def compare(a: Results, b: Results) -> Difference:
    """What moves from one set of results to another: editions, or what `results_of` computes."""
    items = _items(a, b)
    changed = items.group_by("id").agg(items=pl.col("item").sort().str.join(","))
    both = _joined(a.ranking, b.ranking, ("id",))
    own, printed, sure = (_differs(names) for names in (OWN, PRINTED, SURE))
    told = both.with_columns(_own=own, _printed=printed, _sure=sure)
    moved = told.filter(pl.col("_own") | pl.col("_printed")).join(
        changed, on="id", how="left", maintain_order="left"
    )
    ranks = moved.with_columns(
        name=pl.coalesce("name_b", "name_a"),
        hall_id=pl.coalesce("hall_id_b", "hall_id_a"),
        hall=pl.coalesce("hall_b", "hall_a"),
        frame=pl.coalesce("frame_b", "frame_a"),
        change=(pl.col("score_b") - pl.col("score_a")).round(4),
        own="_own",
    ).sort("frame", "rank_b", "id", nulls_last=True)
    only = told.filter(pl.col("_sure"), ~pl.col("_own"), ~pl.col("_printed"))
    return Difference(
        a=a.header.id,
        b=b.header.id,
        ranks=ranks.select(pl.col(name).cast(kind) for name, kind in RANKS.items()),
        items=items,
        lines=_lines(a, b),
        sure=tuple(only["id"]),
        header=_headers(a, b),
    )


def _joined(one: pl.DataFrame, other: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """Both frames side by side, columns with _a and _b; null where one has no such row."""
    named = [
        frame.rename({name: f"{name}_{side}" for name in frame.columns if name not in keys})
        for side, frame in (("a", one), ("b", other))
    ]
    return named[0].join(named[1], on=list(keys), how="full", coalesce=True).sort(*keys)


def _differs(names: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(~pl.col(f"{name}_a").eq_missing(pl.col(f"{name}_b")) for name in names)


def _items(a: Results, b: Results) -> pl.DataFrame:
    both = _joined(a.items, b.items, ("id", "item"))
    columns = [f"{name}_{side}" for name in POINTS for side in ("a", "b")]
    return both.filter(_differs(POINTS)).select("id", "item", *columns)


def _lines(a: Results, b: Results) -> pl.DataFrame:
    """Evidence rows that only one of the two has."""
    keys = [name for name in LINES if name != "rule"]
    parts = [
        one.lines.join(other.lines, on=keys, how="anti", nulls_equal=True)
        .filter(pl.col("row").is_not_null())
        .with_columns(side=pl.lit(side))
        for side, one, other in (("a", a, b), ("b", b, a))
    ]
    return pl.concat(parts).sort("id", "item", "day", "row")


def _headers(a: Results, b: Results) -> pl.DataFrame:
    """What the editions rest on, where they differ."""
    rows = []
    for what in ("as_of", "code", "seed", "stamp", "reason"):
        one, other = (str(getattr(each.header, what)) for each in (a, b))
        if one != other:
            rows.append({"what": what, "a": one, "b": other})
    versions = [each.header.scheme.version for each in (a, b)]
    if versions[0] != versions[1]:
        rows.append({"what": "scheme", "a": versions[0], "b": versions[1]})
    return pl.DataFrame(rows, schema={"what": pl.String, "a": pl.String, "b": pl.String})
