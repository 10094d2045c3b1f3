"""Which decisions on names are taken in: for units that exist, and none against another."""

import polars as pl

from data.desks import FIRST, LAST
from data.names import TABLE_OF, normalise
from data.settle import Clockwork
from data.units import Units, reject, unknown

CONTRADICTION = "contradicting_alias"
ABOUT = ("source", "kind", "spelling", "hall_id")


def derive_aliases(
    rows: pl.DataFrame, units: Units, clock: Clockwork
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Aliases with their spelling normalised, and rejects (line, reason, detail)."""
    rows = rows.with_columns(normalise(pl.col("spelling")))
    found = [unknown(rows, "hall_id", "halls", "unknown_hall", units)]
    found += [
        unknown(rows.filter(pl.col("kind") == kind), "unit_id", table, "unknown_unit", units)
        for kind, table in TABLE_OF.items()
    ]
    found.append(_contradicting(rows, units.aliases))
    rejects = pl.concat(found, how="vertical_relaxed").unique(
        "line", keep="first", maintain_order=True
    )
    return rows.join(rejects, on="line", how="anti", maintain_order="left"), rejects


def _contradicting(rows: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Rows that decide otherwise than a standing alias, or another row, for one and the same day.

    Of two rows of one file neither is taken: which of them is meant, a person must say.
    """
    columns = [*ABOUT, "decision", "unit_id", "decided_by", "valid_from", "valid_to"]
    told = pl.concat(
        [
            standing.select(*columns, "batch", line=pl.lit(None, pl.Int32)),
            rows.select(*columns, pl.lit(None, pl.Int32).alias("batch"), "line"),
        ]
    )
    both = rows.select("line", *columns).join(told, on=[*ABOUT], nulls_equal=True, suffix="_other")
    means = pl.col("decision").eq_missing(pl.col("decision_other")) & pl.col("unit_id").eq_missing(
        pl.col("unit_id_other")
    )
    at_once = (pl.col("valid_from").fill_null(FIRST) < pl.col("valid_to_other").fill_null(LAST)) & (
        pl.col("valid_from_other").fill_null(FIRST) < pl.col("valid_to").fill_null(LAST)
    )
    against = both.filter(~means, at_once).sort("line", "batch", "line_other", nulls_last=True)
    first = against.unique("line", keep="first", maintain_order=True)
    where = pl.coalesce(
        pl.format("batch {}. Withdraw that batch first if it is wrong", pl.col("batch")),
        pl.format("line {} of this file. Decide for one of them", "line_other"),
    )
    detail = pl.format(
        "{} name '{}' of source '{}' stands for {} on some of these days already: {}{}.",
        "kind",
        "spelling",
        "source",
        pl.format("'{}'", "unit_id_other").fill_null("no unit of ours"),
        where,
        pl.when(pl.col("kind") == "counter")
        .then(pl.lit(", or decide for one hall only (--hall)"))
        .otherwise(pl.lit("")),
    )
    return reject(first, pl.lit(value=True), CONTRADICTION, detail)
