from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from themes.models import GlossaryEntry, Term, Vocabulary, WordGroup


class VocabularyQuerySet(models.QuerySet["Vocabulary"]):
    def get_by_natural_key(self, slug: str) -> Vocabulary:
        return self.get(slug=slug)

    def in_order(self) -> VocabularyQuerySet:
        return self.order_by("position", "pk")


class TermQuerySet(models.QuerySet["Term"]):
    def get_by_natural_key(self, vocabulary: str, slug: str) -> Term:
        return self.get(vocabulary__slug=vocabulary, slug=slug)

    def in_order(self) -> TermQuerySet:
        """By vocabulary, then as they were entered."""
        return self.order_by("vocabulary__position", "vocabulary_id", "pk")


class GlossaryEntryQuerySet(models.QuerySet["GlossaryEntry"]):
    def get_by_natural_key(self, slug: str) -> GlossaryEntry:
        return self.get(slug=slug)


class WordGroupQuerySet(models.QuerySet["WordGroup"]):
    def get_by_natural_key(self, slug: str) -> WordGroup:
        return self.get(slug=slug)
