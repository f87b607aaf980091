"""The public pages of the heart: browse and one entry."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cities.models import City
from common.slugs import SlugMoved, get_by_slug, redirect_to_slug
from common.tilemap import TileMap
from recommendations import entry_page
from recommendations.export import csv_lines, file_name
from recommendations.filters import RecommendationFilterSet
from recommendations.index import answers_for
from recommendations.models import EntryVersion, Recommendation
from recommendations.querysets import RecommendationQuerySet
from recommendations.reading import Reading


def browse(request: HttpRequest) -> HttpResponse:
    """Every entry, narrowed by the filter in the address."""
    reading = Reading(request.GET)
    if reading.filterset.moved:
        data = request.GET.copy()
        for (name, former), now in reading.filterset.moved.items():
            data.setlist(name, [now if value == former else value for value in data.getlist(name)])
        return redirect(f"{request.path}?{data.urlencode()}", permanent=True)
    is_part = getattr(request, "htmx", False) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = "recommendations/_browse.html" if is_part else "recommendations/browse.html"
    response = render(request, template, {"reading": reading})
    response["Vary"] = ", ".join(filter(None, [response.get("Vary"), "HX-Request"]))
    return response


def export_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same filter, every match, as a spreadsheet's text."""
    lines = csv_lines(RecommendationFilterSet(request.GET), origin=f"{request.scheme}://{request.get_host()}")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name("csv")}"'
    return response


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One entry with its evidence, within the reader's filter."""
    try:
        entry = get_by_slug(_visible(request).for_detail(), slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    return render(request, "recommendations/detail.html", entry_context(request, entry))


def entry_context(request: HttpRequest, entry: Recommendation) -> dict[str, Any]:
    """What the page of ``entry`` shows, as :func:`detail` serves it; ``entry`` is loaded ``for_detail``."""
    filterset = RecommendationFilterSet(request.GET)
    before, after = answers_for(filterset).neighbours(entry)
    carried = Reading(request.GET)
    version = EntryVersion.objects.filter(entry=entry).public_now().first()
    permalink = request.build_absolute_uri(entry.get_absolute_url())
    return {
        "entry": entry,
        "evidence": list(entry.evidence.all()),
        "touched": entry_page.touched_cities(entry),
        "is_province_wide": entry.reach == "province",
        "tilemap": TileMap.build(City.objects.select_related("region").in_order(), marks=entry_page.city_marks(entry)),
        "terms_by_vocabulary": entry_page.terms_by_vocabulary(entry),
        "related": entry_page.related_entries(entry),
        "previous": before,
        "next": after,
        "previous_url": f"{before.get_absolute_url()}{carried.entry_query}" if before else "",
        "next_url": f"{after.get_absolute_url()}{carried.entry_query}" if after else "",
        "back_url": f"{reverse('recommendations:browse')}{carried.entry_query}" if carried.entry_query else "",
        "checkpoints": list(entry.checkpoints.in_order()),
        "version": version,
        "notice": entry_page.notice(entry),
        "untranslated": entry_page.untranslated_fields(entry),
        "citation": entry_page.citation(entry, version, permalink),
        "permalink": permalink,
    }


def _visible(request: HttpRequest) -> RecommendationQuerySet:
    """What this reader may open. A request without a session cookie does not touch the session."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return Recommendation.objects.visible_to(request.user)
    return Recommendation.objects.published()
