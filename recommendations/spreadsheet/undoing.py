"""What an import wrote, taken back: told beforehand row by row, and done by the same rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from itertools import batched
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from recommendations import actions
from recommendations.choices import State
from recommendations.models import EntryVersion, Import, ImportRow, Recommendation
from recommendations.spreadsheet import work
from recommendations.spreadsheet.actions import change_in_place
from recommendations.spreadsheet.present import newest_numbers
from staff import audit
from staff.choices import Act

Outcome, Road = ImportRow.Outcome, ImportRow.Road
#: How many entries an import may have changed to be undone in one request.
UNDO_MOST = 1_000


class Fate(StrEnum):
    """What undoing an import makes of one of its rows; of the last four, the entry is left as it is."""

    RESTORED = "restored"
    PENDING = "pending"
    ARCHIVED = "archived"
    EDITED = "edited"
    COPIED = "copied"
    NOT_YOURS = "not-yours"
    GONE = "gone"

    @property
    def is_left(self) -> bool:
        """Whether the entry stays as it is."""
        return self in {Fate.EDITED, Fate.COPIED, Fate.NOT_YOURS, Fate.GONE}


@dataclass(slots=True)
class Undone:
    """What taking an import back came to.

    ``restored`` say again what they said, ``pending`` do once a reviewer publishes their copy; new ones are archived,
    and so are, again, those that were taken out of the archive.
    """

    restored: int = 0
    pending: int = 0
    archived: int = 0
    left: int = 0

    def count(self, fate: Fate) -> None:
        """Count one row."""
        name = "left" if fate.is_left else fate.value
        setattr(self, name, getattr(self, name) + 1)

    @property
    def every(self) -> int:
        return self.restored + self.pending + self.archived


@dataclass(frozen=True, slots=True)
class Left:
    """A row whose entry is left, why, and the version that someone made since, where that is why."""

    row: ImportRow
    fate: Fate
    version: EntryVersion | None


def can_undo(sheet: Import) -> bool:
    """Whether something of an import can still be undone, and in one transaction."""
    is_written = sheet.state in {Import.State.DONE, Import.State.PARTLY}
    return is_written and 0 < sheet.versions_made <= UNDO_MOST


# Beforehand, and afterwards ------------------------------------------------------------------------------------


def foretold(sheet: Import, *, may_publish: bool, most: int) -> tuple[Undone, list[Left]]:
    """What ``undo`` would come to now, and up to ``most`` of the rows that would be left."""
    counts, left = Undone(), list[Left]()
    rows = _to_be_undone(sheet).select_related("entry").defer("cells", "before", "document")
    for batch in batched(rows, work.BATCH):
        ids = [row.entry_id for row in batch if row.entry_id]
        newest = newest_numbers(ids)
        copies = set(Recommendation.objects.filter(working_copy_of__in=ids).values_list("working_copy_of", flat=True))
        for row in batch:
            last, has_copy = newest.get(row.entry_id or 0, 0), row.entry_id in copies
            fate = _fate(row, row.entry, newest=last, has_copy=has_copy, may_publish=may_publish)
            counts.count(fate)
            if fate.is_left and len(left) < most:
                left.append(Left(row, fate, _version(row.entry_id, last) if fate == Fate.EDITED else None))
    return counts, left


def _version(entry_id: int | None, number: int) -> EntryVersion | None:
    versions = EntryVersion.objects.filter(entry=entry_id, number=number)
    return versions.select_related("author").defer("document").first()


def with_pending(rows: QuerySet[ImportRow]) -> QuerySet[ImportRow]:
    """``rows`` with ``is_pending``: undone, and what the entry said before waits in a copy to be published."""
    after = EntryVersion.objects.filter(entry=OuterRef("entry"), number=OuterRef("version") + 1)
    is_public = Q(road=Road.PUBLISH, outcome=Outcome.CHANGED, is_undone=True)
    return rows.annotate(is_pending=is_public & Exists(after.exclude(state=State.PUBLISHED)))


def so_far(sheet: Import) -> Undone:
    """What undoing it came to, whoever did it."""
    found = Undone()
    rows: Any = with_pending(ImportRow.objects.filter(sheet=sheet, version__isnull=False))
    for is_undone, is_pending, outcome, road in rows.values_list("is_undone", "is_pending", "outcome", "road"):
        if not is_undone:
            found.left += 1
        elif outcome == Outcome.NEW or road == Road.RESTORE:
            found.archived += 1
        else:
            found.count(Fate.PENDING if is_pending else Fate.RESTORED)
    return found


# The act -------------------------------------------------------------------------------------------------------


@transaction.atomic
def undo(*, sheet: Import, user: Any, may_publish: bool, at: dt.datetime) -> Undone:
    """Have entries say again what they said before an import, by the same rule of who publishes; new ones are archived.

    What someone has changed since is left; it can be tried again for what was left. Nothing is done, and nothing
    counted, where it is not there to be undone.
    """
    held = Import.objects.select_for_update().get(pk=sheet.pk)
    done = Undone()
    if not can_undo(held):
        return done
    signed: dict[str, Any] = {"author": user, "reason": f"undone: {sheet.file_name}"[:300], "at": at}
    rows = ImportRow.objects.filter(sheet=sheet, version__isnull=False)
    for row in _to_be_undone(sheet):
        entry = actions.hold(entry_id=row.entry_id) if row.entry_id else None
        newest = newest_numbers([row.entry_id or 0]).get(row.entry_id or 0, 0)
        copy = Recommendation.objects.filter(working_copy_of=entry).first() if entry else None
        fate = _fate(row, entry, newest=newest, has_copy=copy is not None, may_publish=may_publish)
        if entry is not None and not fate.is_left and not _undo(row, entry, copy, fate, signed):
            fate = Fate.GONE
        ImportRow.objects.filter(pk=row.pk).update(is_undone=not fate.is_left, is_overtaken=fate.is_left)
        done.count(fate)
    if done.left < rows.count():
        state = Import.State.PARTLY if done.left else Import.State.UNDONE
        Import.objects.filter(pk=sheet.pk).update(state=state)
    note = f"{done.every} undone, {done.left} left"
    audit.record(actor=user, act=Act.IMPORT, subject=sheet, note=note, at=at)
    return done


def _to_be_undone(sheet: Import) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(sheet=sheet, version__isnull=False, is_undone=False).order_by("line")


def _fate(row: ImportRow, entry: Recommendation | None, *, newest: int, has_copy: bool, may_publish: bool) -> Fate:
    """What becomes of one row, from how its entry stands."""
    if entry is None:
        return Fate.GONE
    if newest != row.version:
        return Fate.EDITED
    if has_copy != (row.road in {Road.COPY, Road.NEW_COPY}):
        return Fate.COPIED
    if row.outcome == Outcome.NEW or row.road == Road.RESTORE:
        return Fate.NOT_YOURS if entry.is_public and not may_publish else Fate.ARCHIVED
    return Fate.PENDING if row.road == Road.PUBLISH and not may_publish else Fate.RESTORED


def _undo(
    row: ImportRow, entry: Recommendation, copy: Recommendation | None, fate: Fate, signed: dict[str, Any]
) -> bool:
    """Undo one row; false where that is not possible any more: what its entry rested on is gone."""
    try:
        with transaction.atomic():  # where it fails half way, the entry is left as it was
            if fate == Fate.ARCHIVED:
                _archive(row, entry, signed)
            elif copy is not None and row.road == Road.NEW_COPY:
                actions.discard_working_copy(copy=copy, **signed)
            elif fate == Fate.PENDING:
                actions.keep_as_working_copy(entry=entry, document=row.before, **signed)
            else:
                change_in_place(row, entry, signed, document=row.before)
    except (ObjectDoesNotExist, actions.NotReady):
        return False
    return True


def _archive(row: ImportRow, entry: Recommendation, signed: dict[str, Any]) -> None:
    if row.road == Road.RESTORE and row.document != row.before:
        change_in_place(row, entry, signed, document=row.before)
    actions.archive(entry=entry, **signed)
