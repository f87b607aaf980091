from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.admin import badge, pair
from common.guarded import GuardedAdmin
from pillars.models import Pillar, Report


@admin.register(Report)
class ReportAdmin(GuardedAdmin):
    list_display = ("title_en", "title_zh_hans", "body_en", "stated_total", "published_on")
    search_fields = ("title_en", "title_zh_hans", "body_en", "body_zh_hans", "slug")
    ordering = ("pk",)
    autocomplete_fields = ("source",)
    prepopulated_fields = {"slug": ("title_en",)}
    fieldsets = (
        (None, {"fields": (pair("title"), pair("body"), ("slug", "stated_total", "published_on"), "source")}),
        (_("Texts"), {"fields": (pair("summary"), pair("provenance_note"))}),
    )


@admin.register(Pillar)
class PillarAdmin(GuardedAdmin):
    list_display = ("number", "name_en", "name_zh_hans", "look", "entry_count", "report")
    list_display_links = ("number", "name_en")
    list_filter = ("report",)
    list_select_related = ("report",)
    search_fields = ("name_en", "name_zh_hans", "short_name_en", "short_name_zh_hans", "slug")
    ordering = ("report", "number", "pk")
    prepopulated_fields = {"slug": ("short_name_en",)}
    fieldsets = (
        (None, {"fields": (("report", "number", "slug"), pair("name"), pair("short_name"))}),
        (_("Texts"), {"fields": (pair("question"), pair("summary"))}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(entry_count=Count("recommendations__slug"))

    @admin.display(description=_("short name"))
    def look(self, pillar: Pillar) -> SafeString:
        return badge("pillar", pillar.hue, pillar.short_name)

    @admin.display(description=_("recommendations"), ordering="entry_count")
    def entry_count(self, pillar: Any) -> int:
        return int(pillar.entry_count)
