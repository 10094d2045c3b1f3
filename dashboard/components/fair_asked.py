"""What the page 公平性检验 was asked: period, frame and scheme; and a table's files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components import choices, export, frames
from dashboard.components import picture as pictures
from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.definitions import definition_frame
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.catalogue import Metric
from metrics.fairness.peer_words import group_label
from metrics.fairness.ranking import FairRanking
from metrics.periods import Period
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_model import Scheme
from metrics.scores import metrics_of


@dataclass(frozen=True)
class Asked:
    """A period, a frame (code and text) and a scheme, as one viewer asks for them."""

    viewer: Viewer
    period: Period
    frame: str
    frame_label: str
    scheme: str

    @property
    def words(self) -> Words:
        """The texts of the viewer's language."""
        return self.viewer.words

    @property
    def chosen(self) -> Scheme:
        """The scheme as it holds in the period."""
        return scheme_of(self.scheme, self.viewer.home, self.period.start)

    @property
    def ranking(self) -> FairRanking:
        """The ranking of the frame with its certainty."""
        return frames.rank(self.viewer, self.period, self.frame, self.scheme)

    @property
    def named(self) -> dict[str, str]:
        """Period and frame as a caption or an alternative text names them."""
        return {"period": self.period.label(self.words.lang), "frame": self.frame_label}

    def label(self, group: str) -> str:
        """A group in words: a peer group, a level, or the frame that was chosen."""
        if group == self.frame:
            return self.frame_label
        return group_label(group, self.words.lang)

    def scheme_name(self) -> str:
        """Name and version of the scheme."""
        name = self.words.of(self.chosen.label)
        return self.words("ranking.scheme", name=name, version=self.chosen.version)


def ask(viewer: Viewer, period: Period, *, with_frame: bool, with_scheme: bool) -> Asked:
    """Draw the choice of frame and scheme, as far as the question has any."""
    words = viewer.words
    frame, label = "peers", words("frame.peers")
    if with_frame:
        options = frames.frames_of(viewer, period)
        codes = list(options)
        title = words("filters.frame")
        frame = state.select("frame", title, codes, codes[0], options.__getitem__, width=230)
        label = options[frame]
    return Asked(viewer, period, frame, label, choices.scheme_select(viewer) if with_scheme else "")


def picture(chart: Any, alt_text: str, *, wide: bool = True) -> None:
    """A chart with its alternative text; wide ones give way to their table on a phone."""
    with st.container(key="picture_wide" if wide else "picture"):
        pictures.picture(chart, alt_text)


def offer(
    asked: Asked,
    name: str,
    sheet: Sheet,
    meaning: str,
    metrics: Sequence[Metric] | None = None,
    **more: str,
) -> None:
    """A table as xlsx and csv. The files name the filters and what the numbers mean (口径)."""
    words, period = asked.words, asked.period
    if not more:
        more = {"frame": asked.frame_label, "scheme": asked.scheme_name()}
    as_of = frames.as_of(asked.viewer, period)
    filters = export.filters(asked.viewer, period, as_of, **more)
    filters |= {words("export.definitions"): meaning}
    meant = metrics_of(asked.chosen) if metrics is None else metrics

    def workbook() -> bytes:
        told = Sheet(words("export.definitions"), definition_frame(meant, words), {})
        return workbook_bytes([sheet, told], filters, sheet.name)

    export.buttons(
        f"fairness-{name}-{period.text}-{asked.frame.replace(':', '-')}",
        words,
        csv=lambda: csv_bytes(sheet.frame, filters),
        xlsx=workbook,
    )
