"""What is planned for entries: shown or taken away at a moment, by the same rules as by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from recommendations import actions
from recommendations.actions import SCHEDULE, NotReady, clear_schedule
from recommendations.choices import State
from recommendations.models import EntryVersion, Recommendation

PUBLISH = "recommendations.publish_recommendation"
ARCHIVE = "recommendations.archive_recommendation"


class Refused(Exception):
    """A plan that cannot be, in words for its editor."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one plan: ``problem`` is empty where it was carried out."""

    entry: str
    act: str
    problem: str


@transaction.atomic
def plan(
    *,
    entry: Recommendation,
    author: Any,
    publish_at: dt.datetime | None,
    withdraw_at: dt.datetime | None,
    at: dt.datetime,
) -> None:
    """Have ``entry`` (or working copy) published and withdrawn at these moments; empty ones plan nothing.

    What is published then is its newest version of now: an edit after it needs another look. Raises ``Refused``.
    """
    for moment in (publish_at, withdraw_at):
        if moment is not None and moment <= at:
            raise Refused(_("That moment is in the past: choose one ahead."))
    if publish_at and withdraw_at and withdraw_at <= publish_at:
        raise Refused(_("It would be withdrawn before it is published."))
    if publish_at and entry.state in {State.PUBLISHED, State.ARCHIVED}:
        raise Refused(_("Only a draft or a pending copy is published at a set time."))
    if withdraw_at and not publish_at and entry.working_copy_of_id:
        raise Refused(_("Readers do not see this copy: plan the withdrawal of the entry itself."))
    if withdraw_at and not publish_at and entry.state != State.PUBLISHED:
        raise Refused(_("Readers do not see it: there is nothing to withdraw."))
    entry.publish_at, entry.withdraw_at = publish_at, withdraw_at
    entry.scheduled_by = author if publish_at or withdraw_at else None
    entry.scheduled_version = EntryVersion.objects.newest_number(entry) if publish_at else None
    entry.schedule_problem = ""
    entry.save(update_fields=SCHEDULE)


def is_overtaken(entry: Recommendation) -> bool:
    """Whether ``entry`` was changed since its publication was planned, so that nothing comes of the plan."""
    return bool(entry.publish_at) and entry.scheduled_version != EntryVersion.objects.newest_number(entry)


def due(at: dt.datetime) -> list[tuple[dt.datetime, int]]:
    """Moment and id of every row for which something is due, in the order it was planned for."""
    rows = Recommendation.objects.filter(Q(publish_at__lte=at) | Q(withdraw_at__lte=at))
    found = [
        (min(moment for moment in (row.publish_at, row.withdraw_at) if moment), row.pk)
        for row in rows.only("publish_at", "withdraw_at")
    ]
    return sorted(found)


def run(*, at: dt.datetime) -> list[Done]:
    """Carry out what is due. Safe on several machines at once: each plan is held while it is carried out.

    What fails changes nothing, is noted on the entry, and is tried again at the next run.
    """
    results: list[Done] = []
    for _moment, pk in due(at):
        results += _carry_out(pk, at=at)
    return results


def _carry_out(pk: int, *, at: dt.datetime) -> list[Done]:
    results = []
    with transaction.atomic():
        actions.hold(entry_id=pk)
        entry = Recommendation.objects.filter(pk=pk).first()  # what another machine did meanwhile is done
        if entry is not None and entry.publish_at and entry.publish_at <= at:
            results.append(_try(entry, "publish", at=at))
            entry = entry.original if not results[0].problem else None
    with transaction.atomic():
        if entry is not None:
            actions.hold(entry_id=entry.pk)
            entry = Recommendation.objects.filter(pk=entry.pk).first()
        if entry is not None and entry.state == State.PUBLISHED and entry.withdraw_at and entry.withdraw_at <= at:
            results.append(_try(entry, "withdraw", at=at))
    return results


def _try(entry: Recommendation, act: str, *, at: dt.datetime) -> Done:
    name = str(entry.original)
    try:
        with transaction.atomic():
            _publish(entry, at=at) if act == "publish" else _withdraw(entry, at=at)
    except Refused as refused:
        problem = str(refused)
        Recommendation.objects.filter(pk=entry.pk).update(schedule_problem=problem)
        return Done(name, act, problem)
    return Done(name, act, "")


def _publish(entry: Recommendation, *, at: dt.datetime) -> None:
    author = entry.scheduled_by
    if author is None or not (author.is_active and author.has_perm(PUBLISH)):
        raise Refused(_("Whoever planned it may no longer publish."))
    if is_overtaken(entry):
        raise Refused(_("It was changed after it was planned: look at it again, then plan it anew."))
    try:
        actions.publish(entry=entry, author=author, reason=_("As planned."), at=at, is_planned=True)
    except NotReady as not_ready:
        what = _(", ").join(str(line) for line in not_ready.missing)
        raise Refused(_("Needed before it is published: %(what)s.") % {"what": what}) from not_ready


def _withdraw(entry: Recommendation, *, at: dt.datetime) -> None:
    author = entry.scheduled_by
    if author is None or not (author.is_active and author.has_perm(ARCHIVE)):
        raise Refused(_("Whoever planned it may no longer archive."))
    if Recommendation.objects.filter(working_copy_of=entry).exists():
        raise Refused(_("It has a pending copy: publish or discard that first."))
    actions.archive(entry=entry, author=author, reason=_("As planned."), at=at)


def plan_of(entry: Recommendation) -> dict[str, Any]:
    """What is planned for ``entry``, as it is kept beside a change of many; empty where nothing is."""
    moments = {name: moment for name in ("publish_at", "withdraw_at") if (moment := getattr(entry, name))}
    kept = {name: moment.isoformat() for name, moment in moments.items()}
    return {**kept, "scheduled_by": entry.scheduled_by_id} if kept else {}


def plan_again(entry: Recommendation, kept: dict[str, Any], *, at: dt.datetime) -> None:
    """Have for ``entry``, as it is now, what ``plan_of`` gave; of moments that are past nothing is planned."""
    moments = {name: dt.datetime.fromisoformat(kept[name]) for name in ("publish_at", "withdraw_at") if name in kept}
    clear_schedule(entry)
    for name, moment in moments.items():
        if moment > at:
            setattr(entry, name, moment)
            entry.scheduled_by_id = kept["scheduled_by"]
    if entry.publish_at:
        entry.scheduled_version = EntryVersion.objects.newest_number(entry)
    elif entry.state != State.PUBLISHED:
        clear_schedule(entry)
    entry.save(update_fields=SCHEDULE)


@transaction.atomic
def cancel(*, entry: Recommendation) -> None:
    """Plan nothing for ``entry`` any more."""
    clear_schedule(entry)
    entry.save(update_fields=SCHEDULE)
