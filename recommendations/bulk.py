"""One change for many entries: what it will come to, what it did, and how it is taken back.

Every entry takes the road that it takes alone; one that cannot take it is left as it is, and the summary says why.
It is one act however many entries it is about: they are changed part by part, and whatever stops it, it is gone on
with where it was left.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import threading
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext

from recommendations import actions, schedule
from recommendations.choices import State, Step
from recommendations.foreseeing import BATCH, Kind, Line, Wish, changed, foresee
from recommendations.models import BulkChange, EntryVersion, Recommendation
from recommendations.readiness import missing_for_publication
from recommendations.snapshot import snapshot

logger = logging.getLogger(__name__)


#: Entries that are changed in one transaction.
PART = 50
#: Up to so many entries are changed while the editor's own request waits.
FEW = 300
#: How long a worker may be silent before another may take its place.
SILENCE = dt.timedelta(seconds=120)
#: Why an entry cannot take a change after all: it lacks something by now, or what it named is gone.
CANNOT = (actions.NotReady, ObjectDoesNotExist, ValueError)
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
BACK = {
    Kind.SUBMIT: ("submit",),
    Kind.RETURN: ("submit",),
    Kind.PUBLISH: ("publish", "archive", "restore"),
    Kind.ARCHIVE: ("restore", "publish"),
}


def allowed(user: Any, kind: str, *, back: bool = False) -> bool:
    """Whether ``user`` may ask for ``kind``, or take it ``back``."""
    steps = (BACK if back else PERMISSIONS).get(Kind(kind), ())
    return all(user.has_perm(f"recommendations.{step}_recommendation") for step in steps)


# One act, in parts ---------------------------------------------------------------------------------------------


def ask(
    *, seen: dict[int, int], wish: Wish, author: Any, reason: str, at: dt.datetime, may_publish: bool
) -> BulkChange:
    """Keep what is to be done to the entries of ``seen`` (id → its newest version in the summary)."""
    return BulkChange.objects.create(
        kind=wish.kind,
        detail={"terms": wish.terms, "day": wish.day},
        reason=reason,
        waiting=sorted(seen.items()),
        of=len(seen),
        author=author,
        made_at=at,
        publishes=may_publish,
    )


@transaction.atomic
def ask_back(*, change: BulkChange, author: Any, at: dt.datetime, may_publish: bool) -> None:
    """Keep that ``change`` is to be taken back, where nothing was done to an entry since.

    Raises ``ValueError`` where it was taken back, or is being done.
    """
    held = BulkChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if held.waiting or held.undone_by_id or held.undone_at:
        raise ValueError("it was taken back already, or is still being done")
    held.waiting, held.of, held.kept, held.publishes = held.rows, len(held.rows), [], may_publish
    held.undone_by, held.beat_at, held.token = author, at, ""
    held.save()
    change.refresh_from_db()


def go_on(change: BulkChange) -> None:
    """Have ``change`` carried out, or taken back, to its end: a small one at once, a large one by a thread."""
    token = secrets.token_hex(16)
    free = BulkChange.objects.filter(pk=change.pk, token=change.token).exclude(waiting=[])
    if not free.update(token=token, beat_at=timezone.now()):
        return  # someone else just did, or it is done
    change.refresh_from_db()
    if len(change.waiting) <= FEW:
        run(change)
    else:
        threading.Thread(target=_apart, args=(change,), daemon=True, name=f"bulk-{change.pk}").start()


def _apart(change: BulkChange) -> None:
    try:
        run(change)
    except Exception:
        # The last thing a worker does: whoever runs the site finds the reason in the log, the editor that it stopped.
        logger.exception("change %s of many entries stopped", change.pk)
        BulkChange.objects.filter(pk=change.pk, token=change.token).update(token="", beat_at=None)
    finally:
        connection.close()


def run(change: BulkChange) -> None:
    """Do what is left of ``change``, a part and a transaction at a time, so that others can save in between."""
    while step(change):
        pass


@transaction.atomic
def step(change: BulkChange) -> bool:
    """Do the next part of ``change``; whether more is left. False too where another worker has taken over."""
    held = BulkChange.objects.select_for_update(of=("self",)).filter(pk=change.pk, token=change.token).first()
    if held is None or not held.waiting:
        return False
    now, held.waiting = held.waiting[:PART], held.waiting[PART:]
    at = timezone.now()
    (_take_back if held.undone_by_id else _carry_out)(held, now, at)
    held.beat_at = at
    if not held.waiting:
        held.token = ""
        if held.undone_by_id and len(held.kept) < len(held.rows):
            held.undone_at = at
        else:
            held.undone_by = None  # nothing was taken back
    held.save(update_fields=["waiting", "rows", "left", "kept", "beat_at", "token", "undone_at", "undone_by"])
    return bool(held.waiting)


def _carry_out(change: BulkChange, pairs: list[list[int]], at: dt.datetime) -> None:
    """Do it to some entries; one that changed since the summary, or cannot take it any more, is left."""
    wish = Wish(change.kind, **change.detail)
    seen = {pair[0]: pair[1] for pair in pairs}
    signed: dict[str, Any] = {"author": change.author, "reason": change.reason, "at": at}
    done = []
    held = [entry_id for entry_id in seen if actions.hold(entry_id=entry_id)]
    for line in foresee(held, wish):
        entry_id = line.entry.pk
        if line.seen != seen[entry_id] or line.hindrance:
            change.left.append(entry_id)
            continue
        was_state, had_copy = line.row.state, line.row is not line.entry
        plans = [schedule.plan_of(line.entry), schedule.plan_of(line.row) if had_copy else {}]
        try:
            with transaction.atomic():
                former = _version_saying(line, at)
                _do(line, wish, signed, may_publish=change.publishes)
        except CANNOT:
            change.left.append(entry_id)
            continue
        done.append(line.entry)
        after = EntryVersion.objects.newest_number(line.entry)
        change.rows.append([entry_id, former, after, was_state, had_copy, plans])
    if done and change.author_id:
        said = gettext("Changed with others: %(what)s.") % {"what": change.get_kind_display()}
        LogEntry.objects.log_actions(change.author_id, done, CHANGE, said)


def _take_back(change: BulkChange, rows: list[list[Any]], at: dt.datetime) -> None:
    """Take it back from some entries; one to which something was done since is left."""
    said = gettext("Taken back: %(what)s.") % {"what": change.get_kind_display()}
    signed: dict[str, Any] = {"author": change.undone_by, "reason": f"{said} {change.reason}".strip()[:300], "at": at}
    for entry_id, before, after, was_state, had_copy, *plans in rows:
        entry = actions.hold(entry_id=entry_id)
        if entry is None or EntryVersion.objects.newest_number(entry) != after:
            change.kept.append(entry_id)
            continue
        versions = EntryVersion.objects.filter(entry=entry)
        was = Was(was_state, had_copy, versions.filter(number=before).first(), versions.filter(number=after).first())
        try:
            with transaction.atomic():
                _undo_one(change.kind, entry, was, signed, may_publish=change.publishes)
                _plan_again(entry_id, plans[0] if plans else [{}, {}], at)
        except CANNOT:
            change.kept.append(entry_id)


def _plan_again(entry_id: int, plans: list[dict[str, Any]], at: dt.datetime) -> None:
    """What was planned for the entry and for its copy is planned again, where nobody planned something else since."""
    known = {value for kept in plans for value in kept.values()}
    for row in Recommendation.objects.filter(Q(pk=entry_id) | Q(working_copy_of=entry_id)):
        if known.issuperset(schedule.plan_of(row).values()):
            schedule.plan_again(row, plans[1 if row.working_copy_of_id else 0], at=at)


def _version_saying(line: Line, at: dt.datetime) -> int:
    """The number of a version that says what the row says now: what taking it back leads to."""
    document = snapshot(line.row)
    for version in EntryVersion.objects.filter(entry=line.entry).newest_first()[:MAX_LOOKED_AT].iterator(chunk_size=1):
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
        document = changed(snapshot(line.row), wish)
        actions.revise(entry=line.entry, document=document, step=Step.BULK, may_publish=may_publish, **signed)


@dataclass(frozen=True, slots=True)
class Was:
    """How an entry was before a change: the state of the row edited, whether that was a copy, and what it said.

    ``after`` is the version that the change made.
    """

    state: str
    had_copy: bool
    said: EntryVersion | None
    after: EntryVersion | None


def _undo_one(kind: str, entry: Recommendation, was: Was, signed: dict[str, Any], *, may_publish: bool) -> None:
    pending = Recommendation.objects.filter(working_copy_of=entry).first()
    row = pending or entry
    if kind == Kind.SUBMIT:
        actions.keep_draft(entry=row, step=Step.TAKEN_BACK, **signed)  # nobody returned it
    elif kind == Kind.RETURN:
        actions.keep_draft(entry=row, for_review=True, **signed)
    elif kind == Kind.PUBLISH:
        _unpublish(entry, was, signed)
    elif kind == Kind.ARCHIVE:
        _unarchive(entry, was, signed)
    elif pending and not was.had_copy:
        actions.discard_working_copy(copy=pending, **signed)
    elif was.said is not None:
        document = was.said.document
        actions.revise(entry=entry, document=document, step=Step.TAKEN_BACK, may_publish=may_publish, **signed)


def _unarchive(entry: Recommendation, was: Was, signed: dict[str, Any]) -> None:
    actions.unarchive(entry=entry, **signed)
    if was.state == State.PUBLISHED and not missing_for_publication(entry):
        actions.publish(entry=entry, **signed)
    elif was.state == State.IN_REVIEW:
        actions.keep_draft(entry=entry, for_review=True, **signed)


def _unpublish(entry: Recommendation, was: Was, signed: dict[str, Any]) -> None:
    """Readers see again what they saw, or nothing; what was published is pending again, as it was."""
    for_review = was.state == State.IN_REVIEW
    if not was.had_copy:
        actions.withdraw(entry=entry, for_review=for_review, **signed)
        return
    seen = was.after.base if was.after else None
    if seen is None or was.said is None or Recommendation.objects.filter(working_copy_of=entry).exists():
        raise ValueError("what it said before is not known, or it is edited again")
    how: dict[str, Any] = {"step": Step.TAKEN_BACK, **signed}
    actions.revise(entry=entry, document=seen.document, may_publish=True, **how)
    actions.keep_as_working_copy(entry=entry, document=was.said.document, for_review=for_review, **how)


def can_undo(change: BulkChange) -> bool:
    """Whether it is done, and not taken back yet."""
    return bool(change.rows) and not (change.waiting or change.undone_by_id or change.undone_at)


def changed_since(change: BulkChange) -> list[int]:
    """Ids of the entries of ``change`` to which something was done since: taking it back leaves them."""
    after = {row[0]: row[2] for row in change.rows}
    newest: dict[int, int] = {}
    for some in batched(after, BATCH):
        versions = EntryVersion.objects.filter(entry__in=some).order_by().values_list("entry")
        newest |= dict(versions.annotate(Max("number")))
    return [entry for entry, number in after.items() if newest.get(entry) != number]
