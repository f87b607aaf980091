"""Every version an entry ever had, as one document each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.choices import State, Step
from recommendations.models.entry import Recommendation
from recommendations.querysets import EntryVersionQuerySet


class EntryVersion(models.Model):
    """A snapshot of a whole entry: made and read by ``recommendations.snapshot`` alone.

    Versions of a working copy belong to the entry it is a copy of. ``public_from`` and ``public_until`` say when
    readers saw this version; both are empty for one that was never published.
    """

    entry = models.ForeignKey(Recommendation, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    base = models.ForeignKey(
        "self",
        verbose_name=_("made from"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=20, choices=State)
    step = models.CharField(
        _("step"),
        max_length=20,
        choices=Step,
        default="",
        db_default="",
        blank=True,
        help_text=_("Empty where it was not recorded."),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    document = models.JSONField(_("document"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    public_from = models.DateTimeField(_("public from"), null=True, blank=True)
    public_until = models.DateTimeField(_("public until"), null=True, blank=True)

    objects = EntryVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="version_number_once_an_entry"),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(public_from__isnull=False, public_until__isnull=True),
                name="version_one_public_at_a_time",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="version_state_known"),
            models.CheckConstraint(condition=Q(step__in=["", *Step.values]), name="version_step_known"),
            models.CheckConstraint(
                condition=Q(public_until__isnull=True)
                | Q(public_from__isnull=False, public_until__gte=models.F("public_from")),
                name="version_public_until_after_from",
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(entry)s, version %(number)s") % {"entry": self.entry, "number": self.number})

    def natural_key(self) -> tuple[str, int]:
        return (*self.entry.natural_key(), self.number)

    natural_key.dependencies = ["recommendations.recommendation"]  # type: ignore[attr-defined]


class SettledCopy(models.Model):
    """A working copy that was published or dropped: where the addresses lead that it had at the desk."""

    is_content = False  # for the desk

    copy_id = models.BigIntegerField(primary_key=True)
    entry = models.ForeignKey(Recommendation, on_delete=models.CASCADE, related_name="settled_copies")

    class Meta:
        verbose_name = _("settled copy")
        verbose_name_plural = _("settled copies")

    def __str__(self) -> str:
        return f"{self.copy_id} → {self.entry_id}"
