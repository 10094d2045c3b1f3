"""What of a period has been published, beside what is computed of it now (已发布, 现值)."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from data.edition_folder import manifest_digest
from data.edition_ledger import PUBLISHED, history, standing_edition
from metrics.edition import edition
from metrics.ranking import Ranking

PRINTED = ("state", "score", "rank")


@dataclass(frozen=True)
class Issued:
    """The edition of a period that stands: who approved it when, and how many units differ now.

    `moved`: units of the ranking at hand whose printed state, score or (in the frame of the scheme)
    rank is another than in the edition.
    """

    id: str
    digest: str
    checked_by: str
    day: date
    corrects: str | None
    moved: int


def issued(home: Path, found: Ranking) -> Issued | None:
    """What stands published of a ranking's period and scheme; None where nothing does."""
    name = standing_edition(home, found.period.text, found.scheme.id)
    if name is None:
        return None
    own = found.frame_asked in (None, found.scheme.frame)
    keys = PRINTED if own else PRINTED[:2]
    whole = edition(home, name)
    now = pl.concat([found.frame, found.unranked], how="diagonal").select("id", *keys)
    told = now.join(whole.results.ranking.select("id", *keys), on="id", how="left", suffix="_out")
    differs = pl.any_horizontal(~pl.col(key).eq_missing(pl.col(f"{key}_out")) for key in keys)
    last = [one for one in history(home, name) if one.state == PUBLISHED][-1]
    return Issued(
        id=name,
        digest=manifest_digest(home, name),
        checked_by=last.by,
        day=last.at.date(),
        corrects=whole.header.corrects,
        moved=int(told.select(differs.sum()).item()),
    )
