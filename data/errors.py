"""The one family of errors that people see: what was seen, where, what was expected, what to do."""

import difflib
from collections.abc import Iterable


class HallscoreError(Exception):
    """A problem with input or use; its text is the whole message, no traceback is shown."""


def nearest(name: str, known: Iterable[str]) -> str:
    """' Did you mean 'x'?' for the closest known name, or nothing."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if not close:
        folded = {one.casefold(): one for one in names}
        close = [folded[one] for one in difflib.get_close_matches(name.casefold(), folded, 1, 0.5)]
    return f" Did you mean {close[0]!r}?" if close else ""
