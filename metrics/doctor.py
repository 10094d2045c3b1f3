"""What is stale, missing, lagging or past review; nothing is changed."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from data.store import snapshot
from data.tables import LOGS, OPTIONAL, SPORADIC
from data.tallies import overruled
from data.workdays import load_calendar
from metrics.catalogue import catalogue, past_review
from metrics.cube import CubeState, Manifest, read_manifest
from metrics.delivered import covered
from metrics.expected import EVERYBODY
from metrics.periods import Period, period_of
from metrics.receipts import receipts
from metrics.rollup import check_home, is_fresh
from metrics.sums import span_of
from metrics.unit_findings import unit_findings

Finding = dict[str, str]
LOOK_BACK, NAMED = 92, 5  # days; halls that a sentence names


def doctor(home: Path, as_of: date | None = None) -> list[Finding]:
    """Findings as kind, where, found, advice; an empty list when all is well.

    kind is stale, lagging, units, missing, late, overruled, review or calendar. `as_of` (default:
    the last data day) is the day for which reviews are due and up to which logs should have come.
    """
    check_home(home)
    snap, manifest = snapshot(home), read_manifest(home)
    state = CubeState(home, manifest, snap)
    days = [one.last_day for one in snap.live if one.last_day is not None]
    day = as_of or max(days, default=None)
    findings = _cube(state, manifest)
    findings += [_finding("units", *told) for told in unit_findings(state)]
    if day is not None:
        findings += _logs(state, day) + _overdue(state, day) + _overruled(state)
        findings += _calendar(home, state, day) + _reviews(day)
    return findings


def _cube(state: CubeState, manifest: Manifest) -> list[Finding]:
    if is_fresh(state.home, manifest, state.snap):
        return []
    advice = "run `hallscore rollup`; the next value or page also does it"
    if not manifest.stamp:
        return [_finding("stale", "cube", "no readable cube yet", advice)]
    lacking = {one.no for one in state.snap.batches} - set(manifest.batches)
    left = state.snap.withdrawn - set(manifest.withdrawn)
    seen = f"{len(lacking)} batches not in the cube, {len(left)} withdrawn since"
    return [_finding("lagging", "cube", seen, advice)]


def _logs(state: CubeState, day: date) -> list[Finding]:
    """Logs that never came, or that do not report on the last complete month."""
    last = period_of("month", day)
    month = last if last.end <= day + timedelta(days=1) else last.previous()
    span = span_of(month.start, month.end, day)
    kept = {batch.log for batch in state.snap.live}
    findings = []
    for log in LOGS:
        # Of decisions none is none; where every unit has a system, nobody reports sums.
        if log in SPORADIC or (log not in kept and log in OPTIONAL):
            continue
        if log not in kept:
            advice = "metrics of this log print as not reported"
            findings.append(_finding("missing", log, "no delivery yet", advice))
        elif not covered(state, log, span):
            advice = "ask the source; the month prints as not reported"
            findings.append(_finding("missing", log, f"nothing covers {month.text}", advice))
    return findings


def _overdue(state: CubeState, day: date) -> list[Finding]:
    """Deliveries of the last quarter that were due by the day and are missing, or came late."""
    since = day - timedelta(days=LOOK_BACK)
    span = Period("", "day", since, day + timedelta(days=1))
    due = receipts(state, span, EVERYBODY, day, in_store=True).filter(
        pl.col("state").is_in(["late", "missing"]), pl.col("due_on").is_between(since, day)
    )
    findings = []
    keys = ["source", "owner", "first_day", "last_day", "due_on", "state"]
    for key, rows in due.group_by(keys, maintain_order=True):
        source, owner, first, last, due_on, said = (str(part) for part in key)
        halls = ", ".join(rows["hall"].to_list()[:NAMED]) + (" …" if rows.height > NAMED else "")
        found = f"{first} to {last}, due {due_on}, {rows.height} halls: {halls}"
        advice = f"ask {owner or source}" if said == "missing" else "see `hallscore receipts`"
        findings.append(_finding(said, source, found, advice))
    return findings


def _overruled(state: CubeState) -> list[Finding]:
    """Reported sums that stopped counting because a log came for their unit and span."""
    if not any(batch.log == "tallies" for batch in state.snap.live):
        return []
    advice = "these count instead; withdraw the batch of tallies, or the other one"
    findings = []
    for (log,), rows in overruled(state.snap).group_by("log", maintain_order=True):
        first = rows.row(0, named=True)
        told = f"{rows.height} tallies beside it, first {first['measure']} of {first['unit_id']}"
        seen = f"{told} until {first['day']} (batch {first['batch']})"
        findings.append(_finding("overruled", str(log), seen, advice))
    return findings


def _calendar(home: Path, state: CubeState, day: date) -> list[Finding]:
    """Working days that no notice covers yet, within a quarter of the day."""
    calendar = load_calendar(home)
    ahead = day + timedelta(days=90)
    kept = {batch.log for batch in state.snap.live}
    if not kept & {"cases", "rectifications"} or calendar.known(ahead):
        return []
    advice = "add the notice of the State Council to workdays.csv"
    return [_finding("calendar", "workdays", f"no notice covers {ahead.year}: estimated", advice)]


def _reviews(day: date) -> list[Finding]:
    return [
        _finding("review", one.id, f"review was due on {one.next_review}", "review the definition")
        for one in past_review(catalogue().values(), day)
    ]


def _finding(kind: str, where: str, found: str, advice: str) -> Finding:
    return {"kind": kind, "where": where, "found": found, "advice": advice}
