"""One state of the content as bitmaps: which published entries have which value, and their orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyroaring import BitMap

from common.changes import State
from common.translation import site_language
from recommendations.choices import Reach
from recommendations.facets import Facet, Option, TermFacet, all_facets
from recommendations.index.matches import Matches, bitmap_bytes, found_by
from recommendations.index.orders import Order
from recommendations.index.pages import Pages
from recommendations.query import Query

#: What is indexed and the value: ("basis", "stated"), ("term", 17), ("city", 3). Choices by slug, things by id.
Held = tuple[str, str | int]


@dataclass(frozen=True)
class Index:
    """Never changed after it is made; what follows a change is another one."""

    state: State
    entries: BitMap
    values: Mapping[Held, BitMap]
    #: What is had through others → those: an area through its full and partial members, a source through its sections.
    through: Mapping[Held, frozenset[Held]]
    orders: Mapping[str, Order]
    matches: Matches = field(default_factory=Matches, compare=False)
    #: What was made of reference data (terms, cities, pillars …) alone: it stays as long as only entries change.
    kept: dict[object, Any] = field(default_factory=dict, compare=False)
    pages: Pages = field(default_factory=Pages, compare=False)

    def keep(self, key: object, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, made once in each language; it may read reference data only."""
        name = (key, site_language())
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def facets(self) -> list[Facet]:
        """Every facet with its values, read once in each language."""
        return self.keep("facets", _all_facets)

    def having(self, facet: Facet, option: Option) -> BitMap:
        """The entries with one value, the province-wide ones not added."""
        return self.values.get(held(facet, option), NONE)

    def covering(self, city: int, basis: str) -> BitMap:
        """The entries that touch a city for one reason."""
        return self.values.get((f"city {basis}", city), NONE)

    def found_by(self, query: Query) -> BitMap:
        """The entries that ``query`` finds."""
        return found_by(query, self.matches, self.entries)

    def page(self, order: str, matching: BitMap, start: int, stop: int) -> list[int]:
        """The ids of ``matching`` from place ``start`` up to ``stop`` in the order ``order``."""
        found, backwards = self.order(order)
        return found.page(matching, start, stop, backwards=backwards)

    def order(self, name: str) -> tuple[Order, bool]:
        """The order ``name``, and whether it is read backwards: of numbers there is one."""
        return (self.orders["number"], True) if name == "-number" else (self.orders[name], False)

    @property
    def province(self) -> BitMap:
        return self.values.get(("reach", Reach.PROVINCE.value), NONE)

    @property
    def bytes_held(self) -> int:
        """About how much memory the bitmaps and orders take."""
        bitmaps = sum(bitmap_bytes(bitmap) for bitmap in [self.entries, *self.values.values()])
        return bitmaps + sum(order.bytes_held for order in self.orders.values())


NONE = BitMap()


def _all_facets() -> list[Facet]:
    facets = all_facets()
    return [facet for facet in facets if facet.options is not None]  # read here, not later


def held(facet: Facet, option: Option) -> Held:
    """Under what the entries with a value of ``facet`` are kept."""
    kind = "term" if isinstance(facet, TermFacet) else facet.name
    return (kind, option.key)


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    """What is in any of them."""
    several = list(bitmaps)
    return BitMap.union(*several) if several else BitMap()
