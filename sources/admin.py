from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.admin import DeskInline, pair
from common.guarded import GuardedAdmin, refusing
from sources.models import Source, SourceSection

ADD = "sources.add_source"


def may_mend(user: Any, source: Source | None) -> bool:
    """Whether ``user``, who may add sources, may put one right: as long as nothing that readers see rests on it."""
    return source is not None and user.has_perm(ADD) and not source.is_relied_on


def came_too_late(request: Any) -> bool:
    """Whether a form is sent by who may add sources: where that is not enough by now, it is refused with its words."""
    return bool(getattr(request, "opened", None)) and request.user.has_perm(ADD)


class SourceSectionInline(DeskInline):
    model = SourceSection
    fields = ("code", "title_en", "title_zh_hans", "heading")
    ordering = ("pk",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_change = super().has_change_permission(request, obj)
        return may_change or may_mend(request.user, obj) or came_too_late(request)


class MendedAdmin(GuardedAdmin):
    """Sources and sections: changed by reviewers, and by who adds them while nothing that readers see rests on them."""

    def source_of(self, thing: Any) -> Source | None:
        """The source that ``thing`` is or belongs to."""
        raise NotImplementedError

    def _may_change(self, request: HttpRequest, thing: Any) -> bool:
        return super().has_change_permission(request, thing) or may_mend(request.user, self.source_of(thing))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj) or (obj is not None and came_too_late(request))

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if not change or self._may_change(request, obj):
            return form
        late = _("Something that readers see rests on it by now: only those who publish change it.")
        kept = _("Nothing of yours was saved, and nothing is lost: what you wrote stands in this form.")
        return refusing(form, f"{late} {kept}")


@admin.register(Source)
class SourceAdmin(MendedAdmin):
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

    def source_of(self, thing: Any) -> Source | None:
        return thing if isinstance(thing, Source) else None

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(section_count=Count("sections"))

    @admin.display(description=_("sections"), ordering="section_count")
    def section_count(self, source: Any) -> int:
        return int(source.section_count)


@admin.register(SourceSection)
class SourceSectionAdmin(MendedAdmin):
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

    def source_of(self, thing: Any) -> Source | None:
        return thing.source if isinstance(thing, SourceSection) else None
