"""The chapters in reading order."""

from tests.spec import absence, inspections, limits, monthly, ratings, yearly

CHAPTERS = (
    ratings.CHAPTER,
    limits.CHAPTER,
    inspections.CHAPTER,
    monthly.CHAPTER,
    yearly.CHAPTER,
    absence.CHAPTER,
)
