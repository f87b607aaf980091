from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from progress.models import Checkpoint


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    def get_by_natural_key(self, slug: str) -> Checkpoint:
        return self.get(slug=slug)

    def in_order(self) -> CheckpointQuerySet:
        """As they follow one another."""
        return self.select_related("section__source").order_by("position", "pk")
