"""Answers to one parsed filter from the index: the same as the ORM's, in a fraction of the time."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any

from django.utils.functional import cached_property
from pyroaring import BitMap

from common.translation import site_language
from recommendations.answers import NEIGHBOUR_LIMIT, Answers, OrmAnswers
from recommendations.facets import AreaFacet, CityFacet, Counts, Facet, Mode, Option
from recommendations.filters import RecommendationFilterSet
from recommendations.index.bitmaps import Index, union
from recommendations.index.keeping import keeper
from recommendations.models import Recommendation


class IndexAnswers:
    """What ``OrmAnswers`` says of public entries, by bitmaps. Counts of a facet ignore its own selection."""

    def __init__(self, filterset: RecommendationFilterSet, index: Index) -> None:
        self.filterset = filterset
        self.index = index
        self._narrowed: dict[str, BitMap] = {}

    # which entries

    def _having(self, facet: Facet, option: Option) -> BitMap:
        found = self.index.having(facet, option)
        return found | self.index.province if self._adds_province(facet) else found

    def _adds_province(self, facet: Facet) -> bool:
        return self.filterset.include_province and isinstance(facet, CityFacet | AreaFacet)

    @cached_property
    def _conditions(self) -> dict[str, BitMap]:
        """Facet (or ``q``) → the entries its part of the filter leaves; facets without a part are left out."""
        left = {}
        for facet in self.filterset.facets:
            parts = self._parts(facet)
            if parts:
                left[facet.name] = reduce(and_, parts)
        if self.filterset.tokens:
            left["q"] = union(self._scores.values())
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

    def narrowed(self, *, without: str = "") -> BitMap:
        """Matching entries; ``without`` leaves one facet (or ``q``) out."""
        if without not in self._conditions:
            without = ""
        if without not in self._narrowed:
            parts = (part for name, part in self._conditions.items() if name != without)
            self._narrowed[without] = reduce(and_, parts, self.index.entries)
        return self._narrowed[without]

    @cached_property
    def _scores(self) -> dict[int, BitMap]:
        """The matches of the words, by relevance; asked of the database once for each state."""
        words = self.filterset.tokens
        query = tuple((token.word, token.is_han) for token in words)
        found = self.index.matches.get(query)
        if found is None:
            entries: Any = Recommendation.objects.published().search(words).with_relevance(words).order_by()
            by_score: dict[int, list[int]] = {}
            for pk, score in entries.values_list("pk", "relevance").iterator(20_000):
                by_score.setdefault(score, []).append(pk)
            found = {score: BitMap(pks) & self.index.entries for score, pks in by_score.items()}
            self.index.matches.keep(query, found)
        return found

    # answers

    def everything(self) -> int:
        """How many entries there are without any filter."""
        return len(self.index.entries)

    def total(self) -> int:
        return len(self.narrowed())

    def total_without(self, name: str) -> int:
        """How many there would be with one facet (or ``q``) left out."""
        return len(self.narrowed(without=name))

    def counts(self, facet: Facet) -> Counts:
        rest = self.narrowed(without=facet.name)
        everywhere = 0
        if self._adds_province(facet):
            everywhere = rest.intersection_cardinality(self.index.province)
            rest = rest - self.index.province
        return {
            option.slug: everywhere + rest.intersection_cardinality(self.index.having(facet, option))
            for option in facet.options
        }

    def cross(self, rows: Facet, columns: Facet) -> dict[tuple[str, str], int]:
        """(slug of a row, slug of a column) → how many of the matching entries have both values, zeros included."""
        matching = self.narrowed()
        across = [(option.slug, self._having(columns, option)) for option in columns.options]
        counted = {}
        for row in rows.options:
            here = matching & self._having(rows, row)
            for slug, column in across:
                counted[row.slug, slug] = here.intersection_cardinality(column)
        return counted

    def ids(self, start: int, stop: int) -> list[int]:
        """The matching entries from place ``start`` up to ``stop`` in the order asked for."""
        matching, stop = self.narrowed(), min(stop, self.total())
        key, is_reversed = self.filterset.sort.removeprefix("-"), self.filterset.sort.startswith("-")
        if start >= stop:
            return []
        if key == "relevance" and self.filterset.tokens:
            return self._by_relevance(matching, start, stop, is_reversed=is_reversed)
        if key in {"number", "relevance"}:
            backwards = is_reversed and key == "number"
            return self.index.orders["number"].page(matching, start, stop, backwards=backwards)
        name = f"title {site_language()}" if key == "title" else key
        return self.index.orders[f"-{name}" if is_reversed else name].page(matching, start, stop)

    def _by_relevance(self, matching: BitMap, start: int, stop: int, *, is_reversed: bool) -> list[int]:
        """By score, equals by number."""
        found: list[int] = []
        before = 0
        for score in sorted(self._scores, reverse=not is_reversed):
            alike = matching & self._scores[score]
            first, last = max(start - before, 0), min(stop - before, len(alike))
            if first < last:
                found += self.index.orders["number"].page(alike, first, last)
            before += len(alike)
        return found

    def entries(self, start: int, stop: int) -> list[Recommendation]:
        """The rows from ``start`` up to ``stop`` in the order asked for, with what a list shows."""
        ids = self.ids(start, stop)
        rows = Recommendation.objects.published().for_list().in_bulk(ids)
        return [rows[pk] for pk in ids if pk in rows]

    def neighbours(self, entry: Recommendation) -> tuple[Recommendation | None, Recommendation | None]:
        """The entries before and after ``entry`` in these results, or none where it is not among them."""
        ids = self.ids(0, NEIGHBOUR_LIMIT) if entry.pk in self.narrowed() else []
        if entry.pk not in ids:
            return None, None
        place = ids.index(entry.pk)
        wanted = [ids[place - 1] if place else 0, ids[place + 1] if place + 1 < len(ids) else 0]
        found = Recommendation.objects.select_related("pillar").in_bulk([pk for pk in wanted if pk])
        return found.get(wanted[0]), found.get(wanted[1])


def answers_for(filterset: RecommendationFilterSet) -> Answers:
    """Whoever answers fastest: the index where it knows the entries asked for as they are now, else the ORM."""
    index = keeper.current() if filterset.is_public else None
    return OrmAnswers(filterset) if index is None else IndexAnswers(filterset, index)
