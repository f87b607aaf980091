from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.admin import DeskAdmin, pair
from progress.models import Checkpoint
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
