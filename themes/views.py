"""What recommendations are about, and the words of the field."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse

from common.slugs import SlugMoved, get_by_slug
from themes.models import GlossaryEntry, Term, Vocabulary
from themes.overview import TermOverview, vocabularies
from themes.words import letters


def index(request: HttpRequest) -> HttpResponse:
    """Every vocabulary with its terms and how many entries have each."""
    return render(request, "themes/index.html", {"vocabularies": vocabularies()})


def term(request: HttpRequest, vocabulary: str, slug: str) -> HttpResponse:
    """One term: what it means, the entries that have it, and what they have in common."""
    asked = (vocabulary, slug)
    try:
        found = get_by_slug(Vocabulary.objects.all(), vocabulary)
    except SlugMoved as moved:
        vocabulary = str(moved)
        found = get_by_slug(Vocabulary.objects.all(), vocabulary)
    try:
        owner = get_by_slug(Term.objects.filter(vocabulary=found).select_related("vocabulary"), slug)
    except SlugMoved as moved:
        slug = str(moved)
    if (vocabulary, slug) != asked:
        return _moved(request, vocabulary, slug)
    return render(request, "themes/term.html", {"term": owner, "overview": TermOverview(owner)})


def _moved(request: HttpRequest, vocabulary: str, slug: str) -> HttpResponsePermanentRedirect:
    """To the term's present address; both parts of it may have changed."""
    query = request.META.get("QUERY_STRING", "")
    address = reverse("themes:term", args=[vocabulary, slug])
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)


def glossary(request: HttpRequest) -> HttpResponse:
    """Every word of the field in both languages."""
    words = list(GlossaryEntry.objects.order_by("pk"))
    return render(request, "themes/glossary.html", {"letters": letters(words), "total": len(words)})
