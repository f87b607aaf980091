"""Entries as they are now, many at a time: what an editor would find in the form, and which version that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Max, Prefetch

from recommendations.choices import State
from recommendations.models import CityLink, EntryVersion, Evidence, Recommendation
from recommendations.querysets import RecommendationQuerySet
from recommendations.snapshot import Document, snapshot_as_loaded
from themes.models import Term


@dataclass(frozen=True, slots=True)
class Present:
    """An entry, its pending copy, and what an editor finds there; the version that says so, the newest one's number."""

    entry: Recommendation
    copy: Recommendation | None
    document: Document
    shown: EntryVersion | None
    newest: int

    @property
    def rows(self) -> list[Recommendation]:
        """The entry, and its copy where there is one."""
        return [self.entry, self.copy] if self.copy else [self.entry]


def _loaded(found: RecommendationQuerySet) -> RecommendationQuerySet:
    return found.select_related("report", "pillar", "working_copy_of").prefetch_related(
        Prefetch("terms", Term.objects.select_related("vocabulary")),
        Prefetch("evidence", Evidence.objects.in_order()),
        Prefetch("city_links", CityLink.objects.in_order()),
        Prefetch("related", Recommendation.objects.only("slug")),
    )


def newest_numbers(ids: Collection[int]) -> dict[int, int]:
    """Entry id → the number of its newest version, pending copies included."""
    versions = EntryVersion.objects.filter(entry__in=ids).order_by()
    return dict(versions.values_list("entry").annotate(Max("number")))


def present(ids: Collection[int]) -> dict[int, Present]:
    """Entry id → how it is now."""
    entries = {entry.pk: entry for entry in _loaded(Recommendation.objects.filter(pk__in=ids))}
    copies: dict[int, Recommendation] = {}
    for pending in _loaded(Recommendation.objects.filter(working_copy_of__in=ids)):
        copies[pending.working_copy_of_id or 0] = pending
    versions: dict[int, list[EntryVersion]] = defaultdict(list)
    for version in EntryVersion.objects.filter(entry__in=ids).defer("document").select_related("author").newest_first():
        versions[version.entry_id].append(version)
    found = {}
    for pk, entry in entries.items():
        copy, own = copies.get(pk), versions[pk]
        document = snapshot_as_loaded(copy or entry)
        found[pk] = Present(entry, copy, document, _shown(entry, copy, own), own[0].number if own else 0)
    return found


def _shown(entry: Recommendation, copy: Recommendation | None, newest_first: list[EntryVersion]) -> EntryVersion | None:
    """The version that says what an editor sees: not always the newest, as pending copies have versions too."""
    if copy is not None:
        for version in newest_first:
            if version.created_at >= copy.created_at and version.state != State.PUBLISHED:
                return version
    if copy is not None or entry.state == State.PUBLISHED:
        return next((v for v in newest_first if v.public_from and not v.public_until), None)
    return newest_first[0] if newest_first else None
