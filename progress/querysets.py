from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Max, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce, Greatest

from recommendations.querysets import named

if TYPE_CHECKING:
    from progress.models import Checkpoint, Update, UpdateEffect


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    def get_by_natural_key(self, slug: str) -> Checkpoint:
        return self.get(slug=slug)

    def in_order(self) -> CheckpointQuerySet:
        """As they follow one another."""
        return self.select_related("section__source").order_by("position", "pk")

    def with_entries(self) -> CheckpointQuerySet:
        """With the published entries each concerns."""
        from recommendations.models import Recommendation

        entries = Recommendation.objects.published().select_related("pillar").in_order()
        return self.prefetch_related(Prefetch("recommendations", entries))


class UpdateQuerySet(models.QuerySet["Update"]):
    def get_by_natural_key(self, slug: str) -> Update:
        return self.get(slug=slug)

    def published(self) -> UpdateQuerySet:
        """What readers see."""
        return self.filter(is_published=True)

    def newest_first(self) -> UpdateQuerySet:
        """By the day of the event; of one day, what was recorded last comes first."""
        return self.select_related("source").order_by("-happened_on", "-recorded_at", "-pk")

    def newly_told(self) -> UpdateQuerySet:
        """By ``told_at``, the newest first: when it came to say what it says, at the desk or by being recorded.

        A draft that is published weeks later is told then, and so is a correction, of it or of what it concerns.
        """
        from progress.models import Update, UpdateEffect

        def newest(model: Any, column: str) -> Subquery:
            past = model.history.filter(**{column: OuterRef("pk")}).order_by().values(column)
            return Subquery(past.annotate(newest=Max("history_date")).values("newest"))

        own, of_effects = newest(Update, "id"), newest(UpdateEffect, "update_id")
        moments = (Coalesce(moment, "recorded_at") for moment in (own, of_effects))
        return self.annotate(told_at=Greatest("recorded_at", *moments)).order_by("-told_at", "-pk")

    def with_effects(self) -> UpdateQuerySet:
        """With the published entries each concerns, and what it changed in them."""
        from progress.models import UpdateEffect

        return self.prefetch_related(Prefetch("effects", UpdateEffect.objects.public().in_order()))


class UpdateEffectQuerySet(models.QuerySet["UpdateEffect"]):
    def get_by_natural_key(self, update: str, entry: str) -> UpdateEffect:
        return self.get(named(entry, "recommendation__"), update__slug=update)

    def public(self) -> UpdateEffectQuerySet:
        """Of published updates on published entries."""
        return self.filter(
            update__is_published=True,
            recommendation__state="published",
            recommendation__working_copy_of__isnull=True,
        )

    def in_order(self) -> UpdateEffectQuerySet:
        """As the entries follow one another."""
        return self.select_related("recommendation__pillar").order_by(
            "recommendation__report_id", "recommendation__number", "recommendation_id", "pk"
        )

    def newest_first(self) -> UpdateEffectQuerySet:
        """As their updates follow one another, the newest first."""
        return self.select_related("update__source").order_by(
            "-update__happened_on", "-update__recorded_at", "-update_id", "pk"
        )

    def stating(self) -> UpdateEffectQuerySet:
        """Those of published updates that say what status they leave an entry in."""
        return self.filter(update__is_published=True).exclude(status="")


class StatusChangeQuerySet(models.QuerySet[Any]):
    def newest_first(self) -> StatusChangeQuerySet:
        return self.select_related("update", "author").order_by("-at", "-pk")
