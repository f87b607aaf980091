"""Every kind of thing as the API tells it. Each function reads what its query set has loaded, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import QueryDict

from api.asking import Item
from api.language import Words
from cities.models import Area, City
from pillars.models import Pillar, Report
from progress.models import Checkpoint
from recommendations.models import CityLink, Evidence, Recommendation
from recommendations.models.entry import TEXTS
from recommendations.reading import Reading
from recommendations.snapshot import snapshot_as_loaded
from sources.models import Citation, Source
from themes.models import GlossaryEntry, Term, Vocabulary


class Teller:
    """Tells things in ``words`` to readers of the site at ``origin``."""

    def __init__(self, words: Words, origin: str) -> None:
        self.words = words
        self.origin = origin
        self.counts: Callable[[str], dict[str, int]] = cache(self._counts)

    @staticmethod
    def _counts(name: str) -> dict[str, int]:
        """How many published entries each value of the facet ``name`` has."""
        reading = Reading(QueryDict())
        facet = next((facet for facet in reading.filterset.facets if facet.name == name), None)
        return reading.answers.counts(facet) if facet else {}

    def url(self, thing: Any) -> str | None:
        """The page of ``thing``, where it has one."""
        address = getattr(thing, "get_absolute_url", None)
        return f"{self.origin}{address()}" if address else None

    # what entries rest on

    def report(self, report: Report) -> Item:
        return {
            "slug": report.slug,
            **self.words.texts(report, "title", "body", "summary", "provenance_note"),
            "stated_total": report.stated_total,
            "published_on": report.published_on,
            "source": report.source.slug if report.source else None,
            "recommendation_count": self.counts("report").get(report.slug, 0),
            "url": self.url(report),
        }

    def pillar(self, pillar: Pillar) -> Item:
        return {
            "slug": pillar.slug,
            "number": pillar.number,
            "report": pillar.report.slug,
            **self.words.texts(pillar, "name", "short_name", "summary", "question"),
            "recommendation_count": self.counts("pillar").get(pillar.slug, 0),
            "url": self.url(pillar),
        }

    def city(self, city: City) -> Item:
        region = city.region
        return {
            "slug": city.slug,
            "code": city.code,
            **self.words.texts(city, "name"),
            "region": {"slug": region.slug, **self.words.texts(region, "name"), "is_outside": region.is_outside},
            "latitude": city.latitude,
            "longitude": city.longitude,
            "neighbours": sorted(neighbour.slug for neighbour in city.neighbours.all()),
            "areas": [{"slug": m.area.slug, "role": m.role, "extent": m.extent} for m in city.memberships.all()],
            "recommendation_count": self.counts("city").get(city.slug, 0),
            "url": self.url(city),
        }

    def area(self, area: Area) -> Item:
        cities = [
            {"slug": m.city.slug, "role": m.role, "extent": m.extent, **self.words.texts(m, "note")}
            for m in area.memberships.all()
        ]
        return {
            "slug": area.slug,
            "kind": area.kind,
            **self.words.texts(area, "name"),
            "cities": cities,
            "recommendation_count": self.counts("area").get(area.slug, 0),
            "url": self.url(area),
        }

    def vocabulary(self, vocabulary: Vocabulary) -> Item:
        return {
            "slug": vocabulary.slug,
            **self.words.texts(vocabulary, "name", "question"),
            "terms": [term.slug for term in vocabulary.terms.all()],
        }

    def term(self, term: Term) -> Item:
        return {
            "slug": term.slug,
            "vocabulary": term.vocabulary.slug,
            **self.words.texts(term, "label", "definition"),
            "recommendation_count": self.counts(term.vocabulary.slug).get(term.slug, 0),
            "url": self.url(term),
        }

    def source(self, source: Source) -> Item:
        return {
            "slug": source.slug,
            "kind": source.kind,
            **self.words.texts(source, "title", "publisher", "note"),
            "address": source.url,
            "language": source.language,
            "published_on": source.published_on,
            "retrieved_on": source.retrieved_on,
            "sections": [{"code": s.code, **self.words.texts(s, "title")} for s in source.sections.all()],
            "recommendation_count": self.counts("source").get(source.slug, 0),
            "url": self.url(source),
        }

    def checkpoint(self, checkpoint: Checkpoint) -> Item:
        return {
            "slug": checkpoint.slug,
            "kind": checkpoint.kind,
            "state": checkpoint.state,
            "date": checkpoint.date,
            **self.words.texts(checkpoint, "title", "summary"),
            "passage": _passage(checkpoint),
            "recommendations": [entry.slug for entry in checkpoint.recommendations.all()],
            "url": self.url(checkpoint),
        }

    def glossary_entry(self, entry: GlossaryEntry) -> Item:
        return {"slug": entry.slug, **self.words.texts(entry, "term", "definition")}

    # the entries

    def recommendation(self, entry: Recommendation) -> Item:
        """``entry`` as its one serializer reads it, with the names of what it refers to."""
        document = snapshot_as_loaded(entry)
        kept = ("slug", "number", "report", "basis", "reach", "reviewed_on", "related")
        links = {link.city_id: link for link in entry.city_links.all()}
        pillar = entry.pillar
        return {
            "id": entry.pk,
            **{name: document[name] for name in kept},
            "status": entry.status,
            "pillar": {"slug": pillar.slug, "number": pillar.number, **self.words.texts(pillar, "name")},
            **self.words.texts(entry, *TEXTS),
            "terms": [self._term_of_entry(term) for term in entry.terms.all()],
            "cities": [self._city_of_entry(row, links.get(row.city_id)) for row in entry.coverage.all()],
            "evidence": [self._evidence(passage) for passage in entry.evidence.all()],
            "published_at": entry.published_at,
            "changed_at": entry.changed_at,
            "url": self.url(entry),
        }

    def _term_of_entry(self, term: Term) -> Item:
        return {"vocabulary": term.vocabulary.slug, "slug": term.slug, **self.words.texts(term, "label")}

    def _city_of_entry(self, row: Any, link: CityLink | None) -> Item:
        name, note = self.words.texts(row.city, "name"), self.words.texts(link or CityLink(), "note")
        fallback = [*name["fallback"], *note["fallback"]]
        return {"slug": row.city.slug, **name, "basis": row.basis, **note, "fallback": fallback}

    def _evidence(self, evidence: Evidence) -> Item:
        return {**_passage(evidence), "supports": evidence.supports, **self.words.texts(evidence, "note")}


def _passage(citation: Citation) -> Item:
    section = citation.section
    return {
        "source": section.source.slug,
        "section": section.code,
        "paragraph": citation.paragraph,
        "locator": citation.locator,
        "key_phrase": citation.key_phrase,
    }
