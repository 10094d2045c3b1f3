"""Frames of the page 公平性检验, kept per content of the cube and scope."""

from pathlib import Path

import polars as pl

from dashboard.components.fair_asked import Asked
from dashboard.components.kept import kept
from dashboard.viewer import Viewer
from metrics.fairness.peer_basis import PeerBasis, peer_basis
from metrics.fairness.sensitivity import sensitivity
from metrics.fairness.small_frame import SmallFrame, small_frame
from metrics.fairness.steadiness import first_flips
from metrics.periods import Period, parse_period
from metrics.rollup import ensure
from metrics.scheme_files import scheme as scheme_of
from metrics.scope import Scope

KEPT = 64


@kept(KEPT)
def _weights(
    home: Path, stamp: str, period: str, scope: Scope, scheme: str, frame: str
) -> pl.DataFrame:
    return sensitivity(home, parse_period(period), scope, scheme, frame)


@kept(KEPT)
def _flips(
    home: Path, stamp: str, period: str, scope: Scope, scheme: str, frame: str, group: str
) -> pl.DataFrame:
    rows = _weights(home, stamp, period, scope, scheme, frame)
    mine = rows.filter(pl.col("frame") == group)
    return first_flips(home, parse_period(period), scope, scheme, mine)


@kept(KEPT)
def _halls(
    home: Path, stamp: str, metric: str, period: str, by: str, scope: Scope, frame: str | None
) -> SmallFrame:
    return small_frame(home, metric, parse_period(period), by, scope, frame)


@kept(KEPT)
def _basis(home: Path, stamp: str, period: str, scope: Scope, scheme: str) -> PeerBasis:
    asked = parse_period(period)
    return peer_basis(ensure(home), scheme_of(scheme, home, asked.start), asked, scope)


def weights(asked: Asked) -> pl.DataFrame:
    """Every ranked unit under other weights; as `metrics.fairness.sensitivity.sensitivity`."""
    seen, period = asked.viewer, asked.period.text
    return _weights(seen.home, seen.stamp, period, seen.scope, asked.scheme, asked.frame)


def flips(asked: Asked, group: str) -> pl.DataFrame:
    """What flips the first pairs of a group; as `metrics.fairness.steadiness.first_flips`."""
    seen, period = asked.viewer, asked.period.text
    return _flips(seen.home, seen.stamp, period, seen.scope, asked.scheme, asked.frame, group)


def halls(asked: Asked, metric: str, by: str) -> SmallFrame:
    """The county halls, or the counties with all below them, beside each other."""
    seen, frame = asked.viewer, "county" if by == "hall" else None
    return _halls(seen.home, seen.stamp, metric, asked.period.text, by, seen.scope, frame)


def parts(viewer: Viewer, period: Period, metric: str, by: str) -> SmallFrame:
    """All parts of the whole beside each other; as `metrics.fairness.small_frame.small_frame`."""
    return _halls(viewer.home, viewer.stamp, metric, period.text, by, viewer.scope, None)


def basis(asked: Asked) -> PeerBasis:
    """The peer groups as the scheme makes them; as `metrics.fairness.peer_basis.peer_basis`."""
    seen = asked.viewer
    return _basis(seen.home, seen.stamp, asked.period.text, seen.scope, asked.scheme)
