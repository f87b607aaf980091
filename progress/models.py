"""What becomes of recommendations: what the source itself announces, and what other sources report later."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from common.days import in_the_age_of_events, not_in_the_future
from common.keeping import kept
from common.translation import Translated
from progress.querysets import CheckpointQuerySet, StatusChangeQuerySet, UpdateEffectQuerySet, UpdateQuerySet
from recommendations.choices import Status
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
    history = kept()

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

    def clean(self) -> None:
        super().clean()
        if self.date and self.state == self.State.DONE:
            try:
                not_in_the_future(self.date)
            except ValidationError as error:
                raise ValidationError({"date": error}) from error

    def get_absolute_url(self) -> str:
        return f"{reverse('progress:index')}#checkpoint-{self.slug}"


class Update(models.Model):
    """Something that happened to recommendations, on a day and by a source that can be named."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    # A draft may be written ahead of its day; readers see it only once that has come: see ``progress.readiness``.
    happened_on = models.DateField(
        _("happened on"),
        help_text=_("The day of the event, as the source gives it."),
        validators=[in_the_age_of_events],
    )
    title_en = models.CharField(_("title (English)"), max_length=200)
    title_zh_hans = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_zh_hans = models.TextField(_("summary (Chinese)"), blank=True)
    source = models.ForeignKey(
        "sources.Source", verbose_name=_("source"), on_delete=models.PROTECT, related_name="updates"
    )
    locator = models.CharField(
        _("locator"), max_length=60, blank=True, help_text=_("Where in the source it says so: S3 ¶1, a page, an item.")
    )
    is_published = models.BooleanField(
        _("published"), default=False, help_text=_("Readers see it, and it counts for the status of entries.")
    )
    waits_for_review = models.BooleanField(
        _("ready for review"),
        default=False,
        db_default=False,
        help_text=_("Its editor is done: the desk shows it to whoever may publish it."),
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now, editable=False)
    recommendations = models.ManyToManyField(
        "recommendations.Recommendation",
        verbose_name=_("recommendations"),
        through="UpdateEffect",
        related_name="updates",
    )

    title = Translated()
    summary = Translated()

    objects = UpdateQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        permissions = [("publish_update", _("Can publish updates, and change those that readers see"))]
        constraints = [
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_zh_hans=""), name="update_has_a_title"),
            # That its day is not in the future is asked by ``progress.actions``: no constraint knows the day.
            models.CheckConstraint(
                condition=Q(is_published=False) | (~Q(title_en="") & ~Q(title_zh_hans="") & ~Q(locator="")),
                name="update_published_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_published=False) | Q(waits_for_review=False), name="update_published_does_not_wait"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    natural_key.dependencies = ["sources.source"]  # type: ignore[attr-defined]

    def get_absolute_url(self) -> str:
        return f"{reverse('progress:index')}#update-{self.slug}"


class UpdateEffect(models.Model):
    """That an update concerns a recommendation, and the status it leaves it in where the source says one."""

    update = models.ForeignKey(Update, verbose_name=_("update"), on_delete=models.CASCADE, related_name="effects")
    recommendation = models.ForeignKey(
        "recommendations.Recommendation",
        verbose_name=_("recommendation"),
        on_delete=models.CASCADE,
        related_name="update_effects",
    )
    status = models.CharField(
        _("status after it"),
        max_length=30,
        choices=Status,
        blank=True,
        help_text=_("Empty where the source says nothing that changes the status."),
    )

    objects = UpdateEffectQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("effect of an update")
        verbose_name_plural = _("effects of an update")
        constraints = [
            models.UniqueConstraint(fields=["update", "recommendation"], name="update_effect_once_an_entry"),
            models.CheckConstraint(condition=Q(status__in=["", *Status.values]), name="update_effect_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.update}{pgettext('list', ': ')}{self.recommendation}"

    def natural_key(self) -> tuple[str, str]:
        return (self.update.slug, *self.recommendation.natural_key())

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "progress.update",
        "recommendations.recommendation",
    ]


class StatusChange(models.Model):
    """That an entry's status became another one: who did what it follows from, when, and the update it follows.

    ``update`` is empty where no published update states a status any more; ``author`` where a command did it.
    """

    is_content = False  # what readers see of it changes with the entry's own row

    entry = models.ForeignKey("recommendations.Recommendation", on_delete=models.CASCADE, related_name="status_changes")
    before = models.CharField(max_length=30, choices=Status)
    after = models.CharField(max_length=30, choices=Status)
    update = models.ForeignKey(Update, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    objects = StatusChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a status")
        verbose_name_plural = _("changes of a status")
        constraints = [
            models.CheckConstraint(condition=~Q(before=models.F("after")), name="status_change_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.before} → {self.after}"
