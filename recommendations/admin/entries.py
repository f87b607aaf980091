"""The model admin of entries: one form for an entry and for its working copy."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.admin import Bilingual, DeskAdmin, DeskInline, has_words, pair
from common.numbers import ID_DIGITS, whole_number
from pillars.models import Report
from recommendations import actions
from recommendations.admin import bulk, checking, comparing, pages, scheduling, standing, views, wording
from recommendations.admin import sitting as desk
from recommendations.admin.finding import saying
from recommendations.admin.forms import EvidenceFormSet, RecommendationForm
from recommendations.admin.lists import (
    EntryChangeList,
    EntryColumns,
    NeedsFilter,
    PendingFilter,
    UntranslatedEntriesFilter,
)
from recommendations.admin.sitting import Act, Sitting, sitting_of
from recommendations.choices import State
from recommendations.models import CityLink, EntryVersion, Evidence, Recommendation
from recommendations.models.entry import TEXTS
from recommendations.snapshot import snapshot
from themes.models import Term

#: Versions that the history page lists.
VERSIONS_SHOWN = 200


#: What lists, cards and link previews show whole: half as much again as the longest text there was at the start.
ADVISED_LENGTHS = {"title_en": 90, "title_zh_hans": 33, "summary_en": 225, "summary_zh_hans": 62}

#: The pages of an entry beside its form, by the end of their address.
PAGES: dict[str, Any] = {
    "start-copy": views.start_copy,
    "discard": views.discard,
    "archive": views.archive,
    "unarchive": views.unarchive,
    "preview": views.preview,
    "review": comparing.review,
    "compare": comparing.compare,
    "restore/<int:number>": comparing.restore,
    "schedule": scheduling.plan,
    "check": checking.check,
    "share": checking.share,
}


class EvidenceInline(Bilingual, admin.StackedInline):
    model = Evidence
    formset = EvidenceFormSet
    extra = 0
    ordering = ("position", "pk")
    autocomplete_fields = ("section",)
    fieldsets = ((None, {"fields": (("section", "paragraph", "position"), ("key_phrase", "supports"), pair("note"))}),)

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj and obj.pk else 1

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.sitting = sitting_of(request)
        return formset


class CityLinkInline(DeskInline):
    model = CityLink
    ordering = ("pk",)
    autocomplete_fields = ("city",)
    fields = ("city", "basis", "note_en", "note_zh_hans")


@admin.register(Recommendation)
class RecommendationAdmin(EntryColumns, DeskAdmin):
    form = RecommendationForm
    inlines = (EvidenceInline, CityLinkInline)
    list_display = (
        "number",
        "both_titles",
        "pillar_badge",
        "state_badge",
        "pending_copy",
        "basis",
        "reach",
        "changed_at",
    )
    list_display_links = ("number", "both_titles")
    list_filter = (NeedsFilter, "state", PendingFilter, "pillar", "basis", "reach", "status", "report")
    search_fields = ("title_en", "title_zh_hans", "slug", "number__exact")
    search_help_text = gettext_lazy(
        "Words that an entry or its pending copy says, in either language, a slug or a number."
    )
    date_hierarchy = "changed_at"
    ordering = ("report", "number", "pk")
    autocomplete_fields = ("terms", "related")
    advised_lengths = ADVISED_LENGTHS
    untranslated_filter = UntranslatedEntriesFilter
    actions = ("change_many", "export_many")

    # What is asked and shown --------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        name: tuple[Any, ...] = () if obj and obj.working_copy_of_id else (("report", "number", "slug"),)
        has_moments = obj and not obj.working_copy_of_id
        moments = (("reviewed_on", "published_at", "changed_at"),) if has_moments else (("reviewed_on",),)
        return (
            (None, {"fields": (*name, ("pillar", "basis", "reach"))}),
            (_("Texts"), {"fields": tuple(pair(text) for text in TEXTS)}),
            (_("What it is about"), {"fields": ("terms", "related", *(("touched_cities",) if obj else ()))}),
            (_("Review and follow-up"), {"fields": (*moments, *(("status",) if obj else ()))}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("report", "published_at", "changed_at", "touched_cities", "status") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else {"slug": ("title_en",)}

    @admin.display(description=gettext_lazy("cities touched"))
    def touched_cities(self, entry: Recommendation) -> str:
        """What follows from links and reach, as readers see it now."""
        rows = entry.original.coverage.select_related("city").order_by("city__region__is_outside", "city_id")
        return _(", ").join(str(row.city) for row in rows) or "–"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "related":
            kwargs["queryset"] = Recommendation.objects.entries().in_order()
        elif db_field.name == "terms":
            kwargs |= {"queryset": Term.objects.select_related("vocabulary").in_order(), "label": _("Themes")}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "related":
            field.widget.can_add_related = False  # an entry is not begun in a pop-up window
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """While there is one report, an entry belongs to it."""
        reports = Report.objects.in_order().values_list("pk", flat=True)[:2]
        only = {"report": reports[0]} if len(reports) == 1 else {}
        return only | super().get_changeform_initial_data(request)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.sitting = sitting_of(request)
        return form

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[EntryChangeList]:
        return EntryChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recommendation]:
        return super().get_queryset(request).select_related("working_copy_of", "report", "pillar")

    def get_search_results(self, request: Any, queryset: QuerySet[Any], search_term: str) -> Any:
        """Entries by their names; in a list also by what they and their pending copies say.

        Working copies are never offered where an entry is chosen.
        """
        entries = queryset.filter(working_copy_of__isnull=True)
        named, is_doubled = super().get_search_results(request, entries, search_term)
        match = request.resolver_match
        if not has_words(search_term) or (match and match.url_name == "autocomplete"):
            return named, is_doubled
        return entries.filter(Q(pk__in=named.order_by().values("pk")) | saying(search_term)), False

    # Who may what -------------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes an entry: it is archived, and keeps its address and history."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A published entry is changed in place by those who may publish; others save into a pending copy."""
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None or obj.state != State.PUBLISHED or desk.may_publish(request.user):
            return allowed
        sitting = sitting_of(request)
        return sitting is not None and request.method == "POST" and sitting.makes_copy

    def view_on_site(self, obj: Recommendation) -> str:
        """Its page; of what readers do not see, a preview: there is no such page for them."""
        if obj.is_public:
            return obj.get_absolute_url()
        return reverse("admin:recommendations_recommendation_preview", args=[obj.pk])

    # One sitting --------------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Show or save the form of an entry; what is saved is held from the first look to the last write."""
        with transaction.atomic() if request.method == "POST" else nullcontext():
            sitting = desk.begin(request, object_id)
            if request.method != "POST" and sitting.pending and sitting.may_publish:
                return self._send_to_copy(request, sitting.pending, sitting)
            if sitting.entry is not None:
                object_id = str(sitting.entry.pk)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _send_to_copy(self, request: HttpRequest, copy: Recommendation, sitting: Sitting) -> HttpResponse:
        sentence = _("“%(name)s” has a pending copy (%(saved)s). This is the copy: publish it or discard it.")
        saved = wording.last_saved(copy, sitting.newest)
        self.message_user(request, sentence % {"name": copy.original, "saved": saved}, messages.WARNING)
        return redirect(wording.CHANGE, copy.pk)

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        sitting: Sitting = request.sitting
        if sitting.entry is not None and sitting.is_plain_save:
            sitting.before = snapshot(sitting.entry)
        if sitting.makes_copy:
            sitting.savepoint = transaction.savepoint_create()
        super().save_model(request, obj, form, change)

    def follow(self, changed: Any) -> None:
        """Nothing here: the act that ends the save derives what follows."""

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        sitting: Sitting = request.sitting
        sitting.outcome = self._act(sitting, form.instance, form.cleaned_data["reason"])

    def _act(self, sitting: Sitting, entry: Recommendation, reason: str) -> Recommendation:
        """Do with the entry, saved as typed, what its editor asked for; returns where the words are now."""
        signed: dict[str, Any] = {"author": sitting.request.user, "reason": reason, "at": sitting.at}
        is_for_review = sitting.act == Act.REVIEW
        if sitting.act == Act.PREVIEW and not sitting.savepoint:
            return entry
        if sitting.savepoint:
            document = snapshot(entry)
            transaction.savepoint_rollback(sitting.savepoint)
            original = Recommendation.objects.get(pk=entry.pk)
            return actions.keep_as_working_copy(entry=original, document=document, for_review=is_for_review, **signed)
        if sitting.before is not None and not reason and snapshot(entry) == sitting.before:
            sitting.is_unchanged = True  # neither a version nor, to readers, a change
            return entry
        if sitting.act == Act.PUBLISH:
            return actions.publish(entry=entry, **signed)
        actions.keep_draft(entry=entry, for_review=is_for_review, **signed)
        return entry

    def construct_change_message(self, request: Any, form: Any, formsets: Any, add: bool = False) -> Any:
        """The note to a save is no change of the entry."""
        form.changed_data = [name for name in form.changed_data if name != "reason"]
        return super().construct_change_message(request, form, formsets, add)

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        """The log of a working copy is that of its entry: the copy will be gone. A save of nothing new has none."""
        sitting = sitting_of(request)
        if sitting is not None and sitting.is_unchanged:
            return None
        return super().log_change(request, obj.original, message)

    def response_add(self, request: Any, obj: Any, post_url_continue: str | None = None) -> Any:
        return self._leave(request)

    def response_change(self, request: Any, obj: Any) -> Any:
        return self._leave(request)

    def _leave(self, request: Any) -> HttpResponse:
        """After a save: a draft stays open, anything else goes back to the list."""
        sitting: Sitting = request.sitting
        entry: Any = sitting.outcome
        if sitting.act == Act.PREVIEW:
            return views.preview_unsaved(request, entry)
        if sitting.is_unchanged:
            sentence = _("“%(name)s” says what it said before, so there is no new version.")
            self.message_user(request, sentence % {"name": entry.original}, messages.INFO)
        else:
            self.message_user(request, wording.done(entry, sitting.act), messages.SUCCESS)
            if sitting.act == Act.PUBLISH and (doubts := wording.doubts(entry)):
                self.message_user(request, doubts, messages.WARNING)
        if sitting.act == Act.DRAFT:
            url = reverse(wording.CHANGE, args=[entry.pk])
        else:
            url = reverse("admin:recommendations_recommendation_changelist")
        return redirect(
            add_preserved_filters({"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}, url)
        )

    def render_change_form(
        self,
        request: Any,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        context["desk"] = standing.desk_context(self, request, request.sitting)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Further pages ------------------------------------------------------------------------------------------

    def get_urls(self) -> Any:
        own = [
            path(
                f"<int:entry_id>/{name}/",
                self.admin_site.admin_view(partial(pages.or_lead_on(page), model_admin=self)),
                name=f"recommendations_recommendation_{name.partition('/')[0]}",
            )
            for name, page in PAGES.items()
        ]
        for_many = [
            path(route, self.admin_site.admin_view(partial(page, model_admin=self)), name=name)
            for route, page, name in (
                ("bulk/", bulk.change, "recommendations_recommendation_bulk"),
                ("bulk/<int:change_id>/", bulk.done, "recommendations_recommendation_bulk_done"),
            )
        ]
        return own + for_many + super().get_urls()

    @admin.action(permissions=["change"], description=gettext_lazy("Change these entries …"))
    def change_many(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Asks what is to be done to those chosen, or to all that match."""
        return bulk.change_many(self, request, queryset)

    @admin.action(permissions=["view"], description=gettext_lazy("Export these entries (Excel)"))
    def export_many(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
        """Gives those chosen, or all that match, as a workbook."""
        return bulk.export_many(self, request, queryset)

    def _get_obj_does_not_exist_redirect(self, request: Any, opts: Any, object_id: str) -> HttpResponse:
        """A copy that is gone leads to its entry. Django's own hook, for its form, its history and its deletion."""
        copy_id = whole_number(object_id, digits=ID_DIGITS) or 0
        usual: Any = super()
        answer = pages.lead_on(self, request, copy_id)
        return answer or usual._get_obj_does_not_exist_redirect(request, opts, object_id)

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> Any:
        """What was done to an entry, and every version of it; the history of a copy is that of its entry."""
        entry = self.get_object(request, object_id)
        if entry is not None and entry.working_copy_of_id:
            return redirect("admin:recommendations_recommendation_history", entry.working_copy_of_id)
        versions = EntryVersion.objects.filter(entry=entry).select_related("author").newest_first()[:VERSIONS_SHOWN]
        shown: dict[str, Any] = {}
        if entry is not None and self.has_view_permission(request, entry):
            statuses = entry.status_changes.newest_first()[:VERSIONS_SHOWN]
            shown = {
                "versions": versions,
                "statuses": statuses,
                "may_restore": self.has_change_permission(request),
            }
        return super().history_view(request, object_id, shown | (extra_context or {}))
