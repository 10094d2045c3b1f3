"""Whether a ranking has been published, by whom, and how far 现值 has moved away since."""

from dashboard import formats
from dashboard.components import frames
from dashboard.components.heading import remark
from dashboard.viewer import Viewer
from metrics.periods import Period


def draw(viewer: Viewer, period: Period, frame: str, scheme: str) -> None:
    """One line under the title."""
    words, found = viewer.words, frames.published(viewer, period, frame, scheme)
    if found is None:
        remark(words("issued.none"))
        return
    told = words(
        "issued.stands",
        edition=found.id,
        digest=found.digest[:12],
        by=found.checked_by,
        day=formats.day(found.day, words),
    )
    moved = words("issued.moved", count=formats.count(found.moved))
    corrects = [words("issued.corrects", edition=found.corrects)] if found.corrects else []
    remark(told, *corrects, moved if found.moved else words("issued.same"))
