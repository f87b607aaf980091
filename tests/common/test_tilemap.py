"""The tile map: places, shades, marks and short names."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, pairwise
from types import SimpleNamespace

import pytest
from django.utils import translation

from common.tilemap import SHADES, TileMap, shade_by_rank, short_codes

numbers = count(1)


@dataclass
class Place:
    name_en: str = "Town"
    tile_row: int | None = None
    tile_col: int | None = None
    is_outside: bool = False
    name_zh_hans: str = "小城"
    pk: int = field(default_factory=lambda: next(numbers))

    @property
    def name(self):
        return self.name_zh_hans if translation.get_language() == "zh-hans" else self.name_en

    @property
    def region(self):
        return SimpleNamespace(is_outside=self.is_outside)

    def get_absolute_url(self):
        return f"/{self.pk}/"


def test_tiles_stand_from_north_to_south_and_west_to_east_from_one():
    south, north, east = Place(tile_row=7, tile_col=3), Place(tile_row=5, tile_col=4), Place(tile_row=5, tile_col=6)
    found = TileMap.build([south, east, north])
    assert [(tile.city, tile.place) for tile in found.tiles] == [(north, "r1 c2"), (east, "r1 c4"), (south, "r3 c1")]
    assert found.width == "w4"
    assert found.tiles[0].url == north.get_absolute_url()


def test_city_without_a_place_or_beyond_the_grid_stands_beside_the_map():
    placed, nowhere, far = Place(tile_row=1, tile_col=1), Place(), Place(tile_row=1, tile_col=40)
    found = TileMap.build([placed, nowhere, far])
    assert [tile.city for tile in found.tiles] == [placed]
    assert [tile.city for tile in found.unplaced] == [nowhere, far]
    assert found.width == "w1"


def test_map_of_nothing_is_empty():
    found = TileMap.build([])
    assert (found.tiles, found.unplaced, found.ramp, found.marked, found.covered) == ([], [], [], [], [])


def test_marks_tell_linked_from_covered():
    places = [Place(tile_row=1, tile_col=n) for n in range(3)]
    found = TileMap.build(places, marks={places[0].pk: "on", places[1].pk: "cov"})
    assert [tile.city for tile in found.marked] == [places[0]]
    assert [tile.city for tile in found.covered] == [places[1]]
    assert found.tiles[2].mark == ""


def test_shades_are_by_rank_and_cities_outside_have_their_own():
    places = [Place(tile_row=1, tile_col=n) for n in range(8)]
    outside = Place(tile_row=1, tile_col=9, is_outside=True)
    counts = {place.pk: n * n for n, place in enumerate(places)} | {outside.pk: 7}
    found = TileMap.build([*places, outside], counts=counts)
    shades = [tile.shade for tile in found.tiles]
    assert shades == [*sorted(shades[:8]), "m0"]
    assert (shades[0], shades[7]) == ("m1", "m4")
    assert [tile.is_outside for tile in found.tiles] == [False] * 8 + [True]
    assert (found.ramp[0].shade, found.ramp[0].low) == ("m1", 0)
    assert (found.ramp[-1].shade, found.ramp[-1].high) == ("m4", 49)
    assert all(before.high < after.low for before, after in pairwise(found.ramp))


@pytest.mark.parametrize("number", [0, 1, 7])
def test_equal_counts_have_equal_shades(number):
    shades = shade_by_rank(dict.fromkeys(range(9), number))
    assert len(set(shades.values())) == 1
    assert set(shades.values()) <= set(SHADES)


def test_higher_count_is_never_lighter():
    counts = dict(enumerate([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]))
    shades = shade_by_rank(counts)
    for a in counts:
        for b in counts:
            if counts[a] <= counts[b]:
                assert shades[a] <= shades[b]
    assert set(shades.values()) == set(SHADES)
    assert shade_by_rank({}) == {}


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (["Guangzhou", "Shenzhen", "Foshan"], ["GZ", "SZ", "FS"]),
        (["Hong Kong", "Macao"], ["HK", "MC"]),
        (["Shantou", "Shanwei"], ["ST", "SW"]),
        (["Aa", "Aa", "Aa"], ["AA", "A1", "A2"]),
        (["", "123", "[1]"], ["X1", "X2", "X3"]),
        (["Hollin [example]", "Brae (the) Low", "L’Isle-6", "[Oslo]", "Ø"], ["HL", "BL", "LI", "OS", "Ø1"]),
        (["X"], ["X1"]),
    ],
)
def test_short_codes_are_two_letters_and_no_two_alike(names, codes):
    assert short_codes(names) == codes


@pytest.mark.django_db
@pytest.mark.usefixtures("content")
def test_codes_of_the_real_cities_differ():
    from cities.models import City

    codes = short_codes([city.name_en for city in City.objects.in_order()])
    assert len(set(codes)) == 23
    assert all(len(code) == 2 for code in codes)


def test_chinese_map_has_short_chinese_names_and_codes_for_long_ones():
    with translation.override("zh-hans"):
        tiles = TileMap.build(
            [
                Place(tile_row=1, tile_col=1, name_zh_hans="小城【例】"),
                Place(name_zh_hans="特别行政区", tile_row=1, tile_col=2),
            ]
        ).tiles
    assert tiles[0].code == "小城"
    assert tiles[1].code != "特别行政区"
    assert TileMap.build([Place(tile_row=1, tile_col=1)]).tiles[0].code != "小城"
