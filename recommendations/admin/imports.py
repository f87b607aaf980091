"""Spreadsheets at the desk: the list of import results, the upload, and the one page that shows where an import is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.admin import ReadOnly, badge
from recommendations.admin import import_acts, import_rows
from recommendations.admin.sitting import may, may_publish
from recommendations.models import Import, ImportRow
from recommendations.spreadsheet import actions, export, undoing, work
from recommendations.spreadsheet.aside import not_read
from recommendations.spreadsheet.columns import Columns, is_for_readers, map_headers
from recommendations.spreadsheet.preview import doubtful, shown
from recommendations.spreadsheet.problems import Refused, sentence
from recommendations.spreadsheet.safety import MAX_BYTES, MB

#: Rows of a preview on one page.
ROWS_SHOWN = 20
#: Seconds after which a page that waits asks again.
REFRESH = 3
#: States of an import that was written, whatever became of it since.
UNDONE = (Import.State.PARTLY, Import.State.UNDONE)
WRITTEN = (Import.State.DONE, *UNDONE)
PAGE = "admin:recommendations_import_change"


class UploadForm(forms.Form):
    """A file, and what is to happen with what readers see."""

    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        help_text=format_lazy(gettext_lazy("Excel (.xlsx), CSV or JSON, up to {most} MB."), most=MAX_BYTES // MB),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt,.json"}),
    )
    publishes = forms.TypedChoiceField(
        label=gettext_lazy("What is imported"),
        choices=(
            ("yes", gettext_lazy("New and published entries are published at once")),
            ("no", gettext_lazy("New entries stay drafts, published ones get a pending copy")),
        ),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )

    def __init__(self, *args: Any, may_publish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_publish:
            del self.fields["publishes"]


def may_import(user: Any) -> bool:
    """Whether ``user`` may add and change entries, and so import them."""
    return bool(user.has_perms(["recommendations.add_recommendation", "recommendations.change_recommendation"]))


def is_owner(request: HttpRequest, sheet: Import) -> bool:
    """Whether the import is this editor's own: nobody else goes on with it, or sees its rows before it is done."""
    return may_import(request.user) and sheet.user_id == request.user.pk


def quoted(headers: Iterable[str], columns: Columns) -> str:
    """Headers of a file as a sentence names them."""
    return _(", ").join(f"“{columns.shown(header)}”" for header in headers)


