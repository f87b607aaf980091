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
from common.retold import retold
from staff.models import AuditEntry
from staff.roles import name_of


class KindFilter(admin.SimpleListFilter):
    """The kinds of things that the log knows of, by their names."""

    title = _("kind of thing")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = AuditEntry.objects.exclude(subject_kind="").order_by("subject_kind")
        return [(kind, _named(kind)) for kind in kinds.values_list("subject_kind", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(subject_kind=self.value()) if self.value() else queryset


class AccountFilter(admin.RelatedOnlyFieldListFilter):
    """The accounts that did something; the name of the field would make it “By by whom”."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("account")


def _named(kind: str) -> str:
    """What a kind of thing is called; its label where no room has it any more."""
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except LookupError:
        return kind


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "act", "who", "subject", "beginning", "address")
    list_display_links = ("at",)
    list_filter = ("act", KindFilter, ("actor", AccountFilter))
    search_fields = ("actor_name", "subject_name", "note")
    search_help_text = _("A name of an account or a thing, or words of a note.")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")
    list_per_page = 50
    actions = None
    fieldsets = ((None, {"fields": (("at", "act", "who"), ("subject", "subject_kind"), "whole_note", "address")}),)

    @admin.display(description=_("by whom"), ordering="actor_name")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_name or "–"

    @admin.display(description=_("about what"), ordering="subject_name")
    def subject(self, entry: AuditEntry) -> str:
        return name_of(entry.subject_name) if entry.subject_kind == "auth.group" else entry.subject_name or "–"

    @admin.display(description=_("note"))
    def whole_note(self, entry: AuditEntry) -> str:
        return retold(entry.note) or "–"

    @admin.display(description=_("note"))
    def beginning(self, entry: AuditEntry) -> str:
        """What fits into a row: the groups made new say hundreds of words."""
        return Truncator(retold(entry.note)).chars(80) or "–"
