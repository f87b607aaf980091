"""What was said, and how it is grouped."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.days import not_in_the_future
from common.keeping import kept
from common.translation import Translated
from pillars.querysets import PillarQuerySet, ReportQuerySet


class Report(models.Model):
    """A body of policy recommendations issued by one body."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    title_en = models.CharField(_("title (English)"), max_length=300)
    title_zh_hans = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    body_en = models.CharField(_("issuing body (English)"), max_length=200)
    body_zh_hans = models.CharField(_("issuing body (Chinese)"), max_length=200, blank=True)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_zh_hans = models.TextField(_("summary (Chinese)"), blank=True)
    provenance_note_en = models.TextField(_("provenance note (English)"), blank=True)
    provenance_note_zh_hans = models.TextField(_("provenance note (Chinese)"), blank=True)
    stated_total = models.PositiveIntegerField(
        _("stated total"),
        null=True,
        blank=True,
        help_text=_("How many recommendations the report says it makes."),
    )
    published_on = models.DateField(
        _("published on"), null=True, blank=True, help_text=_("Empty where unknown."), validators=[not_in_the_future]
    )
    source = models.ForeignKey(
        "sources.Source",
        verbose_name=_("source"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        help_text=_("Where we read it."),
    )

    title = Translated()
    body = Translated()
    summary = Translated()
    provenance_note = Translated()

    objects = ReportQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stated_total__isnull=True) | models.Q(stated_total__gte=1),
                name="report_stated_total_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    natural_key.dependencies = ["sources.source"]  # type: ignore[attr-defined]

    def get_absolute_url(self) -> str:
        return reverse("pillars:report", args=[self.slug])


class Pillar(models.Model):
    """One of the groups a report's recommendations fall into."""

    report = models.ForeignKey(Report, verbose_name=_("report"), on_delete=models.PROTECT, related_name="pillars")
    number = models.PositiveSmallIntegerField(_("number"))
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=200)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=200, blank=True)
    short_name_en = models.CharField(_("short name (English)"), max_length=80)
    short_name_zh_hans = models.CharField(_("short name (Chinese)"), max_length=80, blank=True)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_zh_hans = models.TextField(_("summary (Chinese)"), blank=True)
    question_en = models.CharField(_("question it answers (English)"), max_length=300, blank=True)
    question_zh_hans = models.CharField(_("question it answers (Chinese)"), max_length=300, blank=True)

    name = Translated()
    short_name = Translated()
    summary = Translated()
    question = Translated()

    objects = PillarQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("pillar")
        verbose_name_plural = _("pillars")
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="pillar_number_once_a_report"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="pillar_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.short_name}"

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    natural_key.dependencies = ["pillars.report"]  # type: ignore[attr-defined]

    @property
    def hue(self) -> int:
        """Which of the design's four pillar hues it wears: 1 to 4, round again after the fourth."""
        return (self.number - 1) % 4 + 1

    def get_absolute_url(self) -> str:
        return reverse("pillars:detail", args=[self.slug])
