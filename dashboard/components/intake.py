"""The part of 数据质量 that those who see the whole city see: what waits, names, sums, batches."""

import polars as pl

from dashboard.components import delivered, duties, spellings, waiting
from dashboard.components.heading import section
from dashboard.viewer import Viewer
from data import quarantine
from data.aliases import waiting_names
from data.store import Snapshot
from data.tallies import overruled
from metrics.scope import INTAKE


def draw(viewer: Viewer, snap: Snapshot) -> pl.DataFrame:
    """What waits, names that wait for a decision, overruled sums, batches; returns what waits."""
    words, may_settle = viewer.words, INTAKE in viewer.scope.rights
    rows = quarantine.waiting(snap)
    section(words("quality.waiting"), words("quality.waiting_note"))
    waiting.draw(viewer, rows, may_settle)
    section(words("spellings.title"), words("spellings.note"))
    spellings.draw(viewer, waiting_names(snap), may_settle)
    if any(batch.log == "tallies" for batch in snap.live):
        section(words("duties.overruled"), words("duties.overruled_note"))
        duties.draw_overruled(overruled(snap), words)
    section(words("quality.batch_table"), words("quality.batch_note"))
    delivered.draw_batches(snap.batches, words)
    return rows
