"""Answers to one parsed filter from the index: the same as the ORM's, in a fraction of the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.utils.functional import cached_property
from pyroaring import BitMap

from common.translation import site_language
from recommendations.answers import NEIGHBOUR_LIMIT, Answers, OrmAnswers
from recommendations.cards import Reference, load_cards
from recommendations.choices import CoverageBasis
from recommendations.cross import Axis, Cell, Cross
from recommendations.facets import Counts, Facet, Mode, Option
from recommendations.filters import RecommendationFilterSet
from recommendations.index.bitmaps import NONE, Index, union
from recommendations.index.loading import page_after, sorting_values
from recommendations.index.matches import Scores, relevance
from recommendations.models import Recommendation
from recommendations.querysets import RecommendationQuerySet


class IndexAnswers:
    """What ``OrmAnswers`` says of public entries, by bitmaps. Counts of a facet ignore its own selection."""

    def __init__(self, filterset: RecommendationFilterSet, index: Index) -> None:
        self.filterset = filterset
        self.index = index
        self._narrowed: dict[frozenset[str], BitMap] = {}

    # which entries

    def _having(self, facet: Facet, option: Option) -> BitMap:
        found = self.index.having(facet, option)
        return found | self.index.province if self._adds_province(facet) else found

    def _adds_province(self, facet: Facet) -> bool:
        return self.filterset.include_province and facet.is_place

    @cached_property
    def _conditions(self) -> dict[str, BitMap]:
        """Facet (or ``q``) → the entries its part of the filter leaves; facets without a part are left out."""
        left = {}
        for facet in self.filterset.facets:
            parts = self._parts(facet)
            if parts:
                left[facet.name] = reduce(and_, parts)
        if self.filterset.query:
            left["q"] = self.index.found_by(self.filterset.query)
        return left

    def _parts(self, facet: Facet) -> list[BitMap]:
        options = {option.slug: option for option in facet.options}
        chosen = {
            mode: [self._having(facet, options[slug]) for slug in self.filterset.chosen(facet.name, mode)]
            for mode in Mode
        }
        parts = [union(chosen[Mode.ANY])] if chosen[Mode.ANY] else []
        parts += chosen[Mode.ALL]
        return [*parts, self.index.entries - union(chosen[Mode.NOT])] if chosen[Mode.NOT] else parts

    def narrowed(self, *without: str) -> BitMap:
        """Matching entries; what stands in ``without``, facets or ``q``, is left out."""
        left_out = frozenset(name for name in without if name in self._conditions)
        if left_out not in self._narrowed:
            parts = (part for name, part in self._conditions.items() if name not in left_out)
            self._narrowed[left_out] = reduce(and_, parts, self.index.entries)
        return self._narrowed[left_out]

    @cached_property
    def _scores(self) -> Scores:
        """The matches of the words, by relevance."""
        return relevance(self.filterset.query, self.index.matches, self.narrowed())

    # answers

    def everything(self) -> int:
        """How many entries there are without any filter."""
        return len(self.index.entries)

    def total(self) -> int:
        return len(self.narrowed())

    def total_without(self, name: str) -> int:
        """How many there would be with one facet (or ``q``) left out."""
        return len(self.narrowed(name))

    def counts(self, facet: Facet) -> Counts:
        rest = self.narrowed(facet.name)
        everywhere = 0
        if self._adds_province(facet):
            everywhere = rest.intersection_cardinality(self.index.province)
            rest = rest - self.index.province
        return {
            option.slug: everywhere + rest.intersection_cardinality(self.index.having(facet, option))
            for option in facet.options
        }

    def cross(self, rows: Axis, cols: Axis) -> Cross:
        """Each pair of values with what the filter has of both; the two facets' own selections are left out."""
        rest = self.narrowed(rows.facet.name, cols.facet.name)
        if rows.facet.has_reasons or not cols.facet.has_reasons:
            return self._cross(rest, rows, cols)
        return {(row, col): cell for (col, row), cell in self._cross(rest, cols, rows).items()}

    def _cross(self, rest: BitMap, rows: Axis, cols: Axis) -> Cross:
        """The same; the reasons, if any, are those of the rows."""
        across = [(option.slug, self.index.having(cols.facet, option)) for option in _options(cols)]
        cells: Cross = {}
        for row in _options(rows):
            here = rest & self.index.having(rows.facet, row)
            reasons = self._reasons(rest, rows.facet, row)
            besides = self._besides(rest, here, rows.facet, cols.facet)
            for slug, column in across:
                cell = cells[row.slug, slug] = Cell(here.intersection_cardinality(column))
                if cell.count:
                    counted = ((basis, part.intersection_cardinality(column)) for basis, part in reasons)
                    cell.reasons = {basis: number for basis, number in counted if number}
                cell.besides = besides(column)
                cell.count += cell.besides if self.filterset.include_province else 0
        return cells

    def _reasons(self, rest: BitMap, facet: Facet, option: Option) -> list[tuple[str, BitMap]]:
        """Coverage basis → those of ``rest`` that touch the city ``option`` for it; nothing of other facets."""
        if not facet.has_reasons or option.pk is None:
            return []
        parts = [(basis, rest & self.index.covering(option.pk, basis)) for basis in CoverageBasis.values]
        return [(basis, part) for basis, part in parts if part]

    def _besides(self, rest: BitMap, here: BitMap, row: Facet, col: Facet) -> Callable[[BitMap], int]:
        """For a column, how many province-wide entries have the value that is no place, but not both; 0 of no place."""
        if not (row.is_place or col.is_place):
            return lambda column: 0
        own = here & self.index.province
        wide = self.index.province & (rest if row.is_place else here)
        if col.is_place:
            number = len(wide)
            return lambda column: number - own.intersection_cardinality(column)
        return lambda column: wide.intersection_cardinality(column) - own.intersection_cardinality(column)

    def ids(self, start: int, stop: int) -> list[int]:
        """The matching entries from place ``start`` up to ``stop`` in the order asked for."""
        stop = min(stop, self.total())
        if start >= stop:
            return []
        if self._order == "relevance":
            return self._by_relevance(start, stop)
        return self.index.page(self._order, self.narrowed(), start, stop)

    @cached_property
    def _order(self) -> str:
        """The order asked for, as the index calls it. Without words nothing is more relevant than another."""
        key, sign = self.filterset.sort.removeprefix("-"), self.filterset.sort[: self._is_reversed]
        if key == "relevance":
            return "relevance" if self.filterset.query.wanted else "number"
        return f"{sign}title {site_language()}" if key == "title" else f"{sign}{key}"

    @property
    def _is_reversed(self) -> bool:
        return self.filterset.sort.startswith("-")

    def _by_relevance(self, start: int, stop: int) -> list[int]:
        """By score, equals by number."""
        found: list[int] = []
        before = 0
        for score in sorted(self._scores, reverse=not self._is_reversed):
            alike = self._scores[score]
            first, last = max(start - before, 0), min(stop - before, len(alike))
            if first < last:
                found += self.index.page("number", alike, first, last)
            before += len(alike)
        return found

    def entries(self, start: int, stop: int) -> list[Recommendation]:
        """The rows from ``start`` up to ``stop`` in the order asked for, with what a list shows."""
        found = _rows(Recommendation.objects.for_list(), self.ids(start, stop))
        reference = self.index.keep("reference", Reference.read)
        for entry in found:
            entry.looks = reference.looks  # type: ignore[attr-defined]
        return found

    def newest(self, start: int, stop: int) -> list[Recommendation]:
        """The rows from ``start`` up to ``stop`` by their newest public change, with their pillars."""
        ids = self.index.page("updated", self.narrowed(), start, stop)
        return _rows(Recommendation.objects.select_related("pillar"), ids)

    def after(self, values: Sequence[Any], size: int) -> list[Recommendation]:
        """Up to ``size`` rows, as ``entries`` gives them, that come after one with these values of what sorts them."""
        return _rows(Recommendation.objects.for_list(), self.ids_after(values, size))

    def ids_after(self, values: Sequence[Any], size: int) -> list[int]:
        """Their ids."""
        if self._order != "relevance":
            return page_after(self.index, self._order, self.narrowed(), values, size)
        score, *place = values
        found = page_after(self.index, "number", self._scores.get(score, NONE), place, size)
        for later in sorted(self._scores, reverse=not self._is_reversed):
            if (later > score) if self._is_reversed else (later < score):
                found += self.index.page("number", self._scores[later], 0, size - len(found))
        return found

    def values_of(self, pk: int) -> list[Any]:
        """The values that sort the entry ``pk``, as ``after`` takes them; empty where it is gone."""
        if self._order != "relevance":
            return sorting_values(self._order, pk)
        place = sorting_values("number", pk)
        return next(([score, *place] for score, alike in self._scores.items() if place and pk in alike), [])

    def cards(self, start: int, stop: int) -> list[Recommendation]:
        """The same, with no more than a card shows that marks no words."""
        try:
            return load_cards(self.ids(start, stop), self.index.keep("reference", Reference.read))
        except KeyError:  # something was added to the reference data meanwhile
            return self.entries(start, stop)

    def neighbours(self, entry: Recommendation) -> tuple[Recommendation | None, Recommendation | None]:
        """The entries before and after ``entry`` in these results, or none where it is not among them."""
        ids = self.ids(0, NEIGHBOUR_LIMIT) if entry.pk in self.narrowed() else []
        if entry.pk not in ids:
            return None, None
        place = ids.index(entry.pk)
        wanted = [ids[place - 1] if place else 0, ids[place + 1] if place + 1 < len(ids) else 0]
        found = Recommendation.objects.select_related("pillar").in_bulk([pk for pk in wanted if pk])
        return found.get(wanted[0]), found.get(wanted[1])


def _rows(rows: RecommendationQuerySet, ids: list[int]) -> list[Recommendation]:
    """The published ones of ``ids``, in that order, with what ``rows`` loads beside them."""
    found = rows.published().in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _options(axis: Axis) -> list[Option]:
    """The values asked for."""
    slugs = set(axis.slugs)
    return [option for option in axis.facet.options if option.slug in slugs]


def answers_for(filterset: RecommendationFilterSet) -> Answers:
    """Whoever answers fastest: the index where it knows the entries asked for as they are now, else the ORM."""
    return IndexAnswers(filterset, filterset.index) if filterset.index else OrmAnswers(filterset)
