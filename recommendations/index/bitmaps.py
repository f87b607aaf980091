"""One state of the content as bitmaps: which published entries have which value, and their orders."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from pyroaring import BitMap

from common.changes import State
from recommendations.choices import Reach
from recommendations.facets import Facet, Option, TermFacet
from recommendations.index.orders import Order

#: What is indexed and the value: ("basis", "stated"), ("term", 17), ("city", 3). Choices by slug, things by id.
Held = tuple[str, str | int]

#: How many queries' matches are kept.
KEPT_QUERIES = 64


class Matches:
    """The matches of the queries asked last, as score → ids; good for one state."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, dict[int, BitMap]] = OrderedDict()
        self._lock = Lock()

    def get(self, query: object) -> dict[int, BitMap] | None:
        with self._lock:
            found = self._kept.get(query)
            if found is not None:
                self._kept.move_to_end(query)
            return found

    def keep(self, query: object, found: dict[int, BitMap]) -> None:
        with self._lock:
            self._kept[query] = found
            while len(self._kept) > KEPT_QUERIES:
                self._kept.popitem(last=False)


@dataclass(frozen=True)
class Index:
    """Never changed after it is made; what follows a change is another one."""

    state: State
    entries: BitMap
    values: Mapping[Held, BitMap]
    #: Area id → its full and partial members.
    members: Mapping[int, frozenset[int]]
    orders: Mapping[str, Order]
    matches: Matches = field(default_factory=Matches, compare=False)

    def having(self, facet: Facet, option: Option) -> BitMap:
        """The entries with one value, the province-wide ones not added."""
        return self.values.get(held(facet, option), _NONE)

    @property
    def province(self) -> BitMap:
        return self.values.get(("reach", Reach.PROVINCE.value), _NONE)

    def with_areas(self) -> Index:
        """With the entries of each area, which follow from those of its cities."""
        areas: dict[Held, BitMap] = {
            ("area", area): union(self.values.get(("city", city), _NONE) for city in cities)
            for area, cities in self.members.items()
        }
        return replace(self, values={**self.values, **areas})

    @property
    def bytes_held(self) -> int:
        """About how much memory the bitmaps and orders take."""
        bitmaps = sum(len(bitmap.serialize()) for bitmap in [self.entries, *self.values.values()])
        return bitmaps + sum(order.bytes_held for order in self.orders.values())


_NONE = BitMap()


def held(facet: Facet, option: Option) -> Held:
    """Under what the entries with a value of ``facet`` are kept."""
    kind = "term" if isinstance(facet, TermFacet) else facet.name
    return (kind, option.slug if option.pk is None else option.pk)


def union(bitmaps: Iterable[BitMap]) -> BitMap:
    """What is in any of them."""
    several = list(bitmaps)
    return BitMap.union(*several) if several else BitMap()
