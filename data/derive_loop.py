"""From typed to stored rows of the rating loop; the ratings were looked up before (data.rated)."""

import polars as pl

from data.loop_clock import closing_day
from data.masking import mask_series
from data.settle import Clockwork
from data.units import Units, reject, unknown

Derived = tuple[pl.DataFrame, pl.DataFrame]  # stored columns; rejects (line, reason, detail)


def derive_voids(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """A decision has the day on which it was made; its grounds lose what names a citizen."""
    told = rows.with_columns(
        mask_series(rows["grounds"]).alias("grounds"), id="void_id", day="decided_on"
    )
    return told, reject(rows, pl.lit(value=False), "", pl.lit(""))


def derive_rectifications(rows: pl.DataFrame, units: Units, clock: Clockwork) -> Derived:
    """The redress of a rating is of the rating's counter, where it names none."""
    strange = unknown(rows, "counter_id", "counters", "unknown_counter", units)
    kept = rows.join(strange.select("line"), on="line", how="anti", maintain_order="left")
    placed = kept.join(units.counters, on="counter_id", how="left", maintain_order="left")
    renamed = placed.rename({"state": "source_state"})
    return (
        renamed.with_columns(
            id=pl.coalesce("rectification_id", "rating_id"),
            counter=pl.coalesce("counter", "rated_counter"),
            day=pl.col("opened_at").dt.date(),
            closed_on=closing_day(),
        ),
        strange,
    )
