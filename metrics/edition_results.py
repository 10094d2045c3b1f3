"""What an edition prints, as frames, computed from a home: the live one, or frozen inputs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import polars as pl

from metrics.edition_frames import FILES, UNITS, read_frame, write_frame
from metrics.periods import Period
from metrics.scheme_model import Scheme


@dataclass(frozen=True)
class Header:
    """What an edition is of, and how it came about. `id` is empty for what is only computed.

    `corrects`: the edition in whose place it stands; `code`: digest of the program that made it;
    `seed` of the draws; `stamp`: of the cube and its reference rows.
    """

    id: str
    period: Period
    scheme: Scheme
    as_of: date
    corrects: str | None = None
    reason: str = ""
    made_by: str = ""
    made_at: datetime | None = None
    code: str = ""
    seed: int = 0
    stamp: str = ""


@dataclass(frozen=True, eq=False)
class Results:
    """The frames of an edition (metrics/edition_frames.py, FILES), whole or a recipient's part.

    `within` names the recipient's part, None is the whole city.
    """

    header: Header
    frames: Mapping[str, pl.DataFrame]
    part: str | None = None

    @property
    def ranking(self) -> pl.DataFrame:
        """RANKING: the ranked by frame and rank, then the others by state."""
        return self.frames["ranking"]

    @property
    def ranked(self) -> pl.DataFrame:
        """Those with a rank."""
        return self.ranking.filter(pl.col("rank").is_not_null())

    @property
    def unranked(self) -> pl.DataFrame:
        """Those without: no business, not reported, few, or set apart by a veto."""
        return self.ranking.filter(pl.col("rank").is_null())

    @property
    def items(self) -> pl.DataFrame:
        """ITEMS: one row per unit and item."""
        return self.frames["items"]

    @property
    def lines(self) -> pl.DataFrame:
        """LINES: what each score adds up from."""
        return self.frames["lines"]

    @property
    def groups(self) -> pl.DataFrame:
        """GROUPS: one row per frame, always of the whole city."""
        return self.frames["groups"]

    @property
    def awards(self) -> pl.DataFrame:
        """The lists that follow from the scheme's rules."""
        return self.frames["awards"]

    @property
    def owed(self) -> pl.DataFrame:
        """Who has not reported what."""
        return self.frames["owed"]

    @property
    def quality(self) -> pl.DataFrame:
        """What came from each source."""
        return self.frames["quality"]

    @property
    def values(self) -> pl.DataFrame:
        """VALUES of the city, counties, townships and departments."""
        return self.frames["values"]

    @property
    def movers(self) -> pl.DataFrame:
        """Whose rates changed by more than chance."""
        return self.frames["movers"]

    @property
    def loop(self) -> pl.DataFrame:
        """LOOP: the bad ratings of the period by county."""
        return self.frames["loop"]

    def within(self, halls: frozenset[str], name: str) -> "Results":
        """The part of some halls: their rows alone, with the ranks of the whole city."""
        mine = pl.col("hall_id").is_in(sorted(halls))
        units = self.ranking.filter(mine)
        places = pl.col("id").is_in(sorted(halls)) & (pl.col("by") != "department")
        told = pl.col("county_id").is_in(sorted(halls))
        return self._part(units, name, self.owed.filter(mine), places, told)

    def of_department(self, department: str, name: str) -> "Results":
        """The part of a department across halls."""
        units = self.ranking.filter(pl.col("department_id") == department)
        places = (pl.col("by") == "department") & (pl.col("id") == department)
        return self._part(units, name, self.owed.clear(), places, pl.lit(value=False))

    def _part(
        self, units: pl.DataFrame, name: str, owed: pl.DataFrame, places: pl.Expr, loop: pl.Expr
    ) -> "Results":
        ids = units.select("id")
        frames = {
            key: frame.join(ids, on="id", how="semi", maintain_order="left")
            for key, frame in self.frames.items()
            if key in ("items", "lines", "awards", "movers", "units")
        }
        kept = self.groups.join(units.select("frame"), on="frame", how="semi")
        frames |= {"ranking": units, "groups": kept, "owed": owed}
        frames |= {"values": self.values.filter(places), "loop": self.loop.filter(loop)}
        return replace(self, frames=frames | {"quality": self.quality.clear()}, part=name)


def write_results(found: Results, folder: Path) -> None:
    """Every frame as a file of a folder."""
    for name in FILES:
        write_frame(found.frames[name].select(list(FILES[name])), folder / f"{name}.csv")


def read_results(header: Header, folder: Path) -> Results:
    """The frames of a folder, as they were printed."""
    frames = {name: read_frame(name, folder / f"{name}.csv") for name in FILES}
    return Results(header, frames)


def units_of(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame in the columns of UNITS."""
    return frame.match_to_schema(UNITS, extra_columns="ignore", integer_cast="upcast")
