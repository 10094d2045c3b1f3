"""The one seam through which longer periods read shorter ones: published if so, else computed."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl

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


UNITS = (
    *("id", "name", "counter_id", "hall_id", "hall", "level", "score_u", "state"),
    *("frame", "order", "rank", "tied", "standing", "veto", "apart", "barred"),
)


def published(
    home: Path, scheme_id: str, period: Period, scope: Scope, entity: str | None
) -> Months | None:
    """The published scores as last corrected; None as long as there are no editions."""
    # The place where editions come in: no caller knows of another.
    return None


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
    """The scores of a period for a longer one; callers say so where they are only computed."""
    told = published(home, scheme_id, period, scope, entity)
    return told or computed(home, scheme_id, period, scope, as_of, entity, frame)
