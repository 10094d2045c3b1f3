"""What was computed once is kept for all viewers, by its arguments: home, stamp, scope and choices.

Streamlit's own cache hashes every argument and inspects the signature at each look-up: 0.3 ms, a
hundred times on a page. Frames are shared and never changed, so a dictionary is enough.
"""

from collections.abc import Callable
from threading import Condition
from typing import ParamSpec, TypeVar

from cachetools import LRUCache, cached

Asked = ParamSpec("Asked")
Found = TypeVar("Found")


def kept(entries: int) -> Callable[[Callable[Asked, Found]], Callable[Asked, Found]]:
    """Keep the last `entries` answers of a function whose arguments are hashable.

    Two viewers who ask the same at once wait for one computation. Two scopes are the same key only
    where they are the same user and the same halls; what rights decide is an argument of its own.
    """
    return cached(LRUCache(maxsize=entries), condition=Condition())
