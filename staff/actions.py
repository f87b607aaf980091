"""Acts upon sessions and second factors, each with its line in the audit log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from axes.utils import reset as lift_locks
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.crypto import constant_time_compare

from staff import audit, factors
from staff.choices import Act
from staff.models import DeskSession


@transaction.atomic
def end_sessions(
    *,
    user: User,
    actor: Any,
    at: dt.datetime,
    keep: str | None = None,
    only: str | None = None,
    address: str | None = None,
) -> int:
    """End the sessions of ``user`` but the one whose key is ``keep``, or ``only`` the one of that handle; how many."""
    rows = DeskSession.objects.filter(user=user).exclude(session_key=keep or "")
    wanted = [row.session_key for row in rows if only is None or constant_time_compare(row.handle, only)]
    DeskSession.objects.filter(session_key__in=wanted).delete()
    if wanted:
        note = str(len(wanted))
        audit.record(actor=actor, act=Act.SESSIONS_ENDED, subject=user, note=note, at=at, address=address)
    return len(wanted)


@transaction.atomic
def password_changed(*, user: User, actor: Any, at: dt.datetime, keep: str | None, address: str | None = None) -> None:
    """After ``user`` has another password: whoever else was signed in by the old one is so no more."""
    audit.record(actor=actor, act=Act.PASSWORD, subject=user, at=at, address=address)
    end_sessions(user=user, actor=actor, at=at, keep=keep, address=address)


@transaction.atomic
def reset_factor(*, user: User, actor: Any, at: dt.datetime, address: str | None = None) -> bool:
    """Take ``user``'s second factor away, for one who lost it; they are signed out. Returns whether there was one."""
    if not factors.remove_factor(user):
        return False
    audit.record(actor=actor, act=Act.FACTOR_REMOVED, subject=user, at=at, address=address)
    end_sessions(user=user, actor=actor, at=at, address=address)
    return True


@transaction.atomic
def recover(*, user: User, password: str | None, lose_factor: bool, activate: bool, at: dt.datetime) -> list[str]:
    """Open the desk to ``user`` again, on behalf of whoever runs the server; returns what was done."""
    done = []
    if lift_locks(username=user.get_username()):
        audit.record(actor=None, act=Act.ACCOUNT_CHANGED, subject=user, note="recover_account: unlocked", at=at)
        done.append("failed sign-ins forgotten")
    lacking = [name for name in ("is_active", "is_staff") if activate and not getattr(user, name)]
    if lacking:
        user.is_active = user.is_staff = True
        user.save(update_fields=lacking)
        note = f"recover_account: {audit.changes_note(added=lacking)}"
        audit.record(actor=None, act=Act.PERMISSIONS, subject=user, note=note, at=at)
        done.append("switched on")
    if password is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
        password_changed(user=user, actor=None, at=at, keep=None)
        done.append("has another password; every session ended")
    if lose_factor and reset_factor(user=user, actor=None, at=at):
        done.append("second factor taken away; every session ended")
    return done
