"""Spreadsheets on their way in: what was uploaded, what it would change, and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.models.entry import Recommendation


class Import(models.Model):
    """One spreadsheet, from its upload to what it changed: one recorded act.

    ``token`` names the one worker that may go on with it; ``beat_at`` is when that last gave a sign. ``headers`` are
    those of the file, ``mapping`` says what each stands for (empty for one that is left aside).
    """

    #: What is on its way is not content: what it changes is, and says so itself.
    is_content = False

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        MAPPING = "mapping", _("Columns to be named")
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Waiting to be confirmed")
        NOTHING = "nothing", pgettext_lazy("an import", "Nothing to import")
        WRITING = "writing", _("Being written")
        DONE = "done", pgettext_lazy("an import", "Imported")
        PARTLY = "partly", pgettext_lazy("an import", "Undone in part")
        UNDONE = "undone", pgettext_lazy("an import", "Undone")
        REFUSED = "refused", _("File refused")
        CANCELLED = "cancelled", pgettext_lazy("an import", "Cancelled")
        EXPIRED = "expired", pgettext_lazy("an import", "Expired")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    file_name = models.CharField(_("file"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8)
    size = models.PositiveIntegerField(_("bytes"))
    digest = models.CharField(_("SHA-256 of the file"), max_length=64)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.READING)
    publishes = models.BooleanField(_("publishes"), default=False)
    reason = models.CharField(_("comment"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    token = models.CharField(max_length=32, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    headers = models.JSONField(default=list)
    mapping: models.JSONField[Any, Any] = models.JSONField(null=True)
    refusal: models.JSONField[Any, Any] = models.JSONField(null=True)
    rows_read = models.PositiveIntegerField(_("rows"), default=0)
    rows_checked = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(pgettext_lazy("rows", "new"), default=0)
    changed = models.PositiveIntegerField(pgettext_lazy("rows", "changed"), default=0)
    unchanged = models.PositiveIntegerField(pgettext_lazy("rows", "unchanged"), default=0)
    rejected = models.PositiveIntegerField(pgettext_lazy("rows", "rejected"), default=0)
    versions_made = models.PositiveIntegerField(_("versions made"), default=0)

    class Meta:
        verbose_name = _("import result")
        verbose_name_plural = _("import results")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "reading", "mapping", "checking", "ready", "nothing", "writing",
                        "done", "partly", "undone", "refused", "cancelled", "expired",
                    ]
                ),
                name="import_state_known",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.file_name


class ImportPiece(models.Model):
    """A part of an uploaded file, kept until it is read: any process of any machine can go on with it."""

    is_content = False

    sheet = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="pieces")
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "position"], name="import_piece_once_a_sheet")]

    def __str__(self) -> str:
        return f"{self.sheet_id}/{self.position}"


class ImportRow(models.Model):
    """One row of a spreadsheet: its cells as written, and what they come to.

    ``before`` is the document of the entry as it was when the row was checked, ``document`` what it shall say, ``seen``
    the number of its newest version then and ``version`` the number of the one the import made. ``notes`` are what is
    said of a row that goes in all the same: reasons as ``problems`` has them.
    """

    is_content = False

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("not checked yet")
        NEW = "new", pgettext_lazy("a row", "new")
        CHANGED = "changed", pgettext_lazy("a row", "changed")
        UNCHANGED = "unchanged", pgettext_lazy("a row", "unchanged")
        REJECTED = "rejected", pgettext_lazy("a row", "rejected")
        LEFT_OUT = "left-out", pgettext_lazy("a row", "left out")

    class Road(models.TextChoices):
        """How what a row says gets to its entry."""

        PUBLISH = "publish", _("is published at once")
        DRAFT = "draft", _("stays a draft")
        NEW_COPY = "new-copy", _("becomes a pending copy")
        COPY = "copy", _("goes into the pending copy that there is")
        RESTORE = "restore", _("is taken out of the archive, as a draft")

    sheet = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(_("row"))
    cells = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    road = models.CharField(max_length=10, choices=Road, blank=True)
    entry = models.ForeignKey(Recommendation, on_delete=models.SET_NULL, null=True, related_name="+")
    seen = models.PositiveIntegerField(null=True)
    before: models.JSONField[Any, Any] = models.JSONField(null=True)
    document: models.JSONField[Any, Any] = models.JSONField(null=True)
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    version = models.PositiveIntegerField(null=True)
    is_undone = models.BooleanField(default=False)
    is_overtaken = models.BooleanField(default=False)
    is_left_out = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "line"], name="import_row_once_a_sheet"),
            models.CheckConstraint(
                condition=Q(outcome__in=["waiting", "new", "changed", "unchanged", "rejected", "left-out"]),
                name="import_row_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(road__in=["", "publish", "draft", "new-copy", "copy", "restore"]),
                name="import_row_road_known",
            ),
        ]
        indexes = [models.Index(fields=["sheet", "outcome", "line"], name="import_row_by_outcome")]

    def __str__(self) -> str:
        return f"{self.sheet_id}:{self.line}"
