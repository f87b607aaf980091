"""The audit log at the desk: read, never written."""

from __future__ import annotations

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnly
from staff.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "act", "who", "subject_name", "beginning", "address")
    list_display_links = ("at",)
    list_filter = ("act", "subject_kind", ("actor", admin.RelatedOnlyFieldListFilter))
    search_fields = ("actor_name", "subject_name", "note")
    search_help_text = _("A name of an account or a thing, or words of a note.")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")
    list_per_page = 50
    actions = None
    fieldsets = ((None, {"fields": (("at", "act", "who"), ("subject_name", "subject_kind"), "note", "address")}),)

    @admin.display(description=_("by whom"), ordering="actor_name")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_name or "–"

    @admin.display(description=_("note"))
    def beginning(self, entry: AuditEntry) -> str:
        """What fits into a row: the groups made new say hundreds of words."""
        return Truncator(entry.note).chars(80) or "–"
