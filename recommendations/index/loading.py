"""Reads the index from the database: whole, or for the entries that changed."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import accumulate, chain
from typing import Any

from django.db import connection, connections
from django.db.models.functions import Coalesce
from pyroaring import BitMap

from cities.models import Membership
from common.changes import Changes, State
from common.idlists import Ids, grouped_ids, rows_of, runs_of, sorted_ids
from recommendations.index.bitmaps import NONE, Held, Index, union
from recommendations.index.matches import Matches
from recommendations.index.orders import Order
from recommendations.models import Coverage, Evidence, Recommendation, SearchText
from recommendations.querysets import by_title
from recommendations.sets import COLUMNS
from sources.models import SourceSection

#: Up to so many entries are read row by row, at once. More are read by a thread of its own while others answer.
FEW = 5_000

#: Up to so many times as high as there are entries, ids are themselves the places of a list.
SPARSE = 16

#: The tables that give an entry several values of one kind: kind, model, column of the value.
SEVERAL: tuple[tuple[str, Any, str], ...] = (
    ("term", Recommendation.terms.through, "term_id"),
    ("section", Evidence, "section_id"),
)
PLACE = ("report_id", "number", "pk")
#: Each order beside the one by number: its first key, and whether that runs backwards by default.
FIRST_KEYS: dict[str, tuple[Any, bool]] = {
    "updated": (Coalesce("changed_at", "created_at"), True),
    "title en": (by_title("en"), False),
    "title zh-hans": (by_title("zh-hans"), False),
}
#: The rows that have the first key of their own, and its name there: a list of ids needs no table beside.
FIRST = {
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
    through = _through()
    values, orders = _few() if small else _many()
    entries = union(bitmap for (kind, _value), bitmap in values.items() if kind == "reach")
    values = {held: bitmap & entries for held, bitmap in values.items()}
    matches = Matches(is_large=not small)
    return Index(state, entries, values | _following(values, through), through, orders, matches)


def _through() -> dict[Held, frozenset[Held]]:
    """Areas with the cities, and sources with the sections, through which entries have them."""
    found: dict[Held, set[Held]] = defaultdict(set)
    for area, city in rows_of(Membership.objects.covering, "area_id", "city_id"):
        found["area", area].add(("city", city))
    for source, section in rows_of(SourceSection.objects.all, "source_id", "pk"):
        found["source", source].add(("section", section))
    return {held: frozenset(others) for held, others in found.items()}


def _following(values: Mapping[Held, BitMap], through: Mapping[Held, frozenset[Held]]) -> dict[Held, BitMap]:
    """The entries of each area and source, which follow from those of its cities or sections."""
    return {held: union(values.get(other, NONE) for other in others) for held, others in through.items()}


# A few entries


def _few() -> tuple[dict[Held, BitMap], dict[str, Order]]:
    """What published entries have, and their orders, sorted here."""
    values, rows = _read()
    by_number = sorted(rows, key=lambda pk: rows[pk][: len(PLACE)])
    orders = [by_number]
    for column, (_key, is_backwards) in enumerate(FIRST_KEYS.values(), start=len(PLACE)):
        # What has the same key stays in the order of numbers, both ways.
        first = {pk: row[column] for pk, row in rows.items()}
        orders += (sorted(by_number, key=first.__getitem__, reverse=way) for way in (is_backwards, not is_backwards))
    return values, {
        name: Order.of(ids, lambda chosen: {pk: _keys_of(rows[pk])[number] for pk in chosen})  # noqa: B023
        for number, (name, ids) in enumerate(zip(ORDERS, orders, strict=True))
    }


def _read(ids: Collection[int] | None = None) -> tuple[dict[Held, BitMap], dict[int, Any]]:
    """What ``ids`` (all) have, read row by row, with what those that are published are sorted by."""
    found: dict[Held, list[int]] = defaultdict(list)

    def rows(model: Any, *columns: str) -> Iterable[Any]:
        if ids is None:
            return rows_of(model.objects.all, *columns)
        return model.objects.filter(recommendation__in=ids).order_by().values_list(*columns)

    for kind, model, column in SEVERAL:
        for value, pk in rows(model, column, "recommendation_id"):
            found[kind, value].append(pk)
    for city, basis, pk in rows(Coverage, "city_id", "basis", "recommendation_id"):
        found["city", city].append(pk)
        found[f"city {basis}", city].append(pk)
    sorted_by: dict[int, list[Any]] = {}
    entries: Any = Recommendation.objects.published()
    for pk, *row in _keyed(entries if ids is None else entries.filter(pk__in=ids), *COLUMNS.values()):
        for held in zip(COLUMNS, row[: len(COLUMNS)], strict=True):
            found[held].append(pk)
        sorted_by[pk] = [*map(_plain, row[len(COLUMNS) :])]
    return {held: BitMap(pks) for held, pks in found.items()}, sorted_by


def _keyed(entries: Any, *columns: str) -> Iterator[Any]:
    """Rows of (id, ``columns``, what they are sorted by)."""
    first = {f"key_{n}": key for n, (key, _is_backwards) in enumerate(FIRST_KEYS.values())}
    return iter(entries.order_by().annotate(**first).values_list("pk", *columns, *PLACE, *first))


def _keys_of(row: Sequence[Any]) -> Sequence[Any]:
    """The key in every order, of the plain values of the place and the first keys."""
    place, first = tuple(row[:3]), row[3:]
    keys: list[Any] = [place]
    for value, (_key, is_backwards) in zip(first, FIRST_KEYS.values(), strict=True):
        both = (value, *place), (Backwards(value), *place)
        keys += reversed(both) if is_backwards else both
    return keys


def _entry_keys(ids: Collection[int]) -> EntryKeys:
    """The keys of ``ids`` in every order: one query."""
    return {row[0]: _keys_of([*map(_plain, row[1:])]) for row in _keyed(Recommendation.objects.filter(pk__in=ids))}


def _keys_in(number: int, ids: Sequence[int]) -> dict[int, Any]:
    return {pk: keys[number] for pk, keys in _entry_keys(ids).items()}


def sorting_values(order: str, pk: int) -> list[Any]:
    """The values that ``order`` sorts the entry ``pk`` by; empty where it is gone."""
    for _pk, *row in _keyed(Recommendation.objects.filter(pk=pk)):
        first = dict(zip(FIRST_KEYS, map(_plain, row[3:]), strict=True))
        name = order.removeprefix("-")
        return [first[name], *row[:3]] if name in first else row[:3]
    return []


def page_after(index: Index, order: str, matching: BitMap, values: Sequence[Any], size: int) -> list[int]:
    """Up to ``size`` ids of ``matching`` that come after one with these sorting values."""
    found, backwards = index.order(order)
    key, name = tuple(values), order.removeprefix("-")
    if name in FIRST_KEYS and FIRST_KEYS[name][1] != order.startswith("-"):
        key = (Backwards(values[0]), *values[1:])
    number = ORDERS.index("number" if backwards else order)
    return found.after(matching, key, size, partial(_keys_in, number), backwards=backwards)


# Many


def _many() -> tuple[dict[Held, BitMap], dict[str, Order]]:
    """The same of many entries: the database gives lists of ids, each in one piece, and sorts while we take others."""
    with _readings() as read:
        values = _grouped_values()
        public = union(bitmap for (kind, _value), bitmap in values.items() if kind == "reach")
        by_number = Ids("I", filter(public.__contains__, sorted_ids(Recommendation.objects.order_by(*PLACE))))
        orders: dict[str, Sequence[int]] = {"number": by_number}
        places = _places(by_number)
        for name in FIRST:
            runs = _runs(*read(name), public, places)
            both = [Ids("I", chain.from_iterable(some)) for some in (runs, reversed(runs))]
            orders[name], orders[f"-{name}"] = reversed(both) if FIRST_KEYS[name][1] else both
    return values, {name: Order.of(orders.pop(name), partial(_keys_in, n)) for n, name in enumerate(ORDERS)}


@contextmanager
def _readings() -> Iterator[Callable[[str], tuple[Ids[int], Ids[int]]]]:
    """What reads the runs of an order, sorted in a connection of their own while the caller reads other things.

    Not within a transaction: no other connection sees what was written there.
    """

    def read(name: str) -> tuple[Ids[int], Ids[int]]:
        rows, key = FIRST[name]
        return runs_of(rows.all(), key)

    if connection.in_atomic_block:
        yield read
        return
    with ThreadPoolExecutor(1, "facet index, orders") as beside:
        readings = {name: beside.submit(read, name) for name in FIRST}
        beside.submit(connections.close_all)
        yield lambda name: readings.pop(name).result()


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


def _places(by_number: Ids[int]) -> Mapping[int, int] | Ids[int]:
    """What gives the place of each id; a list of all ids up to the last where that is not far longer."""
    places: Any = {}
    if by_number and (last := max(by_number)) < SPARSE * len(by_number):
        places = Ids("I", bytes(4 * (last + 1)))
    for place, pk in enumerate(by_number):
        places[pk] = place
    return places


def _runs(
    ids: Ids[int], lengths: Ids[int], public: BitMap, places: Mapping[int, int] | Ids[int]
) -> list[Sequence[int]]:
    """Those of ``ids`` that are public in runs of one key, each in the order of places. What has no key comes first."""
    ends = [*accumulate(lengths)]
    for at, pk in enumerate(ids):
        if pk not in public:
            lengths[bisect_right(ends, at)] -= 1
    ids = Ids("I", filter(public.__contains__, ids))
    runs: list[Sequence[int]] = [Ids("I", public - BitMap(ids))]
    runs += (ids[end - length : end] for length, end in zip(lengths, accumulate(lengths), strict=True))
    return [sorted(run, key=places.__getitem__) if len(run) > 1 else run for run in runs]


# What changed


def follow(index: Index, new: Changes) -> Index:
    """``index`` with what changed; ``new`` names the entries."""
    changed = BitMap(new.entries or ())
    now, rows = _read(list(changed))
    keys = {pk: _keys_of(row) for pk, row in rows.items()}
    public = BitMap(keys)
    values = dict(index.values)
    values |= {held: bitmap - changed for held, bitmap in index.values.items() if bitmap.intersect(changed)}
    now = {held: bitmap & public for held, bitmap in now.items()}
    for held, bitmap in (now | _following(now, index.through)).items():
        values[held] = values.get(held, NONE) | bitmap
    orders = _moved(index.orders, changed, keys)
    entries = (index.entries - changed) | public
    return Index(new.state, entries, values, index.through, orders, index.matches.after(changed), index.kept)


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
