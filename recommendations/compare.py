"""Two to four entries side by side: what all of them share, and what only one of them has."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from common.slugs import current_slugs
from common.translation import Text
from recommendations.choices import CoverageBasis
from recommendations.entry_page import FIELD_LABELS, terms_by_vocabulary
from recommendations.filters import plain
from recommendations.models import Recommendation
from recommendations.parameters import unknown_parameters
from themes.models import Vocabulary

FEWEST, MOST = 2, 4
#: As many entries are offered in a list to choose from; of more, one is named by its number or slug.
MAX_OFFERED = 100
#: So many things of a row are named in the short summary; the others are counted.
MAX_NAMED = 6

Label = str | Promise

MARKS: dict[str, Label] = {
    "all": gettext_lazy("Shared by all"),
    "some": gettext_lazy("Shared by some"),
    "only": gettext_lazy("Only here"),
}
CITY_LABELS: dict[str, Label] = {
    CoverageBasis.NAMED: gettext_lazy("Cities named"),
    CoverageBasis.EDITORIAL: gettext_lazy("Cities in our reading"),
    CoverageBasis.METROPOLITAN: gettext_lazy("Cities through their metropolitan area"),
    CoverageBasis.BAY_AREA: gettext_lazy("Cities through the Bay Area"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing an entry has; entries share it where they have the same ``key``."""

    key: Hashable
    label: Label
    url: str = ""
    detail: Label = ""
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one entry that as many others have: ``all``, ``some`` or ``only``; no mark beside nothing."""

    mark: str
    label: Label
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one entry says in a row: a text, or groups of things."""

    text: str
    groups: list[Group]


@dataclass(frozen=True, slots=True)
class Row:
    label: Label
    is_text: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Line:
    """Things of a row in the summary: the first by name, ``more`` by number."""

    label: Label
    items: list[Item]
    more: int


@dataclass(frozen=True, slots=True)
class Column:
    """One entry at the head of the table, what only it has, and the address of the same page without it."""

    entry: Recommendation
    remove_url: str
    only: list[Line]


class Chosen:
    """The entries that ``values`` (slugs, or numbers that only one entry has) ask for, and what was not right."""

    def __init__(self, values: Iterable[str]) -> None:
        self.given = [value.strip() for value in values if value.strip()]

    @cached_property
    def found(self) -> dict[str, Recommendation]:
        """What was given → the entry it stands for; what stands for none is not in it."""
        # What cannot be a slug is not asked for: one database refuses text with a NUL in it.
        asked = {value for value in self.given if value.isprintable()}
        entries = Recommendation.objects.published().filter(slug__in=asked).for_detail()
        found = {entry.slug or "": entry for entry in entries}
        numbers = {int(v): v for v in asked - set(found) if v.isascii() and v.isdecimal() and len(v) < 9}
        public = Recommendation.objects.published().order_by()
        once = public.filter(number__in=numbers).values("number").annotate(n=Count("pk")).filter(n=1)
        for entry in public.filter(number__in=once.values("number")).for_detail():
            found[numbers[entry.number or 0]] = entry
        return found

    @cached_property
    def moved(self) -> dict[str, str]:
        """Former slug → the slug it has now, where that is a public entry."""
        moved = current_slugs(Recommendation, [value for value in self.given if value not in self.found])
        now = set(Recommendation.objects.published().filter(slug__in=moved.values()).values_list("slug", flat=True))
        return {former: slug for former, slug in moved.items() if slug in now}

    @cached_property
    def _each_once(self) -> list[Recommendation]:
        return list({self.found[v].pk: self.found[v] for v in self.given if v in self.found}.values())

    @property
    def entries(self) -> list[Recommendation]:
        """The entries to show, in the order they were asked for."""
        return self._each_once[:MOST]

    @property
    def problems(self) -> list[str]:
        """What was asked for and could not be done, one sentence each."""
        strange = dict.fromkeys(value for value in self.given if value not in self.found)
        lines = [
            _("“%(value)s” is not a published recommendation; it was left out.") % {"value": plain(value)[:80]}
            for value in list(strange)[:MOST]
        ]
        pks = [self.found[value].pk for value in self.given if value in self.found]
        lines += [
            _("“%(title)s” was chosen more than once; it is shown once.") % {"title": entry.title}
            for entry in self._each_once
            if pks.count(entry.pk) > 1
        ]
        if len(self._each_once) > MOST:
            left = _(", ").join(str(entry) for entry in self._each_once[MOST : 2 * MOST])
            lines.append(
                _("No more than %(most)s fit side by side; left out: %(titles)s.") % {"most": MOST, "titles": left}
            )
        return lines


