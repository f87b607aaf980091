"""Which entries want an editor's eye, and why: the reasons the desk counts and its list of entries is narrowed by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.translation import untranslated
from recommendations.choices import WORDLESS, State
from recommendations.models import EntryVersion, Evidence, Recommendation
from recommendations.querysets import RecommendationQuerySet
from sources.choices import BROKEN

#: So long after it was looked through, an entry is to be looked through again.
REVIEW_AFTER = dt.timedelta(days=180)

Narrow = Callable[[RecommendationQuerySet, Any, dt.date], RecommendationQuerySet]


def waiting(entries: RecommendationQuerySet, user: Any, today: dt.date) -> RecommendationQuerySet:
    """What waits for review, itself or in its pending copy."""
    return entries.filter(Q(state=State.IN_REVIEW) | Q(working_copy__state=State.IN_REVIEW))


def own_drafts(entries: RecommendationQuerySet, user: Any, today: dt.date) -> RecommendationQuerySet:
    """Drafts and pending copies whose words ``user`` wrote last, whoever returned them or changed them with others."""
    versions = EntryVersion.objects.filter(entry=OuterRef("pk")).newest_first()
    written = versions.exclude(step__in=WORDLESS).values("author")[:1]
    drafts = entries.filter(Q(state=State.DRAFT) | Q(working_copy__state=State.DRAFT))
    # What somebody never wrote is not looked at one by one.
    own = drafts.filter(pk__in=EntryVersion.objects.filter(author=user.pk).values("entry"))
    return own.annotate(written_by=Subquery(written)).filter(written_by=user.pk)


def broken_evidence(entries: RecommendationQuerySet, user: Any, today: dt.date) -> RecommendationQuerySet:
    """Entries with a phrase, in them or in their pending copy, that was not found where its locator says."""
    pieces = Evidence.objects.filter(proof__in=BROKEN)
    own = pieces.filter(recommendation=OuterRef("pk"))
    pending = pieces.filter(recommendation__working_copy_of=OuterRef("pk"))
    return entries.exclude(state=State.ARCHIVED).filter(Exists(own) | Exists(pending))


def stale(entries: RecommendationQuerySet, user: Any, today: dt.date) -> RecommendationQuerySet:
    """Published entries that nobody looked through for so long."""
    limit = today - REVIEW_AFTER
    never = Q(reviewed_on__isnull=True, published_at__date__lt=limit)
    return entries.published().filter(Q(reviewed_on__lt=limit) | never)


def _newest() -> Coalesce:
    """The number of an entry's newest version, those of its pending copy included."""
    versions = EntryVersion.objects.filter(entry=OuterRef("pk")).newest_first()
    return Coalesce(Subquery(versions.values("number")[:1]), 0)


def scheduled(entries: RecommendationQuerySet, user: Any, today: dt.date) -> RecommendationQuerySet:
    """Entries for which something is planned that holds, themselves or in their pending copy."""
    holds = Q()
    for own in ("", "working_copy__"):
        holds |= Q(**{f"{own}publish_at__isnull": False, f"{own}scheduled_version__gte": F("newest")})
        holds |= Q(**{f"{own}publish_at__isnull": True, f"{own}withdraw_at__isnull": False})
    return entries.annotate(newest=_newest()).filter(holds)


def schedule_failed(entries: RecommendationQuerySet, user: Any, today: dt.date) -> RecommendationQuerySet:
    """Entries whose plan could not be carried out, or cannot be: they were changed after it was made."""
    off = Q()
    for own in ("", "working_copy__"):
        off |= Q(**{f"{own}schedule_problem__gt": ""})
        off |= Q(**{f"{own}publish_at__isnull": False, f"{own}scheduled_version__lt": F("newest")})
    return entries.annotate(newest=_newest()).filter(off)


def untranslated_entries(entries: RecommendationQuerySet) -> RecommendationQuerySet:
    """Entries with a text, in them or in their copy, that one language lacks; nobody translates archived ones."""
    lacking = untranslated(entries.model) or Q()
    copies = Recommendation.objects.filter(lacking, working_copy_of__isnull=False)
    return entries.exclude(state=State.ARCHIVED).filter(lacking | Q(pk__in=copies.values("working_copy_of")))


#: Reason → what it is called and which entries it concerns.
REASONS: dict[str, tuple[str | Promise, Narrow]] = {
    "review": (_("Waiting for review"), waiting),
    "mine": (_("My drafts"), own_drafts),
    "broken-evidence": (_("Broken evidence"), broken_evidence),
    "stale": (_("Not reviewed for 180 days"), stale),
    "scheduled": (_("Planned"), scheduled),
    "schedule-failed": (_("Plan failed"), schedule_failed),
}
