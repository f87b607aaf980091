"""All entries in one order, cut into blocks, so that any page of any filter is found without walking to it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from pyroaring import BitMap

BLOCK = 4096
#: How many keys are asked for at a time where a place is looked for.
PROBES = 64

#: Ids → the key each is sorted by. No two entries have the same one.
Keys = Callable[[Sequence[int]], dict[int, Any]]


@dataclass(frozen=True, slots=True)
class Block:
    """Some entries that follow one another: in their order, and as a set.

    ``first`` is a key that none of them comes before and all of the block before do.
    """

    ids: array[int]
    members: BitMap
    first: Any

    @classmethod
    def of(cls, ids: Iterable[int], first: Any) -> Block:
        row = array("I", ids)
        return cls(row, BitMap(row), first)


@dataclass(frozen=True, slots=True)
class Order:
    """Never changed: an edit makes another one, which shares the blocks it did not touch."""

    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, ids: Sequence[int], keys: Keys) -> Order:
        """``ids`` as they are sorted; ``keys`` is asked once, for the first of each block."""
        firsts = keys(ids[::BLOCK])
        return cls(tuple(Block.of(part, firsts[part[0]]) for part in batched(ids, BLOCK)))

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

    def after(self, matching: BitMap, key: Any, size: int, keys: Keys, *, backwards: bool = False) -> list[int]:
        """Up to ``size`` ids of ``matching`` that come after ``key``; ``keys`` are asked for within one block."""
        number = max(0, bisect_right([block.first for block in self.blocks], key) - 1)
        found: list[int] = []
        for block in self.blocks[number::-1] if backwards else self.blocks[number:]:
            ids = block.ids
            if block is self.blocks[number]:
                place = _place(ids, key, keys)
                is_there = place < len(ids) and keys([ids[place]]).get(ids[place]) == key
                ids = ids[:place] if backwards else ids[place + is_there :]
            found += [pk for pk in (reversed(ids) if backwards else ids) if pk in matching][: size - len(found)]
            if len(found) == size:
                break
        return found

    def beside(self, pk: int) -> tuple[int | None, int | None] | None:
        """The entries before and after ``pk``; nothing where it is not there."""
        for number, block in enumerate(self.blocks):
            if pk in block.members:
                place = block.ids.index(pk)
                before = block.ids[place - 1] if place else self._end(number - 1, -1)
                after = block.ids[place + 1] if place + 1 < len(block.ids) else self._end(number + 1, 0)
                return before, after
        return None

    def _end(self, number: int, place: int) -> int | None:
        return self.blocks[number].ids[place] if 0 <= number < len(self.blocks) else None

    def without(self, gone: BitMap) -> Order:
        kept = []
        for block in self.blocks:
            if block.members.intersect(gone):
                block = Block.of((pk for pk in block.ids if pk not in gone), block.first)  # noqa: PLW2901 - less some
            if block.ids:
                kept.append(block)
        return Order(tuple(kept))

    def with_one(self, pk: int, key: Any, keys: Keys) -> Order:
        """With ``pk`` in its place by ``key``; ``keys`` are asked for, a few entries at a time, within one block."""
        if not self.blocks:
            return Order((Block.of([pk], key),))
        number = max(0, bisect_right([block.first for block in self.blocks], key) - 1)
        block = self.blocks[number]
        place = _place(block.ids, key, keys)
        ids = [*block.ids[:place], pk, *block.ids[place:]]
        halves = [Block.of(ids, min(block.first, key))]
        if len(ids) >= 2 * BLOCK:
            middle = ids[BLOCK]
            second = key if middle == pk else keys([middle])[middle]
            halves = [Block.of(ids[:BLOCK], min(block.first, key)), Block.of(ids[BLOCK:], second)]
        return Order((*self.blocks[:number], *halves, *self.blocks[number + 1 :]))

    @property
    def bytes_held(self) -> int:
        return sum(4 * len(b.ids) + len(b.members.serialize()) for b in self.blocks)


def _place(ids: Sequence[int], key: Any, keys: Keys) -> int:
    """Where ``key`` belongs among ``ids``."""
    low, high = 0, len(ids)
    while low < high:
        places = list(range(low, high, max(1, -(-(high - low) // PROBES))))
        known = keys([ids[place] for place in places])
        # One that is gone meanwhile is not known: whoever follows the changes looks again.
        there = [place for place in places if ids[place] in known]
        before = bisect_left([known[ids[place]] for place in there], key)
        if before == 0:
            return low
        low, high = there[before - 1] + 1, there[before] if before < len(there) else high
    return low
