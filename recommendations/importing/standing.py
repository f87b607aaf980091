"""What entries say now, many at a time: their rows, their links, and the version readers see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from recommendations.importing.tables import LINK, PASSAGE, Related, Terms
from recommendations.models import CityLink, EntryVersion, Evidence, Recommendation
from recommendations.querysets import EntryVersionQuerySet
from recommendations.snapshot import SCHEMA, TEXT_COLUMNS, Document


@dataclass(slots=True)
class Standing:
    """One entry as it stands, held until the transaction ends.

    ``now`` is what its rows say, ``pending`` what those of its working copy say; ``said`` is what the version says
    that readers see, or the newest where they see none. ``public`` is the id of the former; ``last`` is the highest
    number of one.
    """

    entry: Recommendation
    now: Document
    pending: Document | None = None
    said: Document | None = None
    public: int | None = None
    last: int = 0
    related: dict[str, int] = field(default_factory=dict)
    terms: set[int] = field(default_factory=set)


def hold(ids: Iterable[int]) -> dict[int, Standing]:
    """Hold these entries, and read what they say: id → standing, of those there are."""
    held = Recommendation.objects.select_for_update(no_key=True, of=("self",)).select_related("report", "pillar")
    entries = {entry.pk: entry for entry in held.filter(pk__in=list(ids)).order_by("pk")}
    if not entries:
        return {}
    copies = {
        copy.working_copy_of_id: copy
        for copy in Recommendation.objects.select_related("report", "pillar").filter(working_copy_of__in=entries)
    }
    lists = _Lists([*entries, *(copy.pk for copy in copies.values())])
    found = {}
    for pk, entry in entries.items():
        standing = Standing(entry, lists.document(entry, entry))
        standing.related, standing.terms = lists.related[pk], lists.terms[pk]
        if pk in copies:
            standing.pending = lists.document(copies[pk], entry)
        found[pk] = standing
    _read_versions(found)
    return found


def current_versions(ids: Iterable[int]) -> EntryVersionQuerySet:
    """Of these entries the versions readers see and the newest ones, with the highest number as ``last``."""
    newest = EntryVersion.objects.filter(entry=OuterRef("entry")).newest_first().values("number")[:1]
    rows = EntryVersion.objects.filter(entry__in=list(ids)).annotate(last=Subquery(newest))
    return rows.filter(Q(public_from__isnull=False, public_until__isnull=True) | Q(number=F("last")))


def _read_versions(found: dict[int, Standing]) -> None:
    columns = ("entry_id", "pk", "document", "last", "public_from", "public_until")
    for entry, pk, said, last, since, until in current_versions(found).values_list(*columns):
        standing = found[entry]
        standing.last = last
        if since is not None and until is None:
            standing.public = pk
        elif standing.public is not None:
            continue
        standing.said = said


class _Lists:
    """The links of entries, a query a table."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.terms: dict[int, set[int]] = defaultdict(set)
        self.pairs: dict[int, list[str]] = defaultdict(list)
        self.related: dict[int, dict[str, int]] = defaultdict(dict)
        self.evidence: dict[int, list[Document]] = defaultdict(list)
        self.cities: dict[int, list[Document]] = defaultdict(list)
        terms = Terms._default_manager.filter(recommendation__in=ids)
        for pk, term, vocabulary, slug in terms.values_list(
            "recommendation_id", "term_id", "term__vocabulary__slug", "term__slug"
        ):
            self.terms[pk].add(term)
            self.pairs[pk].append(f"{vocabulary}/{slug}")
        related = Related._default_manager.filter(from_recommendation__in=ids, to_recommendation__slug__isnull=False)
        for pk, other, slug in related.values_list(
            "from_recommendation_id", "to_recommendation_id", "to_recommendation__slug"
        ):
            self.related[pk][slug] = other
        passages = Evidence.objects.filter(recommendation__in=ids).order_by("position", "pk")
        for pk, *cells in passages.values_list("recommendation_id", "section__source__slug", "section__code", *PASSAGE):
            self.evidence[pk].append(_named(("source", "section", *PASSAGE), cells))
        links = CityLink.objects.filter(recommendation__in=ids).order_by("pk")
        for pk, *cells in links.values_list("recommendation_id", "city__slug", *LINK):
            self.cities[pk].append(_named(("city", *LINK), cells))

    def document(self, row: Recommendation, entry: Recommendation) -> Document:
        """What ``snapshot`` makes of ``row``, under the name of ``entry``."""
        return {
            "schema": SCHEMA, "report": row.report.slug, "number": entry.number, "slug": entry.slug,
            "pillar": row.pillar.slug if row.pillar_id else "", "basis": row.basis, "reach": row.reach,
            "reviewed_on": row.reviewed_on.isoformat() if row.reviewed_on else None,
            "texts": {column: getattr(row, column) for column in TEXT_COLUMNS},
            "terms": sorted(self.pairs[row.pk]), "related": sorted(self.related[row.pk]),
            "evidence": self.evidence[row.pk],
            "cities": sorted(self.cities[row.pk], key=lambda link: str(link["city"])),
        }  # fmt: skip


def _named(names: Sequence[str], cells: Sequence[Any]) -> Document:
    return dict(zip(names, cells, strict=True))
