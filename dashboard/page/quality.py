"""Data quality: what came from whom, how complete it is up the tree, what waits, every batch."""

import polars as pl

from dashboard import formats, state
from dashboard.components import delivered, duties, export, frames, intake
from dashboard.components.heading import heading, remark, section
from dashboard.components.months import month_select
from dashboard.exports.quality import complete_frame, quality_csv, quality_workbook
from dashboard.viewer import Viewer
from data.disk import now_in
from data.profile import SITE_ZONE
from metrics.quality import TOLD_BY, deliveries
from metrics.receipts import receipts


def draw(viewer: Viewer) -> None:
    """Sources and completeness for everybody; quarantine and batches for the whole city only."""
    words = viewer.words
    with heading(words("quality.title")):
        period = month_select(viewer)
        by = _level_select(viewer, frames.parts_of(viewer, period))
    as_of, place = frames.as_of(viewer, period), frames.place(viewer, period)
    named = {"period": period.label(words.lang), "as_of": formats.day(as_of, words)}
    remark(words("quality.note", place=place, **named))
    snap = viewer.cube.snap
    sources = deliveries(snap, period)
    section(words("quality.sources"), words("quality.sources_note"))
    if sources.is_empty():
        remark(words("quality.no_delivery"))
    else:
        delivered.draw_sources(sources, words("quality.sources"), words)

    parts = {log: frames.complete(viewer, log, period, by) for log in TOLD_BY}
    whole = {
        log: frames.complete(viewer, log, period, "all").with_columns(name=pl.lit(place))
        for log in TOLD_BY
    }
    section(words("quality.complete"), words("quality.complete_note"))
    delivered.draw_completeness(parts, whole, words(f"part.{by}"), words)

    today = now_in(SITE_ZONE).date()
    duties_ = duties.worst_first(receipts(viewer.cube, period, viewer.scope, today))
    section(words("duties.title"), words("duties.note", day=formats.day(today, words)))
    duties.draw_receipts(duties_, words)
    rows = intake.draw(viewer, snap) if viewer.scope.hall_ids is None else None
    filters, complete = export.filters(viewer, period, as_of), complete_frame(parts, whole, words)
    export.buttons(
        f"quality-{period.text}",
        words,
        csv=lambda: quality_csv(complete, filters),
        xlsx=lambda: quality_workbook(
            sources, complete, duties_, rows, snap.batches, filters, words
        ),
    )


def _level_select(viewer: Viewer, first: str) -> str:
    """Down to which level completeness is shown."""
    levels = list(dict.fromkeys([first, "township", "hall"]))
    words = viewer.words
    return state.select("by", words("quality.level"), levels, first, lambda by: words(f"part.{by}"))
