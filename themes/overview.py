"""Vocabularies and terms with the published entries that have them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from common.tally import Tally, pointing_at, tally
from themes.models import Term, Vocabulary

#: Entries listed in full; the rest is a step away in the list that can be filtered.
MAX_LISTED = 100
#: Other terms named as those most often together with one.
MAX_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class TermCount:
    term: Term
    count: int


@dataclass(frozen=True, slots=True)
class VocabularyTerms:
    """A vocabulary with its terms, each with how many entries have it."""

    vocabulary: Vocabulary
    terms: list[TermCount]

    @property
    def largest(self) -> int:
        return max((row.count for row in self.terms), default=0)


@dataclass(frozen=True, slots=True)
class Spread:
    """Of a pillar's ``whole`` entries, how many have the term."""

    pillar: Any
    count: int
    whole: int


def published_entries() -> Any:
    """The published recommendations, reached from below."""
    return pointing_at(Term, "recommendations").published()


def vocabularies() -> list[VocabularyTerms]:
    """Every vocabulary with its terms and their counts; three queries however many there are."""
    numbers = dict(published_entries().order_by().values_list("terms").annotate(Count("pk")))
    by_vocabulary: dict[int, list[TermCount]] = {}
    for term in Term.objects.select_related("vocabulary").in_order():
        by_vocabulary.setdefault(term.vocabulary_id, []).append(TermCount(term, numbers.get(term.pk, 0)))
    return [VocabularyTerms(found, by_vocabulary.get(found.pk, [])) for found in Vocabulary.objects.in_order()]


@dataclass
class TermOverview:
    """What the page of ``term`` shows."""

    term: Term

    @cached_property
    def count(self) -> int:
        return int(self._entries.count())

    @cached_property
    def entries(self) -> list[Any]:
        """The first of them, as a list shows them."""
        return list(self._entries.for_list().in_order()[:MAX_LISTED])

    @cached_property
    def bases(self) -> list[Tally]:
        counted = self._entries.order_by().values_list("basis").annotate(Count("pk"))
        return tally(self._entries.model, "basis", counted)

    @cached_property
    def spread(self) -> list[Spread]:
        """How the entries with the term spread over the pillars."""
        by_pillar = published_entries().order_by().values("pillar_id").annotate(whole=Count("pk", distinct=True))
        counted = by_pillar.annotate(here=Count("pk", filter=Q(terms=self.term), distinct=True))
        numbers = {pillar: (here, whole) for pillar, here, whole in counted.values_list("pillar_id", "here", "whole")}
        pillars: Any = published_entries().model._meta.get_field("pillar").related_model
        return [Spread(p, *numbers.get(p.pk, (0, 0))) for p in pillars._default_manager.in_order()]

    @cached_property
    def together(self) -> list[TermCount]:
        """The other terms that most of these entries have as well."""
        tagged = published_entries().model.terms.through._default_manager
        rows = tagged.filter(recommendation__in=self._entries.values("pk")).exclude(term=self.term)
        counted = rows.values_list("term").annotate(number=Count("pk")).order_by("-number", "term")[:MAX_TOGETHER]
        numbers = dict(counted)
        terms = Term.objects.select_related("vocabulary").in_bulk(numbers)
        return [TermCount(terms[pk], number) for pk, number in numbers.items()]

    @property
    def _entries(self) -> Any:
        return published_entries().filter(terms=self.term)
