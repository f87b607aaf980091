"""Writes to entries: every road an entry takes to its readers, one transaction each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.text import slugify

from common.slugs import is_name_of_another, remember_slug
from pillars.models import Report
from recommendations import derive
from recommendations.choices import State, Step
from recommendations.models import EntryVersion, Recommendation, SettledCopy
from recommendations.models.entry import RESERVED_SLUGS
from recommendations.proofs import refresh_proofs
from recommendations.readiness import missing_for_publication
from recommendations.snapshot import Document, apply, snapshot


class NotReady(Exception):
    """An entry lacks what readers need. ``missing`` says what, one line each."""

    def __init__(self, missing: list[str | Promise]) -> None:
        self.missing = missing
        super().__init__("; ".join(str(line) for line in missing))


def next_number(*, report_id: int) -> int:
    """The number after the last one of the report."""
    last = Recommendation.objects.filter(report_id=report_id).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def slug_of_title(title: str) -> str:
    """A slug made of ``title``; empty where none can be made of it."""
    slug = slugify(title.replace("_", " "))[:100].strip("-")
    return "" if slug in RESERVED_SLUGS else slug


def free_slug(*, title: str, report_slug: str, number: int) -> str:
    """A slug made of ``title``, or ``<report>-<number>`` where that is empty, reserved or taken."""
    slug = slug_of_title(title)
    is_taken = Recommendation.objects.filter(slug=slug).exists() or is_name_of_another(Recommendation(), slug)
    return slug if slug and not is_taken else f"{report_slug}-{number}"


def hold(*, entry_id: int) -> Recommendation | None:
    """The entry itself (of a working copy, what it is a copy of), held until the transaction ends.

    Every edit of an entry or of its working copy holds this one row, so that two at once follow one another; other
    entries may still come to refer to it meanwhile. ``None`` where there is no such entry.
    """
    row = Recommendation.objects.filter(pk=entry_id).values_list("pk", "working_copy_of_id").first()
    if row is None:
        return None
    return Recommendation.objects.select_for_update(no_key=True).filter(pk=row[1] or row[0]).first()


def hold_names() -> None:
    """Wait until nobody else is adding an entry: two at once would take the same number and slug."""
    list(Report.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@transaction.atomic
def record_version(
    *,
    entry: Recommendation,
    author: Any = None,
    reason: str = "",
    at: dt.datetime,
    is_public: bool = False,
    step: Step = Step.SAVED,
) -> EntryVersion:
    """Keep ``entry`` as it stands now as its next version; a public one ends the one before it.

    ``step`` says what was done. What is known of the phrases of its evidence follows.
    """
    refresh_proofs([entry])
    original = Recommendation.objects.select_for_update(no_key=True).get(pk=entry.original.pk)
    former = EntryVersion.objects.filter(entry=original).public_now().first()
    last = EntryVersion.objects.filter(entry=original).aggregate(last=Max("number"))["last"] or 0
    if is_public:
        _end_public_version(original, at=at)
    return EntryVersion.objects.create(
        entry=original,
        number=last + 1,
        base=former,
        state=entry.state,
        step=step,
        author=author,
        reason=reason,
        document=snapshot(entry),
        created_at=at,
        public_from=at if is_public else None,
    )


def _end_public_version(entry: Recommendation, *, at: dt.datetime) -> None:
    """Readers no longer see the version they saw; a clock that went back makes no version end before it began."""
    for version in EntryVersion.objects.filter(entry=entry).public_now():
        version.public_until = max(at, version.public_from or at)
        version.save(update_fields=["public_until"])


@transaction.atomic
def keep_draft(
    *,
    entry: Recommendation,
    author: Any = None,
    reason: str = "",
    at: dt.datetime,
    for_review: bool = False,
    step: Step | None = None,
) -> EntryVersion:
    """Record an edit that readers do not see: of a draft, of an archived entry or of a working copy.

    ``step`` says what was done where that is more than a save or a request for review.
    """
    if entry.state == State.PUBLISHED:
        raise ValueError("a published entry is edited in its working copy, or published")
    usual = Step.SAVED
    if entry.state != State.ARCHIVED:
        usual = Step.SUBMITTED if for_review and entry.state != State.IN_REVIEW else Step.SAVED
        entry.state = State.IN_REVIEW if for_review else State.DRAFT
        entry.save(update_fields=["state"])
    derive.refresh(Recommendation.objects.filter(pk=entry.pk))
    return record_version(entry=entry, author=author, reason=reason, at=at, step=step or usual)


@transaction.atomic
def publish(
    *,
    entry: Recommendation,
    author: Any = None,
    reason: str = "",
    at: dt.datetime,
    step: Step = Step.PUBLISHED,
    is_planned: bool = False,
) -> Recommendation:
    """Show ``entry`` to readers as it stands; a working copy takes the place of what it is a copy of.

    Who publishes by hand wants it seen: a withdrawal that should have been by then is dropped, unless ``is_planned``.
    Returns the public entry. Raises ``NotReady``, with nothing changed, where it lacks what readers need.
    """
    missing = missing_for_publication(entry)
    if missing:
        raise NotReady(missing)
    public = entry.original
    if entry.working_copy_of_id:
        apply(snapshot(entry), public)
        if entry.withdraw_at:
            public.withdraw_at, public.scheduled_by = entry.withdraw_at, entry.scheduled_by
        _settle(entry)
    if public.withdraw_at and public.withdraw_at <= at and not is_planned:
        clear_schedule(public)
    public.publish_at, public.scheduled_version, public.schedule_problem = None, None, ""
    public.state = State.PUBLISHED
    public.published_at = public.published_at or at
    public.changed_at = at
    public.save()
    derive.refresh(Recommendation.objects.filter(pk=public.pk))
    record_version(entry=public, author=author, reason=reason, at=at, is_public=True, step=step)
    return public


@transaction.atomic
def start_working_copy(*, entry: Recommendation) -> Recommendation:
    """The working copy of a published entry: the one there is, or a new one that says the same."""
    original = Recommendation.objects.select_for_update(no_key=True).get(pk=entry.original.pk)
    if original.state != State.PUBLISHED:
        raise ValueError("only a published entry has a working copy")
    found = Recommendation.objects.filter(working_copy_of=original).first()
    if found:
        return found
    copy = Recommendation.objects.create(
        working_copy_of=original, report=original.report, pillar=original.pillar, state=State.DRAFT
    )
    apply(snapshot(original), copy)
    refresh_proofs([copy])
    return copy


@transaction.atomic
def keep_as_working_copy(
    *,
    entry: Recommendation,
    document: Document,
    author: Any = None,
    reason: str = "",
    at: dt.datetime,
    for_review: bool = False,
    step: Step | None = None,
) -> Recommendation:
    """Leave what ``document`` says as a pending edit of a published entry that has none yet; returns the copy."""
    if Recommendation.objects.filter(working_copy_of=entry).exists():
        raise ValueError("a working copy is pending")
    copy = start_working_copy(entry=entry)
    copy.created_at = at  # no later than the version that says who made it
    apply(document, copy)
    keep_draft(entry=copy, author=author, reason=reason, at=at, for_review=for_review, step=step)
    return copy


@transaction.atomic
def discard_working_copy(
    *, copy: Recommendation, author: Any = None, reason: str = "discarded", at: dt.datetime
) -> None:
    """Drop a pending edit. What it said stays in the history of the entry."""
    if not copy.working_copy_of_id:
        raise ValueError("not a working copy")
    record_version(entry=copy, author=author, reason=reason, at=at, step=Step.DISCARDED)
    _settle(copy)


def _settle(copy: Recommendation) -> None:
    """Take away a working copy that is published or dropped; its addresses at the desk lead to its entry."""
    SettledCopy.objects.update_or_create(copy_id=copy.pk, defaults={"entry": copy.original})
    copy.delete()


@transaction.atomic
def archive(*, entry: Recommendation, author: Any = None, reason: str = "", at: dt.datetime) -> None:
    """Take an entry away from readers. It stays, with its history; a pending copy must be settled first."""
    if Recommendation.objects.filter(working_copy_of=entry).exists():
        raise ValueError("a working copy is pending")
    _take_from_readers(entry, State.ARCHIVED, at=at)
    record_version(entry=entry, author=author, reason=reason, at=at, step=Step.ARCHIVED)


@transaction.atomic
def withdraw(
    *,
    entry: Recommendation,
    author: Any = None,
    reason: str = "",
    at: dt.datetime,
    for_review: bool = False,
    step: Step = Step.TAKEN_BACK,
) -> None:
    """Take an entry away from readers as the draft it was before it was published; its address says that it is gone."""
    if entry.state != State.PUBLISHED or Recommendation.objects.filter(working_copy_of=entry).exists():
        raise ValueError("only a published entry without a working copy is withdrawn")
    _take_from_readers(entry, State.IN_REVIEW if for_review else State.DRAFT, at=at)
    record_version(entry=entry, author=author, reason=reason, at=at, step=step)


def _take_from_readers(entry: Recommendation, state: State, *, at: dt.datetime) -> None:
    entry.state = state
    entry.changed_at = at
    clear_schedule(entry)
    entry.save(update_fields=["state", "changed_at", *SCHEDULE])
    _end_public_version(entry, at=at)


@transaction.atomic
def unarchive(*, entry: Recommendation, author: Any = None, reason: str = "", at: dt.datetime) -> None:
    """Take an entry out of the archive, as a draft: readers see it once it is published again."""
    if entry.state != State.ARCHIVED:
        raise ValueError("only an archived entry is taken out of the archive")
    entry.state = State.DRAFT
    entry.save(update_fields=["state"])
    record_version(entry=entry, author=author, reason=reason, at=at, step=Step.UNARCHIVED)


@transaction.atomic
def send_back(*, entry: Recommendation, author: Any = None, reason: str = "", at: dt.datetime) -> None:
    """Return what waits for review to its editor, as a draft; ``reason`` tells them what to mend."""
    if entry.state != State.IN_REVIEW:
        raise ValueError("only what waits for review is returned")
    entry.state = State.DRAFT
    clear_schedule(entry)
    entry.save(update_fields=["state", *SCHEDULE])
    record_version(entry=entry, author=author, reason=reason, at=at, step=Step.RETURNED)


@transaction.atomic
def revise(
    *,
    entry: Recommendation,
    document: Document,
    author: Any = None,
    reason: str = "",
    at: dt.datetime,
    may_publish: bool,
    step: Step,
) -> Recommendation:
    """Have an entry say what ``document`` says, by the rule of every edit; returns where the words are now.

    A published entry is changed in place by who may publish, and for all others in a pending copy; where one is
    pending already, every edit goes there. Raises ``NotReady`` where it would be shown without what readers need.
    """
    signed: dict[str, Any] = {"author": author, "reason": reason, "at": at, "step": step}
    pending = Recommendation.objects.filter(working_copy_of=entry).first()
    if entry.state == State.PUBLISHED and pending is None and not may_publish:
        return keep_as_working_copy(entry=entry, document=document, **signed)
    row = pending or entry
    apply(document, row)
    if row.state == State.PUBLISHED:
        return publish(entry=row, **signed)
    keep_draft(entry=row, for_review=row.state == State.IN_REVIEW, **signed)
    return row


#: The columns of what is planned for an entry.
SCHEDULE = ("publish_at", "withdraw_at", "scheduled_by", "scheduled_version", "schedule_problem")


def clear_schedule(entry: Recommendation) -> None:
    """In memory only: nothing is planned for ``entry``."""
    entry.publish_at = entry.withdraw_at = entry.scheduled_by = entry.scheduled_version = None
    entry.schedule_problem = ""


@transaction.atomic
def rename(*, entry: Recommendation, former: str) -> None:
    """After a change of slug: the former one redirects for good."""
    remember_slug(instance=entry, former=former)


@transaction.atomic
def adopt(*, at: dt.datetime) -> int:
    """Give every entry that came by another road than the desk what it should have: derived rows, a version.

    For ``loaddata`` and imports. An entry whose version already says what it says gets no new one; of a published
    entry that is the version readers see, for newer ones may be of its working copy. Returns the number of versions
    made.
    """
    derive.refresh()
    refresh_proofs()
    made = 0
    for entry in Recommendation.objects.entries().select_related("report", "pillar").order_by("pk").iterator():
        versions = EntryVersion.objects.filter(entry=entry).newest_first()
        is_public = entry.state == State.PUBLISHED
        if not is_public:
            _end_public_version(entry, at=at)
        present = (versions.public_now() if is_public else versions).first()
        if present and present.document == snapshot(entry) and present.state == entry.state:
            continue
        version = record_version(entry=entry, reason="loaded", at=at, is_public=is_public, step=Step.LOADED)
        if is_public and version.number == 1 and entry.changed_at:
            # It was public before it came here: it says itself since when it says this.
            EntryVersion.objects.filter(pk=version.pk).update(public_from=min(entry.changed_at, at))
        made += 1
    return made
