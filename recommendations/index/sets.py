"""Sets of entries as bitmaps: the same as ``recommendations.sets`` says by queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from recommendations.index.bitmaps import NONE, Held, Index, union
from recommendations.index.keeping import keeper
from recommendations.models import Recommendation
from recommendations.query import Query
from recommendations.querysets import RecommendationQuerySet
from recommendations.sets import Counted, EntrySet, Loading, OrmSet, Value, with_pillars
from recommendations.tokens import Phrase


@dataclass(frozen=True, slots=True)
class IndexSet:
    """Answered by ``index``."""

    index: Index
    members: BitMap

    def having(self, kind: str, *values: Value) -> IndexSet:
        return IndexSet(self.index, self.members & self._any_of(kind, values))

    def without(self, kind: str, *values: Value) -> IndexSet:
        return IndexSet(self.index, self.members - self._any_of(kind, values))

    def _any_of(self, kind: str, values: Iterable[Value]) -> BitMap:
        return union(self.index.values.get(_held(kind, value), NONE) for value in values)

    def found_by(self, query: Query) -> IndexSet:
        return IndexSet(self.index, self.members & self.index.found_by(query))

    def titled(self, phrases: Sequence[Phrase]) -> IndexSet:
        places = (self.index.matches.places(phrase, "title") for phrase in phrases)
        return IndexSet(self.index, self.members & union(places))

    def count(self) -> int:
        return len(self.members)

    def counts(self, kind: str) -> Counted:
        counted = ((value, self.members.intersection_cardinality(bitmap)) for value, bitmap in self._values(kind))
        return {value: number for value, number in counted if number}

    def cross(self, column: str, other: str) -> Counted:
        across = list(self._values(other))
        counted = (
            ((value, beside), here.intersection_cardinality(there))
            for value, bitmap in self._values(column)
            for here in [self.members & bitmap]
            for beside, there in across
        )
        return {pair: number for pair, number in counted if number}

    def _values(self, kind: str) -> Iterator[tuple[Value, BitMap]]:
        """The values there are of ``kind``, each with the entries that have it."""
        for (name, value), bitmap in self.index.values.items():
            if name == kind:
                yield value, bitmap
            elif kind == "city reason" and name.startswith("city "):
                yield (value, name.removeprefix("city ")), bitmap

    def ids(self, limit: int) -> list[int]:
        return self.index.page("number", self.members, 0, limit)

    def first(self, limit: int, loading: Loading | None = None) -> list[Recommendation]:
        return _rows(self.ids(limit), loading)

    def newest(self, limit: int) -> list[Recommendation]:
        return _rows(self.index.page("updated", self.members, 0, limit))

    def last_change(self) -> dt.datetime | None:
        found = Recommendation.objects.filter(pk__in=self.index.page("updated", self.members, 0, 1))
        return found.values_list("changed_at", flat=True).first()

    def by_id(self, start: int, stop: int) -> list[Recommendation]:
        return _rows(list(self.members[start:stop]), RecommendationQuerySet.all)


def _held(kind: str, value: Value) -> Held:
    if kind == "city reason":
        city, reason = value
        return f"city {reason}", city
    return kind, value


def _rows(ids: list[int], loading: Loading | None = None) -> list[Recommendation]:
    """The entries ``ids`` in that order, but for those that are gone meanwhile."""
    rows = (loading or with_pillars)(Recommendation.objects.published()).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def public_set() -> EntrySet:
    """All entries that readers see: by the index where it knows them as they are now, else by queries."""
    index = keeper.current()
    return IndexSet(index, index.entries) if index else OrmSet(Recommendation.objects.published())
