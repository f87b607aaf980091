"""The facet index: what every filter leaves and counts, from bitmaps in memory, as the ORM would say it."""

from recommendations.index.answers import IndexAnswers, answers_for
from recommendations.index.keeping import keeper

__all__ = ["IndexAnswers", "answers_for", "keeper"]
