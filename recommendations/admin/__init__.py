"""The desk of the heart: entries with their evidence and links, working copies, versions."""

from recommendations.admin.entries import RecommendationAdmin
from recommendations.admin.imports import ImportAdmin
from recommendations.admin.records import EntryVersionAdmin, EvidenceAdmin
from recommendations.admin.sent import teller
from staff import sending

sending.register(teller)

__all__ = ["EntryVersionAdmin", "EvidenceAdmin", "ImportAdmin", "RecommendationAdmin"]