class Comparison:
    """``entries`` side by side; they are loaded ``for_detail``."""

    def __init__(self, entries: Sequence[Recommendation]) -> None:
        self.entries = list(entries)

    @cached_property
    def rows(self) -> list[Row]:
        """Every row that at least one entry has something in."""
        rows = [self._things(label, having) for label, having in self._facts()]
        rows += [self._texts(name) for name in FIELD_LABELS if name != "title"]
        rows += [self._things(CITY_LABELS[basis], self._cities(basis)) for basis in CoverageBasis.values]
        rows += [self._things(vocabulary.name, self._terms(vocabulary)) for vocabulary in self._vocabularies()]
        rows.append(self._things(_("Evidence"), [_evidence(entry) for entry in self.entries]))
        return [row for row in rows if any(cell.text or cell.groups for cell in row.cells)]

    def _facts(self) -> list[tuple[Label, list[list[Item]]]]:
        browse, about = reverse("recommendations:browse"), reverse("common:about")
        found = self.entries
        return [
            (_("Pillar"), [[Item(e.pillar_id, e.pillar.name, e.pillar.get_absolute_url())] for e in found]),
            (_("Basis"), [[_basis(e, about)] for e in found]),
            (_("Reach"), [[Item(e.reach, e.get_reach_display(), f"{browse}?reach={e.reach}")] for e in found]),
            (_("Status"), [[Item(e.status, e.get_status_display(), f"{about}#status")] for e in found]),
        ]

    def _texts(self, name: str) -> Row:
        return Row(FIELD_LABELS[name], True, [Cell(getattr(entry, name), []) for entry in self.entries])

    def _cities(self, basis: str) -> list[list[Item]]:
        return [
            [
                Item(row.city_id, row.city.name, row.city.get_absolute_url())
                for row in entry.coverage.all()
                if row.basis == basis
            ]
            for entry in self.entries
        ]

    def _vocabularies(self) -> list[Vocabulary]:
        there = {v.pk: v for entry in self.entries for v, _terms in terms_by_vocabulary(entry)}
        return sorted(there.values(), key=lambda v: (v.position, v.pk))

    def _terms(self, vocabulary: Vocabulary) -> list[list[Item]]:
        browse = reverse("recommendations:browse")
        return [
            [
                Item(term.pk, term.label, f"{browse}?{vocabulary.slug}={term.slug}")
                for term in entry.terms.all()
                if term.vocabulary_id == vocabulary.pk
            ]
            for entry in self.entries
        ]

    def _things(self, label: Label, having: list[list[Item]]) -> Row:
        """A row in which each entry's things stand grouped by how many of the entries have them."""
        keys = [{item.key for item in items} for items in having]
        cells = []
        for items in having:
            groups = []
            for mark, words in MARKS.items():
                alike = [item for item in items if _mark(item.key, keys) == mark]
                if alike:
                    groups.append(Group(mark, words, alike) if len(having) > 1 else Group("", "", alike))
            cells.append(Cell("", groups))
        return Row(label, False, cells)

    @property
    def shared(self) -> list[Line]:
        """What all of them have, by row."""
        return self._lines(0, "all") if len(self.entries) > 1 else []

    @property
    def columns(self) -> list[Column]:
        """The head of each column."""
        slugs = [entry.slug or "" for entry in self.entries]
        return [
            Column(entry, compare_url(s for s in slugs if s != entry.slug), self._lines(place, "only"))
            for place, entry in enumerate(self.entries)
        ]

    def _lines(self, place: int, mark: str) -> list[Line]:
        return [
            Line(row.label, group.items[:MAX_NAMED], len(group.items[MAX_NAMED:]))
            for row in self.rows
            for group in row.cells[place].groups
            if group.mark == mark and row.label != _("Evidence")
        ]


def _mark(key: Hashable, keys: list[set[Hashable]]) -> str:
    count = sum(key in having for having in keys)
    return "all" if count == len(keys) else "only" if count == 1 else "some"


def _basis(entry: Recommendation, about: str) -> Item:
    basis = entry.get_basis()
    return Item(basis, basis.label, f"{about}#basis-{basis}", "", f"basis b-{basis.mark}")


def _evidence(entry: Recommendation) -> list[Item]:
    """The passages an entry rests on: the same place is the same thing, whatever phrase points there."""
    return [
        Item(
            (row.section_id, row.paragraph),
            f"{row.section.source.title}{pgettext('citation', ', ')}{row.locator}",
            detail=Text(row.key_phrase, "zh-hans" if row.section.source.language.startswith("zh") else "en"),
        )
        for row in entry.evidence.all()
    ]


def compare_url(slugs: Iterable[str]) -> str:
    """Where these entries stand side by side."""
    pairs = [("r", slug) for slug in slugs]
    path = reverse("recommendations:compare")
    return f"{path}?{urlencode(pairs)}" if pairs else path


def offered(entries: Sequence[Recommendation]) -> list[Recommendation]:
    """What can be added to ``entries``; none where there are too many for one list."""
    others: Any = Recommendation.objects.published().exclude(pk__in=[entry.pk for entry in entries]).in_order()
    found = list(others[: MAX_OFFERED + 1])
    return found if len(found) <= MAX_OFFERED else []


def compare(request: HttpRequest) -> HttpResponse:
    """Two to four entries, named in the address, side by side."""
    chosen = Chosen(request.GET.getlist("r"))
    if chosen.moved:
        data = request.GET.copy()
        data.setlist("r", [chosen.moved.get(value.strip(), value) for value in data.getlist("r")])
        return redirect(f"{request.path}?{data.urlencode()}", permanent=True)
    entries = chosen.entries
    context = {
        "comparison": Comparison(entries),
        "entries": entries,
        "problems": [*unknown_parameters(request.GET, ("r",)), *chosen.problems],
        "missing": range(1, max(1, FEWEST - len(entries)) + 1) if len(entries) < MOST else [],
        "offered": offered(entries),
        "most": MOST,
        "titles": [f"{entry.number}. {entry.title}" for entry in entries],
    }
    return render(request, "recommendations/compare.html", context)
