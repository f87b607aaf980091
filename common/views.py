"""Pages about the site itself, and the pages for when something is not there or not well."""

from __future__ import annotations

from contextlib import suppress

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Count
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseNotFound,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static
from django.utils.translation import gettext as _

from common.middleware import is_desk
from common.tally import tally
from common.translation import HTML_LANG, site_language


def about(request: HttpRequest) -> HttpResponse:
    """Where the entries come from, how they were made, and what may be done with them."""
    entry = apps.get_model("recommendations", "Recommendation")
    entries = entry.objects.published().order_by()
    context = {
        "reports": apps.get_model("pillars", "Report").objects.in_order().select_related("source"),
        "total": entries.count(),
        "bases": tally(entry, "basis", entries.values_list("basis").annotate(Count("pk"))),
        "statuses": tally(entry, "status", entries.values_list("status").annotate(Count("pk"))),
        "area_kinds": set(apps.get_model("cities", "Area").objects.order_by().values_list("kind", flat=True)),
        "positions": apps.get_model("cities", "City").objects.aggregate(
            on_map=Count("tile_row"), known=Count("latitude"), from_geonames=Count("geonames_id")
        ),
        "contact": getattr(settings, "CONTACT", ""),
    }
    return render(request, "common/about.html", context)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page; here is how to find what it may have been."""
    if is_desk(request) and admin.site.has_permission(request):
        context = {**admin.site.each_context(request), "title": _("Page not found")}
        return HttpResponseNotFound(loader.render_to_string("admin/404.html", context, request))
    return HttpResponseNotFound(loader.render_to_string("404.html", {}, request))


def forbidden(request: HttpRequest, exception: Exception | None = None, *, is_old_form: bool = False) -> HttpResponse:
    """Nothing was done: it is not for this reader, or was sent from a page that is too old or from elsewhere."""
    title = _("This page is too old") if is_old_form else _("This is not yours to open")
    context = {"title": title, "is_old_form": is_old_form}
    if is_desk(request):
        context = {**admin.site.each_context(request), **context}
        return HttpResponseForbidden(loader.render_to_string("admin/403.html", context, request))
    return HttpResponseForbidden(loader.render_to_string("403.html", context, request))


def server_error(request: HttpRequest) -> HttpResponse:
    """Something of ours failed. Rests on as little as it can: no database, no context processor."""
    stylesheet = ""
    with suppress(ValueError):  # no manifest of static files: perhaps the very thing that is wrong
        stylesheet = static("css/kb.css")
    context = {"stylesheet": stylesheet, "page_lang": HTML_LANG[site_language()]}
    return HttpResponseServerError(loader.render_to_string("500.html", context))
