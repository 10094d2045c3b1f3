"""The colours of the two themes; meaning is never carried by hue alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """What a chart or a table needs to know of the theme."""

    line: str
    soft: str
    text: str
    muted: str
    border: str
    ground: str
    panel: str
    bad: str
    neutral: str
    target: str


LIGHT = Colours(
    line="#1f5fa8",
    soft="#cfdff1",
    text="#1d2733",
    muted="#5a6674",
    border="#e1e6ec",
    ground="#ffffff",
    panel="#f3f6fa",
    bad="#e08a1e",
    neutral="#8a5fb0",
    target="#b3402a",
)
DARK = Colours(
    line="#6fb1f0",
    soft="#274463",
    text="#e6ebf1",
    muted="#a3b0bf",
    border="#2a3643",
    ground="#10161d",
    panel="#18212b",
    bad="#f0a04b",
    neutral="#b79ad6",
    target="#e88a78",
)


def colours(theme: str | None) -> Colours:
    """The colours of `light` or `dark`; unknown reads as light."""
    return DARK if theme == "dark" else LIGHT
