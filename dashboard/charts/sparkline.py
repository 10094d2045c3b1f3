"""A line of a dozen periods, small enough for a card."""

from base64 import b64encode
from collections.abc import Sequence

from dashboard.charts.colours import Colours

WIDTH, HEIGHT, PAD = 220, 44, 5


def sparkline(values: Sequence[float | None], colours: Colours) -> str:
    """A data address of an SVG picture; a period without a number leaves a gap.

    The scale runs from the least to the greatest value, so that a rate near its ceiling shows its
    shape; the card prints the numbers. Straight segments: a smoothed line would invent values.
    """
    known = [value for value in values if value is not None]
    if not known:
        return _address("")
    low, high = min(known), max(known)
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
    if values[-1] is not None:
        x, y = place(len(values) - 1, values[-1]).split(",")
        lines += f'<circle cx="{x}" cy="{y}" r="3.2" fill="{colours.line}"/>'
    return _address(lines)


def _address(content: str) -> str:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{content}</svg>'
    return "data:image/svg+xml;base64," + b64encode(picture.encode()).decode()