@admin.register(Import)
class ImportAdmin(ReadOnly, admin.ModelAdmin):
    list_display = (
        "file_name",
        "user",
        "created_at",
        "state_badge",
        "created",
        "changed",
        "unchanged",
        "rejected",
    )
    list_filter = ("state", ("user", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("file_name", "reason", "digest")
    ordering = ("-created_at", "-pk")
    list_per_page = 50

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, sheet: Import) -> SafeString:
        return badge("import", sheet.state, sheet.get_state_display())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_import(request.user)

    def get_urls(self) -> Any:
        def page(route: str, view: Any, name: str) -> Any:
            shown = self.admin_site.admin_view(partial(view, model_admin=self))
            return path(route, shown, name=f"recommendations_import_{name}")

        acts = {
            "map": import_acts.map_columns,
            "confirm": import_acts.confirm,
            "mend": import_acts.mend,
            "mended": import_acts.mended,
            "take-out": import_acts.take_out,
            "cancel": import_acts.cancel,
            "continue": import_acts.go_on,
            "undo": import_acts.undo,
        }
        own = [page(f"<int:pk>/{name}/", view, name) for name, view in acts.items()]
        return [
            *own,
            page("<int:pk>/rejects.<slug:form>", import_acts.rejects, "rejects"),
            page("template.<slug:form>", import_acts.template, "template"),
            page("entries.<slug:form>", import_acts.entries, "entries"),
            *super().get_urls(),
        ]

    # Pages --------------------------------------------------------------------------------------------------

    def find(self, request: HttpRequest, pk: Any) -> Import:
        """The import, for those who may see it. Raises ``Http404``, ``PermissionDenied``."""
        sheet = Import.objects.select_related("user").filter(pk=pk).first()
        if sheet is None:
            raise Http404("no such import")
        if not (self.has_view_permission(request, sheet) or is_owner(request, sheet)):
            raise PermissionDenied
        return sheet

    def context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **more}

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The upload: a file comes in, and leads to the page of its import."""
        if not may_import(request.user):
            raise PermissionDenied
        work.sweep(at=timezone.now())
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(*posted, may_publish=may_publish(request.user), label_suffix="")
        if form.is_valid():
            try:
                publishes = bool(form.cleaned_data.get("publishes"))
                sheet = work.receive(
                    file=form.cleaned_data["file"], user=request.user, publishes=publishes, at=timezone.now()
                )
            except Refused as refusal:
                form.add_error("file", sentence(refusal.problem))
            else:
                work.go_on(sheet, write=actions.write)
                return redirect(PAGE, sheet.pk)
        own = Import.objects.filter(user=request.user.pk, state__in=work.OPEN).order_by("-created_at", "-pk")
        how = (*export.HOW, export.NEEDED)
        context = self.context(request, _("Import a spreadsheet"), form=form, open_imports=own, how=how)
        return render(request, "admin/recommendations/import/upload.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Where an import is: read, waiting for its columns to be named or to be confirmed, written, done."""
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        sheet = self.find(request, object_id if object_id.isdecimal() and len(object_id) < 18 else 0)
        context = self.context(request, sheet.file_name, sheet=sheet, is_own=is_owner(request, sheet))
        context["refusal"] = sentence(sheet.refusal) if sheet.refusal else ""
        context["state"] = self.state_badge(sheet)
        response_of = {
            **dict.fromkeys(work.BUSY, self._waiting),
            Import.State.MAPPING: self._mapping,
            **dict.fromkeys(work.SHOWN, self._rows),
            **dict.fromkeys(WRITTEN, self._rows),
        }
        show = response_of.get(Import.State(sheet.state))
        is_let_go = sheet.state == Import.State.NOTHING and sheet.expires_at < timezone.now()
        if show is not None and not is_let_go and (context["is_own"] or sheet.state in WRITTEN):
            return show(request, sheet, context)
        return render(request, "admin/recommendations/import/summary.html", context)

    def _waiting(self, request: HttpRequest, sheet: Import, context: dict[str, Any]) -> HttpResponse:
        done, of = {
            Import.State.READING.value: (sheet.rows_read, 0),
            Import.State.CHECKING.value: (sheet.rows_checked, sheet.rows_read),
            Import.State.WRITING.value: (work.written.get(sheet.pk, 0), sheet.created + sheet.changed),
        }[sheet.state]
        is_silent = sheet.beat_at is None or timezone.now() - sheet.beat_at > work.SILENCE
        is_silent = is_silent and sheet.pk not in work.written
        is_still = is_silent or "still" in request.GET
        context |= {"done": done, "of": of, "is_silent": is_silent, "is_still": is_still, "seconds": REFRESH}
        response = render(request, "admin/recommendations/import/waiting.html", context)
        if not is_still:
            response["Refresh"] = str(REFRESH)
        return response

    def _mapping(self, request: HttpRequest, sheet: Import, context: dict[str, Any]) -> HttpResponse:
        columns = Columns.now()
        named = [(place, header, columns.named(header)) for place, header in enumerate(sheet.headers) if header.strip()]
        used = {name for _place, _header, name in named}
        context["unknown"] = [(place, header) for place, header, name in named if name is None]
        mapping, _unknown = map_headers(sheet.headers, columns)
        context["known"] = [
            (columns.shown(header), columns.label(name))
            for place, header, name in named
            if name and mapping[str(place)]
        ]
        context["not_read"] = quoted(not_read(sheet.headers, mapping), columns)
        context["choices"] = [(c.name, columns.label(c.name)) for c in columns.written if c.name not in used]
        return render(request, "admin/recommendations/import/mapping.html", context)

    def _rows(self, request: HttpRequest, sheet: Import, context: dict[str, Any]) -> HttpResponse:
        tabs = import_rows.tabs_of(sheet)
        tab = import_rows.chosen(tabs, request.GET.get("show", ""))
        page = Paginator(import_rows.in_order(tab), ROWS_SHOWN).get_page(request.GET.get("page"))
        archived, columns = work.archived(sheet), Columns.now()
        is_preview = sheet.state in work.SHOWN
        context |= {
            "tabs": [(each.name, each.label, each.count) for each in tabs if each.count or each is tab],
            "left_out": ImportRow.objects.filter(sheet=sheet, is_left_out=True).count(),
            "show": tab.name,
            "heading": tab.label,
            "again": _imported_before(sheet) if is_preview else None,
            "doubtful": doubtful(sheet) if is_preview else 0,
            "noted": next(each.count for each in tabs if each.name == "noted"),
            "not_read": quoted(not_read(sheet.headers, sheet.mapping), columns),
            "is_for_readers": is_for_readers(sheet.headers, columns),
            "page": page,
            "rows": shown(page.object_list),
            "archived": archived.count() if is_preview else 0,
            "in_tab": next(each.count for each in tabs if each.name == "archived"),
            "staying": archived.exclude(road=ImportRow.Road.RESTORE).count() if is_preview else 0,
            "restored": ImportRow.objects.filter(sheet=sheet, road=ImportRow.Road.RESTORE).count(),
            "can_restore": context["is_own"] and may(request.user, "restore"),
            "overtaken": ImportRow.objects.filter(sheet=sheet, is_overtaken=True).count(),
            "can_confirm": context["is_own"] and not sheet.rejected and bool(sheet.created or sheet.changed),
            "can_undo": may_import(request.user) and undoing.can_undo(sheet),
            "undone": undoing.so_far(sheet) if sheet.state in UNDONE else None,
            "is_large": sheet.versions_made > undoing.UNDO_MOST,
            "undo_most": undoing.UNDO_MOST,
        }
        return render(request, f"admin/recommendations/import/{'preview' if is_preview else 'result'}.html", context)


def _imported_before(sheet: Import) -> Import | None:
    """The last import of the very same file that is still in force."""
    same = Import.objects.filter(digest=sheet.digest, state__in=[Import.State.DONE, Import.State.PARTLY])
    return same.exclude(pk=sheet.pk).order_by("-created_at", "-pk").first()
