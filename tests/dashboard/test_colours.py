"""What is written can be read in both themes, also inside charts, where axe does not look."""

import pytest

from dashboard.charts.colours import DARK, LIGHT


def luminance(shade: str) -> float:
    """WCAG 2.1, relative luminance of an sRGB colour."""
    parts = [int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, contrast ratio: 1 (the same) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WebAIM: 4.48


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "panel"])
@pytest.mark.parametrize("text", ["text", "muted", "line"])
def test_text_stands_out_by_what_the_standard_asks(theme, ground, text):
    """Success criterion 1.4.3: 4.5 to 1."""
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= 4.5
