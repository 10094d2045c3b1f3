"""Addresses of our own pages: a link carries what is chosen, so that it can be shared."""

from collections.abc import Callable
from urllib.parse import urlencode

from dashboard.text import Words
from metrics.periods import Period


def to(page: str, words: Words, **chosen: str) -> str:
    """The address of a page with its choices; empty ones are left out."""
    kept = {name: text for name, text in chosen.items() if text}
    return f"{page}?{urlencode(kept | {'lang': words.lang})}"


def portraits(period: Period, words: Words) -> Callable[[str], str]:
    """Where the name of a unit leads, by its id: to its portrait in that period."""
    return lambda unit: to("profile", words, unit=unit, period=period.text)
