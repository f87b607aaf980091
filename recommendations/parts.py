"""The parts of the browse page as its templates read them; ``recommendations.reading`` fills them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from recommendations.facets import Facet, Label, Mode


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to show the same thing: a sort order, a view, a page size."""

    key: str
    label: Label
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class FacetValue:
    slug: str
    label: Label
    count: int
    is_selected: bool
    hue: int | None
    marker: str


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet as the page shows it: every value with its exact count. ``looks`` is ``Facet.looks``."""

    name: str
    label: Label
    question: Label
    values: list[FacetValue]
    selected_count: int
    clear_url: str
    largest: int
    is_open: bool
    looks: dict[object, str]
    turns: list[Choice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the filter that one press takes away; ``count`` is how many entries there would be then.

    ``joiner`` is the word between it and the one before: *or* within a facet, *and* between them. ``is_more`` says
    that the facet has been named before.
    """

    facet_label: Label
    value_label: Label
    remove_url: str
    count: int | None = None
    joiner: str = ""
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class PageLink:
    number: int
    url: str
    is_current: bool
    is_gap: bool = False


def meant(facet: Facet, mode: Mode) -> Label:
    """The name of ``facet`` with the words that say how its values are meant."""
    if mode == Mode.ALL:
        return _("%(facet)s, all of") % {"facet": facet.label}
    return _("%(facet)s, not") % {"facet": facet.label} if mode == Mode.NOT else facet.label


def joined(found: list[tuple[Mode, Chip]], *, is_first: bool) -> list[Chip]:
    """The chips of one facet: *or* within *any of*, else *and*; none before the first of all."""
    chips = []
    for number, (mode, chip) in enumerate(found):
        word = _("or") if number and mode == Mode.ANY else "" if is_first and not number else _("and")
        is_more = number > 0 and found[number - 1][0] == mode
        chips.append(replace(chip, joiner=word, is_more=is_more))
    return chips
