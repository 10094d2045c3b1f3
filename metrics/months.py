"""The one seam through which longer periods read shorter ones: published if so, else computed."""

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import polars as pl

from data.edition_folder import HEADER, INPUTS, RESULTS, edition_path
from data.edition_ledger import standing_edition
from data.store import Snapshot
from metrics.edition_frames import read_frame
from metrics.entities import assessed
from metrics.periods import Period
from metrics.rollup import ensure
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from metrics.scores import score_of
from metrics.standings import standings
from metrics.values import default_as_of

Source = Literal["published", "computed", "mixed"]


@dataclass(frozen=True, eq=False)
class Months:
    """The scores of one period, most often a month, as a longer one reads them.

    `units`: id, name, counter_id, hall_id, hall, level, score_u (1/10,000 point), state, frame,
    order, rank, tied, standing, veto, apart, barred. `scheme`: the version that holds then.
    """

    period: Period
    scheme: Scheme
    as_of: date
    source: Source
    units: pl.DataFrame


UNITS_FILE = "units"
UNITS = (
    *("id", "name", "counter_id", "hall_id", "hall", "level", "score_u", "state"),
    *("frame", "order", "rank", "tied", "standing", "veto", "apart", "barred"),
)


def published(
    home: Path, scheme_id: str, period: Period, scope: Scope, entity: str | None
) -> Months | None:
    """The published scores as last corrected, as far as the scope sees; None where none stand.

    Ranks are those of the edition, also for who sees a part of it. Of a dual entity (首席代表) an
    edition holds nothing.
    """
    standing = standing_edition(home, period.text, scheme_id)
    if standing is None or entity is not None:
        return None
    folder = edition_path(home, standing)
    rows, as_of = _standing(folder)
    chosen = scheme_of(scheme_id, folder / INPUTS, period.start)
    if scope.hall_ids is not None:
        seen = assessed(ensure(home), chosen.entity, period, scope)
        rows = rows.join(seen, on="id", how="semi", maintain_order="left")
    return Months(period, chosen, as_of, "published", rows)


# The folder of an edition never changes.
@lru_cache(maxsize=64)
def _standing(folder: Path) -> tuple[pl.DataFrame, date]:
    header = json.loads((folder / HEADER).read_text("utf-8"))
    rows = read_frame(UNITS_FILE, folder / RESULTS / f"{UNITS_FILE}.csv")
    return rows.select(UNITS), date.fromisoformat(header["as_of"])


def computed(
    home: Path,
    scheme_id: str,
    period: Period,
    scope: Scope,
    as_of: date | None = None,
    entity: str | None = None,
    frame: str | None = None,
) -> Months:
    """The scores of a period as this home computes them now.

    By default as `score` prints them: as known on the last day of the period, or of the data.
    """
    state = ensure(home)
    chosen = scheme_of(scheme_id, home, period.start)
    day = as_of or default_as_of(state, period)
    found = score_of(state, chosen, period, scope, day, entity)
    placed = standings(state, found, scope, frame)
    return Months(period, chosen, day, "computed", placed.select(UNITS))


def published_or_computed(
    home: Path,
    scheme_id: str,
    period: Period,
    scope: Scope,
    as_of: date | None = None,
    entity: str | None = None,
    frame: str | None = None,
) -> Months:
    """The scores of a period for a longer one; callers say so where they are only computed.

    In another frame than the scheme's own the places are those of today, the scores the published.
    """
    snap = ensure(home).snap
    if snap.questions is not None:
        return _frozen(snap, scheme_id, period, scope, as_of, entity, frame)
    told = published(home, scheme_id, period, scope, entity)
    if told is None:
        return computed(home, scheme_id, period, scope, as_of, entity, frame)
    if frame in (None, told.scheme.frame):
        return told
    here = computed(home, scheme_id, period, scope, as_of, entity, frame).units
    scores = told.units.select("id", "score_u", "state")
    units = here.drop("score_u", "state").join(scores, on="id", maintain_order="left")
    return replace(told, units=units.select(UNITS))


def _frozen(
    snap: Snapshot,
    scheme_id: str,
    period: Period,
    scope: Scope,
    as_of: date | None,
    entity: str | None,
    frame: str | None,
) -> Months:
    """What a frozen home was told of another period when it was made."""

    def ask(live: Snapshot) -> pl.DataFrame:
        asked = (scheme_id, period, scope, as_of, entity, frame)
        found = published_or_computed(live.home, *asked)
        return found.units.with_columns(_as_of=pl.lit(found.as_of), _source=pl.lit(found.source))

    question = f"months {scheme_id} {period.text} {as_of} {entity} {frame}"
    rows = snap.told(question, ask)
    day, source = rows.select("_as_of", "_source").row(0) if len(rows) else (as_of, "computed")
    chosen = scheme_of(scheme_id, snap.home, period.start)
    return Months(period, chosen, day or period.last, source, rows.select(UNITS))
