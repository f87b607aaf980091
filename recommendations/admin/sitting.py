"""One request to an entry's form: which entry, who may do what with it, and what happened to it meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from common.admin import SHOWN_AGAIN
from common.numbers import whole_number
from recommendations import actions
from recommendations.admin.conflict import TAKE, Conflict, base_told
from recommendations.admin.rebase import rebase
from recommendations.choices import State
from recommendations.models import EntryVersion, Recommendation
from recommendations.snapshot import TEXT_COLUMNS, Document, snapshot

#: Names the pending copy whose form this is; empty in that of an entry.
COPY = "copy"


class Act(StrEnum):
    """What a save means to do. Each is the name of a button, after an underscore."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISH = "publish"
    PREVIEW = "preview"
    #: Saves nothing: of words that two editors changed, puts the others in the form; or shows what was typed before.
    TAKE = "take"


def may(user: Any, step: str) -> bool:
    """Whether ``user`` may take an entry through ``step``: submit, publish, archive or restore."""
    return bool(user.has_perm(f"recommendations.{step}_recommendation"))


def may_publish(user: Any) -> bool:
    """Whether ``user`` may show an entry to readers."""
    return may(user, "publish")


def newest_version(entry: Recommendation) -> EntryVersion | None:
    """The newest version of an entry or of its working copy; both count in one row."""
    versions = EntryVersion.objects.filter(entry_id=entry.working_copy_of_id or entry.pk)
    return versions.select_related("author").newest_first().first()


def changed_columns(before: Document, after: Document) -> list[str]:
    """The parts of an entry that differ between two documents: text columns, then other fields."""
    texts = [name for name in TEXT_COLUMNS if before["texts"][name] != after["texts"][name]]
    others = [name for name in after if name not in {"schema", "texts"} and before.get(name) != after[name]]
    return texts + others


@dataclass
class Sitting:
    """``entry`` is the row the form edits, as it stands; it is held until the request ends where that saves."""

    request: Any
    entry: Recommendation | None
    act: Act
    may_publish: bool
    at: dt.datetime
    newest: EntryVersion | None = None
    #: The newest version when the form was opened, where it says; and whether anything was done since.
    seen: int | None = None
    is_overtaken: bool = False
    #: Whether the form showed other words than those of the pending copy that its words go to now.
    is_led_to_copy: bool = False
    changed_meanwhile: Sequence[str] = ()
    conflict: Conflict | None = None
    pending: Recommendation | None = None
    savepoint: str | None = field(default=None, repr=False)
    #: What the entry said before it was saved; and whether it says the same after.
    before: Document | None = field(default=None, repr=False)
    is_unchanged: bool = False
    outcome: Recommendation | None = None

    @property
    def is_published(self) -> bool:
        return self.entry is not None and self.entry.state == State.PUBLISHED

    @property
    def makes_copy(self) -> bool:
        """Whether a save leaves the published entry as it is and its words in a pending copy."""
        return self.is_published and self.act != Act.PUBLISH

    @property
    def is_plain_save(self) -> bool:
        """Whether the act leaves the entry in the state it is in: such a save is about its words alone."""
        state = self.entry.state if self.entry else ""
        kept = {
            Act.DRAFT: {State.DRAFT, State.ARCHIVED}, Act.REVIEW: {State.IN_REVIEW}, Act.PUBLISH: {State.PUBLISHED}
        }  # fmt: skip
        return state in kept.get(self.act, set())


def sitting_of(request: HttpRequest) -> Sitting | None:
    """The sitting that ``changeform_view`` began, where this request is one to a form."""
    found = getattr(request, "sitting", None)
    return found if isinstance(found, Sitting) else None


def begin(request: Any, object_id: str | None) -> Sitting:
    """Find the entry, hold it where the request saves, and see what happened since the form was opened."""
    is_saving = request.method == "POST"
    if object_id is None and is_saving:
        actions.hold_names()
    entry = _find(request, object_id, hold=is_saving)
    sitting = Sitting(
        request=request,
        entry=entry,
        act=_chosen_act(request, entry) if is_saving else Act.DRAFT,
        may_publish=may_publish(request.user),
        at=timezone.now(),
    )
    if entry is not None:
        sitting.newest = newest_version(entry)
        if sitting.is_published:
            sitting.pending = Recommendation.objects.filter(working_copy_of=entry).first()
        if is_saving:
            _look_for_changes(sitting, _row_to_save(sitting, entry), shown=_shown_copy(request, entry, object_id))
    request.sitting = sitting
    return sitting


