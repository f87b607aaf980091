"""One search over everything the desk has lists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

#: Things of one kind that are named; the rest is in their own list.
MAX_NAMED = 6


@dataclass(frozen=True, slots=True)
class Found:
    """Things of one kind that were found, the first of them named with their address."""

    kind: str
    named: list[tuple[str, str]]
    is_more: bool
    url: str


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=200)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Things of every kind that the reader may see, found as their own lists find them."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    context = {
        **admin.site.each_context(request),
        "title": _("Search the desk"),
        "words": words,
        "results": _results(request, words) if words else [],
    }
    return render(request, "desk/search.html", context)


def _results(request: HttpRequest, words: str) -> list[Found]:
    results = []
    for model, found in admin.site._registry.items():
        if not found.get_search_fields(request) or not found.has_view_permission(request):
            continue
        rows, is_doubled = found.get_search_results(request, found.get_queryset(request), words)
        rows = rows.distinct() if is_doubled else rows
        named = list(rows.order_by("pk")[: MAX_NAMED + 1])
        if named:
            results.append(_found(model, named, words))
    return results


def _found(model: Any, named: list[Any], words: str) -> Found:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    listed = reverse(f"{name}_changelist", query={"q": words})
    things = [(str(thing), reverse(f"{name}_change", args=[thing.pk])) for thing in named[:MAX_NAMED]]
    return Found(str(model._meta.verbose_name_plural), things, len(named) > MAX_NAMED, listed)
