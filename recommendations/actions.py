"""Writes to entries: every road an entry takes to its readers, one transaction each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from common.slugs import remember_slug
from recommendations import derive
from recommendations.choices import State
from recommendations.models import EntryVersion, Recommendation
from recommendations.models.entry import RESERVED_SLUGS
from recommendations.snapshot import apply, snapshot


class NotReady(Exception):
    """An entry lacks what readers need. ``missing`` says what, one line each."""

    def __init__(self, missing: list[str | Promise]) -> None:
        self.missing = missing
        super().__init__("; ".join(str(line) for line in missing))


def missing_for_publication(entry: Recommendation) -> list[str | Promise]:
    """What ``entry`` still needs before it may be published, one line each; empty where nothing."""
    missing: list[str | Promise] = []
    for column, line in (
        ("title_en", _("a title in English")),
        ("title_zh_hans", _("a title in Chinese")),
        ("summary_en", _("a summary in English")),
        ("summary_zh_hans", _("a summary in Chinese")),
    ):
        if not getattr(entry, column).strip():
            missing.append(line)
    if not entry.evidence.exists():
        missing.append(_("one piece of evidence with its source and locator"))
    return missing


def next_number(*, report_id: int) -> int:
    """The number after the last one of the report."""
    last = Recommendation.objects.filter(report_id=report_id).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def free_slug(*, title: str, report_slug: str, number: int) -> str:
    """A slug made of ``title``, or ``<report>-<number>`` where that is empty, reserved or taken."""
    slug = slugify(title)[:100].strip("-")
    if slug and slug not in RESERVED_SLUGS and not Recommendation.objects.filter(slug=slug).exists():
        return slug
    return f"{report_slug}-{number}"


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
    original = Recommendation.objects.select_for_update().get(pk=entry.original.pk)
    former = EntryVersion.objects.filter(entry=original).public_now().first()
    last = EntryVersion.objects.filter(entry=original).aggregate(last=Max("number"))["last"] or 0
    if is_public and former:
        former.public_until = max(at, former.public_from or at)
        former.save(update_fields=["public_until"])
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
    original = Recommendation.objects.select_for_update().get(pk=entry.original.pk)
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
    EntryVersion.objects.filter(entry=entry).public_now().update(public_until=at)
    record_version(entry=entry, author=author, reason=reason, at=at)


@transaction.atomic
def rename(*, entry: Recommendation, former: str) -> None:
    """After a change of slug: the former one redirects for good."""
    remember_slug(instance=entry, former=former)


@transaction.atomic
def adopt(*, at: dt.datetime) -> int:
    """Give every entry that came by another road than the desk what it should have: derived rows, a version.

    For ``loaddata`` and imports. An entry whose newest version already says what it says gets no new one.
    Returns the number of versions made.
    """
    derive.refresh()
    made = 0
    for entry in Recommendation.objects.entries().select_related("report", "pillar").order_by("pk").iterator():
        newest = EntryVersion.objects.filter(entry=entry).newest_first().first()
        if newest and newest.document == snapshot(entry) and newest.state == entry.state:
            continue
        record_version(entry=entry, reason="loaded", at=at, is_public=entry.state == State.PUBLISHED)
        made += 1
    return made
