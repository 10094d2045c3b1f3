"""The choices that rankings share: frame, scheme of counters, group within the frame."""

from collections.abc import Mapping

from dashboard import state
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.scheme_files import scheme as scheme_of
from metrics.scheme_files import schemes

EVERY = "all"


def frame_select(options: Mapping[str, str], words: Words) -> str:
    """A list of frames, code → label."""
    label, codes = words("filters.frame"), list(options)
    return state.select("frame", label, codes, codes[0], options.__getitem__, width=230)


def group_select(frame: str, labels: Mapping[str, str], words: Words) -> str:
    """The peer group to look at; all of them at once where one is searched for."""
    if frame != "peers" or len(labels) < 2:
        return EVERY
    shown = {**labels, EVERY: words("frame.every")}
    codes = list(shown)
    return state.select("group", words("frame.group"), codes, codes[0], shown.__getitem__)


def scheme_select(viewer: Viewer) -> str:
    """A list of the schemes that assess counters."""
    words = viewer.words
    known = [scheme_of(name, viewer.home) for name in schemes(viewer.home)]
    labels = {one.id: words.of(one.label) for one in known if one.entity == "counter"}
    label, names = words("filters.scheme"), list(labels)
    return state.select("scheme", label, names, names[0], labels.__getitem__)
