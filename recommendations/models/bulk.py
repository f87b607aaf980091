"""What was done to many entries at once, kept so that it can be taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BulkChange(models.Model):
    """One change of many entries.

    ``rows`` holds, for each, its id, the numbers of its versions before and after, the state of what was changed,
    whether that was a copy, and what was planned for the entry and for the copy.
    """

    is_content = False  # what readers see of it are the entries

    class Kind(models.TextChoices):
        ADD_TERMS = "add-terms", _("Add terms")
        REMOVE_TERMS = "remove-terms", _("Remove terms")
        REVIEWED = "reviewed", _("Set the date of review")
        SUBMIT = "submit", _("Send for review")
        RETURN = "return", _("Back to draft")
        PUBLISH = "publish", _("Publish")
        ARCHIVE = "archive", _("Archive")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    detail = models.JSONField(_("detail"), default=dict)
    reason = models.CharField(_("comment"), max_length=300, blank=True)
    rows = models.JSONField(_("entries"), default=list)
    #: What is still to be done: pairs of an entry's id and the version that was seen; of a change taken back, its rows.
    waiting = models.JSONField(default=list)
    of = models.PositiveIntegerField(default=0)
    #: Ids of entries that it left as they were, and of those that taking it back left so.
    left = models.JSONField(default=list)
    kept = models.JSONField(default=list)
    publishes = models.BooleanField(default=False)
    token = models.CharField(max_length=32, blank=True, default="")
    beat_at = models.DateTimeField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("undone by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("change of many entries")
        verbose_name_plural = _("changes of many entries")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["add-terms", "remove-terms", "reviewed", "submit", "return", "publish", "archive"]
                ),
                name="bulk_change_kind_known",
            ),
        ]

    @property
    def is_busy(self) -> bool:
        """Whether something of it is still to be done."""
        return bool(self.waiting)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({len(self.rows)})"
