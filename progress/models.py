"""What becomes of recommendations: the checkpoints that the source itself announces."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.translation import Translated
from progress.querysets import CheckpointQuerySet
from sources.models import Citation


class Checkpoint(Citation):
    """A step that the source says comes next, dated only where the source dates it."""

    class Kind(models.TextChoices):
        RESEARCH = "research", _("Research")
        PLANNING = "planning", _("Planning")
        BUDGET = "budget", _("Budget")
        IMPLEMENTATION = "implementation", _("Implementation")
        MONITORING = "monitoring", _("Monitoring")

    class State(models.TextChoices):
        DONE = "done", _("Done")
        UPCOMING = "upcoming", _("Ahead")
        ONGOING = "ongoing", _("Going on")

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    state = models.CharField(_("state"), max_length=20, choices=State)
    date = models.DateField(_("date"), null=True, blank=True, help_text=_("Empty where the source gives none."))
    title_en = models.CharField(_("title (English)"), max_length=200)
    title_zh_hans = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_zh_hans = models.TextField(_("summary (Chinese)"), blank=True)
    recommendations = models.ManyToManyField(
        "recommendations.Recommendation",
        verbose_name=_("recommendations"),
        blank=True,
        related_name="checkpoints",
    )

    title = Translated()
    summary = Translated()

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["research", "planning", "budget", "implementation", "monitoring"]),
                name="checkpoint_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "upcoming", "ongoing"]), name="checkpoint_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "recommendations.recommendation",
        "sources.sourcesection",
    ]
