"""Writes of the progress room: updates, and the status of entries, which follows from them and from nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from progress.models import StatusChange, Update, UpdateEffect
from progress.readiness import missing_for_publication
from recommendations.actions import NotReady
from recommendations.choices import Status
from recommendations.models import Recommendation

#: Entries written at once; a database takes only so many parameters.
BATCH = 500


def keep_update(*, update: Update, at: dt.datetime) -> None:
    """Save ``update`` as it stands; raises ``NotReady`` where it is published without what readers need.

    Its effects are rows of their own: once they are saved too, ``refresh_status`` follows.
    """
    if update.is_published:
        missing = missing_for_publication(update, today=timezone.localdate(at))
        if missing:
            raise NotReady(missing)
        update.waits_for_review = False
    update.save()


@transaction.atomic
def refresh_status(*, ids: Collection[int] | None = None, author: Any = None, at: dt.datetime | None = None) -> int:
    """Have the status of the entries with these ids (of all by default) say what the newest update says.

    The newest is the published update that states a status, by the day of its event, then by when it was recorded,
    then by its id. Returns how many entries changed. This alone writes ``Recommendation.status``; it touches neither
    ``changed_at`` nor any version, for the text of the entry is the same: that the status changed is kept as a row of
    its own, with ``author``, who did what it follows from.
    """
    entries = Recommendation.objects.entries()
    effects = UpdateEffect.objects.stating()
    if ids is not None:
        entries, effects = entries.filter(pk__in=ids), effects.filter(recommendation__in=ids)
    # Held in one order, so that two at once follow one another and the later one reads what the earlier wrote.
    present = dict(entries.select_for_update(no_key=True).order_by("pk").values_list("pk", "status"))
    due: dict[int, tuple[str, int | None]] = {}
    for entry_id, status, update in effects.newest_first().values_list("recommendation_id", "status", "update_id"):
        due.setdefault(entry_id, (status, update))
    changed = []
    for entry_id, before in present.items():
        after, update_id = due.get(entry_id, (Status.NO_FOLLOW_UP_FOUND.value, None))
        if after != before:
            changed.append(StatusChange(entry_id=entry_id, before=before, after=after, update_id=update_id))
    _write(changed, author=author, at=at or timezone.now())
    return len(changed)


def _write(changed: list[StatusChange], *, author: Any, at: dt.datetime) -> None:
    """Have the entries say what they changed to, and keep that they did."""
    for status in sorted({change.after for change in changed}):
        pks = [change.entry_id for change in changed if change.after == status]
        for start in range(0, len(pks), BATCH):
            Recommendation.objects.filter(pk__in=pks[start : start + BATCH]).update(status=status)
    for change in changed:
        change.author, change.at = author, at
    StatusChange.objects.bulk_create(changed, batch_size=BATCH)
