"""Deliveries that overlap on purpose: what waits in quarantine already does not wait twice."""

from pathlib import Path

import polars as pl
import xxhash

from data import batches as registry
from data.batches import Batch
from data.intake import Request
from data.store import Snapshot


class Waiting:
    """How often each refused row lies in quarantine already, by its (masked) raw text.

    The number matters: two people's rows may look alike once their numbers are blotted out.
    """

    def __init__(self, snap: Snapshot, request: Request) -> None:
        self.left: dict[int, int] = {}
        if not request.overlaps:
            return
        for batch in snap.live:
            if batch.source == request.source and batch.log == request.log and batch.quarantined:
                for raw in _refused(snap.home, batch, request):
                    code = _code(raw)
                    self.left[code] = self.left.get(code, 0) + 1

    def without_known(self, rejects: pl.DataFrame) -> pl.DataFrame:
        """The rejects that do not lie there yet."""
        if not self.left or rejects.is_empty():
            return rejects
        return rejects.filter(pl.Series([not self._take(raw) for raw in rejects["raw"]]))

    def _take(self, raw: str | None) -> bool:
        code = -1 if raw is None else _code(raw)
        if self.left.get(code, 0) == 0:
            return False
        self.left[code] -= 1
        return True


def _refused(home: Path, batch: Batch, request: Request) -> pl.Series:
    """The raw texts of a batch, without those whose place the delivery takes."""
    path = registry.folder(home, batch.no) / "quarantine.parquet"
    rows = pl.read_parquet(path, columns=["line", "raw"]).drop_nulls("raw")
    taken = pl.Series([line for no, line in request.replayed if no == batch.no], dtype=pl.Int32)
    return rows.filter(~pl.col("line").is_in(taken.implode()))["raw"]


def _code(raw: str) -> int:
    return xxhash.xxh3_64_intdigest(raw.encode())
