from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from pillars.models import Pillar, Report


class ReportQuerySet(models.QuerySet["Report"]):
    def get_by_natural_key(self, slug: str) -> Report:
        return self.get(slug=slug)

    def in_order(self) -> ReportQuerySet:
        return self.order_by("pk")


class PillarQuerySet(models.QuerySet["Pillar"]):
    def get_by_natural_key(self, slug: str) -> Pillar:
        return self.get(slug=slug)

    def in_order(self) -> PillarQuerySet:
        """By report, then number."""
        return self.order_by("report_id", "number", "pk")
