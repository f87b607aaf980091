"""Vocabularies and terms with the published entries that have them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
    """The set of the published recommendations, reached from below."""
    return pointing_at(Term, "recommendations").model.public_set()


def vocabularies() -> list[VocabularyTerms]:
    """Every vocabulary with its terms and their counts; three questions however many there are."""
    numbers = published_entries().counts("term")
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
        listed: list[Any] = self._entries.first(MAX_LISTED, lambda rows: rows.for_list())
        return listed

    @cached_property
    def bases(self) -> list[Tally]:
        return tally(pointing_at(Term, "recommendations").model, "basis", self._entries.counts("basis").items())

    @cached_property
    def spread(self) -> list[Spread]:
        """How the entries with the term spread over the pillars."""
        here, whole = self._entries.counts("pillar"), published_entries().counts("pillar")
        pillars: Any = pointing_at(Term, "recommendations").model._meta.get_field("pillar").related_model
        return [Spread(p, here.get(p.pk, 0), whole.get(p.pk, 0)) for p in pillars._default_manager.in_order()]

    @cached_property
    def together(self) -> list[TermCount]:
        """The other terms that most of these entries have as well."""
        others = ((pk, number) for pk, number in self._entries.counts("term").items() if pk != self.term.pk)
        most = sorted(others, key=lambda counted: (-counted[1], counted[0]))[:MAX_TOGETHER]
        terms = Term.objects.select_related("vocabulary").in_bulk([pk for pk, _number in most])
        return [TermCount(terms[pk], number) for pk, number in most if pk in terms]

    @cached_property
    def _entries(self) -> Any:
        return published_entries().having("term", self.term.pk)
