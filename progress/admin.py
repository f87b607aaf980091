from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.admin import DeskAdmin, DeskInline, pair
from progress.actions import refresh_status
from progress.models import Checkpoint, Update, UpdateEffect
from recommendations.models import Recommendation


@admin.register(Checkpoint)
class CheckpointAdmin(DeskAdmin):
    list_display = ("position", "title_en", "title_zh_hans", "kind", "state", "date", "entry_count")
    list_display_links = ("position", "title_en")
    list_filter = ("state", "kind")
    search_fields = ("title_en", "title_zh_hans", "summary_en", "summary_zh_hans", "slug")
    date_hierarchy = "date"
    ordering = ("position", "pk")
    autocomplete_fields = ("section", "recommendations")
    prepopulated_fields = {"slug": ("title_en",)}
    fieldsets = (
        (None, {"fields": (pair("title"), ("slug", "position"), ("kind", "state", "date"), pair("summary"))}),
        (_("Where the source says so"), {"fields": (("section", "paragraph"), "key_phrase")}),
        (None, {"fields": ("recommendations",)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(entry_count=Count("recommendations"))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "recommendations":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        entries = Recommendation.objects.entries().in_order()
        field = super().formfield_for_dbfield(db_field, request, **kwargs, queryset=entries)
        field.widget.can_add_related = False  # an entry is not begun in a pop-up window
        return field

    @admin.display(description=_("recommendations"), ordering="entry_count")
    def entry_count(self, checkpoint: Any) -> int:
        return int(checkpoint.entry_count)


class UpdateEffectInline(DeskInline):
    """Which entries an update concerns. Working copies are never offered: the entries' own search leaves them out."""

    model = UpdateEffect
    autocomplete_fields = ("recommendation",)
    ordering = ("pk",)
    fields = ("recommendation", "status")


@admin.register(Update)
class UpdateAdmin(DeskAdmin):
    """An update; the status of every entry it concerns, or concerned until now, follows at once."""

    list_display = ("happened_on", "title_en", "title_zh_hans", "source", "effect_count", "is_published", "recorded_at")
    list_display_links = ("happened_on", "title_en")
    list_filter = ("is_published", "effects__status")
    list_select_related = ("source",)
    search_fields = ("title_en", "title_zh_hans", "summary_en", "summary_zh_hans", "slug")
    date_hierarchy = "happened_on"
    ordering = ("-happened_on", "-recorded_at", "-pk")
    autocomplete_fields = ("source",)
    readonly_fields = ("recorded_at",)
    prepopulated_fields = {"slug": ("title_en",)}
    inlines = (UpdateEffectInline,)
    fieldsets = (
        (None, {"fields": (("happened_on", "is_published"), pair("title"), ("slug", "recorded_at"), pair("summary"))}),
        (_("Where the source says so"), {"fields": (("source", "locator"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(effect_count=Count("effects"))

    @admin.display(description=_("recommendations"), ordering="effect_count")
    def effect_count(self, update: Any) -> int:
        return int(update.effect_count)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        before = _entries_of([form.instance.pk])
        super().save_related(request, form, formsets, change)
        refresh_status(ids=before | _entries_of([form.instance.pk]))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            before = _entries_of([obj.pk])
            super().delete_model(request, obj)
            refresh_status(ids=before)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            before = _entries_of(list(queryset.values_list("pk", flat=True)))
            super().delete_queryset(request, queryset)
            refresh_status(ids=before)


def _entries_of(updates: list[int]) -> set[int]:
    """The ids of the entries that these updates concern now."""
    return set(UpdateEffect.objects.filter(update__in=updates).values_list("recommendation_id", flat=True))
