"""What a page asks of the body of entries. The ORM answers here; a faster index answers the same questions."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Protocol, overload

from django.utils.functional import cached_property

from recommendations.cross import Axis, Cross, cross
from recommendations.facets import Counts, Facet
from recommendations.filters import RecommendationFilterSet
from recommendations.models import Recommendation

#: How far into a reader's results the neighbours of an entry are looked for.
NEIGHBOUR_LIMIT = 2_000


class Answers(Protocol):
    """Answers to one parsed filter. Counts of a facet ignore that facet's own selection."""

    def everything(self) -> int: ...
    def total(self) -> int: ...
    def total_without(self, name: str) -> int: ...
    def counts(self, facet: Facet) -> Counts: ...
    def ids(self, start: int, stop: int) -> list[int]: ...
    def entries(self, start: int, stop: int) -> list[Recommendation]: ...
    def cards(self, start: int, stop: int) -> list[Recommendation]: ...
    def newest(self, start: int, stop: int) -> list[Recommendation]: ...
    def after(self, values: Sequence[Any], size: int) -> list[Recommendation] | None: ...
    def values_of(self, pk: int) -> list[Any] | None: ...
    def neighbours(self, entry: Recommendation) -> tuple[Recommendation | None, Recommendation | None]: ...
    def cross(self, rows: Axis, cols: Axis) -> Cross: ...


class Rows(Sequence[Recommendation]):
    """What a paginator needs of a list, asked of the answers only for the page at hand."""

    def __init__(self, rows: Callable[[int, int], list[Recommendation]], total: int) -> None:
        self.rows = rows
        self.total = total

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, key: int) -> Recommendation: ...
    @overload
    def __getitem__(self, key: slice) -> list[Recommendation]: ...
    def __getitem__(self, key: int | slice) -> Recommendation | list[Recommendation]:
        if isinstance(key, int):
            return self.rows(key, key + 1)[0]
        start, stop, _step = key.indices(self.total)
        return self.rows(start, stop)


class OrmAnswers:
    """The definition: plain queries, each as the grammar says it."""

    def __init__(self, filterset: RecommendationFilterSet) -> None:
        self.filterset = filterset

    def everything(self) -> int:
        """How many entries there are without any filter."""
        count: int = self.filterset.queryset.count()
        return count

    def total(self) -> int:
        return self.filterset.narrowed().count()

    def total_without(self, name: str) -> int:
        """How many there would be with one facet (or ``q``) left out."""
        return self.filterset.narrowed(without=name).count()

    def counts(self, facet: Facet) -> Counts:
        narrowed = self.filterset.narrowed(without=facet.name)
        return facet.counts(narrowed, include_province=self.filterset.include_province)

    def ids(self, start: int, stop: int) -> list[int]:
        """The matching entries from place ``start`` up to ``stop`` in the order asked for, as they were at first."""
        return self._ids[start:stop].tolist()

    @cached_property
    def _ids(self) -> array[int]:
        return array("q", self.filterset.qs.values_list("pk", flat=True).iterator(chunk_size=10_000))

    def entries(self, start: int, stop: int) -> list[Recommendation]:
        """The rows from ``start`` up to ``stop`` in the order asked for, with what a list shows."""
        return list(self.filterset.qs.for_list()[start:stop])

    def cards(self, start: int, stop: int) -> list[Recommendation]:
        """The same, with no more than a card shows that marks no words."""
        return self.entries(start, stop)

    def newest(self, start: int, stop: int) -> list[Recommendation]:
        """The rows from ``start`` up to ``stop`` by their newest public change, with their pillars."""
        return list(self.filterset.narrowed().sorted_by("updated").select_related("pillar")[start:stop])

    def after(self, values: Sequence[Any], size: int) -> list[Recommendation] | None:
        """Up to ``size`` rows, as ``entries`` gives them, that come after one with these values of what sorts them.

        ``None`` where there is no quicker way than to ask ``filterset.qs``.
        """
        return None

    def values_of(self, pk: int) -> list[Any] | None:
        """The values that sort the entry ``pk``, empty where it is gone; ``None`` as above."""
        return None

    def cross(self, rows: Axis, cols: Axis) -> Cross:
        """Each pair of values with what the filter has of both; the two facets' own selections are left out."""
        entries = self.filterset.narrowed(without=(rows.facet.name, cols.facet.name))
        return cross(entries, rows, cols, include_province=self.filterset.include_province)

    def neighbours(self, entry: Recommendation) -> tuple[Recommendation | None, Recommendation | None]:
        """The entries before and after ``entry`` in these results, or none where it is not among them."""
        pks = list(self.filterset.qs.values_list("pk", flat=True)[:NEIGHBOUR_LIMIT])
        if entry.pk not in pks:
            return None, None
        place = pks.index(entry.pk)
        wanted = [pks[place - 1] if place else None, pks[place + 1] if place + 1 < len(pks) else None]
        found = Recommendation.objects.select_related("pillar").in_bulk([pk for pk in wanted if pk])
        return found.get(wanted[0] or 0), found.get(wanted[1] or 0)
