"""What editors do with an import: name its columns, mend its rows, confirm, cancel, undo it; and the files it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.lines import one_line_end
from common.site import site_slug
from recommendations.admin.sitting import may, may_publish
from recommendations.admin.taking import as_file, entries_as_file
from recommendations.export import BYTE_ORDER_MARK, plain_csv_line
from recommendations.models import Import, ImportRow, Recommendation
from recommendations.spreadsheet import actions, export, undoing, work
from recommendations.spreadsheet.checking import AGREED, STATE
from recommendations.spreadsheet.columns import ROW, Columns
from recommendations.spreadsheet.compact import guard, is_clear, unguard
from recommendations.spreadsheet.problems import Refused, sentence

if TYPE_CHECKING:
    from recommendations.admin.imports import ImportAdmin

PAGE = "admin:recommendations_import_change"
CELL = re.compile(r"(cell|agree)-(\d{1,9})-(.+)")
#: Rejected rows that a file of them holds at most.
MOST_REJECTS = 50_000
#: Entries that an undo would leave, named one by one.
LEFT_SHOWN = 50


def _own(model_admin: ImportAdmin, request: HttpRequest, pk: int) -> Import:
    from recommendations.admin.imports import is_owner

    sheet = model_admin.find(request, pk)
    if not is_owner(request, sheet):
        raise PermissionDenied
    return sheet


@require_POST
def map_columns(request: HttpRequest, *, model_admin: ImportAdmin, pk: int) -> HttpResponse:
    """Takes what each unknown header stands for; empty leaves its column aside."""
    sheet = _own(model_admin, request, pk)
    columns = Columns.now()
    known = {column.name for column in columns.written}
    mapping = {str(p): name for p, h in enumerate(sheet.headers) if (name := columns.named(h)) in known and name}
    for place, header in enumerate(sheet.headers):
        chosen = request.POST.get(f"column-{place}", "")
        if columns.named(header) is None:
            mapping[str(place)] = chosen if chosen in known else ""
    try:
        work.refuse_unclear(mapping, sheet.headers)
    except Refused as refusal:
        model_admin.message_user(request, sentence(refusal.problem), messages.ERROR)
        return redirect(PAGE, pk)
    unknown = {str(place): mapping[str(place)] for place, h in enumerate(sheet.headers) if columns.named(h) is None}
    waiting = Import.objects.filter(pk=pk, state=Import.State.MAPPING)
    if waiting.update(mapping=unknown, state=Import.State.READING):
        work.go_on(sheet, write=actions.write)
    return redirect(PAGE, pk)


@require_POST
def mend(request: HttpRequest, *, model_admin: ImportAdmin, pk: int) -> HttpResponse:
    """Takes cells that were put right on the page, and rows to leave out."""
    sheet = _own(model_admin, request, pk)
    known = {column.name for column in Columns.now().written} | {"version"}
    rejected = ImportRow.objects.filter(sheet=sheet, outcome=ImportRow.Outcome.REJECTED)
    lines = set(rejected.values_list("line", flat=True))
    cells: dict[int, dict[str, Any]] = {}
    for name, value in request.POST.items():
        found = CELL.fullmatch(name)
        if not found or int(found[2]) not in lines:
            continue
        if found[3] not in known and not (found[1] == "agree" and found[3] == STATE and may(request.user, "restore")):
            continue
        row = cells.setdefault(int(found[2]), {})
        if found[1] == "agree":
            row.setdefault(AGREED, {})[found[3]] = str(value)[:9]
        else:
            row[found[3]] = one_line_end(str(value))
    left_out = [line for line in lines if f"leave-{line}" in request.POST]
    work.mend(sheet=sheet, cells=cells, left_out=left_out)
    work.go_on(sheet, write=actions.write)
    return redirect(PAGE, pk)


@require_POST
def take_out(request: HttpRequest, *, model_admin: ImportAdmin, pk: int) -> HttpResponse:
    """Takes which archived entries become drafts again when the import is confirmed: all, none, or those ticked."""
    sheet = _own(model_admin, request, pk)
    if not may(request.user, "restore"):
        raise PermissionDenied
    seen = {line: str(number) for line, number in work.archived(sheet).values_list("line", "seen")}
    if "none" in request.POST:
        seen = dict.fromkeys(seen, "")
    elif "all" not in request.POST:
        shown = {line for line in seen if str(line) in request.POST.getlist("shown")}
        seen = {line: request.POST.get(f"agree-{line}-{STATE}", "")[:9] for line in shown}
    work.restore(sheet=sheet, chosen=seen)
    work.go_on(sheet, write=actions.write)
    return redirect(f"{reverse(PAGE, args=[pk])}?show=archived")


@require_POST
def mended(request: HttpRequest, *, model_admin: ImportAdmin, pk: int) -> HttpResponse:
    """Takes a file of mended rows, each in the place of the row it names."""
    sheet = _own(model_admin, request, pk)
    file = request.FILES.get("file")
    if file is None:
        model_admin.message_user(request, _("Choose a file first."), messages.ERROR)
        return redirect(PAGE, pk)
    try:
        cells = work.read_mended(sheet, file)
    except Refused as refusal:
        model_admin.message_user(request, sentence(refusal.problem), messages.ERROR)
        return redirect(PAGE, pk)
    work.mend(sheet=sheet, cells=cells)
    work.go_on(sheet, write=actions.write)
    return redirect(PAGE, pk)


@require_POST
def confirm(request: HttpRequest, *, model_admin: ImportAdmin, pk: int) -> HttpResponse:
    """Has the import written as its preview showed it."""
    sheet = _own(model_admin, request, pk)
    if sheet.publishes and not may_publish(request.user):
        raise PermissionDenied
    if _restored(sheet) and not may(request.user, "restore"):
        raise PermissionDenied
    limit = Import._meta.get_field("reason").max_length
    if actions.confirm(sheet=sheet, reason=request.POST.get("reason", "").strip()[:limit], at=timezone.now()):
        work.go_on(sheet, write=actions.write)
        sheet.refresh_from_db()
        if sheet.state == Import.State.DONE:
            for line in done(sheet):
                model_admin.message_user(request, line, messages.SUCCESS)
    else:
        model_admin.message_user(request, _("This import is not waiting to be confirmed any more."), messages.WARNING)
    return redirect(PAGE, pk)


def _restored(sheet: Import) -> int:
    return ImportRow.objects.filter(sheet=sheet, road=ImportRow.Road.RESTORE).count()


def done(sheet: Import) -> Iterator[str]:
    """What an import came to, in a sentence or two."""
    restored = _restored(sheet)
    counts = {"new": sheet.created, "changed": sheet.changed - restored}
    new = ngettext("%(count)s new entry", "%(count)s new entries", counts["new"]) % {"count": counts["new"]}
    changed = ngettext("%(count)s changed", "%(count)s changed", counts["changed"]) % {"count": counts["changed"]}
    yield _("“%(name)s” is imported: %(new)s, %(changed)s.") % {"name": sheet.file_name, "new": new, "changed": changed}
    if restored:
        said = ngettext(
            "%(count)s entry is taken out of the archive: it is a draft again.",
            "%(count)s entries are taken out of the archive: they are drafts again.",
            restored,
        )
        yield said % {"count": restored}


@require_POST
def cancel(request: HttpRequest, *, model_admin: ImportAdmin, pk: int) -> HttpResponse:
    """Drops an import that is not confirmed; nothing of it was written."""
    sheet = _own(model_admin, request, pk)
    if work.close(pk, Import.State.CANCELLED, at=timezone.now()):
        said = _("The import of “%(name)s” is cancelled; nothing was changed.") % {"name": sheet.file_name}
        model_admin.message_user(request, said, messages.SUCCESS)
        return redirect("admin:recommendations_import_add")
    return redirect(PAGE, pk)


@require_POST
def go_on(request: HttpRequest, *, model_admin: ImportAdmin, pk: int) -> HttpResponse:
    """Has another worker go on with an import whose own has been silent."""
    sheet = _own(model_admin, request, pk)
    try:
        work.go_on(sheet, write=actions.write)
    except OperationalError:
        # The database is held by the one that writes: it is at it after all.
        model_admin.message_user(request, _("It is still being written. Wait a little longer."), messages.INFO)
    return redirect(PAGE, pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, *, model_admin: ImportAdmin, pk: int) -> HttpResponse:
    """Asks, then has the entries of an import say again what they said before."""
    from recommendations.admin.imports import may_import

    sheet = model_admin.find(request, pk)
    if not may_import(request.user):
        raise PermissionDenied
    if not undoing.can_undo(sheet):
        model_admin.message_user(request, _("There is nothing of this import to be undone."), messages.WARNING)
        return redirect(PAGE, pk)
    user: Any = request.user
    if request.method == "POST":
        found = undoing.undo(sheet=sheet, user=user, may_publish=may_publish(user), at=timezone.now())
        for level, line in undone(found):
            model_admin.message_user(request, line, level)
        return redirect(PAGE, pk)
    counts, left = undoing.foretold(sheet, may_publish=may_publish(user), most=LEFT_SHOWN)
    context = model_admin.context(request, _("Undo this import?"), sheet=sheet, counts=counts, left=left)
    context["more_left"] = counts.left - len(left)
    return render(request, "admin/recommendations/import/undo.html", context)


def undone(found: undoing.Undone) -> Iterator[tuple[int, str]]:
    """What an undo came to, a sentence each with its level."""
    if found.restored:
        said = ngettext(
            "%(count)s entry says again what it said.", "%(count)s entries say again what they said.", found.restored
        )
        yield messages.SUCCESS, said % {"count": found.restored}
    if found.pending:
        said = ngettext(
            "%(count)s entry has a pending copy that says what it said.",
            "%(count)s entries have a pending copy that says what they said.",
            found.pending,
        )
        yield messages.SUCCESS, said % {"count": found.pending}
    if found.archived:
        said = ngettext(
            "%(count)s entry that it brought is archived.",
            "%(count)s entries that it brought are archived.",
            found.archived,
        )
        yield messages.SUCCESS, said % {"count": found.archived}
    if not found.every:
        yield messages.WARNING, _("Nothing was undone.")
    if found.left:
        said = ngettext(
            "%(count)s entry was left: it has changed since, or is not for you to change.",
            "%(count)s entries were left: they have changed since, or are not for you to change.",
            found.left,
        )
        yield messages.WARNING, said % {"count": found.left}


# Files ---------------------------------------------------------------------------------------------------------


@require_safe
def template(request: HttpRequest, *, model_admin: ImportAdmin, form: str) -> HttpResponse | StreamingHttpResponse:
    """An empty table to begin from."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if form not in export.TEMPLATES:
        raise Http404("no such form")
    return as_file(export.TEMPLATES[form](), form, f"{site_slug()}-template")


