"""The one parser and definition of a filter: pages, exports, feeds and the API all read it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property

from common.translation import site_language
from recommendations.facets import Facet, Mode, all_facets
from recommendations.index.keeping import keeper
from recommendations.models import Recommendation
from recommendations.parameters import MAX_ALL_OF, repeated, unknown_parameters
from recommendations.parameters import SORT_KEYS as SORT_KEYS
from recommendations.parameters import plain as plain
from recommendations.query import MAX_QUERY_CHARACTERS, Equivalents, Query, parse
from recommendations.querysets import RecommendationQuerySet
from recommendations.sentences import LeftOut, Refused
from recommendations.spelling import correct
from recommendations.synonyms import equivalents
from recommendations.tokens import Phrase

#: The filter's parameters beside those of the facets.
WORDS = ("q", "include", "sort")
#: What may stand beside a filter in an address: how a page shows what it leaves.
SHOWN = ("view", "rows", "cols", "page", "per_page")


@dataclass(frozen=True, slots=True)
class Selection:
    """The values of one parameter: those that exist, those that do not, and names that have changed."""

    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    moved: dict[str, str] = field(default_factory=dict)


class SelectionField(forms.Field):
    """Any number of slugs; one that does not exist is set apart and named, never an error of the rest."""

    widget = forms.SelectMultiple

    def __init__(self, *, facet: Facet, **kwargs: Any) -> None:
        self.facet = facet
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Selection:
        given = list(dict.fromkeys(v for v in value or [] if v))
        if not given:
            return Selection()
        valid = {option.slug for option in self.facet.options}
        strange = [slug for slug in given if slug not in valid]
        moved = self.facet.moved(strange)
        return Selection(
            known=tuple(slug for slug in given if slug in valid),
            unknown=tuple(slug for slug in strange if slug not in moved),
            moved=moved,
        )


class FacetFilter(django_filters.Filter):
    """One parameter of a facet. ``include=province`` gives the province-wide entries every value, in each mode."""

    field_class = SelectionField

    def __init__(self, facet: Facet, mode: Mode) -> None:
        self.facet, self.mode = facet, mode
        super().__init__(field_name=facet.parameter(mode), label=facet.label, facet=facet)

    def filter(self, qs: Any, value: Selection) -> Any:
        return self.narrow(qs, value, include_province=False)

    def narrow(self, qs: Any, value: Selection, *, include_province: bool) -> Any:
        """``qs`` as the chosen values say. Only names that do not exist: the filter is left out, and named."""
        if not value.known:
            return qs
        if self.mode == Mode.ALL:
            for slug in value.known[:MAX_ALL_OF]:
                qs = qs.filter(self.facet.condition([slug], include_province=include_province))
            return qs
        condition = self.facet.condition(value.known, include_province=include_province)
        return qs.filter(~condition if self.mode == Mode.NOT else condition)


class RecommendationFilterSet(django_filters.FilterSet):
    """Parses ``data`` and narrows ``queryset`` by it.

    Nothing in ``data`` is ever an error: what cannot be applied is named in ``problems`` and left out. ``beside`` are
    the parameters that are known beside the filter's own; ``None`` where somebody else looks after those that are not.

    With ``is_exact`` nothing is replaced: words are searched for as typed, and whoever asks refuses what has
    ``problems``, which say so.
    """

    class Meta:
        model = Recommendation
        fields: list[str] = []

    def __init__(
        self,
        data: QueryDict | None = None,
        queryset: RecommendationQuerySet | None = None,
        *,
        beside: Collection[str] | None = SHOWN,
        is_exact: bool = False,
    ) -> None:
        self.is_exact = is_exact
        #: Whoever knows all that every reader sees as it is now; nobody where something else is asked of.
        self.index = keeper.current() if queryset is None else None
        entries = Recommendation.objects.published() if queryset is None else queryset
        super().__init__(data=QueryDict() if data is None else data, queryset=entries)
        self.beside = beside
        self.facets = self.index.facets() if self.index else all_facets()
        for facet in self.facets:
            for mode in Mode:
                facet_filter = FacetFilter(facet, mode)
                facet_filter.parent, facet_filter.model = self, Recommendation
                self.filters[facet.parameter(mode)] = facet_filter

    @cached_property
    def selections(self) -> dict[str, Selection]:
        """Parameter → what was chosen there; a facet has one for each mode."""
        # Field by field: a form of them all takes longer to make than everything else here.
        return {name: self._selection(name) for facet in self.facets for name in facet.parameters}

    def _selection(self, name: str) -> Selection:
        given = self.data.getlist(name) if name in self.data else []
        chosen: Selection = self.filters[name].field.clean(given) if given else Selection()
        return chosen

    def chosen(self, name: str, mode: Mode = Mode.ANY) -> tuple[str, ...]:
        """The values of the facet ``name`` that were chosen in ``mode`` and exist."""
        known = self.selections[f"{name}{mode}"].known
        return known[:MAX_ALL_OF] if mode == Mode.ALL else known

    @cached_property
    def text(self) -> str:
        """``q`` as typed, cut at the limit, without control characters."""
        return plain(self.data.get("q", "")[:MAX_QUERY_CHARACTERS])

    @cached_property
    def _equivalents(self) -> Equivalents:
        known: Equivalents = self.index.keep("equivalents", equivalents) if self.index else equivalents()
        return known

    @cached_property
    def typed(self) -> Query:
        """``q`` as typed, with the equivalents of its words."""
        return parse(self.text, self._equivalents) if self.text else Query()

    @cached_property
    def corrected_text(self) -> str:
        """What finds something where a word of ``q`` is in no entry: it is searched for instead, unless exactly."""
        return correct(self.text, self.typed, self._finds, self._equivalents) if self.typed.wanted else ""

    def _finds(self, query: Query) -> bool:
        entries: Any = self.queryset
        return bool(self.index.found_by(query)) if self.index else entries.search(query).exists()

    @cached_property
    def query(self) -> Query:
        """What is searched for."""
        if self.is_exact or not self.corrected_text:
            return self.typed
        return parse(self.corrected_text, self._equivalents)

    @property
    def searched(self) -> str:
        """What was searched for, as it would be typed: of too many words the first, of none that can be nothing."""
        text = (not self.is_exact and self.corrected_text) or (self.text if self.typed else "")
        while parse(text).dropped:
            text = text[:-1]
        return text.strip()

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """What is marked in the texts that are found."""
        return self.query.phrases

    @cached_property
    def include_province(self) -> bool:
        return bool(self.data.get("include") == "province")

    @cached_property
    def sort(self) -> str:
        """The order in force, such as ``-updated``; by number, or by relevance where there are words."""
        given = self.data.get("sort", "")
        return given if given.removeprefix("-") in SORT_KEYS else self.default_sort

    @property
    def default_sort(self) -> str:
        return "relevance" if self.query.wanted else "number"

    @property
    def moved(self) -> dict[tuple[str, str], str]:
        """(parameter, former slug) → the slug it has now."""
        return {
            (name, former): now
            for name, selection in self.selections.items()
            for former, now in selection.moved.items()
        }

    @property
    def problems(self) -> list[str]:
        """What was asked for and could not be applied, one sentence each."""
        said = Refused() if self.is_exact else LeftOut()
        strange = [] if self.beside is None else unknown_parameters(self.data, {*self.names, *self.beside})
        values = [line for facet in self.facets for line in said.values(facet.label, *self._unapplied(facet))]
        again = [] if self.beside is None else repeated(self.data, WORDS)
        return [*strange, *values, *said.words(self.data), *said.query(self.data.get("q", ""), self.typed), *again]

    def _unapplied(self, facet: Facet) -> tuple[list[str], int]:
        """The values of ``facet`` that do not exist, and how many are to hold at once."""
        unknown = [value for name in facet.parameters for value in self.selections[name].unknown]
        return unknown, len(self.selections[facet.parameter(Mode.ALL)].known)

    @property
    def names(self) -> list[str]:
        """Its parameters."""
        return [*WORDS, *(name for facet in self.facets for name in facet.parameters)]

    def narrowed(self, *, without: str | Collection[str] = "") -> RecommendationQuerySet:
        """Matching entries, in no order; without a facet (with all its parameters) or ``q``, or several of them."""
        left_out = {without} if isinstance(without, str) else set(without)
        entries: Any = self.queryset
        for name in (name for facet in self.facets if facet.name not in left_out for name in facet.parameters):
            facet_filter: Any = self.filters[name]
            entries = facet_filter.narrow(entries, self.selections[name], include_province=self.include_province)
        found: RecommendationQuerySet = entries.search(self.query) if self.text and "q" not in left_out else entries
        return found

    def filter_queryset(self, queryset: Any) -> Any:
        """Matching entries in the order asked for."""
        return self.narrowed().sorted_by(
            self.sort.removeprefix("-"),
            reverse=self.sort.startswith("-"),
            language=site_language(),
            query=self.query,
        )

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """The filter in its one canonical spelling: known parameters and values only."""
        pairs = [("q", self.text)] if self.text else []
        for facet in self.facets:
            pairs += [(facet.parameter(mode), value) for mode in Mode for value in self.chosen(facet.name, mode)]
        if self.include_province:
            pairs.append(("include", "province"))
        if self.sort != self.default_sort:
            pairs.append(("sort", self.sort))
        return pairs

    @property
    def exact_parameters(self) -> list[tuple[str, str]]:
        """The same for a file or a feed, which answer exactly what they are asked: with what was searched for."""
        searched = [("q", self.searched)] if self.searched else []
        return [*searched, *(pair for pair in self.parameters if pair[0] != "q")]
