"""The matrix: any two facets against each other, under the filter of browse."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from cities.models import City
from cities.overview import reasons_without_areas
from recommendations.answers import Answers
from recommendations.choices import CoverageBasis
from recommendations.cross import Axis, Cell, Cross
from recommendations.export import BYTE_ORDER_MARK, csv_line
from recommendations.facets import Counts, Facet, Label, Mode, Option
from recommendations.filters import RecommendationFilterSet, plain

Pairs = list[tuple[str, str]]

#: Cities down and pillars across fit a phone; the other way round there are 23 columns.
DEFAULTS = {"rows": "city", "cols": "pillar"}
#: As many lines and columns as a page can still be read with; the values with the most entries stay.
LIMITS = {"rows": 100, "cols": 40}
#: From so many columns on, their headings stand upright.
TURNED_FROM = 7

PROVINCE, NONE = "province", "none"


@dataclass(frozen=True, slots=True)
class Reason:
    """How a cell touches its city at best, and the letter that says so beside the form of the cell."""

    key: str
    letter: Label
    label: Label


REASONS = {
    reason.key: reason
    for reason in (
        Reason(CoverageBasis.NAMED.value, pgettext_lazy("mark of a cell", "N"), CoverageBasis.NAMED.label),
        Reason(CoverageBasis.EDITORIAL.value, pgettext_lazy("mark of a cell", "R"), CoverageBasis.EDITORIAL.label),
        Reason(
            CoverageBasis.METROPOLITAN.value, pgettext_lazy("mark of a cell", "M"), CoverageBasis.METROPOLITAN.label
        ),
        Reason(CoverageBasis.BAY_AREA.value, pgettext_lazy("mark of a cell", "B"), CoverageBasis.BAY_AREA.label),
        Reason(PROVINCE, pgettext_lazy("mark of a cell", "P"), gettext_lazy("Province-wide only")),
        Reason(NONE, "·", gettext_lazy("None")),
    )
}


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A cell as the page shows it. ``number`` is its count, or of the province-wide ones where only they apply."""

    number: int
    url: str
    level: str
    hue: int | None
    spoken: list[str]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column: its value, how many entries have it, and the list of them."""

    option: Option
    total: int
    url: str
    cells: list[MatrixCell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Level:
    """A weight of a cell and the counts it stands for."""

    key: str
    first: int
    last: int


class Matrix:
    """``rows`` against ``cols`` of ``data``, under ``filterset``."""

    def __init__(self, data: QueryDict, filterset: RecommendationFilterSet, answers: Answers) -> None:
        self.data = data
        self.filterset = filterset
        self.answers = answers
        self.facets = {facet.name: facet for facet in filterset.facets}

    # what was asked for

    @cached_property
    def rows(self) -> Facet:
        return self.facets[self._asked("rows")]

    @cached_property
    def cols(self) -> Facet:
        """The columns' facet; where that is the rows' as well, the default of either that is another."""
        name = self._asked("cols")
        if name != self.rows.name:
            return self.facets[name]
        return self.facets[next(default for default in reversed(DEFAULTS.values()) if default != name)]

    def _asked(self, side: str) -> str:
        given = self.data.get(side, "")
        return given if given in self.facets else DEFAULTS[side]

    @cached_property
    def problems(self) -> list[str]:
        """What could not be applied, a sentence each."""
        is_refused = self.filterset.is_exact
        shown = _("“%(value)s” is nothing to set out by; %(facet)s is shown.")
        refused = _("“%(value)s” is nothing to set out by.")
        found = [
            (refused if is_refused else shown) % {"value": plain(given)[:80], "facet": facet.label}
            for side, facet in (("rows", self.rows), ("cols", self.cols))
            if (given := self.data.get(side, "")) and given not in self.facets
        ]
        if self.data.get("rows") == self.data.get("cols") == self.rows.name:
            shown = _("%(facet)s cannot be set against itself; the columns show %(other)s.")
            refused = _("%(facet)s cannot be set against itself.")
            found.append((refused if is_refused else shown) % {"facet": self.rows.label, "other": self.cols.label})
        return found

    @property
    def parameters(self) -> Pairs:
        """What an address carries of it beside the filter."""
        chosen = {"rows": self.rows.name, "cols": self.cols.name}
        return [(side, name) for side, name in chosen.items() if name != DEFAULTS[side]]

    # what it gives

    @cached_property
    def row_axis(self) -> Axis:
        return self._axis("rows", self.rows, self._row_counts)

    @cached_property
    def col_axis(self) -> Axis:
        return self._axis("cols", self.cols, self._col_counts)

    @cached_property
    def _row_counts(self) -> Counts:
        return self.answers.counts(self.rows)

    @cached_property
    def _col_counts(self) -> Counts:
        return self.answers.counts(self.cols)

    def _axis(self, side: str, facet: Facet, counts: Counts) -> Axis:
        """The chosen values, or all; as many as can be shown, in their own order."""
        slugs = self._wanted(facet)
        most = sorted(slugs, key=lambda slug: -counts[slug])[: LIMITS[side]]
        kept = set(most)
        return Axis(facet, tuple(slug for slug in slugs if slug in kept))

    def _wanted(self, facet: Facet) -> list[str]:
        """Those asked for, with any of or all of, or else all; never those asked not to be there."""
        chosen = {slug for mode in (Mode.ANY, Mode.ALL) for slug in self.filterset.chosen(facet.name, mode)}
        slugs = [option.slug for option in facet.options if not chosen or option.slug in chosen]
        return [slug for slug in slugs if slug not in self.filterset.chosen(facet.name, Mode.NOT)]

    @cached_property
    def cut(self) -> list[str]:
        """What does not fit, a sentence each."""
        sides = (("rows", self.row_axis), ("cols", self.col_axis))
        return [
            _("%(facet)s has %(number)s values; the %(limit)s with the most recommendations are shown.")
            % {"facet": axis.facet.label, "number": len(self._wanted(axis.facet)), "limit": LIMITS[side]}
            for side, axis in sides
            if len(self._wanted(axis.facet)) > LIMITS[side]
        ]

    @property
    def narrowed(self) -> str:
        """The names of the facets of which only the chosen values are shown."""
        sides = (self.rows, self.cols)
        labels = [str(f.label) for f in sides if any(self.filterset.chosen(f.name, mode) for mode in Mode)]
        return pgettext("list", ", ").join(labels)

    @cached_property
    def cells(self) -> Cross:
        return self.answers.cross(self.row_axis, self.col_axis)

    @cached_property
    def has_reasons(self) -> bool:
        """Whether one side are the cities."""
        return self.rows.has_reasons or self.cols.has_reasons

    @property
    def is_turned(self) -> bool:
        return len(self.col_axis.slugs) >= TURNED_FROM

    @cached_property
    def total(self) -> int:
        return self.answers.total()

    @cached_property
    def columns(self) -> list[Line]:
        return [
            Line(option, self._col_counts[option.slug], self._url({self.cols.name: option.slug}))
            for option in _options(self.col_axis)
        ]

    @cached_property
    def lines(self) -> list[Line]:
        """The rows with their cells."""
        columns = _options(self.col_axis)
        return [
            Line(
                row,
                self._row_counts[row.slug],
                self._url({self.rows.name: row.slug}),
                [self._cell(row, col) for col in columns],
            )
            for row in _options(self.row_axis)
        ]

    def _cell(self, row: Option, col: Option) -> MatrixCell:
        cell, besides = self.cells[row.slug, col.slug], self._besides(row.slug, col.slug)
        reason = _reason(cell, besides) if self.has_reasons else None
        is_apart = bool(reason and reason.key == PROVINCE)
        number = besides if is_apart else cell.count
        url = self._url({self.rows.name: row.slug, self.cols.name: col.slug}, province=is_apart) if number else ""
        level = "" if self.has_reasons else self._level(number)
        return MatrixCell(number, url, level, row.hue or col.hue, _spoken(cell, besides, reason), reason)

    @cached_property
    def _outside(self) -> Collection[str]:
        """Cities where the province-wide entries do not apply."""
        return set(City.objects.outside().values_list("slug", flat=True))

    def _besides(self, row: str, col: str) -> int:
        """The province-wide entries that come on top; outside the territory none does, unless the filter adds them."""
        cell = self.cells[row, col]
        is_outside = self.has_reasons and (row if self.rows.has_reasons else col) in self._outside
        return 0 if is_outside and not self.filterset.include_province else cell.besides

    # its looks

    @cached_property
    def _most(self) -> int:
        return max((cell.count for cell in self.cells.values()), default=0)

    def _level(self, count: int) -> str:
        return next((level.key for level in self.levels if level.first <= count <= level.last), "zero")

    @cached_property
    def levels(self) -> list[Level]:
        """The weights in use: thirds of the largest count."""
        edges = [0, self._most // 3, 2 * self._most // 3, self._most]
        found = zip(("lo", "mid", "hi"), edges, edges[1:], strict=False)
        return [Level(key, low + 1, high) for key, low, high in found if high > low]

    @property
    def key(self) -> Collection[Reason]:
        without = reasons_without_areas()
        return [reason for reason in REASONS.values() if reason.key not in without]

    # where it leads

    @cached_property
    def _filter(self) -> Pairs:
        return self.filterset.parameters

    def _url(self, values: dict[str, str], *, province: bool = False) -> str:
        """The list of the filter with ``values`` in place of what their facets had."""
        replaced = {name for facet in values for name in self.facets[facet].parameters}
        pairs = [pair for pair in self._filter if pair[0] not in replaced]
        pairs += values.items()
        if province and not self.filterset.include_province:
            pairs.append(("include", "province"))
        path = reverse("recommendations:browse")
        return f"{path}?{urlencode(pairs)}" if pairs else path

    @property
    def total_url(self) -> str:
        return self._url({})

    @property
    def swapped(self) -> Pairs:
        """The parameters with rows and columns exchanged."""
        chosen = {"rows": self.cols.name, "cols": self.rows.name}
        return [(side, name) for side, name in chosen.items() if name != DEFAULTS[side]]

    @property
    def csv_url(self) -> str:
        pairs = [pair for pair in self.filterset.exact_parameters if pair[0] != "sort"] + self.parameters
        path = reverse("recommendations:matrix_csv")
        return f"{path}?{urlencode(pairs)}" if pairs else path

    # the file

    def csv(self) -> str:
        """The counts as a spreadsheet's text; against places, the province-wide ones besides stand after them."""
        return BYTE_ORDER_MARK + "".join(self._csv_lines())

    def _csv_lines(self) -> Iterator[str]:
        labels = [option.label for option in _options(self.col_axis)]
        is_place = self.rows.is_place or self.cols.is_place
        besides = [_("%(label)s: province-wide besides") % {"label": label} for label in labels] if is_place else []
        yield csv_line([f"{self.rows.label} / {self.cols.label}", *labels, pgettext("total", "All"), *besides])
        for row in _options(self.row_axis):
            cells = [self.cells[row.slug, slug] for slug in self.col_axis.slugs]
            apart = [self._besides(row.slug, slug) for slug in self.col_axis.slugs] if is_place else []
            yield csv_line([row.label, *(cell.count for cell in cells), self._row_counts[row.slug], *apart])
        totals = [self._col_counts[slug] for slug in self.col_axis.slugs]
        yield csv_line([pgettext("total", "All"), *totals, self.total, *("" for _label in besides)])


def _reason(cell: Cell, besides: int) -> Reason:
    """The strongest there is."""
    found = next((basis for basis in CoverageBasis.values if cell.reasons.get(basis)), PROVINCE if besides else NONE)
    return REASONS[found]


def _spoken(cell: Cell, besides: int, reason: Reason | None) -> list[str]:
    """What the form of a cell says, in words."""
    if reason is None:
        return []
    parts = [f"{REASONS[basis].label} {cell.reasons[basis]}" for basis in CoverageBasis.values if basis in cell.reasons]
    if reason.key == PROVINCE:
        parts.append(str(reason.label))
    elif besides:
        more = ngettext("%(number)s more applies province-wide", "%(number)s more apply province-wide", besides)
        parts.append(more % {"number": besides})
    return parts


def _options(axis: Axis) -> list[Option]:
    """The options of an axis, in its order."""
    options = {option.slug: option for option in axis.facet.options}
    return [options[slug] for slug in axis.slugs]