@require_safe
def entries(request: HttpRequest, *, model_admin: ImportAdmin, form: str) -> HttpResponse | StreamingHttpResponse:
    """The entries that the list of them shows under this query, with every column, to be edited."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if form not in export.FORMS:
        raise Http404("no such form")
    list_admin: Any = admin.site.get_model_admin(Recommendation)
    found = list_admin.get_changelist_instance(request).get_queryset(request)
    chosen = Recommendation.objects.entries().filter(pk__in=found.order_by().values("pk")).in_order()
    return entries_as_file(request, chosen, form, f"{site_slug()}-editing")


@require_safe
def rejects(request: HttpRequest, *, model_admin: ImportAdmin, pk: int, form: str) -> StreamingHttpResponse:
    """The rejected rows as they were written, each with its reasons, to be mended and uploaded again."""
    sheet = _own(model_admin, request, pk)
    if form != "csv":
        raise Http404("no such form")
    return as_file(_rejected(sheet), form, "rejected-rows")


def _rejected(sheet: Import) -> Iterator[str]:
    used = [name for name in (sheet.mapping or {}).values() if name and name != ROW]
    yield BYTE_ORDER_MARK + plain_csv_line([ROW, "reason", "reason_zh_hans", *used])
    rows = ImportRow.objects.filter(sheet=sheet, outcome=ImportRow.Outcome.REJECTED).order_by("line")
    columns = Columns.now()
    for row in rows[:MOST_REJECTS].iterator(chunk_size=500):
        reasons = []
        for language in ("en", "zh-hans"):
            with override(language):
                said = [(columns.label(p["column"]) if p["column"] else "", sentence(p)) for p in row.problems]
                reasons.append("\n".join(f"{label}: {text}" if label else text for label, text in said))
        cells = [row.cells.get(name, "") for name in used]
        yield plain_csv_line([str(row.line), *reasons, *(_safe(cell) for cell in cells)])


def _safe(cell: Any) -> str:
    if not isinstance(cell, str):
        return ""
    return cell if is_clear(cell) else guard(unguard(cell))
