"""A line of a dozen periods, small enough for a card."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import groupby
from urllib.parse import quote

from dashboard.charts.colours import Colours

WIDTH, HEIGHT, PAD = 220, 44, 5


def sparkline(values: Sequence[float | None], colours: Colours, target: float | None = None) -> str:
    """A data address of an SVG picture; a period without a number leaves a gap.

    The scale runs from the least to the greatest value, so that a rate near its ceiling shows its
    shape; the card prints the numbers. A target is a red broken line inside the scale. Straight
    segments: a smoothed line would invent values.
    """
    known = [value for value in values if value is not None]
    if not known:
        return _address("")
    ends = known if target is None else [*known, target]
    low, high = min(ends), max(ends)
    step = (WIDTH - 2 * PAD) / max(len(values) - 1, 1)

    def place(at: int, value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{PAD + at * step:.1f},{HEIGHT - PAD - share * (HEIGHT - 2 * PAD):.1f}"

    runs: list[list[str]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(at, value))
    lines = "".join(
        f'<polyline points="{" ".join(run if len(run) > 1 else run * 2)}" fill="none" '
        f'stroke="{colours.line}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>'
        for run in runs
        if run
    )
    if target is not None:
        y = place(0, target).split(",")[1]
        lines += (
            f'<line x1="{PAD}" x2="{WIDTH - PAD}" y1="{y}" y2="{y}" '
            f'stroke="{colours.target}" stroke-width="1.2" stroke-dasharray="4 3"/>'
        )
    if values[-1] is not None:
        x, y = place(len(values) - 1, values[-1]).split(",")
        lines += f'<circle cx="{x}" cy="{y}" r="3.2" fill="{colours.line}"/>'
    return _address(lines)


SMALL_WIDTH, SMALL_HEIGHT = 84, 22


def small_line(values: Sequence[float | None], text: str, colours: Colours) -> str:
    """The same as markup for the cell of a table.

    `text` says what it shows. One number alone is a dot; without any there is no picture.
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    step = (SMALL_WIDTH - 6) / max(len(values) - 1, 1)

    def place(at: int, value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{3 + at * step:.0f},{19 - share * 16:.0f}"

    at = [None if one is None else place(number, one) for number, one in enumerate(values)]
    lines = "".join(
        f'<polyline points="{" ".join(run if len(run) > 1 else run * 2)}"/>'
        for known_, some in groupby(at, lambda one: one is not None)
        if known_
        for run in [[str(one) for one in some]]
    )
    dot = ""
    if at[-1] is not None:
        x, y = at[-1].split(",")
        dot = f'<circle cx="{x}" cy="{y}" r="2.4" fill="{colours.line}"/>'
    look = f'fill="none" stroke="{colours.line}" stroke-width="1.6" stroke-linejoin="round"'
    size = f'viewBox="0 0 {SMALL_WIDTH} {SMALL_HEIGHT}"'
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><g {look}>{lines}</g>{dot}</svg>'
    label = escape(text, quote=True)
    return f'<img class="hs-spark" alt="{label}" title="{label}" src="{_plain(drawn)}">'


def _plain(picture: str) -> str:
    """A data address in letters: unlike base64 it packs well where a table has fifty of them."""
    return "data:image/svg+xml," + quote(picture, safe=" =:/,.-").replace("%22", "'")


def _address(content: str) -> str:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{content}</svg>'
    return "data:image/svg+xml;base64," + b64encode(picture.encode()).decode()
