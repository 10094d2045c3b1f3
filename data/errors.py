"""The one family of errors that people see: what was seen, where, what was expected, what to do."""

import difflib
from collections.abc import Iterable


class HallscoreError(Exception):
    """A problem with input or use; its text is the whole message, no traceback is shown."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """' Did you mean 'x'?' for the closest known name (likeness 0-1 from cutoff), or nothing."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=cutoff)
    if not close:
        folded = {one.casefold(): one for one in names}
        found = difflib.get_close_matches(name.casefold(), folded, 1, cutoff)
        close = [folded[one] for one in found]
    return f" Did you mean {close[0]!r}?" if close else ""
