"""One change for many entries: what it will come to, what it did, and how it is taken back.

Every entry takes the road that it takes alone; one that cannot take it is left as it is, and the summary says why.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations import actions
from recommendations.choices import State, Step
from recommendations.models import BulkChange, EntryVersion, Recommendation
from recommendations.readiness import missing_for_publication
from recommendations.snapshot import Document, snapshot
from themes.models import Term

Kind = BulkChange.Kind

#: Entries of one change: each is versioned by itself, in one transaction.
MAX_ENTRIES = 500
#: Versions looked through for the one that an entry says now.
MAX_LOOKED_AT = 20
#: What a change of state needs beside the right to change an entry; publishing decides on a return as well.
PERMISSIONS = {
    Kind.SUBMIT: ("submit",),
    Kind.RETURN: ("publish",),
    Kind.PUBLISH: ("publish",),
    Kind.ARCHIVE: ("archive",),
}
#: What taking it back needs.
BACK = {Kind.SUBMIT: ("submit",), Kind.RETURN: ("submit",), Kind.ARCHIVE: ("restore", "publish")}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done: ``terms`` as ``vocabulary/term``, ``day`` for a date of review."""

    kind: str
    terms: list[str] = field(default_factory=list)
    day: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What a wish comes to for one entry; ``hindrance`` is why it is left as it is."""

    entry: Recommendation
    row: Recommendation
    seen: int
    hindrance: str | Promise = ""


def allowed(user: Any, kind: str, *, back: bool = False) -> bool:
    """Whether ``user`` may ask for ``kind``, or take it ``back``."""
    steps = (BACK if back else PERMISSIONS).get(Kind(kind), ())
    return all(user.has_perm(f"recommendations.{step}_recommendation") for step in steps)


def slugs_of(terms: Iterable[Term]) -> list[str]:
    """Terms as documents name them."""
    return sorted(f"{term.vocabulary.slug}/{term.slug}" for term in terms)


def foresee(entries: Iterable[Recommendation], wish: Wish) -> list[Line]:
    """What ``wish`` comes to for each entry, changing nothing; a pending copy stands for its entry."""
    return [_line(entry, wish) for entry in entries]


def _line(entry: Recommendation, wish: Wish) -> Line:
    row = Recommendation.objects.filter(working_copy_of=entry).first() or entry
    return Line(entry, row, EntryVersion.objects.newest_number(entry), _hindrance(entry, row, wish))


def _hindrance(entry: Recommendation, row: Recommendation, wish: Wish) -> str | Promise:
    if wish.kind == Kind.SUBMIT:
        return "" if row.state == State.DRAFT else _("no draft")
    if wish.kind == Kind.RETURN:
        return "" if row.state == State.IN_REVIEW else _("does not wait for review")
    if wish.kind == Kind.PUBLISH:
        if row.state not in {State.DRAFT, State.IN_REVIEW}:
            return _("nothing to publish")
        return ", ".join(str(line) for line in missing_for_publication(row))
    if wish.kind == Kind.ARCHIVE:
        if entry.state == State.ARCHIVED:
            return _("archived already")
        return _("has a pending copy") if row is not entry else ""
    return _hindrance_of_words(row, wish)


def _hindrance_of_words(row: Recommendation, wish: Wish) -> str | Promise:
    document = snapshot(row)
    if _changed(document, wish) == document:
        return _("nothing changes")
    if row.state == State.PUBLISHED:  # saved, it would be published anew
        return ", ".join(str(line) for line in missing_for_publication(row))
    return ""


def _changed(document: Document, wish: Wish) -> Document:
    """What a document says after a change of its content."""
    after: Any = copy.deepcopy(document)
    if wish.kind == Kind.REVIEWED:
        after["reviewed_on"] = wish.day
    elif wish.kind == Kind.ADD_TERMS:
        after["terms"] = sorted({*after["terms"], *wish.terms})
    elif wish.kind == Kind.REMOVE_TERMS:
        after["terms"] = [term for term in after["terms"] if term not in wish.terms]
    return after


@transaction.atomic
def carry_out(
    *, seen: dict[int, int], wish: Wish, author: Any, reason: str = "", at: dt.datetime, may_publish: bool
) -> BulkChange:
    """Do it to the entries of ``seen`` (id → its newest version in the summary); changed ones since are left out."""
    rows = []
    for entry_id in sorted(seen):
        entry = actions.hold(entry_id=entry_id)
        if entry is None or EntryVersion.objects.newest_number(entry) != seen[entry_id]:
            continue
        line = _line(entry, wish)
        if line.hindrance:
            continue
        was_state, had_copy = line.row.state, line.row is not entry
        former = _version_saying(line, at)
        _do(line, wish, {"author": author, "reason": reason, "at": at}, may_publish=may_publish)
        rows.append([entry_id, former, EntryVersion.objects.newest_number(entry), was_state, had_copy])
    detail = {"terms": wish.terms, "day": wish.day}
    return BulkChange.objects.create(kind=wish.kind, detail=detail, reason=reason, rows=rows, author=author, made_at=at)


def _version_saying(line: Line, at: dt.datetime) -> int:
    """The number of a version that says what the row says now: what taking it back leads to."""
    document = snapshot(line.row)
    versions = EntryVersion.objects.filter(entry=line.entry).newest_first()
    for version in versions[:MAX_LOOKED_AT]:
        if version.document == document:
            return version.number
    return actions.record_version(entry=line.row, at=at).number


def _do(line: Line, wish: Wish, signed: dict[str, Any], *, may_publish: bool) -> None:
    if wish.kind == Kind.SUBMIT:
        actions.keep_draft(entry=line.row, for_review=True, **signed)
    elif wish.kind == Kind.RETURN:
        actions.send_back(entry=line.row, **signed)
    elif wish.kind == Kind.PUBLISH:
        actions.publish(entry=line.row, **signed)
    elif wish.kind == Kind.ARCHIVE:
        actions.archive(entry=line.entry, **signed)
    else:
        document = _changed(snapshot(line.row), wish)
        actions.revise(entry=line.entry, document=document, step=Step.BULK, may_publish=may_publish, **signed)


@transaction.atomic
def undo(*, change: BulkChange, author: Any, at: dt.datetime, may_publish: bool) -> list[Recommendation]:
    """Take ``change`` back where nothing was done to an entry since; returns the entries that are left as they are."""
    held = BulkChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if held.undone_at:
        raise ValueError("it was taken back already")
    left = []
    for entry_id, before, after, was_state, had_copy in held.rows:
        entry = actions.hold(entry_id=entry_id)
        if entry is None:
            continue
        if EntryVersion.objects.newest_number(entry) != after:
            left.append(entry)
            continue
        former = EntryVersion.objects.filter(entry=entry, number=before).first()
        _undo_one(held.kind, entry, former, was_state, had_copy, author, at, may_publish)
    held.undone_at, held.undone_by = at, author
    held.save(update_fields=["undone_at", "undone_by"])
    return left


def _undo_one(
    kind: str,
    entry: Recommendation,
    former: EntryVersion | None,
    was_state: str,
    had_copy: bool,
    author: Any,
    at: dt.datetime,
    may_publish: bool,
) -> None:
    signed: dict[str, Any] = {"author": author, "at": at}
    pending = Recommendation.objects.filter(working_copy_of=entry).first()
    row = pending or entry
    if kind == Kind.SUBMIT:
        actions.send_back(entry=row, **signed)
    elif kind == Kind.RETURN:
        actions.keep_draft(entry=row, for_review=True, **signed)
    elif kind == Kind.ARCHIVE:
        actions.unarchive(entry=entry, **signed)
        if was_state == State.PUBLISHED and not missing_for_publication(entry):
            actions.publish(entry=entry, **signed)
        elif was_state == State.IN_REVIEW:
            actions.keep_draft(entry=entry, for_review=True, **signed)
    elif pending and not had_copy:
        actions.discard_working_copy(copy=pending, **signed)
    elif former is not None:
        actions.revise(entry=entry, document=former.document, step=Step.RESTORED, may_publish=may_publish, **signed)


def can_undo(change: BulkChange) -> bool:
    """What readers were shown is not unsaid: publishing is taken back by restoring or archiving, one by one."""
    return not change.undone_at and change.kind != Kind.PUBLISH and bool(change.rows)
