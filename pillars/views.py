"""The pillars: the groups a report's recommendations fall into."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.slugs import SlugMoved, get_by_slug, redirect_to_slug
from pillars.models import Pillar, Report
from pillars.overview import MAX_SQUARES, published_entries, summaries, together

#: Entries listed in full; the rest is a step away in the list that can be filtered.
MAX_LISTED = 100


def pillar_list(request: HttpRequest) -> HttpResponse:
    """Every pillar with its question and what stands under it."""
    cards = summaries(Pillar.objects.select_related("report").in_order())
    context = {"cards": cards, "total": sum(card.count for card in cards), "max_squares": MAX_SQUARES}
    return render(request, "pillars/list.html", context)


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One pillar and its recommendations."""
    try:
        pillar = get_by_slug(Pillar.objects.select_related("report"), slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    entries = published_entries().having("pillar", pillar.pk)
    siblings = list(Pillar.objects.filter(report=pillar.report).in_order())
    place = siblings.index(pillar)
    context = {
        "pillar": pillar,
        "summary": summaries([pillar])[0],
        "entries": entries.first(MAX_LISTED, lambda rows: rows.for_list()),
        "previous": siblings[place - 1] if place else None,
        "next": siblings[place + 1] if place + 1 < len(siblings) else None,
        "max_squares": MAX_SQUARES,
    }
    return render(request, "pillars/detail.html", context)


def report(request: HttpRequest, slug: str) -> HttpResponse:
    """One report: who issued it, how many recommendations it says it makes, and how many are here."""
    try:
        found = get_by_slug(Report.objects.select_related("source"), slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    cards = summaries(Pillar.objects.filter(report=found).in_order())
    context = {
        "report": found,
        "cards": cards,
        "count": sum(card.count for card in cards),
        "bases": together(card.bases for card in cards),
        "statuses": together(card.statuses for card in cards),
        "max_squares": MAX_SQUARES,
    }
    return render(request, "pillars/report.html", context)
