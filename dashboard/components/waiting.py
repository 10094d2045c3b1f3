"""What waits in quarantine: by reason, with a first example, and the button to try it again."""

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.components.heading import remark
from dashboard.components.tables import Cell, Column, table
from dashboard.text import Words
from dashboard.viewer import Viewer
from data.batches import Batch
from data.errors import HallscoreError
from data.quarantine import by_reason, replay
from data.reasons import reason_label

SAID = "replayed"


def draw(viewer: Viewer, rows: pl.DataFrame, may_settle: bool) -> None:
    """The table, and for those who may settle it a button per reason."""
    words = viewer.words
    if said := st.session_state.pop(SAID, None):
        st.success(said)
    found = by_reason(rows)
    if found.is_empty():
        remark(words("quality.nothing_waits"))
        return
    columns = [
        Column(words("quality.label"), words("quality.reason"), "hs-name"),
        Column(words("quality.log"), look="hs-name"),
        Column(words("quality.rows"), look="hs-number"),
        Column(words("quality.batches"), look="hs-number"),
        Column(words("quality.example"), look="hs-name"),
    ]
    table(columns, [_row(row, words) for row in found.to_dicts()], words("quality.waiting"))
    if may_settle:
        _replay_form(viewer, found["reason"].unique(maintain_order=True).to_list())


def _row(row: dict[str, object], words: Words) -> list[Cell]:
    place = words("quality.place", file=row["file"], line=row["line"])
    return [
        Cell(reason_label(str(row["reason"]), words.lang), str(row["reason"])),
        Cell(words(f"log.{row['log']}")),
        Cell(formats.count(row["n"])),  # type: ignore[arg-type]
        Cell(formats.count(row["batches"])),  # type: ignore[arg-type]
        Cell(str(row["detail"]), place),
    ]


def _replay_form(viewer: Viewer, reasons: list[str]) -> None:
    words = viewer.words
    with st.container(horizontal=True, vertical_alignment="bottom", key="replay"):
        chosen = st.selectbox(
            words("quality.replay_reason"),
            reasons,
            format_func=lambda reason: reason_label(reason, words.lang),
            key="replay_reason",
            width=260,
        )
        pressed = st.button(words("quality.replay"), icon=":material/replay:")
    if pressed and chosen is not None:
        _replay(viewer, chosen)


def _replay(viewer: Viewer, reason: str) -> None:
    words = viewer.words
    bar = st.progress(0.0, text=words("quality.replaying"))

    def show(_text: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=words("quality.replaying"))

    try:
        reports = replay(viewer.home, reason=reason, progress=show)
    except HallscoreError as error:
        bar.empty()
        st.warning(str(error))
        return
    st.session_state[SAID] = "\n\n".join(told(report, words) for report in reports)
    st.rerun()


def told(report: Batch, words: Words) -> str:
    """What became of the rows that were tried again, in one sentence."""
    accepted = report.counts["accepted"] + report.counts["repeated"]
    return words(
        "quality.replayed",
        log=words(f"log.{report.log}"),
        batch=report.no,
        read=formats.count(report.counts["read"]),
        accepted=formats.count(accepted),
        known=formats.count(report.counts["known"]),
        waiting=formats.count(sum(report.quarantined.values())),
    )