def _find(request: HttpRequest, object_id: str | None, *, hold: bool) -> Recommendation | None:
    """The entry asked for. A working copy that is gone (published or dropped meanwhile) leads to its original."""
    asked = [unquote(object_id)] if object_id else []
    if hold and asked:
        asked.append(request.POST.get("entry", ""))
    for text in asked:
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            continue
        if hold:
            actions.hold(entry_id=int(text))
        entry = Recommendation.objects.filter(pk=int(text)).first()
        if entry:
            return entry
    return None


def _chosen_act(request: HttpRequest, entry: Recommendation | None) -> Act:
    """The act of the button pressed. No button at all (the Enter key) leaves the entry where it is."""
    if SHOWN_AGAIN in request.POST:
        return Act.TAKE
    for act in Act:
        if f"_{act}" in request.POST:
            _allow(request.user, act, entry)
            return act
    if entry is not None and entry.state == State.PUBLISHED and may_publish(request.user):
        return Act.PUBLISH
    return Act.REVIEW if entry is not None and entry.state == State.IN_REVIEW else Act.DRAFT


def _allow(user: Any, act: Act, entry: Recommendation | None) -> None:
    """Raise ``PermissionDenied`` where ``user`` may not do ``act``; each step of an entry's life is a permission."""
    is_archived = entry is not None and entry.state == State.ARCHIVED
    is_refused = {
        Act.PUBLISH: not may_publish(user) or (is_archived and not may(user, "restore")),
        Act.REVIEW: not may(user, "submit"),
    }
    if is_refused.get(act):
        raise PermissionDenied


def _row_to_save(sitting: Sitting, entry: Recommendation) -> Recommendation:
    """The row that the words go to: of a published entry with a pending copy it is that copy, whatever was open."""
    if sitting.pending is not None:
        sitting.entry, sitting.pending = sitting.pending, None
    return sitting.entry or entry


def _shown_copy(request: HttpRequest, entry: Recommendation, object_id: str | None) -> str:
    """The id of the pending copy whose words the form showed; empty where they were the entry's own."""
    named = request.POST.get(COPY)
    return named if named is not None else "" if object_id == str(entry.original.pk) else str(object_id)


def _shown_then(entry: Recommendation, seen: int, *, shown: str) -> EntryVersion | None:
    """What a form showed when version ``seen`` was the newest: not always that version, as copies have versions too.

    ``shown`` is the copy that the form was of, which may be gone by now, or another one than ``entry``.
    """
    versions = EntryVersion.objects.filter(entry_id=entry.working_copy_of_id or entry.pk, number__lte=seen)
    newest = versions.newest_first()
    if shown and shown == str(entry.pk):
        return newest.filter(created_at__gte=entry.created_at).first() or newest.ever_public().first()
    if not shown and entry.original.state == State.PUBLISHED:
        return newest.ever_public().first() or newest.first()
    return newest.first()


def _look_for_changes(sitting: Sitting, entry: Recommendation, *, shown: str) -> None:
    """Where someone saved since the form was opened: say so, and fit what was typed to the entry as it is now."""
    current = sitting.newest.number if sitting.newest else 0
    posted: QueryDict = sitting.request.POST.copy()
    sitting.seen = whole_number(posted.get("seen_version", ""))
    sitting.is_led_to_copy = bool(entry.working_copy_of_id) and shown != str(entry.pk)
    sitting.is_overtaken = sitting.is_led_to_copy or sitting.seen != current
    told = base_told(posted)
    if not sitting.is_overtaken and told is None:
        return
    then = sitting.seen if sitting.is_overtaken else None
    base = None if then is None else _shown_then(entry, then, shown=shown)
    opened = EntryVersion.objects.filter(entry=entry.original, number=told or 0).first() or base
    present = snapshot(entry)
    if opened:
        fitted_to = base.document if base else present
        sitting.conflict = Conflict(entry, opened, posted.copy(), shown=fitted_to)
    if sitting.is_overtaken:
        sitting.changed_meanwhile = changed_columns(base.document, present) if base else ()
        posted["seen_version"] = str(current)
        keep_name = sitting.may_publish or not sitting.is_published
        rebase(posted, entry, base=base.document if base else None, keep_name=keep_name)
    if sitting.conflict:
        sitting.conflict.fit(posted)
        sitting.conflict.take(posted.get(TAKE, ""))
    sitting.request.POST = posted
