"""How one question, a spelling with its hall and day, is answered by decisions and by names."""

import polars as pl

from data.nearest_names import Near

UNMATCHED, REJECTED = "unmatched_name", "rejected_name"


def by_alias(questions: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """_place, _fits, _rejected of the questions that a decision answers.

    An alias with a hall is for rows of that hall; one without is for rows that name no hall or
    the hall of its counter. The alias with the hall goes first.
    """
    both = questions.join(aliases, left_on="_spelling", right_on="spelling")
    anywhere = pl.col("alias_hall").is_null() & (
        pl.col("_hall").is_null()
        | (pl.col("decision") == "reject")
        | pl.col("homes").list.contains(pl.col("_hall")).fill_null(value=False)
    )
    here = (pl.col("alias_hall") == pl.col("_hall")).fill_null(value=False)
    fitting = both.filter(
        here | anywhere,
        pl.col("valid_from") <= pl.col("_since"),
        pl.col("_since") < pl.col("valid_to"),
    ).with_columns(_own=pl.col("alias_hall").is_not_null())
    nearest = fitting.filter(pl.col("_own") == pl.col("_own").max().over("_place"))
    return nearest.group_by("_place").agg(
        _fits=pl.col("alias_unit").drop_nulls().unique().sort(),
        _rejected=(pl.col("decision") == "reject").any(),
    )


def by_name(questions: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """The same by what units were called: inside the hall where there is one."""
    told = days.select("unit_id", "valid_from", "valid_to", _spelling="spelling", _hall="hall_id")
    placed = pl.col("_hall").is_not_null()
    # On both at once: by the name alone, a name that every hall has would meet itself everywhere.
    inside = questions.filter(placed).join(told, on=["_spelling", "_hall"])
    anywhere = questions.filter(~placed).join(told.drop("_hall"), on="_spelling")
    both = pl.concat([inside, anywhere.select(inside.columns)]).filter(
        pl.col("valid_from") <= pl.col("_since"),
        pl.col("_since") < pl.col("valid_to"),
    )
    return both.group_by("_place").agg(
        _fits=pl.col("unit_id").unique().sort(), _rejected=pl.lit(value=False)
    )


def detail_text(
    kind: str, spelling: str, hall: str | None, reason: str, near: list[Near], several: bool
) -> str:
    """The sentence that stands beside a row in quarantine."""
    place = f" in hall {hall!r}" if hall is not None else ""
    if reason == REJECTED:
        return f"{kind} name {spelling!r}{place} was decided to be no unit of ours."
    named = "; ".join(one.text for one in near[:3])
    if several:
        return f"{kind} name {spelling!r}{place} is that of {len(near)} units at once: {named}."
    said = f" Nearest: {named}." if named else ""
    return f"{kind} name {spelling!r}{place} is no {kind}'s name on that day.{said}"
