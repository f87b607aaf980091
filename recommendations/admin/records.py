"""What the product keeps by itself: versions of entries, and all evidence in one list."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
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


@admin.register(EntryVersion)
class EntryVersionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("entry_title", "number", "state_badge", "author", "comment", "created_at")
    list_filter = ("state", ("author", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("entry", "author")
    search_fields = ("entry__title_en", "entry__title_zh_hans", "entry__slug", "reason")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-pk")
    list_per_page = 50
    fieldsets = (
        (
            None,
            {"fields": (("entry_name", "number", "state_badge"), ("author", "created_at", "base"), "comment")},
        ),
        (_("Seen by readers"), {"fields": (("public_from", "public_until"),)}),
        (_("What it says"), {"fields": ("shown_document",)}),
    )

    @admin.display(description=_("recommendation"), ordering="entry")
    def entry_title(self, version: EntryVersion) -> str:
        return str(version.entry)

    @admin.display(description=_("recommendation"))
    def entry_name(self, version: EntryVersion) -> SafeString:
        return entry_link(version.entry)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, version: EntryVersion) -> SafeString:
        return badge("state", version.state, version.get_state_display())

    @admin.display(description=_("comment"), ordering="reason")
    def comment(self, version: EntryVersion) -> str:
        return retold(version.reason) or "–"

    @admin.display(description=_("document"))
    def shown_document(self, version: EntryVersion) -> SafeString:
        return format_html('<pre class="document">{}</pre>', json.dumps(version.document, ensure_ascii=False, indent=2))


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
