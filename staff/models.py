"""The audit log, and the sessions of those who are signed in."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from staff.choices import Act
from staff.querysets import AppendOnly, AuditEntryQuerySet, DeskSessionManager


class AuditEntry(models.Model):
    """One act of one member of staff. Written by ``staff.audit.record``, never changed.

    Names are kept as they were: who is renamed or removed later is still who did it.
    """

    is_content = False

    at = models.DateTimeField(_("when"), db_index=True)
    act = models.CharField(_("act"), max_length=20, choices=Act)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("by whom"), null=True, related_name="+"
    )
    actor_name = models.CharField(_("by whom"), max_length=150, blank=True)
    subject_kind = models.CharField(_("kind of thing"), max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    subject_name = models.CharField(_("about what"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)
    address = models.GenericIPAddressField(_("network address"), null=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("act of staff")
        verbose_name_plural = _("audit log")
        # Nobody is ever allowed to write it: there is only the permission to look.
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_act_display()}{pgettext('list', ': ')}{self.subject_name or self.actor_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("the audit log is not changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("the audit log is not deleted: prune_audit lets go of what is old")


class DeskSession(AbstractBaseSession):
    """A session, with whose it is and where it was last seen, so that its owner can end it."""

    is_content = False

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="desk_sessions")
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)

    objects: ClassVar[Any] = DeskSessionManager()

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    @property
    def handle(self) -> str:
        """What stands for this session on a page. Its key never does: who reads it has the session."""
        return salted_hmac("staff.session", self.session_key, algorithm="sha256").hexdigest()

    @classmethod
    def get_session_store_class(cls) -> Any:
        from staff.sessions import SessionStore

        return SessionStore
