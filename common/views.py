"""Pages about the site itself, and the pages for when something is not there or not well."""

from __future__ import annotations

from contextlib import suppress

from django.apps import apps
from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static

from common.tally import tally
from common.translation import HTML_LANG, site_language


def about(request: HttpRequest) -> HttpResponse:
    """Where the entries come from, how they were made, and what may be done with them."""
    entry = apps.get_model("recommendations", "Recommendation")
    entries = entry.public_set()
    context = {
        "reports": apps.get_model("pillars", "Report").objects.in_order().select_related("source"),
        "total": entries.count(),
        "bases": tally(entry, "basis", entries.counts("basis").items()),
        "statuses": tally(entry, "status", entries.counts("status").items()),
        "area_kinds": set(apps.get_model("cities", "Area").objects.order_by().values_list("kind", flat=True)),
        "positions": apps.get_model("cities", "City").objects.aggregate(
            on_map=Count("tile_row"), known=Count("latitude"), from_geonames=Count("geonames_id")
        ),
        "contact": getattr(settings, "CONTACT", ""),
    }
    return render(request, "common/about.html", context)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page; here is how to find what it may have been."""
    return HttpResponseNotFound(loader.render_to_string("404.html", {}, request))


def server_error(request: HttpRequest) -> HttpResponse:
    """Something of ours failed. Rests on as little as it can: no database, no context processor."""
    stylesheet = ""
    with suppress(ValueError):  # no manifest of static files: perhaps the very thing that is wrong
        stylesheet = static("css/kb.css")
    context = {"stylesheet": stylesheet, "page_lang": HTML_LANG[site_language()]}
    return HttpResponseServerError(loader.render_to_string("500.html", context))
