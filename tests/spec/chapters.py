"""The chapters in reading order."""

from tests.spec import absence, inspections, limits, monthly, ratings

CHAPTERS = (
    ratings.CHAPTER,
    limits.CHAPTER,
    inspections.CHAPTER,
    monthly.CHAPTER,
    absence.CHAPTER,
)
