"""Reads the index from the database: whole, or for the entries that changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import accumulate, chain, compress
from typing import Any

from django.db import connection, connections
from django.db.models.functions import Coalesce
from pyroaring import BitMap

from cities.models import Membership
from common.changes import Changes, State
from common.idlists import Ids, grouped_ids, ranked_ids, sorted_ids
from recommendations.index.bitmaps import NONE, Held, Index, union
from recommendations.index.matches import Matches
from recommendations.index.orders import Order
from recommendations.models import Coverage, Evidence, Recommendation, SearchText
from recommendations.querysets import by_title

#: Up to so many entries are read row by row, at once. More are read by a thread of its own while others answer.
FEW = 5_000

#: Rows fetched at a time.
BATCH = 20_000

COLUMNS = {"basis": "basis", "reach": "reach", "status": "status", "pillar": "pillar_id", "report": "report_id"}
#: The tables that give an entry several values of one kind: kind, model, column of the value.
SEVERAL: tuple[tuple[str, Any, str], ...] = (
    ("term", Recommendation.terms.through, "term_id"),
    ("source", Evidence, "section__source_id"),
)
PLACE = ("report_id", "number", "pk")
#: Each order beside the one by number: its first key, and whether that runs backwards by default.
FIRST_KEYS: dict[str, tuple[Any, bool]] = {
    "updated": (Coalesce("changed_at", "created_at"), True),
    "title en": (by_title("en"), False),
    "title zh-hans": (by_title("zh-hans"), False),
}
#: The rows that have the first key of their own, and its name there: a list of ids needs no table beside.
RANKED = {
    "updated": (Recommendation.objects.published(), FIRST_KEYS["updated"][0]),
    "title en": (SearchText.objects.all(), "title_key_en"),
    "title zh-hans": (SearchText.objects.all(), "title_key_zh_hans"),
}
ORDERS = ("number", *(f"{sign}{name}" for name in FIRST_KEYS for sign in ("", "-")))
#: Entry → its key in every order, in their order.
EntryKeys = Mapping[int, Sequence[Any]]


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


def is_small() -> bool:
    """Whether there are so few entries that reading them all takes no time."""
    return not Recommendation.objects.published().order_by("pk").values("pk")[FEW : FEW + 1]


def build(state: State, *, small: bool) -> Index:
    """The index of everything as it is now, which is ``state`` or newer: what is newer is followed later."""
    members: dict[int, set[int]] = defaultdict(set)
    for area, city in Membership.objects.covering().values_list("area_id", "city_id"):
        members[area].add(city)
    areas = {area: frozenset(cities) for area, cities in members.items()}
    values, orders = _few() if small else _many()
    entries = union(bitmap for (kind, _value), bitmap in values.items() if kind == "reach")
    values = {held: bitmap & entries for held, bitmap in values.items()}
    matches = Matches(is_large=not small)
    return Index(state, entries, values | _areas(values, areas), areas, orders, matches)


def _areas(values: Mapping[Held, BitMap], members: Mapping[int, frozenset[int]]) -> dict[Held, BitMap]:
    """The entries of each area, which follow from those of its cities."""
    return {
        ("area", area): union(values.get(("city", city), NONE) for city in cities) for area, cities in members.items()
    }


# A few entries


def _few() -> tuple[dict[Held, BitMap], dict[str, Order]]:
    """What published entries have, and their orders, sorted here."""
    values, keys = _read()
    orders = {}
    for number, name in enumerate(ORDERS):
        ids = sorted(keys, key=lambda pk: keys[pk][number])
        orders[name] = Order.of(ids, lambda chosen: {pk: keys[pk][number] for pk in chosen})  # noqa: B023
    return values, orders


def _read(ids: Collection[int] | None = None) -> tuple[dict[Held, BitMap], EntryKeys]:
    """What ``ids`` (all) have, read row by row, with the keys of those that are published."""
    found: dict[Held, list[int]] = defaultdict(list)
    chosen = {} if ids is None else {"recommendation__in": ids}
    for kind, model, column in SEVERAL:
        for value, pk in model.objects.filter(**chosen).order_by().values_list(column, "recommendation_id"):
            found[kind, value].append(pk)
    for city, basis, pk in Coverage.objects.filter(**chosen).values_list("city_id", "basis", "recommendation_id"):
        found["city", city].append(pk)
        found[f"city {basis}", city].append(pk)
    keys: dict[int, Sequence[Any]] = {}
    entries: Any = Recommendation.objects.published()
    for pk, *row in _keyed(entries if ids is None else entries.filter(pk__in=ids), *COLUMNS.values()):
        for held in zip(COLUMNS, row[: len(COLUMNS)], strict=True):
            found[held].append(pk)
        keys[pk] = _keys_of(row[len(COLUMNS) :])
    return {held: BitMap(pks) for held, pks in found.items()}, keys


def _keyed(entries: Any, *columns: str) -> Iterator[Any]:
    """Rows of (id, ``columns``, what they are sorted by)."""
    first = {f"key_{n}": key for n, (key, _is_backwards) in enumerate(FIRST_KEYS.values())}
    return entries.order_by().annotate(**first).values_list("pk", *columns, *PLACE, *first).iterator(BATCH)


def _keys_of(row: Sequence[Any]) -> Sequence[Any]:
    """The key in every order, from the columns of the place and the first keys."""
    place, first = tuple(row[:3]), row[3:]
    keys: list[Any] = [place]
    for value, (_key, is_backwards) in zip(map(_plain, first), FIRST_KEYS.values(), strict=True):
        both = (value, *place), (Backwards(value), *place)
        keys += reversed(both) if is_backwards else both
    return keys


def _entry_keys(ids: Collection[int]) -> EntryKeys:
    """The keys of ``ids`` in every order: one query."""
    return {row[0]: _keys_of(row[1:]) for row in _keyed(Recommendation.objects.filter(pk__in=ids))}


def _keys_in(number: int, ids: Sequence[int]) -> dict[int, Any]:
    return {pk: keys[number] for pk, keys in _entry_keys(ids).items()}


# Many


def _many() -> tuple[dict[Held, BitMap], dict[str, Order]]:
    """The same of many entries: the database gives lists of ids, each in one piece, and sorts while we take others."""
    with _ranks() as ranks_of:
        values = _grouped_values()
        public = union(bitmap for (kind, _value), bitmap in values.items() if kind == "reach")
        by_number = Ids("I", filter(public.__contains__, sorted_ids(Recommendation.objects.order_by(*PLACE))))
        orders: dict[str, Sequence[int]] = {"number": by_number}
        for name in RANKED:
            runs = _runs(*ranks_of(name), by_number, public)
            both = [Ids("I", chain.from_iterable(some)) for some in (runs, reversed(runs))]
            orders[name], orders[f"-{name}"] = reversed(both) if FIRST_KEYS[name][1] else both
    return values, {name: Order.of(orders.pop(name), partial(_keys_in, n)) for n, name in enumerate(ORDERS)}


@contextmanager
def _ranks() -> Iterator[Callable[[str], tuple[Ids[int], Ids[int]]]]:
    """What gives an order's ids with their ranks, sorted in a connection of their own while the caller reads others.

    Not within a transaction: no other connection sees what was written there.
    """

    def read(name: str) -> tuple[Ids[int], Ids[int]]:
        rows, key = RANKED[name]
        return ranked_ids(rows.all(), key)

    if connection.in_atomic_block:
        yield read
        return
    with ThreadPoolExecutor(1, "facet index, orders") as beside:
        ranked = {name: beside.submit(read, name) for name in RANKED}
        beside.submit(connections.close_all)
        yield lambda name: ranked.pop(name).result()


def _grouped_values() -> dict[Held, BitMap]:
    """What published entries have one of, and entries several of. A city's are those that touch it for any reason."""
    found: dict[Held, list[BitMap]] = defaultdict(list)
    for row, ids in grouped_ids(Recommendation.objects.published(), "pk", *COLUMNS.values()):
        bitmap = BitMap(ids)
        for held in zip(COLUMNS, row, strict=True):
            found[held].append(bitmap)
    for (city, basis), ids in grouped_ids(Coverage.objects.all(), "recommendation_id", "city_id", "basis"):
        bitmap = BitMap(ids)
        found[f"city {basis}", city].append(bitmap)
        found["city", city].append(bitmap)
    for kind, model, column in SEVERAL:
        for value, ids in grouped_ids(model.objects.all(), "recommendation_id", column):
            found[kind, value].append(BitMap(ids))
    return {held: union(bitmaps) for held, bitmaps in found.items()}


