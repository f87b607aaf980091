"""One reader's view of the entries: what the browse page shows, and the address of every step from there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from recommendations.answers import Answers, Rows
from recommendations.choices import Basis
from recommendations.facets import Facet, Label, Mode
from recommendations.filters import SHOWN, RecommendationFilterSet, plain
from recommendations.hints import Hints
from recommendations.index.answers import answers_for
from recommendations.matrix import Matrix
from recommendations.menus import DEFAULT_PAGE_SIZE, FILES, MODES, PAGE_SIZES, SORTS, VIEWS
from recommendations.models import Recommendation
from recommendations.parts import Chip, Choice, FacetValue, FacetView, PageLink, joined, meant
from recommendations.querysets import RecommendationQuerySet
from recommendations.tokens import Phrase

Pairs = list[tuple[str, str]]

OPEN_FACETS = {"pillar", "basis", "reach", "city"}


class Reading:
    """What the browse page shows of ``queryset`` (all published entries by default) under ``data``."""

    def __init__(
        self,
        data: QueryDict,
        queryset: RecommendationQuerySet | None = None,
        *,
        beside: Collection[str] | None = SHOWN,
        is_exact: bool = False,
    ) -> None:
        self.data = data
        self.entries = queryset
        self.filterset = RecommendationFilterSet(data, queryset, beside=beside, is_exact=is_exact)
        self.answers: Answers = answers_for(self.filterset)
        self.path = reverse("recommendations:browse")

    # what was asked for

    @property
    def query(self) -> str:
        return self.filterset.text

    @cached_property
    def hints(self) -> Hints:
        """What helps the search along."""
        return Hints(self.filterset)

    @property
    def as_typed_url(self) -> str:
        """The same search, with nothing in it corrected."""
        return self._url([(name, self.hints.as_typed if name == "q" else value) for name, value in self._state])

    @property
    def tokens(self) -> tuple[Phrase, ...]:
        """What is marked in the texts that are found."""
        return self.filterset.phrases

    @property
    def include_province(self) -> bool:
        return self.filterset.include_province

    @cached_property
    def view(self) -> str:
        given = self.data.get("view", "")
        return given if given in dict(VIEWS) else VIEWS[0][0]

    @cached_property
    def per_page(self) -> int:
        given = self.data.get("per_page", "")
        return int(given) if given in map(str, PAGE_SIZES) else DEFAULT_PAGE_SIZE

    @cached_property
    def problems(self) -> list[str]:
        """What could not be applied, a sentence each."""
        found = [*self.filterset.problems, *(self.matrix.problems if self.matrix else [])]
        view, size, page = (self.data.get(name, "") for name in ("view", "per_page", "page"))
        if view and view not in dict(VIEWS):
            found.append(_("“%(value)s” is not a view; shown as cards.") % {"value": plain(view)[:80]})
        if size and size not in map(str, PAGE_SIZES):
            sizes = ", ".join(map(str, PAGE_SIZES))
            found.append(
                _("“%(value)s” is not a page size; choose one of %(sizes)s.")
                % {"value": plain(size)[:80], "sizes": sizes}
            )
        if page and not self.matrix and page != str(self.page.number):
            found.append(
                _("There is no page “%(value)s”; page %(number)s is shown.")
                % {"value": plain(page)[:80], "number": self.page.number}
            )
        return found

    # what it gives

    @cached_property
    def matrix(self) -> Matrix | None:
        """The results as a matrix, where that is the view."""
        return Matrix(self.data, self.filterset, self.answers) if self.view == "matrix" else None

    @cached_property
    def total(self) -> int:
        return self.answers.total()

    @cached_property
    def grand_total(self) -> int:
        return self.answers.everything()

    @cached_property
    def page(self) -> Page[Recommendation]:
        """The page asked for, or the nearest there is."""
        rows = self.answers.cards if self.view == "cards" and not self.tokens else self.answers.entries
        paginator = Paginator(Rows(rows, self.total), self.per_page)
        given = self.data.get("page") or "1"
        return paginator.get_page(1 if given.startswith("-") or given.strip("0") == "" else given)

    @cached_property
    def facets(self) -> list[FacetView]:
        return [self._facet_view(facet) for facet in self.filterset.facets]

    def _facet_view(self, facet: Facet) -> FacetView:
        counts = self.answers.counts(facet)
        chosen = self.filterset.chosen(facet.name)
        selected = self._selected(facet)
        values = [
            FacetValue(
                slug=option.slug,
                label=option.label,
                count=counts[option.slug],
                is_selected=option.slug in chosen,
                hue=option.hue,
                marker=f"b-{Basis(option.slug).mark}" if facet.name == "basis" else "",
            )
            for option in facet.options
        ]
        return FacetView(
            name=facet.name,
            label=facet.label,
            question=facet.question,
            values=values,
            selected_count=len(selected),
            clear_url=self._url(self._without(*facet.parameters)),
            largest=max((value.count for value in values), default=0),
            is_open=facet.name in OPEN_FACETS or bool(selected),
            looks=facet.looks,
            turns=self._turns(facet, [slug for _mode, slug in selected]),
        )

    def _selected(self, facet: Facet) -> list[tuple[Mode, str]]:
        """What was chosen of ``facet``, in every mode."""
        return [(mode, slug) for mode in Mode for slug in self.filterset.chosen(facet.name, mode)]

    def _turns(self, facet: Facet, slugs: list[str]) -> list[Choice]:
        """The other ways to mean the chosen values; *any* and *all* are one and the same for a single one."""
        others = self._without(*facet.parameters)
        turns = []
        for mode, label in MODES:
            pairs = [*others, *((facet.parameter(mode), slug) for slug in dict.fromkeys(slugs))]
            is_current = sorted(pairs) == sorted(self._state)
            if slugs and not is_current and (mode != Mode.ALL or len(slugs) > 1):
                turns.append(Choice(mode.value, label, self._url(pairs), is_current))
        return turns

    @cached_property
    def chips(self) -> list[Chip]:
        """Each part of the filter in force, with the word that joins it to the one before."""
        chips = []
        if self.query:
            chips.append(Chip(_("Text"), f"“{self.query}”", self._url(self._without("q"))))
        for facet in self.filterset.facets:
            labels = {option.slug: option.label for option in facet.options}
            found = [
                (mode, Chip(meant(facet, mode), labels[slug], self._url(self._toggled(facet.parameter(mode), slug))))
                for mode, slug in self._selected(facet)
            ]
            if facet.is_place and self.include_province and self.filterset.chosen(facet.name):
                place = len(self.filterset.chosen(facet.name))
                found.insert(place, (Mode.ANY, Chip(facet.label, _("province-wide"), self.include_url)))
            chips += joined(found, is_first=not chips)
        return chips

    @property
    def active_count(self) -> int:
        return len(self.chips)

    @cached_property
    def loosen(self) -> list[Chip]:
        """Where nothing matches: each filter without which something would, and how many; the most first."""
        ways = [
            Chip(label, value, self._url(self._without(*names)), self.answers.total_without(names[0]))
            for names, label, value in ([] if self.total else self._conditions())
        ]
        return sorted((way for way in ways if way.count), key=lambda chip: -(chip.count or 0))

    @cached_property
    def keep(self) -> list[Chip]:
        """Where nothing matches without any one of several filters either: each that finds something by itself."""
        conditions = [] if self.total or self.loosen else self._conditions()
        ways = []
        for names, label, value in conditions if len(conditions) > 1 else []:
            kept = {*names, "include", "view", "rows", "cols", "per_page"}
            pairs = [pair for pair in self._state if pair[0] in kept]
            alone = answers_for(RecommendationFilterSet(QueryDict(urlencode(pairs)), self.entries))
            ways.append(Chip(label, value, self._url(pairs), alone.total()))
        return sorted((way for way in ways if way.count), key=lambda chip: -(chip.count or 0))

    def _conditions(self) -> list[tuple[list[str], Label, Label]]:
        """(Parameters, name, values in words) of each filter in force."""
        found: list[tuple[list[str], Label, Label]] = []
        if self.query:
            found.append((["q"], _("Text"), f"“{self.query}”"))
        for facet in self.filterset.facets:
            chosen = {slug for _mode, slug in self._selected(facet)}
            if chosen:
                labels = [str(option.label) for option in facet.options if option.slug in chosen]
                found.append((facet.parameters, facet.label, _(", ").join(labels)))
        return found

    # where it leads

    @cached_property
    def _state(self) -> Pairs:
        """The whole view but for the page, in its one canonical spelling."""
        pairs = self.filterset.parameters
        if self.view != VIEWS[0][0]:
            pairs = [*pairs, ("view", self.view), *(self.matrix.parameters if self.matrix else [])]
        if self.per_page != DEFAULT_PAGE_SIZE:
            pairs = [*pairs, ("per_page", str(self.per_page))]
        return pairs

    def _without(self, *names: str) -> Pairs:
        return [pair for pair in self._state if pair[0] not in names]

    def _with(self, name: str, value: str, *, default: str = "") -> Pairs:
        return [*self._without(name), *([(name, value)] if value != default else [])]

    def toggled_url(self, name: str, value: str) -> str:
        """With the value of a parameter where it is not chosen, without it where it is."""
        return self._url(self._toggled(name, value))

    def _toggled(self, name: str, value: str) -> Pairs:
        if (name, value) in self._state:
            return [pair for pair in self._state if pair != (name, value)]
        return [*self._state, (name, value)]

    def _url(self, pairs: Pairs) -> str:
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def alone_url(self, name: str, value: str) -> str:
        """The list with ``value`` alone chosen under ``name``; the rest of the filter stays."""
        return self._url(self._with(name, value))

    @property
    def embed_url(self) -> str:
        """Where the code is had that shows this view on another site."""
        state = self._state
        return f"{reverse('embed:code')}?{urlencode(state)}" if state else reverse("embed:code")

    @property
    def url(self) -> str:
        """The address of this very page."""
        number = self.page.number
        return self._url([*self._state, ("page", str(number))] if number > 1 else self._state)

    @property
    def clear_url(self) -> str:
        kept = ("view", "rows", "cols", "per_page")
        return self._url([pair for pair in self._state if pair[0] in kept])

    @property
    def entry_query(self) -> str:
        """What an entry's address carries so that *previous* and *next* stay within these results."""
        pairs = self.filterset.parameters
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def csv_url(self) -> str:
        """Where this filter, every match of it, is had as a spreadsheet's text."""
        return f"{reverse('recommendations:export_csv')}{self._file_query}"

    @property
    def files(self) -> list[tuple[str, Label, str]]:
        """(Name, what it is for, address) of every file of this filter, all matches."""
        query = self._file_query
        return [(name, label, f"{reverse(f'recommendations:export_{kind}')}{query}") for kind, name, label in FILES]

    @property
    def feed_url(self) -> str:
        """Where the new and changed entries of this filter are followed."""
        return f"{reverse('opendata:feed_recommendations')}{self._file_query}"

    @property
    def _file_query(self) -> str:
        """The filter for what answers exactly what it is asked."""
        pairs = self.filterset.exact_parameters
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def include_url(self) -> str:
        return self._url(self._with("include", "" if self.include_province else "province"))

    @property
    def hidden(self) -> Pairs:
        """What the filter form carries beside its own fields."""
        own = {"q", "include", *(facet.name for facet in self.filterset.facets)}
        return [pair for pair in self._state if pair[0] not in own]

    @cached_property
    def sorts(self) -> list[Choice]:
        """The orders to choose from. Pressing the one in force turns it round."""
        current, default = self.filterset.sort, self.filterset.default_sort
        choices = []
        for key, label in SORTS:
            if key == "relevance" and not self.filterset.query.wanted:
                continue
            is_current = current.removeprefix("-") == key
            target = f"-{key}" if current == key and key != "relevance" else key
            choices.append(Choice(key, label, self._url(self._with("sort", target, default=default)), is_current))
        return choices

    @property
    def sort(self) -> str:
        return self.filterset.sort

    @property
    def is_reversed(self) -> bool:
        return self.filterset.sort.startswith("-")

    @cached_property
    def views(self) -> list[Choice]:
        rest = self._without("view", "rows", "cols")
        found = {key: [*rest, ("view", key)] if number else rest for number, (key, _label) in enumerate(VIEWS)}
        found[self.view] = self._state
        return [Choice(key, label, self._url(found[key]), key == self.view) for key, label in VIEWS]

    @property
    def matrix_axes(self) -> Pairs:
        """What the form that chooses rows and columns carries beside them."""
        return self._without("rows", "cols")

    @property
    def swapped_url(self) -> str:
        """The same matrix with rows and columns exchanged."""
        return self._url([*self._without("rows", "cols"), *(self.matrix.swapped if self.matrix else [])])

    @cached_property
    def per_page_options(self) -> list[Choice]:
        default = str(DEFAULT_PAGE_SIZE)
        return [
            Choice(str(n), str(n), self._url(self._with("per_page", str(n), default=default)), n == self.per_page)
            for n in PAGE_SIZES
        ]

    def _page_url(self, number: int) -> str:
        return self._url([*self._state, ("page", str(number))] if number > 1 else self._state)

    @cached_property
    def page_links(self) -> list[PageLink]:
        page = self.page
        numbers: Iterable[int | str] = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        return [
            PageLink(number, self._page_url(number), number == page.number)
            if isinstance(number, int)
            else PageLink(0, "", is_current=False, is_gap=True)
            for number in numbers
        ]

    @property
    def print_url(self) -> str:
        """The same results, as many on one page as there can be; empty where all of them are on this one."""
        if self.matrix or self.page.paginator.num_pages < 2 or self.per_page == PAGE_SIZES[-1]:
            return ""
        return self._url(self._with("per_page", str(PAGE_SIZES[-1])))

    @property
    def previous_url(self) -> str:
        return self._page_url(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self._page_url(self.page.next_page_number()) if self.page.has_next() else ""
