"""A map of equal tiles, drawn from the tile positions of cities: no geometry, no inline style.

The style sheet knows ``r1`` to ``r20``, ``c1`` to ``c20`` and ``w1`` to ``w20``; a city beyond that, or without a
position, is listed beside the map.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, Protocol, cast

from common.translation import site_language

#: Rows and columns the style sheet has classes for.
MAX_TILES = 20
#: Shades of the ramp, lightest first; ``m0`` is for cities outside the territory.
SHADES = ("m1", "m2", "m3", "m4")
#: Chinese names up to this length stand on a small tile as they are.
MAX_SHORT_NAME = 3

_WORDS = re.compile(r"[^\W\d_]+")
_REMARK = re.compile(r"\[[^\]]*\]|\([^)]*\)|【[^】]*】|（[^）]*）|［[^］]*］")
_SYLLABLE = re.compile(r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[aeiouü]+(?:ng|n(?![aeiou])|r(?![aeiou]))?", re.IGNORECASE)


class Place(Protocol):
    """What the map needs of a city."""

    pk: Any
    name_en: str
    tile_row: int | None
    tile_col: int | None

    @property
    def name(self) -> str: ...
    @property
    def region(self) -> Any: ...
    def get_absolute_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Tile:
    """One city on the map: where it stands (``place`` is its classes), how it is shaded and marked."""

    city: Any
    code: str
    place: str
    shade: str
    mark: str
    count: int

    @property
    def url(self) -> str:
        return str(self.city.get_absolute_url())

    @property
    def is_outside(self) -> bool:
        return bool(self.city.region.is_outside)


@dataclass(frozen=True, slots=True)
class Step:
    """One shade of the ramp and the counts it stands for."""

    shade: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class TileMap:
    """Tiles from north to south and west to east; ``width`` is the class that says how many columns there are."""

    tiles: list[Tile]
    unplaced: list[Tile]
    width: str
    ramp: list[Step]

    @classmethod
    def build(
        cls,
        cities: Iterable[Any],
        *,
        marks: Mapping[int, str] | None = None,
        counts: Mapping[int, int] | None = None,
    ) -> TileMap:
        """The map of ``cities`` (``region`` loaded).

        ``marks``: city id → ``on`` or ``cov``, for the small map. ``counts``: city id → number, for the shaded one.
        """
        places = cast("list[Place]", list(cities))
        marks, counts = marks or {}, counts or {}
        rows = [city.tile_row for city in places if city.tile_row is not None]
        cols = [city.tile_col for city in places if city.tile_col is not None]
        north, west = min(rows, default=0), min(cols, default=0)
        shades = shade_by_rank({c.pk: counts.get(c.pk, 0) for c in places if not c.region.is_outside})
        tiles: list[Tile] = []
        unplaced: list[Tile] = []
        for city, code in zip(places, short_codes([city.name_en for city in places]), strict=True):
            place = _place(city, north, west)
            name = plain_name(city.name)
            is_short = site_language() == "zh-hans" and 1 < len(name) <= MAX_SHORT_NAME
            tile = Tile(
                city=city,
                code=name if is_short else code,
                place=place,
                shade=shades.get(city.pk, "m0"),
                mark=marks.get(city.pk, ""),
                count=counts.get(city.pk, 0),
            )
            (tiles if place else unplaced).append(tile)
        tiles.sort(key=lambda tile: (tile.city.tile_row, tile.city.tile_col))
        width = max((tile.city.tile_col - west + 1 for tile in tiles), default=1)
        return cls(tiles, unplaced, f"w{width}", _ramp(tiles))

    @property
    def marked(self) -> list[Tile]:
        """The tiles marked as linked."""
        return [tile for tile in self.tiles if tile.mark == "on"]

    @property
    def covered(self) -> list[Tile]:
        """The tiles marked as covered."""
        return [tile for tile in self.tiles if tile.mark == "cov"]


def _place(city: Place, north: int, west: int) -> str:
    """The classes that put a city on the grid; empty where it has no place there."""
    if city.tile_row is None or city.tile_col is None:
        return ""
    row, col = city.tile_row - north + 1, city.tile_col - west + 1
    return f"r{row} c{col}" if row <= MAX_TILES and col <= MAX_TILES else ""


def shade_by_rank(counts: Mapping[int, int]) -> dict[int, str]:
    """Each id's shade by the quartile that its count stands in; equal counts stand together, at their middle."""
    ordered = sorted(counts.values())
    shades = {}
    for pk, number in counts.items():
        middle = (bisect_left(ordered, number) + bisect_right(ordered, number)) / 2
        shades[pk] = SHADES[int(len(SHADES) * middle / (len(ordered) + 1))]
    return shades


def _ramp(tiles: Sequence[Tile]) -> list[Step]:
    steps = []
    for shade in SHADES:
        numbers = [tile.count for tile in tiles if tile.shade == shade]
        if numbers:
            steps.append(Step(shade, min(numbers), max(numbers)))
    return steps


def short_codes(names: Sequence[str]) -> list[str]:
    """Two letters for each of ``names``, in order, no two alike.

    Initials of the first two words, or of the first two syllables of one word (Guangzhou: GZ); where those are
    taken, the first letter with a later one, and last of all with a number. What stands in brackets is a remark on the
    name, and signs are no letters.
    """
    codes: list[str] = []
    for name in names:
        words = _WORDS.findall(plain_name(name)) or ["X"]
        letters = "".join(words).upper()
        ways = [_initials(words), *(letters[0] + later for later in letters[1:])]
        ways = [way for way in ways if len(way) == 2]
        numbered = (f"{letters[0]}{number}" for number in count(1))
        taken = set(codes)
        codes.append(next(way for way in chain(ways, numbered) if way not in taken))
    return codes


def plain_name(name: str) -> str:
    """``name`` without what stands in brackets; as it is where nothing else stands there."""
    return _REMARK.sub(" ", name).strip() or name


def _initials(words: Sequence[str]) -> str:
    if len(words) > 1:
        return (words[0][0] + words[1][0]).upper()
    word = words[0]
    first = _SYLLABLE.match(word)
    second = word[first.end() : first.end() + 1] if first else word[1:2]
    return (word[:1] + second).upper()
