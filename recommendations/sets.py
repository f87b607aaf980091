"""Some of the entries that readers see, by what they have: counted and listed for pages that tell of them.

The queries here are the definition; ``recommendations.index.sets`` says the same from bitmaps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.db.models import Count, Exists, Max, OuterRef, Q

from recommendations import fulltext
from recommendations.models import Coverage, Evidence, Recommendation
from recommendations.query import Query
from recommendations.querysets import RecommendationQuerySet
from recommendations.tokens import Phrase

#: What an entry has: a key of the database, a value of a closed list; (city, reason) of the kind "city reason".
Value = Any
Counted = dict[Value, int]
#: Loads with entries what a page shows of them.
Loading = Callable[[RecommendationQuerySet], RecommendationQuerySet]

#: Kind of value → the column of the entry that has it.
COLUMNS = {"basis": "basis", "reach": "reach", "status": "status", "pillar": "pillar_id", "report": "report_id"}
#: Kind of value → the table that ties entries to several of them, and the columns of the value.
TIES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "term": (Recommendation.terms.through, ("term_id",)),
    "source": (Evidence, ("section__source_id",)),
    "section": (Evidence, ("section_id",)),
    "city": (Coverage, ("city_id",)),
    "city reason": (Coverage, ("city_id", "basis")),
}


class EntrySet(Protocol):
    """Some of the entries that readers see. ``kind`` is one of ``COLUMNS`` and ``TIES``."""

    def having(self, kind: str, *values: Value) -> EntrySet:
        """Those with any of ``values``."""

    def without(self, kind: str, *values: Value) -> EntrySet:
        """Those with none of ``values``."""

    def found_by(self, query: Query) -> EntrySet:
        """Those that ``query`` finds."""

    def titled(self, phrases: Sequence[Phrase]) -> EntrySet:
        """Those with any of ``phrases`` in their title."""

    def count(self) -> int:
        """How many there are."""

    def counts(self, kind: str) -> Counted:
        """Value → how many have it; those that none has are left out."""

    def cross(self, column: str, other: str) -> Counted:
        """(Value, value of another column) → how many have both; pairs that none has are left out."""

    def ids(self, limit: int) -> list[int]:
        """The first of them by report and number."""

    def first(self, limit: int, loading: Loading | None = None) -> list[Recommendation]:
        """The same as rows, with their pillars if nothing else is to be loaded."""

    def newest(self, limit: int) -> list[Recommendation]:
        """Those whose public text changed last, with their pillars."""

    def last_change(self) -> dt.datetime | None:
        """When the public text of one of them changed last."""

    def by_id(self, start: int, stop: int) -> list[Recommendation]:
        """The rows from place ``start`` up to ``stop`` as their ids run, with nothing beside them."""


@dataclass(frozen=True, slots=True)
class OrmSet:
    """Asked of the database."""

    rows: RecommendationQuerySet

    def having(self, kind: str, *values: Value) -> OrmSet:
        return OrmSet(self.rows.filter(_condition(kind, values)))

    def without(self, kind: str, *values: Value) -> OrmSet:
        if kind in COLUMNS:
            return OrmSet(self.rows.exclude(_condition(kind, values)))
        model, tied = _tied(kind, values)
        # PostgreSQL makes a list of a subquery for NOT IN, and walks it for every row where that is long.
        return OrmSet(self.rows.exclude(Exists(model._default_manager.filter(tied, recommendation=OuterRef("pk")))))

    def found_by(self, query: Query) -> OrmSet:
        return OrmSet(self.rows.search(query))

    def titled(self, phrases: Sequence[Phrase]) -> OrmSet:
        return OrmSet(self.rows.filter(fulltext.in_title(phrases)))

    def count(self) -> int:
        return self.rows.order_by().count()

    def counts(self, kind: str) -> Counted:
        if kind in COLUMNS:
            rows: Any = self.rows.order_by().values_list(COLUMNS[kind])
            return dict(rows.annotate(Count("pk")))
        model, columns = TIES[kind]
        tied = model._default_manager.filter(recommendation__in=self.rows.order_by().values("pk"))
        counted = tied.order_by().values_list(*columns).annotate(Count("recommendation", distinct=True))
        return {value[0] if len(value) == 1 else tuple(value): number for *value, number in counted}

    def cross(self, column: str, other: str) -> Counted:
        rows: Any = self.rows.order_by().values_list(COLUMNS[column], COLUMNS[other])
        return {(value, beside): number for value, beside, number in rows.annotate(Count("pk"))}

    def ids(self, limit: int) -> list[int]:
        return list(self.rows.in_order().values_list("pk", flat=True)[:limit])

    def first(self, limit: int, loading: Loading | None = None) -> list[Recommendation]:
        return list((loading or with_pillars)(self.rows).in_order()[:limit])

    def newest(self, limit: int) -> list[Recommendation]:
        return list(with_pillars(self.rows).sorted_by("updated")[:limit])

    def last_change(self) -> dt.datetime | None:
        newest: dt.datetime | None = self.rows.order_by().aggregate(newest=Max("changed_at"))["newest"]
        return newest

    def by_id(self, start: int, stop: int) -> list[Recommendation]:
        return list(self.rows.order_by("pk")[start:stop])


def with_pillars(entries: RecommendationQuerySet) -> RecommendationQuerySet:
    """What a line of a list shows."""
    return entries.select_related("pillar")


def _condition(kind: str, values: tuple[Value, ...]) -> Q:
    """Entries with any of ``values``."""
    if kind in COLUMNS:
        return Q(**{f"{COLUMNS[kind]}__in": values})
    model, tied = _tied(kind, values)
    return Q(pk__in=model._default_manager.filter(tied).values("recommendation"))


def _tied(kind: str, values: tuple[Value, ...]) -> tuple[Any, Q]:
    """The table of ``kind``, and which of its rows have any of ``values``."""
    model, columns = TIES[kind]
    if len(columns) == 1:
        return model, Q(**{f"{columns[0]}__in": values})
    return model, reduce(or_, (Q(**dict(zip(columns, value, strict=True))) for value in values), Q(pk__in=()))
