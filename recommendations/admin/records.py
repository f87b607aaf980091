"""What the product keeps by itself: versions of entries, and all evidence in one list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnly, badge
from common.retold import retold
from recommendations.models import EntryVersion, Evidence, Recommendation


def entry_link(entry: Recommendation) -> SafeString:
    """The entry's name, leading to its form."""
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:recommendations_recommendation_change", args=[entry.pk]), entry
    )


def version_address(version: EntryVersion) -> str:
    """Where a version is read: against the one before it."""
    compared = reverse("admin:recommendations_recommendation_compare", args=[version.entry_id])
    return f"{compared}?to={version.number}"


@admin.register(EntryVersion)
class EntryVersionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("entry_title", "number", "state_badge", "author", "comment", "created_at")
    list_filter = ("state", ("author", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("entry", "author")
    search_fields = ("entry__title_en", "entry__title_zh_hans", "entry__slug", "reason")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-pk")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[EntryVersion]:
        return super().get_queryset(request).select_related("entry")  # it is named by its entry

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        """Its page among the versions of its entry: what it changed, in words."""
        version = self.get_object(request, unquote(object_id))
        if version is None or request.method == "POST" or not self.has_view_permission(request, version):
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect(version_address(version))

    @admin.display(description=_("recommendation"), ordering="entry")
    def entry_title(self, version: EntryVersion) -> str:
        return str(version.entry)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, version: EntryVersion) -> SafeString:
        return badge("state", version.state, version.get_state_display())

    @admin.display(description=_("comment"), ordering="reason")
    def comment(self, version: EntryVersion) -> str:
        return retold(version.reason) or "–"


@admin.register(Evidence)
class EvidenceAdmin(ReadOnly, admin.ModelAdmin):
    """All evidence in one list. It is edited with its entry, so that the entry gets a version."""

    list_display = ("key_phrase", "section", "paragraph", "supports", "entry_name")
    list_filter = ("supports", "section__source")
    list_select_related = ("recommendation", "section")
    search_fields = ("key_phrase", "note_en", "note_zh_hans", "recommendation__slug", "section__code")
    ordering = ("section", "paragraph", "pk")
    list_per_page = 50
    fieldsets = (
        (
            None,
            {"fields": ("entry_name", ("section", "paragraph", "position"), "key_phrase", "supports")},
        ),
        (_("Notes"), {"fields": (("note_en", "note_zh_hans"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evidence]:
        # That of working copies is the same evidence again, or not yet decided.
        return super().get_queryset(request).filter(recommendation__working_copy_of__isnull=True)

    @admin.display(description=_("recommendation"), ordering="recommendation")
    def entry_name(self, evidence: Evidence) -> SafeString:
        return entry_link(evidence.recommendation)
