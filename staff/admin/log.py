"""The audit log at the desk: read, never written."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnly
from staff.models import AuditEntry


class KindFilter(admin.SimpleListFilter):
    """The kinds of things that the log knows of, by their names."""

    title = _("kind of thing")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = AuditEntry.objects.exclude(subject_kind="").order_by("subject_kind")
        return [(kind, _named(kind)) for kind in kinds.values_list("subject_kind", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(subject_kind=self.value()) if self.value() else queryset


def _named(kind: str) -> str:
    """What a kind of thing is called; its label where no room has it any more."""
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except LookupError:
        return kind


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "act", "who", "subject_name", "beginning", "address")
    list_display_links = ("at",)
    list_filter = ("act", KindFilter, ("actor", admin.RelatedOnlyFieldListFilter))
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
