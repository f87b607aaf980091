"""Entries that readers once saw and no longer do: their addresses stay known, and say so."""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from common.slugs import SlugMoved, get_by_slug, redirect_to_slug
from recommendations.models import EntryVersion, Recommendation
from recommendations.querysets import RecommendationQuerySet

View = Callable[..., HttpResponse]


class Withdrawn(Exception):
    """The entry asked for is no longer public; it is this exception's ``entry``."""

    def __init__(self, entry: Recommendation) -> None:
        self.entry = entry
        super().__init__(entry.slug)


def get_entry(entries: RecommendationQuerySet, slug: str) -> Recommendation:
    """The one of ``entries`` with ``slug``.

    Raises ``SlugMoved`` where that is its former slug, ``Withdrawn`` where readers once saw it, ``Http404`` where
    there is none.
    """
    try:
        found: Recommendation = get_by_slug(entries, slug)
    except Http404:
        raise Withdrawn(get_by_slug(Recommendation.objects.withdrawn(), slug)) from None
    return found


def answers_moved_and_gone(view: View) -> View:
    """``view``, whose ``SlugMoved`` leads to the new address, and whose ``Withdrawn`` becomes a page that says so."""

    @functools.wraps(view)
    def answering(request: HttpRequest, slug: str, **kwargs: str) -> HttpResponse:
        try:
            return view(request, slug, **kwargs)
        except SlugMoved as moved:
            return redirect_to_slug(request, slug, str(moved))
        except Withdrawn as withdrawn:
            return gone(request, withdrawn.entry)

    return answering


def gone(request: HttpRequest, entry: Recommendation) -> HttpResponse:
    """That ``entry`` is no longer public, since when, and where to go instead: status 410."""
    last = EntryVersion.objects.filter(entry=entry).ever_public().order_by("-public_from", "-number").first()
    context = {"entry": entry, "since": last.public_until if last else None}
    return render(request, "recommendations/gone.html", context, status=410)
