"""Where we read it: the sources, passage by passage."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.slugs import SlugMoved, get_by_slug, redirect_to_slug
from sources.models import Source
from sources.overview import MAX_CITATIONS, entry_count, sections, sources


def source_list(request: HttpRequest) -> HttpResponse:
    """Every source with how many entries rest on it."""
    return render(request, "sources/list.html", {"sources": sources()})


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One source: what it is, and which entries rest on which passage."""
    try:
        source = get_by_slug(Source.objects.all(), slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    parts = sections(source)
    context = {
        "source": source,
        "reports": list(source.reports.in_order()),
        "sections": parts,
        "count": entry_count(source),
        "is_cut": sum(len(passage.entries) for part in parts for passage in part.passages) >= MAX_CITATIONS,
    }
    return render(request, "sources/detail.html", context)
