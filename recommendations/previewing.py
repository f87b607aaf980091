"""What readers do not see yet, as they would see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from cities.models import City
from recommendations import derive, views
from recommendations.models import Coverage, Recommendation
from recommendations.proofs import broken


def preview_context(request: HttpRequest, entry: Recommendation) -> dict[str, Any]:
    """What the page of ``entry`` shows, a working copy under the name of its original; loaded ``for_detail``.

    ``broken`` is the evidence whose phrase was not found: a reader of the preview is to know.
    """
    pieces = broken(entry)
    original = entry.working_copy_of
    if original is not None:
        _stand_in(entry, original)
    context = views.entry_context(request, entry) | {"version": None, "broken": pieces}
    return context | (views.history_context(original) if original else {})


def _stand_in(copy: Recommendation, original: Recommendation) -> None:
    """Give ``copy``, in memory only, the name of its original and the coverage it would have."""
    copy.number, copy.slug = original.number, original.slug
    links = derive.coverage_of(copy, derive.area_cities())
    cities = City.objects.in_bulk(links)
    rows = [Coverage(recommendation=copy, city=cities[city], basis=basis) for city, basis in sorted(links.items())]
    # Where prefetch_related puts what the page then reads.
    vars(copy)["_prefetched_objects_cache"]["coverage"] = rows
