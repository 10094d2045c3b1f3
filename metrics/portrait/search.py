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
    whole = pl.concat_str("name", "hall", separator="\n")
    own = [_letters(name) for name in listed["name"]]
    halls = [_letters(name) for name in listed["hall"]]
    sounds = [f"{_sounds(a)}\n{_sounds(b)}" for a, b in listed.select("name", "hall").iter_rows()]
    return listed.with_columns(
        text=pl.concat_str(whole, "id", separator="\n").str.to_lowercase(),
        own=pl.Series(own, dtype=pl.String()),
        letters=pl.Series(
            [f"{a}\n{b}" for a, b in zip(own, halls, strict=True)], dtype=pl.String()
        ),
        sounds=pl.Series(sounds, dtype=pl.String()),
    )


@cache
def _letters(name: str) -> str:
    from pypinyin import Style, lazy_pinyin  # its tables take a fifth of a second to load

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).casefold()


@cache
def _sounds(name: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name)).casefold()
