"""Reads the index from the database: whole, or for the entries that changed."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import StringAgg, TextField, Value
from django.db.models.functions import Cast, Coalesce
from pyroaring import BitMap

from cities.models import Membership
from common.changes import Changes, State
from recommendations.index.bitmaps import Held, Index
from recommendations.index.orders import Order
from recommendations.models import Coverage, Evidence, Recommendation
from recommendations.querysets import by_title

#: Up to so many entries are read row by row: fewer queries. More are put together by the database, a value at a time.
FEW = 5_000
#: Rows fetched at a time.
BATCH = 20_000

COLUMNS = {"basis": "basis", "reach": "reach", "status": "status", "pillar": "pillar_id", "report": "report_id"}
PLACE = ("report_id", "number", "pk")
#: Each order beside the one by number: its first key, and whether that runs backwards by default.
FIRST_KEYS: dict[str, tuple[Any, bool]] = {
    "updated": (Coalesce("changed_at", "created_at"), True),
    "title en": (by_title("en"), False),
    "title zh-hans": (by_title("zh-hans"), False),
}


class Backwards:
    """Sorts the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: Backwards) -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backwards) and bool(self.key == other.key)

    __hash__ = None  # type: ignore[assignment]


def _plain(key: Any) -> Any:
    """A key as it is compared: one driver gives bytes as a view of them."""
    return bytes(key) if isinstance(key, memoryview) else key


def _tables() -> list[tuple[str, Any, str, str]]:
    """The tables that give an entry several values: kind, rows, column of the value, column of the entry."""
    return [
        ("term", Recommendation.terms.through.objects.all(), "term_id", "recommendation_id"),
        ("city", Coverage.objects.all(), "city_id", "recommendation_id"),
        ("source", Evidence.objects.all(), "section__source_id", "recommendation_id"),
    ]


def is_small() -> bool:
    """Whether there are so few entries that reading them all takes no time."""
    return not Recommendation.objects.published().order_by("pk").values("pk")[FEW : FEW + 1]


def build(state: State, *, small: bool) -> Index:
    """The index of everything as it is now, which is ``state`` or newer: what is newer is followed later."""
    members: dict[int, set[int]] = defaultdict(set)
    for area, city in Membership.objects.covering().values_list("area_id", "city_id"):
        members[area].add(city)
    values, orders = _entries()
    entries = BitMap()
    for (kind, _value), bitmap in values.items():
        if kind == "reach":
            entries |= bitmap
    several = _several() if small else _several_at_once()
    values |= {held: bitmap & entries for held, bitmap in several.items()}
    areas = {area: frozenset(cities) for area, cities in members.items()}
    return Index(state, entries, values, areas, orders).with_areas()


def _entries() -> tuple[dict[Held, BitMap], dict[str, Order]]:
    """What the columns of published entries say, and every order both ways, from one walk in the order of numbers.

    By number the one order is the other backwards. In all the others equals stay in the order of numbers, for
    Python's sort leaves equals where they are.
    """
    keyed: Any = Recommendation.objects.published().order_by(*PLACE)
    keyed = keyed.annotate(**{f"key_{n}": key for n, (key, _is_backwards) in enumerate(FIRST_KEYS.values())})
    names = [f"key_{n}" for n in range(len(FIRST_KEYS))]
    ids = array("I")
    found: dict[Held, array[int]] = defaultdict(partial(array, "I"))
    keys: list[list[Any]] = [[] for _name in names]
    for pk, *row in keyed.values_list("pk", *COLUMNS.values(), *names).iterator(BATCH):
        ids.append(pk)
        for held in zip(COLUMNS, row, strict=False):
            found[held].append(pk)
        for column, key in zip(keys, row[len(COLUMNS) :], strict=True):
            column.append(_plain(key))
    orders = {"number": Order.of(ids)}
    for name, (_key, is_backwards) in FIRST_KEYS.items():
        column = keys.pop(0)  # let go of, one after the other
        for order, reverse in ((name, is_backwards), (f"-{name}", not is_backwards)):
            places = sorted(range(len(ids)), key=column.__getitem__, reverse=reverse)
            orders[order] = Order.of(ids[place] for place in places)
    return {held: BitMap(pks) for held, pks in found.items()}, orders


def _several(ids: Collection[int] | None = None) -> dict[Held, BitMap]:
    """What ``ids`` (all) have several of, read row by row; entries that are not published among them."""
    found: dict[Held, list[int]] = defaultdict(list)
    for kind, rows, value_column, entry_column in _tables():
        chosen = rows if ids is None else rows.filter(**{f"{entry_column}__in": ids})
        for value, pk in chosen.order_by().values_list(value_column, entry_column):
            found[kind, value].append(pk)
    return {held: BitMap(pks) for held, pks in found.items()}


def _several_at_once() -> dict[Held, BitMap]:
    """The same for all: the database hands over one list of ids a value."""
    found: dict[Held, BitMap] = {}
    for kind, rows, value_column, entry_column in _tables():
        ids = StringAgg(Cast(entry_column, TextField()), Value(","))
        for value, text in rows.order_by().values_list(value_column).annotate(ids=ids):
            found[kind, value] = BitMap(array("I", map(int, text.split(","))))
    return found


def _values_of(ids: Collection[int]) -> dict[Held, BitMap]:
    """What the published ones of ``ids`` have."""
    found = _several(ids)
    entries = Recommendation.objects.published().filter(pk__in=ids).order_by()
    for pk, *row in entries.values_list("pk", *COLUMNS.values()):
        for held in zip(COLUMNS, row, strict=True):
            found.setdefault(held, BitMap()).add(pk)
    return found


def follow(index: Index, new: Changes) -> Index:
    """``index`` with what changed; ``new`` names the entries."""
    changed = BitMap(new.entries or ())
    now = _values_of(list(changed))
    touched = {held: bitmap for held, bitmap in index.values.items() if bitmap.intersect(changed)}
    values = dict(index.values)
    values |= {held: bitmap - changed for held, bitmap in touched.items()}
    public = BitMap()
    for (kind, _value), bitmap in now.items():
        if kind == "reach":
            public |= bitmap
    for held, bitmap in now.items():
        values[held] = values.get(held, BitMap()) | (bitmap & public)
    orders = {name: _moved(name, order, changed, public) for name, order in index.orders.items()}
    entries = (index.entries - changed) | public
    return Index(new.state, entries, values, index.members, orders).with_areas()


def _moved(name: str, order: Order, changed: BitMap, public: BitMap) -> Order:
    keys = partial(_keys, name)
    order = order.without(changed)
    for pk in public:
        order = order.with_one(pk, keys)
    return order


def _keys(name: str, ids: Sequence[int]) -> dict[int, Any]:
    """What each of ``ids`` is sorted by in the order ``name``."""
    entries: Any = Recommendation.objects.filter(pk__in=ids).order_by()
    if name == "number":
        return {row[-1]: row for row in entries.values_list(*PLACE)}
    key, is_backwards = FIRST_KEYS[name.removeprefix("-")]
    rows: Iterable[tuple[Any, ...]] = entries.annotate(first=key).values_list("first", *PLACE)
    wrap = Backwards if is_backwards != name.startswith("-") else _plain
    return {row[-1]: (wrap(_plain(row[0])), *row[1:]) for row in rows}
