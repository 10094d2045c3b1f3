"""Printed numbers."""

from datetime import date

import pytest

from dashboard import formats
from dashboard.text import Words

ZH, EN = Words("zh"), Words("en")


def test_scores_have_two_decimals_everywhere():
    assert [formats.score(number) for number in (100, 92.4, 0)] == ["100.00", "92.40", "0.00"]


def test_rates_are_percentages_with_two_decimals():
    assert formats.rate(0.98765) == "98.77%"
    assert formats.rate(1) == "100.00%"


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        (9_999, ("9,999", ""), ("9,999", "")),
        (10_000, ("1.0", "万"), ("10.0", "k")),
        (506_321, ("50.6", "万"), ("506.3", "k")),
        (123_456_789, ("1.2", "亿"), ("123.5", "M")),
    ],
)
def test_cards_shorten_counts_from_ten_thousand(number, zh, en):
    assert formats.short_count(number, ZH) == zh
    assert formats.short_count(number, EN) == en


def test_a_change_has_its_sign_and_nothing_moved_has_none():
    assert [formats.signed(number, 2) for number in (0.5, -1.25, 0.001, -0.001)] == [
        "+0.50",
        "−1.25",
        "±0.00",
        "±0.00",
    ]


def test_states_have_their_marks():
    assert formats.MARKS == {"none": "/", "missing": "—", "suppressed": "＜5"}


def test_days_are_written_in_the_language():
    assert formats.day(date(2019, 8, 31), ZH) == "2019年8月31日"
    assert formats.day(date(2019, 8, 31), EN) == "Aug 31, 2019"
