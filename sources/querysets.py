from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from sources.models import Source, SourceSection


class SourceQuerySet(models.QuerySet["Source"]):
    def get_by_natural_key(self, slug: str) -> Source:
        return self.get(slug=slug)

    def in_order(self) -> SourceQuerySet:
        """As they were entered."""
        return self.order_by("pk")


class SourceSectionQuerySet(models.QuerySet["SourceSection"]):
    def get_by_natural_key(self, source: str, code: str) -> SourceSection:
        return self.get(source__slug=source, code=code)

    def in_order(self) -> SourceSectionQuerySet:
        """As they were entered, which is the order of the text."""
        return self.order_by("source_id", "pk")
