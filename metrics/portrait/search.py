"""Search of units by name, by what is inside it, by pinyin initials or full pinyin."""

from functools import cache, lru_cache

import polars as pl

from metrics.cube import CubeState
from metrics.periods import Period
from metrics.portrait.nodes import LISTED, nodes
from metrics.scope import Scope

MOST = 20
FOUND = pl.Schema({**LISTED, "hits": pl.Int64()})


def find(
    state: CubeState, period: Period, scope: Scope, query: str, most: int = MOST
) -> pl.DataFrame:
    """FOUND: the units that hold every word of the query, the closest first, at most `most`.

    A word may be in the name, the id or the name of a counter's hall, as characters, as pinyin
    initials (tyq for 天元区) or as full pinyin. `hits`: how many there are in all.
    """
    words = query.casefold().split()
    if not words:
        return pl.DataFrame(schema=FOUND)
    rows = _index(state, period, scope)
    for word in words:
        plain = pl.concat_str("text", "letters", "sounds", separator="\n")
        rows = rows.filter(plain.str.contains(word, literal=True))
    first, name = words[-1], pl.col("name").str.to_lowercase()
    closeness = (
        pl.when(name == first)
        .then(0)
        .when(name.str.starts_with(first))
        .then(1)
        .when(name.str.contains(first, literal=True))
        .then(2)
        .when(pl.col("own").str.starts_with(first))
        .then(3)
        .otherwise(4)
    )
    told = rows.sort(closeness, "at").head(most)
    return told.with_columns(hits=pl.lit(rows.height, pl.Int64())).select(list(FOUND))


@lru_cache(maxsize=8)
def _index(state: CubeState, period: Period, scope: Scope) -> pl.DataFrame:
    """Nodes with what is looked through: text, letters (initials), sounds; own: the name's."""
    listed = nodes(state, period, scope).filter("valid").with_row_index("at")
    heard = pl.DataFrame(
        [(name, *_sounds(name)) for name in {*listed["name"], *listed["hall"]}],
        schema={"name": pl.String(), "own": pl.String(), "sounds": pl.String()},
        orient="row",
    )
    halls = heard.select(hall="name", hall_own="own", hall_sounds="sounds")
    named = listed.join(heard, on="name", maintain_order="left")
    both = named.join(halls, on="hall", maintain_order="left")
    return both.with_columns(
        text=pl.concat_str("name", "hall", "id", separator="\n").str.to_lowercase(),
        letters=pl.concat_str("own", "hall_own", separator="\n"),
        sounds=pl.concat_str("sounds", "hall_sounds", separator="\n"),
    ).drop("hall_own", "hall_sounds")


@cache
def _sounds(name: str) -> tuple[str, str]:
    """The initials and the full pinyin of a name; letters and digits stand for themselves."""
    from pypinyin import lazy_pinyin  # its tables take a fifth of a second to load

    # The stub of `errors` forgets that it may give a list: one part per letter.
    parts = lazy_pinyin(name, errors=list)  # type: ignore[arg-type]
    return "".join(one[0] for one in parts).casefold(), "".join(parts).casefold()
