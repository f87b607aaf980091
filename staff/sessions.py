"""Sessions in the database that know whose they are and where they were last seen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError
from django.http import HttpRequest

from staff.addresses import address_of

#: Under which a session keeps where it was started and last seen.
SEEN_KEY = "seen"
#: A session that is in use is written this often, and no more.
SEEN_EVERY = dt.timedelta(minutes=5)


class SessionStore(DatabaseStore):
    """Django's own, in our table: its further columns repeat what the session holds."""

    @classmethod
    def get_model_class(cls) -> Any:
        from staff.models import DeskSession

        return DeskSession

    #: What the session held beside the sign that it is in use, when that was noted; ``None`` where it was not.
    held_when_seen: dict[str, Any] | None = None

    def save(self, must_create: bool = False) -> None:
        """Keep it; a sign that it is in use, and nothing else, is not worth a page that fails."""
        try:
            super().save(must_create)
        except OperationalError:
            if must_create or self.held_when_seen != _beside_seen(self):
                raise

    def create_model_instance(self, data: Any) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        seen = data.get(SEEN_KEY)
        if seen:
            row.started_at, row.seen_at = (dt.datetime.fromisoformat(seen[name]) for name in ("started", "last"))
            row.address, row.agent = seen["address"], seen["agent"]
        return row


def _beside_seen(session: Any) -> dict[str, Any]:
    return {name: value for name, value in session.items() if name != SEEN_KEY}


def note_seen(request: HttpRequest, *, at: dt.datetime) -> None:
    """Keep with the session that it is in use, which also lets it live on; rarely, for each time is a write."""
    seen = request.session.get(SEEN_KEY)
    if seen and at - dt.datetime.fromisoformat(seen["last"]) < SEEN_EVERY:
        return
    session: Any = request.session
    if not session.modified:
        session.held_when_seen = _beside_seen(session)
    session[SEEN_KEY] = {
        "started": seen["started"] if seen else at.isoformat(),
        "last": at.isoformat(),
        "address": address_of(request),
        "agent": str(request.headers.get("User-Agent", ""))[:200],
    }


#: What a browser calls itself by → its name. The first that fits: most say of themselves that they are others too.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("Linux", "Linux")),
)


def device_name(agent: str) -> str:
    """Browser and system as people call them, or what the program calls itself."""
    found = [next((name for sign, name in kinds if sign in agent), "") for kinds in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name) or agent[:60]
