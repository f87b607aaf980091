"""The list of entries: what it shows at a glance, and how it is narrowed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.admin import UntranslatedFilter, badge
from recommendations.admin.wording import CHANGE
from recommendations.attention import REASONS, untranslated_entries
from recommendations.models import Recommendation

#: Of more entries than this the list does not offer their years and months: all would be read for every page of it.
MOST_BY_DATE = 50_000


class EntryChangeList(ChangeList):
    """Entries only; a working copy is reached from the entry it is a copy of."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        # Django leaves list_select_related aside where the model admin's query set has relations of its own.
        entries = self.root_queryset.filter(working_copy_of__isnull=True)
        self.root_queryset = entries.select_related(None).select_related("pillar", "report", "working_copy")
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.full_result_count is None or self.full_result_count > MOST_BY_DATE:
            self.date_hierarchy = None


class PendingFilter(admin.SimpleListFilter):
    title = _("pending copy")
    parameter_name = "pending"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Any pending copy")), ("in-review", _("Waiting for review")), ("no", _("None"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(working_copy__isnull=False)
        if self.value() == "in-review":
            return queryset.filter(working_copy__state="in-review")
        return queryset.filter(working_copy__isnull=True) if self.value() == "no" else queryset


class NeedsFilter(admin.SimpleListFilter):
    """By why an entry wants an editor's eye; what the numbers on the desk lead to."""

    title = _("what it needs")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _narrow) in REASONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        _label, narrow = REASONS.get(self.value() or "", ("", None))
        entries: Any = queryset
        return narrow(entries, request.user, timezone.localdate()) if narrow else queryset


class UntranslatedEntriesFilter(UntranslatedFilter):
    """The same of entries; nobody translates an archived one."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        entries: Any = queryset
        return untranslated_entries(entries) if self.value() == "missing" else queryset


class EntryColumns:
    """For the model admin: the columns that are more than a field."""

    @admin.display(description=_("title"), ordering="title_en")
    def both_titles(self, entry: Recommendation) -> SafeString:
        return format_html(
            '<span lang="en">{}</span> <span lang="zh-Hans">{}</span>',
            entry.title_en or "–",
            entry.title_zh_hans or "–",
        )

    @admin.display(description=_("pillar"), ordering="pillar")
    def pillar_badge(self, entry: Recommendation) -> SafeString | str:
        if not entry.pillar_id:
            return str(_("No pillar yet"))
        return badge("pillar", entry.pillar.hue, entry.pillar.short_name)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, entry: Recommendation) -> SafeString:
        return badge("state", entry.state, entry.get_state_display())

    @admin.display(description=_("pending copy"))
    def pending_copy(self, entry: Recommendation) -> SafeString | None:
        copy = getattr(entry, "working_copy", None)
        if copy is None:
            return None
        return format_html(
            '<a href="{}">{}</a>',
            reverse(CHANGE, args=[copy.pk]),
            badge("state", copy.state, copy.get_state_display()),
        )
