"""The pages of an entry that are not its form: start and discard a copy, archive and back, preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.translation import HTML_LANG, other_language, site_language
from recommendations import actions, derive
from recommendations.admin import pages, wording
from recommendations.admin.pages import address
from recommendations.admin.sitting import may, newest_version
from recommendations.admin.standing import may_discard
from recommendations.choices import State
from recommendations.entry_page import notice
from recommendations.models import Recommendation
from recommendations.previewing import preview_context
from recommendations.proofs import refresh_proofs
from staff.kept import Kept

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin


@require_POST
def start_copy(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """The pending copy of a published entry, made where there is none; leads to its form."""
    entry = pages.find(entry_id)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    with transaction.atomic():
        original = actions.hold(entry_id=entry.pk)
        if original is None or original.state != State.PUBLISHED:
            model_admin.message_user(request, _("Only a published entry has a pending copy."), messages.WARNING)
            return redirect(wording.CHANGE, entry.pk)
        is_new = not Recommendation.objects.filter(working_copy_of=original).exists()
        copy = actions.start_working_copy(entry=original)
        if is_new:
            model_admin.log_change(request, original, _("Made a pending copy."))
    return redirect(wording.CHANGE, copy.pk)


def _confirm(
    model_admin: RecommendationAdmin, request: HttpRequest, entry: Recommendation, words: dict[str, Any]
) -> HttpResponse:
    context = pages.frame(model_admin, request, entry) | words
    return render(request, "admin/recommendations/recommendation/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """Asks, then drops a pending copy; what it said stays in the entry's versions."""
    with transaction.atomic():
        if request.method == "POST":
            actions.hold(entry_id=entry_id)
        copy = pages.find(entry_id)
        original = copy.working_copy_of
        if original is None:
            raise Http404("not a working copy")
        if not (model_admin.has_change_permission(request) and may_discard(request.user, copy)):
            raise PermissionDenied
        if request.method == "POST" and not pages.is_overtaken(request, copy):
            actions.discard_working_copy(copy=copy, author=request.user, at=timezone.now())
            model_admin.log_change(request, original, _("Discarded the pending copy."))
            sentence = _("The pending copy of “%(name)s” is discarded; what it said stays in the history.")
            model_admin.message_user(request, sentence % {"name": original}, messages.SUCCESS)
            return redirect(wording.CHANGE, original.pk)
        if request.method == "POST":
            pages.warn_overtaken(model_admin, request, copy)
    words = {
        "title": _("Discard the pending copy?"),
        "sentence": _(
            "Readers keep seeing “%(name)s” as it is published. What the copy says stays in the history of the entry."
        )
        % {"name": original},
        "saved": wording.last_saved(copy, newest_version(copy)),
        "button": _("Discard the pending copy"),
    }
    return _confirm(model_admin, request, copy, words)


@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """Asks, then takes an entry away from readers; a pending copy must be settled first."""
    if not (model_admin.has_change_permission(request) and may(request.user, "archive")):
        raise PermissionDenied
    with transaction.atomic():
        if request.method == "POST":
            actions.hold(entry_id=entry_id)
        entry = pages.find(entry_id)
        if entry.working_copy_of_id:
            raise Http404("nothing to archive")
        if entry.state == State.ARCHIVED:
            pages.say_too_late(model_admin, request, _("“%(name)s” is archived already.") % {"name": entry})
            return redirect(wording.CHANGE, entry.pk)
        is_pending = Recommendation.objects.filter(working_copy_of=entry).exists()
        if request.method == "POST" and not is_pending and not pages.is_overtaken(request, entry):
            actions.archive(entry=entry, author=request.user, reason=pages.reason_of(request), at=timezone.now())
            model_admin.log_change(request, entry, _("Archived."))
            sentence = _("“%(name)s” is archived: readers no longer see it.") % {"name": entry}
            model_admin.message_user(request, sentence, messages.SUCCESS)
            return redirect("admin:recommendations_recommendation_changelist")
        if request.method == "POST" and is_pending:
            pages.say_too_late(model_admin, request, _("It has a pending copy: publish or discard that first."))
        elif request.method == "POST":
            pages.warn_overtaken(model_admin, request, entry)
    words = {
        "title": _("Archive this entry?"),
        "sentence": _(
            "Readers will no longer find “%(name)s”; its address will say that it was withdrawn. It stays here, with "
            "its history, and can be published again."
        )
        % {"name": entry},
        "hindrance": _("It has a pending copy: publish or discard that first.") if is_pending else "",
        "asks_reason": True,
        "button": _("Archive"),
    }
    return _confirm(model_admin, request, entry, words)


