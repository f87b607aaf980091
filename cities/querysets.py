from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from cities.models import Area, City, Membership, Region


class RegionQuerySet(models.QuerySet["Region"]):
    def get_by_natural_key(self, slug: str) -> Region:
        return self.get(slug=slug)


class CityQuerySet(models.QuerySet["City"]):
    def get_by_natural_key(self, slug: str) -> City:
        return self.get(slug=slug)

    def in_order(self) -> CityQuerySet:
        """As the official codes run: the provincial capital first."""
        return self.order_by("region__is_outside", "pk")

    def inside(self) -> CityQuerySet:
        """Cities of the territory itself."""
        return self.filter(region__is_outside=False)

    def outside(self) -> CityQuerySet:
        return self.filter(region__is_outside=True)

    def unlinked(self) -> CityQuerySet:
        """Cities that no published entry names or is read to be about; that an area covers them is not enough."""
        linked = self.model._default_manager.filter(
            coverage__recommendation__state="published", coverage__basis__in=["named", "editorial"]
        )
        return self.exclude(pk__in=linked.values("pk"))


class AreaQuerySet(models.QuerySet["Area"]):
    def get_by_natural_key(self, slug: str) -> Area:
        return self.get(slug=slug)

    def in_order(self) -> AreaQuerySet:
        return self.order_by("pk")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def get_by_natural_key(self, area: str, city: str) -> Membership:
        return self.get(area__slug=area, city__slug=city)

    def covering(self) -> MembershipQuerySet:
        """Full and partial members; linked cities are left out."""
        return self.filter(extent__in=self.model.COVERING)
