"""The chapters in reading order."""

from tests.spec import inspections, limits, ratings

CHAPTERS = (
    ratings.CHAPTER,
    limits.CHAPTER,
    inspections.CHAPTER,
)
