"""The halls of Zhuzhou: one per division of the shipped table, from the city to the village."""

from pathlib import Path

import polars as pl

DIVISIONS = Path(__file__).parents[1] / "reference" / "zhuzhou_divisions_2020.csv"
LEVELS = ("city", "county", "township", "village")
_KIND = {
    "city": "政务服务中心",
    "county": "政务服务中心",
    "township": "便民服务中心",
    "village": "便民服务站",
}


def halls() -> pl.DataFrame:
    """hall_id, name, level, division_code, parent_id and urban (a community), one row per hall.

    The id of a hall is its 12-digit division code, since names are not unique. Source of the table:
    data/reference/SOURCES.md. Halls stand in the order of their level, then of their code.
    """
    table = pl.read_csv(DIVISIONS, infer_schema=False)
    known = table["code"]
    return (
        table.with_columns(step=pl.col("level").replace_strict(LEVELS, range(len(LEVELS))))
        .sort("step", "code")
        .select(
            hall_id="code",
            name=pl.col("name") + pl.col("level").replace_strict(_KIND),
            level="level",
            division_code="code",
            parent_id=pl.when(pl.col("parent_code").is_in(known.implode())).then("parent_code"),
            urban=(pl.col("level") == "village") & pl.col("name").str.contains("社区|居委会"),
        )
    )
