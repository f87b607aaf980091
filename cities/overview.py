"""Cities with the entries that touch them, counted and grouped by how firmly they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cities.models import Area, City, Membership
from common.tally import Tally, pointing_at, tally
from common.tilemap import TileMap

#: The reach of an entry that applies in every city of the territory.
PROVINCE = "province"
#: Reason that an entry touches a city → the kind of area without which there is none for it.
THROUGH = {"metropolitan": Area.Kind.METROPOLITAN_AREA.value, "bay-area": Area.Kind.BAY_AREA.value}
#: Entries listed for one reason; the rest is a step away in the list that can be filtered.
MAX_LISTED = 60


@dataclass(frozen=True, slots=True)
class CityRow:
    """A city, how many entries touch it for each reason and in all, and how many more apply province-wide."""

    city: City
    reasons: list[Tally]
    count: int
    besides: int


@dataclass(frozen=True, slots=True)
class Group:
    """The entries that touch a city for one reason; ``entries`` are the first of ``count``."""

    value: str
    count: int
    entries: list[Any]


@dataclass(frozen=True, slots=True)
class PillarShare:
    """Of a pillar's ``whole`` entries: how many touch a city, and how many apply there only as everywhere."""

    pillar: Any
    touching: int
    everywhere: int
    whole: int

    @property
    def count(self) -> int:
        return self.touching + self.everywhere

    @property
    def rest(self) -> int:
        return self.whole - self.count


def reasons_without_areas() -> set[str]:
    """The reasons for which nothing can touch a city, there being no area of their kind: pages do not speak of them."""
    kinds = set(Area.objects.order_by().values_list("kind", flat=True).distinct())
    return {reason for reason, kind in THROUGH.items() if kind not in kinds}


def coverage_model() -> Any:
    """The table of (entry, city, reason), reached from below."""
    return pointing_at(City, "coverage").model


def _entry_model() -> Any:
    return coverage_model()._meta.get_field("recommendation").related_model


def published_entries() -> Any:
    """The set of the published recommendations, reached from below."""
    return _entry_model().public_set()


def reasons() -> list[str]:
    """For what an entry can touch a city, the strongest first; only what there are areas for."""
    without = reasons_without_areas()
    return [value for value, _label in coverage_model()._meta.get_field("basis").flatchoices if value not in without]


@dataclass(frozen=True, slots=True)
class AreaMembers:
    """An area, its full and partial members, and the cities that are only linked with it."""

    area: Area
    members: list[City]
    linked: list[City]


class Overview:
    """Every city with its counts; as many queries however many there are."""

    @cached_property
    def _entries(self) -> Any:
        return published_entries()

    @cached_property
    def _everywhere(self) -> Any:
        return self._entries.having("reach", PROVINCE)

    @cached_property
    def rows(self) -> list[CityRow]:
        found: dict[int, list[tuple[str, int]]] = defaultdict(list)
        without = reasons_without_areas()
        both = self._everywhere.counts("city")  # entries that touch the city and apply province-wide as well
        for (city_id, reason), number in self._entries.counts("city reason").items():
            found[city_id].append((reason, number))
        return [
            CityRow(
                city=city,
                reasons=[t for t in tally(coverage_model(), "basis", found[city.pk]) if t.value not in without],
                count=sum(number for _reason, number in found[city.pk]),
                besides=0 if city.region.is_outside else self.everywhere - both.get(city.pk, 0),
            )
            for city in City.objects.select_related("region").in_order()
        ]

    @cached_property
    def everywhere(self) -> int:
        """How many entries apply province-wide."""
        return int(self._everywhere.count())

    @property
    def inside(self) -> list[CityRow]:
        """The territory's own cities."""
        return [row for row in self.rows if not row.city.region.is_outside]

    @property
    def outside(self) -> list[CityRow]:
        return [row for row in self.rows if row.city.region.is_outside]

    @property
    def reasons(self) -> list[Tally]:
        """The reasons there are, in order; their counts are of one city and mean nothing here."""
        return self.rows[0].reasons if self.rows else []

    @property
    def territory(self) -> str:
        """The name of the territory, where it is one region; empty where it is several, none of which is all of it."""
        regions = {row.city.region_id: row.city.region for row in self.inside}
        return next(iter(regions.values())).name if len(regions) == 1 else ""

    @cached_property
    def counts(self) -> dict[int, int]:
        """City id → how many entries touch it."""
        return {row.city.pk: row.count for row in self.rows}

    @property
    def busiest(self) -> list[City]:
        """The territory's cities that most entries touch; none where nothing touches any."""
        return [row.city for row in self.inside if self.most and row.count == self.most]

    @property
    def most(self) -> int:
        """How many entries touch the city that most do."""
        return max((row.count for row in self.inside), default=0)

    @cached_property
    def tilemap(self) -> TileMap:
        return TileMap.build((row.city for row in self.rows), counts=self.counts)


def groups_of(city: City) -> list[Group]:
    """The entries that touch ``city`` by reason, the strongest first, the empty ones too where there are such areas."""
    entries = published_entries()
    return [group_of(reason, entries.having("city reason", (city.pk, reason))) for reason in reasons()]


def group_of(reason: str, entries: Any) -> Group:
    """The set ``entries``, which are there for ``reason``."""
    count = entries.count()
    return Group(reason, count, entries.first(MAX_LISTED) if count else [])


def province_wide_group(city: City) -> Group:
    """The entries that apply in ``city`` only as everywhere; outside the territory there are none."""
    if city.region.is_outside:
        return Group(PROVINCE, 0, [])
    return group_of(PROVINCE, published_entries().having("reach", PROVINCE).without("city", city.pk))


def pillar_shares(city: City) -> list[PillarShare]:
    """Each pillar's entries: how many concern ``city``, of how many."""
    return shares_among([city])


def shares_among(cities: Collection[City]) -> list[PillarShare]:
    """Each pillar's entries: how many concern one of ``cities``, of how many.

    Province-wide entries count where one of them lies in the territory.
    """
    entries, pks = published_entries(), [city.pk for city in cities]
    all_of, touch = entries.counts("pillar"), entries.having("city", *pks).counts("pillar")
    apply = entries.having("reach", PROVINCE).without("city", *pks).counts("pillar")
    if all(city.region.is_outside for city in cities):
        apply = {}
    pillars: Any = _entry_model()._meta.get_field("pillar").related_model._default_manager.in_order()
    return [PillarShare(p, touch.get(p.pk, 0), apply.get(p.pk, 0), all_of.get(p.pk, 0)) for p in pillars]


def areas_with_members() -> list[AreaMembers]:
    """Every area with its member cities and, apart, the linked ones."""
    memberships = Membership.objects.select_related("city", "area").order_by("area_id", "city_id")
    by_area: dict[int, list[Membership]] = defaultdict(list)
    for membership in memberships:
        by_area[membership.area_id].append(membership)
    linked = Membership.Extent.LINKED
    return [
        AreaMembers(
            area=area,
            members=[m.city for m in by_area[area.pk] if m.extent != linked],
            linked=[m.city for m in by_area[area.pk] if m.extent == linked],
        )
        for area in Area.objects.in_order()
    ]


def memberships_of(city: City) -> list[Membership]:
    """The areas ``city`` belongs to or is linked with."""
    return list(city.memberships.select_related("area").order_by("area_id", "pk"))


def is_member(memberships: list[Membership], kind: str) -> bool:
    """Whether one of ``memberships`` is a full or partial one in an area of ``kind``."""
    return any(m.area.kind == kind and m.extent != Membership.Extent.LINKED for m in memberships)
