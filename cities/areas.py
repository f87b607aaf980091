"""One area: its cities by how far they belong to it, and the entries that touch them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cities.models import Area, City, Membership
from cities.overview import (
    PROVINCE,
    Group,
    PillarShare,
    group_of,
    published_entries,
    reasons,
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
        rest, groups = published_entries(), []
        for reason in reasons():
            for_it = [(city.pk, reason) for city in self.members]
            groups.append(group_of(reason, rest.having("city reason", *for_it)))
            rest = rest.without("city reason", *for_it)
        return groups

    @cached_property
    def everywhere(self) -> Group:
        """The entries that apply in the area only as in the whole province."""
        if not self.is_inside:
            return Group(PROVINCE, 0, [])
        members = [city.pk for city in self.members]
        return group_of(PROVINCE, published_entries().having("reach", PROVINCE).without("city", *members))

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