def _runs(ids: Ids[int], ranks: Ids[int], by_number: Ids[int], public: BitMap) -> list[Sequence[int]]:
    """``by_number`` in runs of the same rank, each in the order of numbers. What has no rank comes first."""
    is_public = list(map(public.__contains__, ids))
    ids, ranks = Ids("I", compress(ids, is_public)), Ids("I", compress(ranks, is_public))
    lengths = Counter(ranks).values()
    runs = [ids[last - length : last] for length, last in zip(lengths, accumulate(lengths), strict=True)]
    runs.insert(0, Ids("I", public - BitMap(ids)))
    alike = BitMap(chain.from_iterable(run for run in runs if len(run) > 1))
    place = {pk: number for number, pk in enumerate(by_number) if pk in alike}
    return [sorted(run, key=place.__getitem__) if len(run) > 1 else run for run in runs]


# What changed


def follow(index: Index, new: Changes) -> Index:
    """``index`` with what changed; ``new`` names the entries."""
    changed = BitMap(new.entries or ())
    now, keys = _read(list(changed))
    public = BitMap(keys)
    values = dict(index.values)
    values |= {held: bitmap - changed for held, bitmap in index.values.items() if bitmap.intersect(changed)}
    now = {held: bitmap & public for held, bitmap in now.items()}
    for held, bitmap in (now | _areas(now, index.members)).items():
        values[held] = values.get(held, NONE) | bitmap
    orders = _moved(index.orders, changed, keys)
    entries = (index.entries - changed) | public
    return Index(new.state, entries, values, index.members, orders, index.matches.after(changed), index.kept)


def _moved(orders: Mapping[str, Order], changed: BitMap, keys: EntryKeys) -> dict[str, Order]:
    """``orders`` with the changed entries where they belong now; those that stay where they are cost nothing."""
    beside = {name: {pk: orders[name].beside(pk) for pk in keys} for name in ORDERS}
    neighbours = {pk for found in beside.values() for both in found.values() for pk in both or () if pk is not None}
    known = {**_entry_keys(neighbours - set(keys)), **keys}
    moved = {}
    for number, name in enumerate(ORDERS):
        stay = {pk for pk, both in beside[name].items() if both and _fits(pk, both, number, known)}
        order, gone = orders[name], changed - BitMap(stay)
        order = order.without(gone) if gone else order
        for pk in keys.keys() - stay:
            order = order.with_one(pk, keys[pk][number], partial(_keys_in, number))
        moved[name] = order
    return moved


def _fits(pk: int, both: tuple[int | None, int | None], number: int, known: EntryKeys) -> bool:
    """Whether the entry still stands between its neighbours; one that is gone says nothing."""
    before, after = both
    if any(other is not None and other not in known for other in both):
        return False
    is_after = before is None or known[before][number] < known[pk][number]
    return is_after and (after is None or known[pk][number] < known[after][number])
