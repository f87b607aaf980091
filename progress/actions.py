"""Writes of the progress room: the status of entries, which follows from updates and from nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction

from progress.models import UpdateEffect
from recommendations.choices import Status
from recommendations.models import Recommendation

#: Entries written at once; a database takes only so many parameters.
BATCH = 500


@transaction.atomic
def refresh_status(*, ids: Collection[int] | None = None) -> int:
    """Have the status of the entries with these ids (of all by default) say what the newest update says.

    The newest is the published update that states a status, by the day of its event, then by when it was recorded,
    then by its id. Returns how many entries changed. This alone writes ``Recommendation.status``; it touches neither
    ``changed_at`` nor any version, for the text of the entry is the same.
    """
    entries = Recommendation.objects.entries()
    effects = UpdateEffect.objects.stating()
    if ids is not None:
        entries, effects = entries.filter(pk__in=ids), effects.filter(recommendation__in=ids)
    # Held in one order, so that two at once follow one another and the later one reads what the earlier wrote.
    present = dict(entries.select_for_update(no_key=True).order_by("pk").values_list("pk", "status"))
    due: dict[int, str] = {}
    for entry_id, status in effects.newest_first().values_list("recommendation_id", "status"):
        due.setdefault(entry_id, status)
    changed: dict[str, list[int]] = defaultdict(list)
    for entry_id, status in present.items():
        now = due.get(entry_id, Status.NO_FOLLOW_UP_FOUND.value)
        if now != status:
            changed[now].append(entry_id)
    for status, pks in changed.items():
        for start in range(0, len(pks), BATCH):
            Recommendation.objects.filter(pk__in=pks[start : start + BATCH]).update(status=status)
    return sum(len(pks) for pks in changed.values())
