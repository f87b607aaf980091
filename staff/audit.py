"""The audit log: what staff do to accounts, rights and data in bulk, and when they come and go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from staff.addresses import address_of
from staff.choices import Act
from staff.models import AuditEntry


def record(
    *,
    actor: Any,
    act: Act,
    subject: models.Model | str | None = None,
    note: str = "",
    at: dt.datetime,
    address: str | None = None,
) -> AuditEntry:
    """Add one act to the log, within the caller's transaction if there is one.

    ``actor`` is an account, or ``None`` for a command or a stranger; ``subject`` the thing it was done to, or its name.
    ``note`` is data, in no language: names, counts, files. Never a password, and nothing that somebody typed who is not
    signed in.
    """
    known = actor if actor is not None and actor.is_authenticated else None
    thing = subject if isinstance(subject, models.Model) else None
    return AuditEntry.objects.create(
        at=at,
        act=act,
        actor_id=known.pk if known else None,
        actor_name=known.get_username() if known else "",
        subject_kind=thing._meta.label_lower if thing else "",
        subject_id=str(thing.pk) if thing else "",
        subject_name=str(subject or "")[:200],
        note=note,
        address=address,
    )


def note(request: HttpRequest, act: Act, subject: models.Model | str, text: str = "") -> None:
    """Record what whoever sent ``request`` did, now and from where they are."""
    record(actor=request.user, act=act, subject=subject, note=text, at=timezone.now(), address=address_of(request))


def changes_note(*, added: Iterable[str] = (), removed: Iterable[str] = ()) -> str:
    """What was given and taken, as ``+this −that``; empty where nothing was."""
    return " ".join([*(f"+{name}" for name in sorted(added)), *(f"−{name}" for name in sorted(removed))])
