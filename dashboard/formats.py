"""How numbers are printed: the same on every page, in both languages."""

from datetime import date

from dashboard.text import Words
from metrics.periods import period_of

MARKS = {"none": "/", "missing": "—", "suppressed": "＜5"}
SHORT = {"zh": ((10**8, "亿"), (10**4, "万")), "en": ((10**6, "M"), (10**4, "k"))}
SECONDS_PER_MINUTE = 60
DIVISOR = {"亿": 10**8, "万": 10**4, "M": 10**6, "k": 10**3}


def score(number: float) -> str:
    """A score or points, always with two decimals: ties are decided on the printed decimal."""
    return f"{number:.2f}"


def plain(number: float) -> str:
    """A weight as short as it is: 40, 12.5."""
    return f"{number:g}"


def count(number: float) -> str:
    """A whole number with thousands separators."""
    return f"{number:,.0f}"


def short_count(number: float, words: Words) -> tuple[str, str]:
    """A count for a card as (number, unit): 万 and 亿 in Chinese, k and M in English."""
    for limit, unit in SHORT[words.lang]:
        if abs(number) >= limit:
            return f"{number / DIVISOR[unit]:,.1f}", unit
    return count(number), ""


def rate(number: float) -> str:
    """A rate of 0–1 as a percentage with two decimals; n and d stand beside it."""
    return f"{number * 100:.2f}%"


def signed(number: float, decimals: int) -> str:
    """A change with its sign, the minus as wide as the plus; nothing moved is ±0."""
    text = f"{number:+.{decimals}f}"
    if float(text) == 0:
        return f"±{text[1:]}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """A share of a whole that is no rate of cases, without decimals."""
    return f"{share:.0%}"


def minutes(seconds: float) -> str:
    """A duration in minutes with one decimal."""
    return f"{seconds / SECONDS_PER_MINUTE:.1f}"


def day(when: date, words: Words) -> str:
    """A date as 2019年8月31日 or Aug 31, 2019."""
    return period_of("day", when).label(words.lang)
