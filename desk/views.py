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

from common.admin import has_words
from recommendations.admin.finding import named_first, pending_saying
from recommendations.admin.wording import CHANGE
from recommendations.models import Recommendation

#: Things of one kind that are named; the rest is in their own list.
MAX_NAMED = 6
#: The longest text that is searched for.
MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Things of one kind that were found, the first of them named with their address."""

    kind: str
    named: list[tuple[str, str]]
    is_more: bool
    url: str


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=MAX_CHARACTERS)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Things of every kind that the reader may see, found as their own lists find them."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    is_search = has_words(words)
    context = {
        **admin.site.each_context(request),
        "title": _("Search the desk"),
        "words": words,
        "why_nothing": "" if is_search or "q" not in request.GET else _why_nothing(request.GET["q"]),
        "results": _results(request, words) if is_search else [],
    }
    return render(request, "desk/search.html", context)


def _why_nothing(typed: str) -> str:
    """Why there is nothing to search for in ``typed``."""
    if len(typed) > MAX_CHARACTERS:
        sentence = _("A search has at most %(most)s characters; this one has %(count)s.")
        return sentence % {"most": MAX_CHARACTERS, "count": len(typed)}
    return _("There is nothing to search for yet: type a word, a number or a part of a slug.")


def _results(request: HttpRequest, words: str) -> list[Found]:
    results = []
    for model, found in admin.site._registry.items():
        if not found.get_search_fields(request) or not found.has_view_permission(request):
            continue
        rows, is_doubled = found.get_search_results(request, found.get_queryset(request), words)
        rows = rows.distinct() if is_doubled else rows
        first = [named_first(words)] if model is Recommendation else []
        named = list(rows.order_by(*first, "pk")[: MAX_NAMED + 1])
        if named:
            results.append(_found(model, named, words))
        if model is Recommendation:
            results += _pending(words)
    return results


def _pending(words: str) -> list[Found]:
    """Pending copies that say ``words``: no list has them, and their words are not yet those of their entries."""
    copies = pending_saying(words).select_related("working_copy_of").order_by("pk")[: MAX_NAMED + 1]
    things = [(f"{copy.original.number}. {copy.title}", reverse(CHANGE, args=[copy.pk])) for copy in copies]
    listed = reverse("admin:recommendations_recommendation_changelist", query={"q": words, "pending": "yes"})
    return [Found(_("pending copies"), things[:MAX_NAMED], len(things) > MAX_NAMED, listed)] if things else []


def _found(model: Any, named: list[Any], words: str) -> Found:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    listed = reverse(f"{name}_changelist", query={"q": words})
    things = [(str(thing), reverse(f"{name}_change", args=[thing.pk])) for thing in named[:MAX_NAMED]]
    return Found(str(model._meta.verbose_name_plural), things, len(named) > MAX_NAMED, listed)
