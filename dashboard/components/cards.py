"""Cards: label, value with unit, change in words, a line of twelve months, n and d."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Card:
    """What stands on a card, all of it already printed text."""

    label: str
    figure: str
    unit: str
    change: str
    picture: str
    alt: str
    base: str
    late: str
    variant: str
    empty: bool
    mark: str = ""
    reported: str = ""
    act: str = ""  # what can be done about it, and where that leads
    link: str = ""
    target: str = ""  # where the target lies, and whether it is reached


def card_html(card: Card) -> str:
    """The markup of one card."""
    look = "hs-figure hs-empty" if card.empty else "hs-figure"
    mark = f'<span class="hs-tie">{escape(card.mark)}</span>' if card.mark else ""
    unit = f"<small>{escape(card.unit)}</small>" if card.unit else ""
    reported = f'<p class="hs-note">{escape(card.reported)}</p>' if card.reported else ""
    late = f'<p class="hs-note">{escape(card.late)}</p>' if card.late else ""
    act = ""
    if card.link:
        href = escape(card.link, quote=True)
        said = f'aria-label="{escape(f"{card.act} {card.label}", quote=True)}"'
        act = f'<a class="hs-act" href="{href}" target="_self" {said}>{escape(card.act)}</a>'
    target = f'<p class="hs-note hs-target">{escape(card.target)}</p>' if card.target else ""
    picture = f'<img src="{card.picture}" alt="{escape(card.alt, quote=True)}">'
    return (
        f'<section class="hs-card"><h2>{escape(card.label)}{act}</h2>'
        f'<div class="{look}">{escape(card.figure)}{unit}{mark}</div>'
        f'<p class="hs-note">{escape(card.change)}</p>'
        f"{picture if card.picture else ''}{target}"
        f'<p class="hs-note"><strong>{escape(card.base)}</strong></p>{reported}'
        f'<p class="hs-note">{escape(card.variant)}</p>{late}</section>'
    )


def draw(cards: Sequence[Card]) -> None:
    """A wall of cards that wraps on narrow screens."""
    st.html(f'<div class="hs-cards">{"".join(map(card_html, cards))}</div>')
