"""Reads of the heart: which entries a reader may see, in what order, found by which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Prefetch, Q, Value
from django.db.models.functions import Coalesce

from recommendations import fulltext
from recommendations.choices import State, Step
from recommendations.query import Query

if TYPE_CHECKING:
    from recommendations.models import CityLink, EntryVersion, Evidence, Recommendation

#: A query that asks for nothing.
NOTHING = Query()
#: What the natural key of a working copy ends in, after the slug of its original.
COPY_MARK = "/working-copy"
#: Steps that end what a reviewer had asked for, and the one that asks.
DECISIONS = (Step.RETURNED, Step.SUBMITTED, Step.PUBLISHED, Step.ARCHIVED, Step.UNARCHIVED, Step.DISCARDED)


def named(key: str, prefix: str = "") -> Q:
    """The entry or working copy with the natural key ``key``; ``prefix`` is the way there."""
    original = key.removesuffix(COPY_MARK)
    return Q(**{f"{prefix}slug" if original == key else f"{prefix}working_copy_of__slug": original})


def by_title(language: str) -> Coalesce:
    """What entries are sorted by as to their title; one that has no key yet comes first on both databases."""
    column = "search_text__title_key_zh_hans" if language == "zh-hans" else "search_text__title_key_en"
    return Coalesce(column, Value(b""), output_field=models.BinaryField())


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def get_by_natural_key(self, key: str) -> Recommendation:
        return self.get(named(key))

    def published(self) -> RecommendationQuerySet:
        """What readers see."""
        return self.filter(state=State.PUBLISHED, working_copy_of__isnull=True)

    def withdrawn(self) -> RecommendationQuerySet:
        """What readers once saw and no longer do: archived, or out of the archive and not yet published again."""
        return self.filter(published_at__isnull=False, working_copy_of__isnull=True).exclude(state=State.PUBLISHED)

    def entries(self) -> RecommendationQuerySet:
        """Every entry in whatever state, working copies left out."""
        return self.filter(working_copy_of__isnull=True)

    def visible_to(self, user: Any) -> RecommendationQuerySet:
        """What ``user`` may open by its address: signed-in staff also drafts and archived entries."""
        return self.entries() if user.is_active and user.is_staff else self.published()

    def search(self, query: Query) -> RecommendationQuerySet:
        """Entries that ``query`` finds, in either language; all of them where it asks for nothing."""
        return self.filter(fulltext.matching(query)) if query else self

    def with_relevance(self, query: Query) -> RecommendationQuerySet:
        """Adds ``relevance``, larger for a better match (``recommendations.fulltext.relevance``)."""
        return self.annotate(relevance=fulltext.relevance(query))

    def in_order(self) -> RecommendationQuerySet:
        """By report, then number: the order every other order ends in."""
        return self.order_by("report_id", "number", "pk")

    def sorted_by(
        self, key: str, *, reverse: bool = False, language: str = "en", query: Query = NOTHING
    ) -> RecommendationQuerySet:
        """Sorted by ``number``, ``title``, ``updated`` (newest first) or ``relevance`` (best first)."""
        found: Any = self
        last = ["report_id", "number", "pk"]
        if key == "number":
            return self.order_by(*[f"-{field}" for field in last]) if reverse else self.in_order()
        if key == "relevance" and not query.wanted:
            return self.in_order()  # all alike; PostgreSQL takes a constant to sort by for the number of a column
        if key == "title":
            title = by_title(language)
            first: Any = title.desc() if reverse else title.asc()
        elif key == "updated":
            moment = Coalesce("changed_at", "created_at")
            first = moment.asc() if reverse else moment.desc()
        elif key == "relevance":
            found = self.with_relevance(query)
            first = F("relevance").asc() if reverse else F("relevance").desc()
        else:
            raise ValueError(f"no such order: {key}")
        ordered: RecommendationQuerySet = found.order_by(first, *last)
        return ordered

    def for_list(self) -> RecommendationQuerySet:
        """With what a row of a list shows: pillar, terms, cities it is linked to."""
        from recommendations.models import CityLink, Coverage, Evidence
        from themes.models import Term

        return self.select_related("pillar", "report").prefetch_related(
            Prefetch("terms", Term.objects.select_related("vocabulary").in_order()),
            Prefetch("city_links", CityLink.objects.in_order()),
            Prefetch("evidence", Evidence.objects.in_order()),
            Prefetch("coverage", Coverage.objects.select_related("city").order_by("city_id")),
        )

    def for_detail(self) -> RecommendationQuerySet:
        """With everything one entry's page shows."""
        from recommendations.models import Coverage, Recommendation
        from themes.models import Term

        terms = Prefetch("terms", Term.objects.select_related("vocabulary").in_order())
        checkpoints: Any = Recommendation.checkpoints.rel.related_model._default_manager
        steps = Prefetch("checkpoints", checkpoints.in_order())
        coverage = Prefetch("coverage", Coverage.objects.select_related("city").order_by("city_id"))
        related = Recommendation.objects.published().select_related("pillar").in_order()
        related = related.prefetch_related(terms, coverage, steps)
        return self.for_list().select_related("report__source").prefetch_related(Prefetch("related", related))


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def get_by_natural_key(self, entry: str, source: str, code: str, paragraph: str, key_phrase: str) -> Evidence:
        return self.get(
            named(entry, "recommendation__"),
            section__source__slug=source,
            section__code=code,
            paragraph=paragraph,
            key_phrase=key_phrase,
        )

    def in_order(self) -> EvidenceQuerySet:
        return self.select_related("section__source").order_by("position", "pk")


class CityLinkQuerySet(models.QuerySet["CityLink"]):
    def get_by_natural_key(self, entry: str, city: str) -> CityLink:
        return self.get(named(entry, "recommendation__"), city__slug=city)

    def in_order(self) -> CityLinkQuerySet:
        return self.select_related("city").order_by("city_id", "pk")


class EntryVersionQuerySet(models.QuerySet["EntryVersion"]):
    def get_by_natural_key(self, entry: str, number: int) -> EntryVersion:
        return self.get(named(entry, "entry__"), number=number)

    def newest_first(self) -> EntryVersionQuerySet:
        return self.order_by("-number", "-pk")

    def newest_number(self, entry: Recommendation) -> int:
        """The number of the newest version of ``entry``, those of its working copy included; 0 where there is none."""
        of_both = self.filter(entry=entry.working_copy_of_id or entry.pk)
        return of_both.newest_first().values_list("number", flat=True).first() or 0

    def returned(self, row: Recommendation) -> EntryVersion | None:
        """The version in which a reviewer returned ``row``, a draft, where nothing was decided since; with who did."""
        if row.state != State.DRAFT:
            return None
        decided = self.filter(entry=row.working_copy_of_id or row.pk, step__in=DECISIONS)
        newest = decided.select_related("author").newest_first().first()
        return newest if newest and newest.step == Step.RETURNED else None

    def ever_public(self) -> EntryVersionQuerySet:
        """Versions that readers once saw."""
        return self.filter(public_from__isnull=False)

    def public_now(self) -> EntryVersionQuerySet:
        return self.filter(public_from__isnull=False, public_until__isnull=True)