@require_http_methods(["GET", "HEAD", "POST"])
def unarchive(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """Asks, then takes an entry out of the archive: it is a draft again."""
    if not (model_admin.has_change_permission(request) and may(request.user, "restore")):
        raise PermissionDenied
    with transaction.atomic():
        if request.method == "POST":
            actions.hold(entry_id=entry_id)
        entry = pages.find(entry_id)
        if entry.working_copy_of_id:
            raise Http404("not archived")
        if entry.state != State.ARCHIVED:
            pages.say_too_late(model_admin, request, _("“%(name)s” is not in the archive.") % {"name": entry})
            return redirect(wording.CHANGE, entry.pk)
        if request.method == "POST" and not pages.is_overtaken(request, entry):
            actions.unarchive(entry=entry, author=request.user, reason=pages.reason_of(request), at=timezone.now())
            model_admin.log_change(request, entry, _("Taken out of the archive."))
            sentence = _("“%(name)s” is a draft again. Readers see it once it is published.") % {"name": entry}
            model_admin.message_user(request, sentence, messages.SUCCESS)
            return redirect(wording.CHANGE, entry.pk)
        if request.method == "POST":
            pages.warn_overtaken(model_admin, request, entry)
    words = {
        "title": _("Take this entry out of the archive?"),
        "sentence": _("“%(name)s” becomes a draft again. Readers see it once it is published.") % {"name": entry},
        "asks_reason": True,
        "button": _("Take out of the archive"),
    }
    return _confirm(model_admin, request, entry, words)


def preview_unsaved(request: HttpRequest, entry: Recommendation) -> HttpResponse:
    """What was typed as readers would see it, in the language of the button pressed; then none of it is kept.

    Called where it is saved, in the transaction of the form.
    """
    derive.refresh(Recommendation.objects.filter(pk=entry.pk))
    refresh_proofs([entry])
    typed = Recommendation.objects.for_detail().select_related("working_copy_of").get(pk=entry.pk)
    language = request.POST.get("_preview", "")
    with translation.override(language if language in HTML_LANG else site_language()):
        context = preview_context(request, typed) | {
            "notice": _("Preview of what you typed. Nothing of it is saved: go back to the form to save it."),
            "alternate_url": request.path,
            "hreflangs": [],
            # Its language is a button of a form that sends the same once more.
            "resent": _resent(request),
        }
        response = render(request, "recommendations/detail.html", context)
    transaction.set_rollback(True)
    return response


def _resent(request: HttpRequest) -> list[tuple[str, str]]:
    kept = Kept.of(request)
    return [pair for pair in kept.fields if pair[0] != "_preview"] if kept else []


@require_safe
def preview(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """What readers do not see yet as they would see it, marked; ``?language=`` chooses the language."""
    copy = Recommendation.objects.for_detail().select_related("working_copy_of").filter(pk=entry_id).first()
    if copy is None:
        raise Http404("no such entry")
    if not model_admin.has_view_permission(request, copy):
        raise PermissionDenied
    if copy.is_public:
        return redirect(copy.get_absolute_url())
    language = request.GET.get("language", "")
    with translation.override(language if language in HTML_LANG else site_language()):
        context = preview_context(request, copy) | {
            "notice": _("Pending copy: readers see the entry as it was last published; this is how it would look.")
            if copy.working_copy_of_id
            else notice(copy),
            # The one address of a preview serves both languages.
            "alternate_url": f"{address('preview', copy)}?language={other_language(site_language())}",
            "hreflangs": [],
        }
        return render(request, "recommendations/detail.html", context)
