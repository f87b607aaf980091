"""Writes to entries: every road an entry takes to its readers, one transaction each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from common.slugs import is_name_of_another, remember_slug
from pillars.models import Report
from recommendations import derive
from recommendations.choices import State
from recommendations.models import EntryVersion, Recommendation
from recommendations.models.entry import RESERVED_SLUGS
from recommendations.snapshot import Document, apply, snapshot


class NotReady(Exception):
    """An entry lacks what readers need. ``missing`` says what, one line each."""

    def __init__(self, missing: list[str | Promise]) -> None:
        self.missing = missing
        super().__init__("; ".join(str(line) for line in missing))


#: The texts without which no entry is published, each with the line that asks for it.
NEEDED_TEXTS: dict[str, str | Promise] = {
    "title_en": _("a title in English"),
    "title_zh_hans": _("a title in Chinese"),
    "summary_en": _("a summary in English"),
    "summary_zh_hans": _("a summary in Chinese"),
}
NEEDED_EVIDENCE = _("one piece of evidence with its source and locator")


def missing_for_publication(entry: Recommendation) -> list[str | Promise]:
    """What ``entry`` still needs before it may be published, one line each; empty where nothing."""
    missing = [line for column, line in NEEDED_TEXTS.items() if not getattr(entry, column).strip()]
    if not entry.evidence.exists():
        missing.append(NEEDED_EVIDENCE)
    return missing


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
) -> EntryVersion:
    """Keep ``entry`` as it stands now as its next version; a public one ends the one before it."""
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
    *, entry: Recommendation, author: Any = None, reason: str = "", at: dt.datetime, for_review: bool = False
) -> EntryVersion:
    """Record an edit that readers do not see: of a draft, of an archived entry or of a working copy."""
    if entry.state == State.PUBLISHED:
        raise ValueError("a published entry is edited in its working copy, or published")
    if entry.state != State.ARCHIVED:
        entry.state = State.IN_REVIEW if for_review else State.DRAFT
        entry.save(update_fields=["state"])
    derive.refresh(Recommendation.objects.filter(pk=entry.pk))
    return record_version(entry=entry, author=author, reason=reason, at=at)


@transaction.atomic
def publish(*, entry: Recommendation, author: Any = None, reason: str = "", at: dt.datetime) -> Recommendation:
    """Show ``entry`` to readers as it stands; a working copy takes the place of what it is a copy of.

    Returns the public entry. Raises ``NotReady``, with nothing changed, where it lacks what readers need.
    """
    missing = missing_for_publication(entry)
    if missing:
        raise NotReady(missing)
    public = entry.original
    if entry.working_copy_of_id:
        apply(snapshot(entry), public)
        entry.delete()
    public.state = State.PUBLISHED
    public.published_at = public.published_at or at
    public.changed_at = at
    public.save()
    derive.refresh(Recommendation.objects.filter(pk=public.pk))
    record_version(entry=public, author=author, reason=reason, at=at, is_public=True)
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
) -> Recommendation:
    """Leave what ``document`` says as a pending edit of a published entry that has none yet; returns the copy."""
    if Recommendation.objects.filter(working_copy_of=entry).exists():
        raise ValueError("a working copy is pending")
    copy = start_working_copy(entry=entry)
    copy.created_at = at  # no later than the version that says who made it
    apply(document, copy)
    keep_draft(entry=copy, author=author, reason=reason, at=at, for_review=for_review)
    return copy


@transaction.atomic
def discard_working_copy(*, copy: Recommendation, author: Any = None, at: dt.datetime) -> None:
    """Drop a pending edit. What it said stays in the history of the entry."""
    if not copy.working_copy_of_id:
        raise ValueError("not a working copy")
    record_version(entry=copy, author=author, reason="discarded", at=at)
    copy.delete()


@transaction.atomic
def archive(*, entry: Recommendation, author: Any = None, reason: str = "", at: dt.datetime) -> None:
    """Take an entry away from readers. It stays, with its history; a pending copy must be settled first."""
    if Recommendation.objects.filter(working_copy_of=entry).exists():
        raise ValueError("a working copy is pending")
    entry.state = State.ARCHIVED
    entry.changed_at = at
    entry.save(update_fields=["state", "changed_at"])
    _end_public_version(entry, at=at)
    record_version(entry=entry, author=author, reason=reason, at=at)


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
    made = 0
    for entry in Recommendation.objects.entries().select_related("report", "pillar").order_by("pk").iterator():
        versions = EntryVersion.objects.filter(entry=entry).newest_first()
        is_public = entry.state == State.PUBLISHED
        if not is_public:
            _end_public_version(entry, at=at)
        present = (versions.public_now() if is_public else versions).first()
        if present and present.document == snapshot(entry) and present.state == entry.state:
            continue
        record_version(entry=entry, reason="loaded", at=at, is_public=is_public)
        made += 1
    return made
