"""Reads of what is kept of staff, and the two ways in which the audit log may shrink."""

from __future__ import annotations

import datetime as dt
from typing import Any, NoReturn

from django.contrib.sessions.base_session import BaseSessionManager
from django.db import models


class AppendOnly(TypeError):
    """Somebody tried to change or delete what is only ever added to."""


class AuditEntryQuerySet(models.QuerySet[Any]):
    """Of the audit log. It grows; what is old is let go of by ``forget_addresses`` and ``prune`` alone."""

    def forget_addresses(self, *, before: dt.datetime) -> int:
        """Take the network addresses out of what is older; returns how many had one."""
        return models.QuerySet.update(self.filter(at__lt=before, address__isnull=False), address=None)

    def prune(self, *, before: dt.datetime) -> int:
        """Delete what is older; returns how many there were."""
        return models.QuerySet.delete(self.filter(at__lt=before))[0]

    def update(self, **values: Any) -> NoReturn:
        raise AppendOnly("the audit log is not changed")

    def delete(self) -> NoReturn:
        raise AppendOnly("the audit log is not deleted: prune_audit lets go of what is old")


class DeskSessionQuerySet(models.QuerySet[Any]):
    def open_for(self, user: Any, *, at: dt.datetime) -> DeskSessionQuerySet:
        """The sessions ``user`` is signed in with, the one seen last first."""
        return self.filter(user=user, expire_date__gt=at).order_by("-seen_at", "session_key")


# Django's own manager of sessions is not made from a query set; its ``save`` and ``encode`` are needed.
DeskSessionManager: Any = BaseSessionManager.from_queryset(DeskSessionQuerySet)
