from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.admin import DeskInline, pair
from common.guarded import GuardedAdmin
from sources.models import Source, SourceSection


def may_mend(user: Any, source: Source | None) -> bool:
    """Whether ``user``, who may add sources, may put one right: as long as nothing that readers see rests on it."""
    return source is not None and user.has_perm("sources.add_source") and not source.is_relied_on


class SourceSectionInline(DeskInline):
    model = SourceSection
    fields = ("code", "title_en", "title_zh_hans", "heading")
    ordering = ("pk",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or may_mend(request.user, obj)


@admin.register(Source)
class SourceAdmin(GuardedAdmin):
    list_display = ("title_en", "title_zh_hans", "kind", "publisher_en", "published_on", "section_count")
    list_filter = ("kind", "language")
    search_fields = ("title_en", "title_zh_hans", "publisher_en", "publisher_zh_hans", "slug", "url")
    date_hierarchy = "published_on"
    ordering = ("pk",)
    prepopulated_fields = {"slug": ("title_en",)}
    inlines = (SourceSectionInline,)
    fieldsets = (
        (None, {"fields": (pair("title"), pair("publisher"), ("slug", "kind", "language"))}),
        (_("Where and when"), {"fields": ("url", ("published_on", "retrieved_on"), pair("note"))}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or may_mend(request.user, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(section_count=Count("sections"))

    @admin.display(description=_("sections"), ordering="section_count")
    def section_count(self, source: Any) -> int:
        return int(source.section_count)


@admin.register(SourceSection)
class SourceSectionAdmin(GuardedAdmin):
    list_display = ("code", "title_en", "title_zh_hans", "source")
    list_display_links = ("code", "title_en")
    list_filter = ("source",)
    list_select_related = ("source",)
    search_fields = (
        "code",
        "title_en",
        "title_zh_hans",
        "heading",
        "source__title_en",
        "source__title_zh_hans",
    )
    ordering = ("source", "pk")
    autocomplete_fields = ("source",)
    fieldsets = ((None, {"fields": (("source", "code"), pair("title"), "heading")}),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or may_mend(request.user, obj.source if obj else None)
