"""The heart: recommendations, what supports them, where they apply, and every version of them."""

from recommendations.models.bulk import BulkChange
from recommendations.models.derived import Coverage, Posting, SearchText, SearchWord
from recommendations.models.entry import CityLink, Evidence, Recommendation
from recommendations.models.imports import Import, ImportPiece, ImportRow
from recommendations.models.version import EntryVersion, SettledCopy

__all__ = [
    "BulkChange",
    "CityLink",
    "Coverage",
    "EntryVersion",
    "Evidence",
    "Import",
    "ImportPiece",
    "ImportRow",
    "Posting",
    "Recommendation",
    "SearchText",
    "SearchWord",
    "SettledCopy",
]
