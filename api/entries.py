"""Recommendations: the list under the same filter as the pages, and one with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import translation

from api import schemas
from api.asking import Asked, Item, as_json
from api.items import Teller
from api.language import Words
from api.lists import find, moved_to
from api.problems import Problem, withdrawn
from common.context import origin_of
from common.translation import BOTH, HTML_LANG, Text
from recommendations.facets import Label, all_facets
from recommendations.models import EntryVersion, Recommendation
from recommendations.querysets import RecommendationQuerySet
from recommendations.reading import Reading

FIELDS = tuple(schemas.RecommendationItem.model_fields)
DETAIL_FIELDS = tuple(schemas.RecommendationDetail.model_fields)

#: Of what an entry is related to, readers see what is published.
PUBLISHED_RELATED = Prefetch("related", Recommendation.objects.published().only("slug").in_order())


def answer_list(request: HttpRequest) -> HttpResponse | HttpResponsePermanentRedirect:
    """Every published entry under the filter in the address, a page at a time, with the counts of every facet."""
    reading = Reading(request.GET, beside=None, is_exact=True)
    filterset = reading.filterset
    asked = Asked(request, FIELDS, beside=tuple(filterset.names))
    if filterset.moved:
        data = request.GET.copy()
        for (name, former), now in filterset.moved.items():
            data.setlist(name, [now if value == former else value for value in data.getlist(name)])
        return moved_to(request, request.path, data.urlencode())
    asked.refuse(filterset.problems)
    ordered: Any = filterset.qs
    scope = repr((filterset.parameters, asked.words.site_language))
    page, cursor = asked.rows(ordered.for_list(), scope, reading.answers)
    return as_json(
        {
            "count": reading.total,
            "facets": facets(reading, asked.words),
            "results": [asked.chosen(item) for item in tell(page, Teller(asked.words, origin_of(request)))],
            "next": asked.next_url(cursor, filterset.parameters),
            "suggestion": filterset.corrected_text or None,
        }
    )


def tell(entries: list[Recommendation], teller: Teller) -> list[Item]:
    """``entries`` as the list tells them; they are loaded ``for_list``."""
    prefetch_related_objects(entries, PUBLISHED_RELATED)
    return [teller.recommendation(entry) for entry in entries]


def facets(reading: Reading, words: Words) -> list[Item]:
    """Each facet with its values in order, and how many entries there would be."""
    labels = {tag: _labels(code) for code, tag in HTML_LANG.items() if words.language in {code, BOTH}}
    found = []
    for facet in reading.filterset.facets:
        counts = reading.answers.counts(facet)
        values = [
            {"slug": o.slug, "label": _label(labels, facet.name, o.slug), "count": counts[o.slug]}
            for o in facet.options
        ]
        found.append({"name": facet.name, "label": _label(labels, facet.name, ""), "values": values})
    return found


def _labels(language: str) -> dict[tuple[str, str], Label]:
    """(facet, value) → what it is called in ``language``; the facet itself has no value."""
    with translation.override(language):
        found: dict[tuple[str, str], Label] = {}
        for facet in all_facets():
            for slug, label in [("", facet.label), *((option.slug, option.label) for option in facet.options)]:
                found[facet.name, slug] = label if isinstance(label, Text) else str(label)
    return found


def _label(labels: dict[str, dict[tuple[str, str], Label]], name: str, slug: str) -> Any:
    said = {tag: known.get((name, slug), "") for tag, known in labels.items()}
    if len(said) == 1:
        return next(iter(said.values()))
    return {tag: "" if getattr(label, "is_fallback", False) else label for tag, label in said.items()}


def answer_one(request: HttpRequest, slug: str) -> HttpResponse | HttpResponsePermanentRedirect:
    """One published entry with its history and what became of it."""
    asked = Asked(request, DETAIL_FIELDS, is_list=False)
    asked.refuse()
    entry = _find(request, slug)
    if isinstance(entry, HttpResponsePermanentRedirect):
        return entry
    [item] = tell([entry], Teller(asked.words, origin_of(request)))
    versions = list(EntryVersion.objects.filter(entry=entry).ever_public().newest_first())
    return as_json(
        asked.chosen(
            {
                **item,
                "version": next((v.number for v in versions if v.public_until is None), None),
                "history": [_version(version) for version in versions],
                "checkpoints": [checkpoint.slug for checkpoint in entry.checkpoints.in_order()],
                "updates": list(_updates(entry, asked.words)),
            }
        )
    )


def _find(request: HttpRequest, slug: str) -> Any:
    """The published entry, or the way to it; raises ``Problem``, another one where readers once saw it."""
    try:
        return find(request, _published(), slug)
    except Problem:
        gone = Recommendation.objects.withdrawn().filter(slug=slug).first()
        if gone is None:
            raise
    raise withdrawn(gone.number)


def _published() -> RecommendationQuerySet:
    return Recommendation.objects.published().for_list()


def _version(version: EntryVersion) -> Item:
    """When readers saw it. Why it was made is a note among editors and may name people."""
    return {"version": version.number, "public_from": version.public_from, "public_until": version.public_until}


def _updates(entry: Recommendation, words: Words) -> Iterable[Item]:
    """The published updates that concern ``entry``, the newest first; none while nothing keeps updates."""
    effects: Any = getattr(entry, "update_effects", None)
    for effect in effects.public().newest_first() if effects else ():
        update: Any = effect.update
        yield {
            "slug": update.slug,
            "happened_on": update.happened_on,
            **words.texts(update, "title", "summary"),
            "source": update.source.slug,
            "locator": update.locator,
            "status": effect.status,
        }
