from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cities.models import Area, City, Membership, Region
from common.admin import DeskInline, pair
from common.guarded import GuardedAdmin


@admin.register(Region)
class RegionAdmin(GuardedAdmin):
    list_display = ("name_en", "name_zh_hans", "slug", "is_outside")
    list_filter = ("is_outside",)
    search_fields = ("name_en", "name_zh_hans", "slug")
    ordering = ("pk",)
    prepopulated_fields = {"slug": ("name_en",)}
    fieldsets = ((None, {"fields": (pair("name"), ("slug", "is_outside"))}),)


class LinkedFilter(admin.SimpleListFilter):
    title = _("recommendations")
    parameter_name = "linked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Without any"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.unlinked() if self.value() == "no" else queryset


@admin.register(City)
class CityAdmin(GuardedAdmin):
    list_display = ("name_en", "name_zh_hans", "region", "code", "slug", "tile")
    list_filter = ("region", "areas", LinkedFilter)
    list_select_related = ("region",)
    search_fields = ("name_en", "name_zh_hans", "full_name_zh_hans", "slug", "code")
    ordering = ("region__is_outside", "pk")
    autocomplete_fields = ("neighbours",)
    prepopulated_fields = {"slug": ("name_en",)}
    fieldsets = (
        (None, {"fields": (pair("name"), "full_name_zh_hans", ("slug", "code"), "region")}),
        (
            _("Where it lies"),
            {"fields": ("neighbours", ("tile_row", "tile_col"), ("latitude", "longitude"), "geonames_id")},
        ),
    )

    @admin.display(description=_("tile (row, column)"), ordering="tile_row")
    def tile(self, city: City) -> str | None:
        return None if city.tile_row is None else f"{city.tile_row}, {city.tile_col}"


class MembershipInline(DeskInline):
    model = Membership
    autocomplete_fields = ("city",)
    ordering = ("pk",)
    fields = ("city", "role", "extent", "note_en", "note_zh_hans")


@admin.register(Area)
class AreaAdmin(GuardedAdmin):
    list_display = ("name_en", "name_zh_hans", "kind", "city_count", "slug")
    list_filter = ("kind",)
    search_fields = ("name_en", "name_zh_hans", "slug")
    ordering = ("pk",)
    prepopulated_fields = {"slug": ("name_en",)}
    inlines = (MembershipInline,)
    fieldsets = ((None, {"fields": (pair("name"), ("slug", "kind"))}),)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(city_count=Count("memberships"))

    @admin.display(description=_("cities"), ordering="city_count")
    def city_count(self, area: Any) -> int:
        return int(area.city_count)
