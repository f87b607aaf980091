"""Cities with the entries that touch them, counted and grouped by how firmly they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count

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


def coverage() -> Any:
    """Rows of (published entry, city, reason), reached from below."""
    rows = pointing_at(City, "coverage")
    return rows.filter(recommendation__in=_entries(rows).values("pk")).order_by()


def published_entries() -> Any:
    """The published recommendations, reached from below."""
    return _entries(pointing_at(City, "coverage"))


def _entries(rows: Any) -> Any:
    return rows.model._meta.get_field("recommendation").related_model._default_manager.published()


def province_wide() -> Any:
    """The published recommendations that apply everywhere in the territory."""
    return published_entries().filter(reach=PROVINCE)


@dataclass(frozen=True, slots=True)
class AreaMembers:
    """An area, its full and partial members, and the cities that are only linked with it."""

    area: Area
    members: list[City]
    linked: list[City]


class Overview:
    """Every city with its counts; four queries however many there are."""

    @cached_property
    def rows(self) -> list[CityRow]:
        found: dict[int, list[tuple[str, int]]] = defaultdict(list)
        both: dict[int, int] = defaultdict(int)  # entries that touch the city and apply province-wide as well
        rows, without = coverage(), reasons_without_areas()
        counted = rows.values_list("city_id", "basis", "recommendation__reach").annotate(Count("pk"))
        for city_id, reason, reach, number in counted:
            found[city_id].append((reason, number))
            both[city_id] += number if reach == PROVINCE else 0
        return [
            CityRow(
                city=city,
                reasons=[t for t in tally(rows.model, "basis", found[city.pk]) if t.value not in without],
                count=sum(number for _reason, number in found[city.pk]),
                besides=0 if city.region.is_outside else self.everywhere - both[city.pk],
            )
            for city in City.objects.select_related("region").in_order()
        ]

    @cached_property
    def everywhere(self) -> int:
        """How many entries apply province-wide."""
        return int(province_wide().count())

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
    rows, without = coverage().filter(city=city), reasons_without_areas()
    counted = tally(rows.model, "basis", rows.values_list("basis").annotate(Count("pk")))
    counted = [reason for reason in counted if reason.value not in without]
    order = ("recommendation__report_id", "recommendation__number", "recommendation_id")
    groups = []
    for reason in counted:
        listed = rows.filter(basis=reason.value).select_related("recommendation__pillar").order_by(*order)
        entries = [row.recommendation for row in listed[:MAX_LISTED]] if reason.count else []
        groups.append(Group(reason.value, reason.count, entries))
    return groups


def province_wide_group(city: City) -> Group:
    """The entries that apply in ``city`` only as everywhere; outside the territory there are none."""
    if city.region.is_outside:
        return Group(PROVINCE, 0, [])
    entries = province_wide().exclude(pk__in=coverage().filter(city=city).values("recommendation"))
    return Group(PROVINCE, entries.count(), list(entries.select_related("pillar").in_order()[:MAX_LISTED]))


def pillar_shares(city: City) -> list[PillarShare]:
    """Each pillar's entries: how many concern ``city``, of how many."""
    return shares_among([city])


def shares_among(cities: Collection[City]) -> list[PillarShare]:
    """Each pillar's entries: how many concern one of ``cities``, of how many.

    Province-wide entries count where one of them lies in the territory.
    """
    here = coverage().filter(city__in=cities)
    only_everywhere = province_wide().exclude(pk__in=here.values("recommendation")).order_by()
    all_of = dict(published_entries().order_by().values_list("pillar_id").annotate(Count("pk")))
    touch = dict(here.values_list("recommendation__pillar_id").annotate(Count("recommendation", distinct=True)))
    apply = dict(only_everywhere.values_list("pillar_id").annotate(Count("pk")))
    if all(city.region.is_outside for city in cities):
        apply = {}
    pillars: Any = published_entries().model._meta.get_field("pillar").related_model._default_manager.in_order()
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
