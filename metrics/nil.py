"""Stating that a source had nothing to report, checked against what is expected of it."""

from datetime import datetime
from pathlib import Path

from data.disk import now_in
from data.errors import HallscoreError, nearest
from data.nil_receipts import NilReceipt, ledger, record_nil
from data.profile import load_profile
from data.sources import profile_of, source_of, sources_path
from metrics.expected import duties
from metrics.periods import Period
from metrics.rollup import ensure


def state_nil(
    home: Path,
    source: str,
    period: Period,
    unit: str | None,
    by: str,
    reason: str,
    at: datetime | None = None,
) -> NilReceipt:
    """Record the statement for a source, or for one of the halls that must report for it.

    `at` is when it was stated (naive, at the site). HallscoreError where nothing is expected of
    the source or of the hall: such a statement would have no effect.
    """
    rules = source_of(home, source)
    if rules.schedule is None:
        raise HallscoreError(
            f"{sources_path(home)}: source {source!r} has no schedule, so that nothing is expected "
            f"of it. Add a table [sources.{source}.schedule]."
        )
    state = ensure(home)
    mine = [
        one for one in duties(state, ledger(home), period.start, period.end) if one.name == source
    ]
    halls = sorted({one.hall_id for one in mine})
    if unit is not None and unit not in halls:
        raise HallscoreError(
            f"--unit {unit!r}: source {source!r} does not report by that hall; it does by "
            f"{', '.join(halls[:20])}{' …' if len(halls) > 20 else ''}.{nearest(unit, halls)}"
        )
    if not any(one.spans(period.start, period.last) for one in mine):
        raise HallscoreError(
            f"--period {period.text}: nothing is expected of {source!r} then; its schedule begins "
            f"on {rules.schedule.first}."
        )
    zone = load_profile(profile_of(home, rules)).zone
    told = NilReceipt(
        0, source, unit or "", period.start, period.end, by, reason, at or now_in(zone)
    )
    return record_nil(home, told)
