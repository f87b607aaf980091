"""All entries in one order, cut into blocks, so that any page of any filter is found without walking to it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from pyroaring import BitMap

BLOCK = 4096
#: How many keys are asked for at a time where a place is looked for.
PROBES = 63

#: Ids → the key each is sorted by.
Keys = Callable[[Sequence[int]], dict[int, Any]]


@dataclass(frozen=True, slots=True)
class Block:
    """Some entries that follow one another: in their order, and as a set."""

    ids: array[int]
    members: BitMap

    @classmethod
    def of(cls, ids: Iterable[int]) -> Block:
        row = array("I", ids)
        return cls(row, BitMap(row))


@dataclass(frozen=True, slots=True)
class Order:
    """Never changed: an edit makes another one, which shares the blocks it did not touch."""

    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, ids: Iterable[int]) -> Order:
        return cls(tuple(Block.of(part) for part in batched(ids, BLOCK)))

    def __len__(self) -> int:
        return sum(len(block.ids) for block in self.blocks)

    def page(self, matching: BitMap, start: int, stop: int, *, backwards: bool = False) -> list[int]:
        """The ids of ``matching`` from place ``start`` up to ``stop`` among them."""
        found: list[int] = []
        skip = start
        for block in reversed(self.blocks) if backwards else self.blocks:
            here = block.members.intersection_cardinality(matching)
            if here <= skip:
                skip -= here
                continue
            ids = reversed(block.ids) if backwards else block.ids
            hits = [pk for pk in ids if pk in matching]
            found += hits[skip : skip + stop - start - len(found)]
            skip = 0
            if len(found) == stop - start:
                break
        return found

    def without(self, gone: BitMap) -> Order:
        kept = []
        for block in self.blocks:
            if block.members.intersect(gone):
                block = Block.of(pk for pk in block.ids if pk not in gone)  # noqa: PLW2901 - the same one, less some
            if block.ids:
                kept.append(block)
        return Order(tuple(kept))

    def with_one(self, pk: int, keys: Keys) -> Order:
        """With ``pk`` in its place by ``keys``, asked for a few entries at a time."""
        place = self._place(keys([pk])[pk], keys)
        blocks = list(self.blocks)
        for number, block in enumerate(blocks):
            if place <= len(block.ids):
                ids = [*block.ids[:place], pk, *block.ids[place:]]
                halves = [ids] if len(ids) < 2 * BLOCK else [ids[:BLOCK], ids[BLOCK:]]
                blocks[number : number + 1] = [Block.of(half) for half in halves]
                return Order(tuple(blocks))
            place -= len(block.ids)
        return Order((Block.of([pk]),))

    def _place(self, key: Any, keys: Keys) -> int:
        low, high = 0, len(self)
        while low < high:
            step = max(1, (high - low) // PROBES)
            places = list(range(low, high, step))
            ids = [self._at(place) for place in places]
            known = keys(ids)
            before = bisect_left([known[pk] for pk in ids], key)
            if before == 0:
                return low
            low, high = places[before - 1] + 1, places[before] if before < len(places) else high
        return low

    def _at(self, place: int) -> int:
        for block in self.blocks:
            if place < len(block.ids):
                return block.ids[place]
            place -= len(block.ids)
        raise IndexError(place)

    @property
    def bytes_held(self) -> int:
        return sum(4 * len(b.ids) + len(b.members.serialize()) for b in self.blocks)
