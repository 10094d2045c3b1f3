"""What is stored of the logs of the rating loop: id column, columns, and those of the source."""

import polars as pl

_TIME, _TEXT, _DAY, _INT = pl.Datetime("us"), pl.String(), pl.Date(), pl.Int32()
SOURCE_OF_RECTIFICATION: dict[str, pl.DataType] = {
    "rating_id": _TEXT,
    "counter": _INT,
    "opened_at": _TIME,
    "complexity": _TEXT,
    "signed_at": _TIME,
    "verified_at": _TIME,
    "verdict": _TEXT,
    "rectified_at": _TIME,
    "replied_at": _TIME,
    "called_back_at": _TIME,
    "callback_satisfied": pl.Boolean(),
    "rerated_at": _TIME,
    "rerated_grade": pl.Int8(),
    "clock_stops": _TEXT,
    "owner": _TEXT,
    "preset": _TEXT,
    "source_state": _TEXT,
    "updated_at": _TIME,
}
VOID: dict[str, pl.DataType] = {
    "rating_id": _TEXT,
    "void_reason": _TEXT,
    "grounds": _TEXT,
    "decided_by": _TEXT,
    "decided_on": _DAY,
}
LOOP_TABLES: dict[str, tuple[str, dict[str, pl.DataType], tuple[str, ...]]] = {
    # rated_month: where the rating lay when it was voided; it may have come again elsewhere since.
    "voids": (
        "void_id",
        {"id": _TEXT, "day": _DAY, **VOID, "rated_month": _INT},
        tuple(VOID),
    ),
    "rectifications": (
        "rectification_id",
        {"id": _TEXT, "key": pl.Int64(), "day": _DAY, "closed_on": _DAY, **SOURCE_OF_RECTIFICATION},
        tuple(SOURCE_OF_RECTIFICATION),
    ),
}
