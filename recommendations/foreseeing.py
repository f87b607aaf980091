"""What one change of many entries comes to for each of them, before anything is done."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.choices import State
from recommendations.models import BulkChange, EntryVersion, ImportRow, Recommendation
from recommendations.querysets import RecommendationQuerySet
from recommendations.readiness import missing_for_publication
from recommendations.snapshot import Document
from sources.choices import BROKEN
from themes.models import Term

Kind = BulkChange.Kind

#: Entries that are looked at together.
BATCH = 500
#: Changes of what an entry says.
WORDS = {Kind.ADD_TERMS, Kind.REMOVE_TERMS, Kind.REVIEWED}


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


def slugs_of(terms: Iterable[Term]) -> list[str]:
    """Terms as documents name them."""
    return sorted(f"{term.vocabulary.slug}/{term.slug}" for term in terms)


def foresee(ids: Iterable[int], wish: Wish) -> Iterator[Line]:
    """What ``wish`` comes to for each entry, changing nothing; a pending copy stands for its entry."""
    for some in batched(ids, BATCH):
        newest = dict(
            EntryVersion.objects.filter(entry__in=some).order_by().values_list("entry").annotate(Max("number"))
        )
        copies = {row.working_copy_of_id: row for row in _loaded(working_copy_of__in=some)}
        entries = [row for row in _loaded(pk__in=some) if not row.working_copy_of_id]
        for entry in sorted(entries, key=lambda entry: (entry.report_id, entry.number or 0, entry.pk)):
            row = copies.get(entry.pk, entry)
            if row is not entry:
                row.working_copy_of = entry
            yield Line(entry, row, newest.get(entry.pk, 0), _hindrance(entry, row, wish))


def _loaded(**which: Any) -> RecommendationQuerySet:
    """Entries and copies with all that a wish is judged by."""
    # Copies are not joined, nor left out by a condition: a planner without statistics reads the whole table then.
    return Recommendation.objects.filter(**which).prefetch_related("terms__vocabulary", "evidence")


def _hindrance(entry: Recommendation, row: Recommendation, wish: Wish) -> str | Promise:
    if wish.kind == Kind.SUBMIT:
        return "" if row.state == State.DRAFT else _("no draft")
    if wish.kind == Kind.RETURN:
        return "" if row.state == State.IN_REVIEW else _("does not wait for review")
    if wish.kind == Kind.PUBLISH:
        if row.state not in {State.DRAFT, State.IN_REVIEW}:
            return _("nothing to publish")
        return _missing(row)
    if wish.kind == Kind.ARCHIVE:
        if entry.state == State.ARCHIVED:
            return _("archived already")
        return _("has a pending copy") if row is not entry else ""
    return _hindrance_of_words(row, wish)


def _hindrance_of_words(row: Recommendation, wish: Wish) -> str | Promise:
    if _says(row, wish):
        return _("nothing changes")
    if row.state == State.PUBLISHED:  # saved, it would be published anew
        return _missing(row)
    return ""


def _missing(row: Recommendation) -> str:
    """What keeps ``row`` from being published, in a sentence; empty where nothing."""
    missing = gettext(", ").join(str(line) for line in missing_for_publication(row))
    return gettext("missing: %(what)s") % {"what": missing} if missing else ""


def becomes(line: Line, wish: Wish, *, may_publish: bool) -> str | Promise:
    """What readers, or a reviewer, get to see of a change; empty where its name says so already."""
    is_copy = line.row is not line.entry
    if wish.kind == Kind.PUBLISH:
        return _with_doubt(line.row, _published(line, is_copy=is_copy))
    if wish.kind == Kind.ARCHIVE and line.entry.state == State.PUBLISHED:
        return _("readers no longer find it; its address says that it was withdrawn")
    if wish.kind not in WORDS:
        return ""
    if line.row.publish_at:
        return _("its planned publication no longer holds: look at it again, then plan it anew")
    if is_copy:
        return ImportRow.Road.COPY.label
    if line.row.state == State.PUBLISHED:
        return (ImportRow.Road.PUBLISH if may_publish else ImportRow.Road.NEW_COPY).label
    return _("readers do not see it")


def _published(line: Line, *, is_copy: bool) -> str | Promise:
    if is_copy:
        return _("its pending copy is published")
    return _("readers see it again") if line.entry.published_at else _("readers see it for the first time")


def _with_doubt(row: Recommendation, what: str | Promise) -> str | Promise:
    if not any(piece.proof in BROKEN for piece in row.evidence.all()):
        return what
    return gettext("%(what)s, with a key phrase that was not found in its source") % {"what": what}


def _says(row: Recommendation, wish: Wish) -> bool:
    """Whether ``row`` says already what a wish about its content would have it say."""
    if wish.kind == Kind.REVIEWED:
        return bool(row.reviewed_on) and str(row.reviewed_on) == wish.day
    present = set(slugs_of(row.terms.all()))
    return present >= set(wish.terms) if wish.kind == Kind.ADD_TERMS else present.isdisjoint(wish.terms)


def changed(document: Document, wish: Wish) -> Document:
    """What a document says after a change of its content."""
    after: Any = copy.deepcopy(document)
    if wish.kind == Kind.REVIEWED:
        after["reviewed_on"] = wish.day
    elif wish.kind == Kind.ADD_TERMS:
        after["terms"] = sorted({*after["terms"], *wish.terms})
    elif wish.kind == Kind.REMOVE_TERMS:
        after["terms"] = [term for term in after["terms"] if term not in wish.terms]
    return after
