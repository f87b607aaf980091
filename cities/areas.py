"""One area: its cities by how far they belong to it, and the entries that touch them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cities.models import Area, City, Membership
from cities.overview import (
    MAX_LISTED,
    PROVINCE,
    Group,
    PillarShare,
    coverage,
    province_wide,
    published_entries,
    reasons_without_areas,
    shares_among,
)
from common.tilemap import TileMap

#: How the small map marks a city by how far it belongs: filled, outlined, dashed.
MARKS = {
    Membership.Extent.FULL.value: "on",
    Membership.Extent.PARTIAL.value: "cov",
    Membership.Extent.LINKED.value: "tied",
}


@dataclass
class AreaOverview:
    """What the page of ``area`` shows; as many queries however many cities and entries there are."""

    area: Area

    @cached_property
    def memberships(self) -> list[Membership]:
        """Core cities first, linked ones last, each in the order of cities."""
        extents = Membership.Extent.values
        found = self.area.memberships.select_related("city__region").order_by("city_id", "pk")
        return sorted(found, key=lambda m: (m.extent == "linked", m.role != "core", extents.index(m.extent), m.city_id))

    @cached_property
    def members(self) -> list[City]:
        """The cities that what covers the area covers: full and partial members."""
        return [m.city for m in self.memberships if m.extent != Membership.Extent.LINKED]

    @property
    def has_outside(self) -> bool:
        return any(city.region.is_outside for city in self.members)

    @property
    def is_inside(self) -> bool:
        """Whether the province-wide entries apply in any of its cities."""
        return any(not city.region.is_outside for city in self.members)

    @cached_property
    def groups(self) -> list[Group]:
        """The entries that touch a member, each once: under the strongest reason for which it touches any."""
        rows = coverage().filter(city__in=self.members)
        groups, stronger, without = [], list[str](), reasons_without_areas()
        for reason, _label in rows.model._meta.get_field("basis").flatchoices:
            if reason in without:
                continue
            entries = published_entries().filter(pk__in=rows.filter(basis=reason).values("recommendation"))
            entries = entries.exclude(pk__in=rows.filter(basis__in=stronger).values("recommendation"))
            groups.append(_group(reason, entries))
            stronger.append(reason)
        return groups

    @cached_property
    def everywhere(self) -> Group:
        """The entries that apply in the area only as in the whole province."""
        if not self.is_inside:
            return Group(PROVINCE, 0, [])
        touching = coverage().filter(city__in=self.members).values("recommendation")
        return _group(PROVINCE, province_wide().exclude(pk__in=touching))

    @property
    def touching(self) -> int:
        return sum(group.count for group in self.groups)

    @property
    def applying(self) -> int:
        return self.touching + self.everywhere.count

    @cached_property
    def shares(self) -> list[PillarShare]:
        return shares_among(self.members)

    @cached_property
    def tilemap(self) -> TileMap:
        marks = {m.city_id: MARKS[m.extent] for m in self.memberships}
        return TileMap.build(City.objects.select_related("region").in_order(), marks=marks)


def _group(reason: str, entries: Any) -> Group:
    listed = entries.select_related("pillar").in_order()[:MAX_LISTED]
    return Group(reason, entries.order_by().count(), list(listed))
