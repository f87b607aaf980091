"""Letting go of what was kept of staff for long enough."""

import datetime as dt
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from staff.models import AuditEntry
from staff.sessions import SessionStore


class Command(BaseCommand):
    help = (
        "Take network addresses out of the audit log after AUDIT_ADDRESS_DAYS and lines after AUDIT_DAYS (0 keeps "
        "them); delete failed sign-ins as old as that, and sessions that are over. For a daily timer; safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        earlier = now - dt.timedelta(days=settings.AUDIT_ADDRESS_DAYS)
        lines = 0
        if settings.AUDIT_DAYS:
            lines = AuditEntry.objects.prune(before=now - dt.timedelta(days=settings.AUDIT_DAYS))
        addresses = AuditEntry.objects.forget_addresses(before=earlier)
        attempts = AccessAttempt.objects.filter(attempt_time__lt=earlier).delete()[0]
        SessionStore.clear_expired()
        if options["verbosity"]:
            self.stdout.write(f"{lines} lines deleted, {addresses} addresses forgotten, {attempts} attempts deleted")
