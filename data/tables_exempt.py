"""What is stored of an exemption."""

import polars as pl

EXEMPTION_COLUMNS: dict[str, pl.DataType] = {
    "id": pl.String(),
    "hall": pl.Int32(),  # null: of one counter, or of the whole city
    "counter": pl.Int32(),
    "includes_below": pl.Boolean(),
    "system": pl.String(),
    "starts_at": pl.Datetime("us"),
    "ends_at": pl.Datetime("us"),
    "day": pl.Date(),
    "cause": pl.String(),
    "grounds": pl.String(),
    "decided_by": pl.String(),
    "decided_on": pl.Date(),
}
# Not the day: it is that of the start.
EXEMPTION_CONTENT = tuple(name for name in EXEMPTION_COLUMNS if name not in ("id", "day"))
