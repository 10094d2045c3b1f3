"""Addresses of our own pages: a link carries what is chosen, so that it can be shared."""

from urllib.parse import urlencode

from dashboard.text import Words


def to(page: str, words: Words, **chosen: str) -> str:
    """The address of a page with its choices; empty ones are left out."""
    kept = {name: text for name, text in chosen.items() if text}
    return f"{page}?{urlencode(kept | {'lang': words.lang})}"
