"""The pages of an entry that are not its form: start and discard a copy, archive, preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cities.models import City
from common.translation import HTML_LANG, other_language, site_language
from recommendations import actions, derive
from recommendations import views as public
from recommendations.admin import wording
from recommendations.admin.sitting import Sitting, may_publish, newest_version
from recommendations.choices import State
from recommendations.models import Coverage, EntryVersion, Recommendation
from recommendations.snapshot import snapshot

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin


def _url(name: str, entry: Recommendation) -> str:
    return reverse(f"admin:recommendations_recommendation_{name}", args=[entry.pk])


def _find(entry_id: int) -> Recommendation:
    entry = Recommendation.objects.select_related("working_copy_of").filter(pk=entry_id).first()
    if entry is None:
        raise Http404("no such entry")
    return entry


def may_discard(user: Any, copy: Recommendation) -> bool:
    """Who may publish may discard a copy; anyone may take back one that says nothing new."""
    return may_publish(user) or snapshot(copy) == snapshot(copy.original)


def desk_context(model_admin: RecommendationAdmin, request: HttpRequest, sitting: Sitting) -> dict[str, Any]:
    """What the form's own parts show beside the fields: where the entry stands, and what can be done."""
    entry = sitting.entry
    can_edit = model_admin.has_change_permission(request, entry) if entry else True
    context: dict[str, Any] = {"sitting": sitting, "buttons": wording.buttons(sitting) if can_edit else []}
    if entry is None:
        return context
    context["state"] = model_admin.state_badge(entry)
    context["pillar"] = model_admin.pillar_badge(entry)
    context["newest"] = sitting.newest
    if entry.working_copy_of_id:
        context |= _copy_context(request, entry, sitting)
    elif sitting.pending:
        context["pending_url"] = _url("change", sitting.pending)
        context["pending_saved"] = wording.last_saved(sitting.pending, sitting.newest)
    elif sitting.is_published and not can_edit and model_admin.has_change_permission(request):
        context["start_url"] = _url("start-copy", entry)
    if sitting.may_publish and not entry.working_copy_of_id and entry.state != State.ARCHIVED:
        context["archive_url"] = _url("archive", entry)
    return context


def _copy_context(request: HttpRequest, copy: Recommendation, sitting: Sitting) -> dict[str, Any]:
    preview = _url("preview", copy)
    context: dict[str, Any] = {
        "original": copy.original,
        "copy_saved": wording.last_saved(copy, sitting.newest),
        "previews": [(code, HTML_LANG[code], f"{preview}?language={code}") for code in HTML_LANG],
    }
    if may_discard(request.user, copy):
        context["discard_url"] = _url("discard", copy)
    return context


@require_POST
def start_copy(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """The pending copy of a published entry, made where there is none; leads to its form."""
    entry = _find(entry_id)
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
    newest = newest_version(entry)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "entry": entry,
        "seen_version": newest.number if newest else 0,
        "back_url": reverse(wording.CHANGE, args=[entry.pk]),
        "reason_length": EntryVersion._meta.get_field("reason").max_length,
        **words,
    }
    return render(request, "admin/recommendations/recommendation/confirm.html", context)


def _is_overtaken(request: HttpRequest, entry: Recommendation) -> bool:
    newest = newest_version(entry)
    return request.POST.get("seen_version") != str(newest.number if newest else 0)


def _warn_overtaken(model_admin: RecommendationAdmin, request: HttpRequest) -> None:
    sentence = _("Someone saved this entry meanwhile. Nothing was done; look again, then decide.")
    model_admin.message_user(request, sentence, messages.WARNING)


@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """Asks, then drops a pending copy; what it said stays in the entry's versions."""
    with transaction.atomic():
        if request.method == "POST":
            actions.hold(entry_id=entry_id)
        copy = _find(entry_id)
        original = copy.working_copy_of
        if original is None:
            raise Http404("not a working copy")
        if not (model_admin.has_change_permission(request) and may_discard(request.user, copy)):
            raise PermissionDenied
        if request.method == "POST" and not _is_overtaken(request, copy):
            actions.discard_working_copy(copy=copy, author=request.user, at=timezone.now())
            model_admin.log_change(request, original, _("Discarded the pending copy."))
            sentence = _("The pending copy of “%(name)s” is discarded; what it said stays in the history.")
            model_admin.message_user(request, sentence % {"name": original}, messages.SUCCESS)
            return redirect(wording.CHANGE, original.pk)
        if request.method == "POST":
            _warn_overtaken(model_admin, request)
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
    if not (model_admin.has_change_permission(request) and may_publish(request.user)):
        raise PermissionDenied
    with transaction.atomic():
        if request.method == "POST":
            actions.hold(entry_id=entry_id)
        entry = _find(entry_id)
        if entry.working_copy_of_id or entry.state == State.ARCHIVED:
            raise Http404("nothing to archive")
        is_pending = Recommendation.objects.filter(working_copy_of=entry).exists()
        if request.method == "POST" and not is_pending and not _is_overtaken(request, entry):
            limit = EntryVersion._meta.get_field("reason").max_length
            reason = request.POST.get("reason", "").strip()[:limit]
            actions.archive(entry=entry, author=request.user, reason=reason, at=timezone.now())
            model_admin.log_change(request, entry, _("Archived."))
            sentence = _("“%(name)s” is archived: readers no longer see it.") % {"name": entry}
            model_admin.message_user(request, sentence, messages.SUCCESS)
            return redirect("admin:recommendations_recommendation_changelist")
        if request.method == "POST" and not is_pending:
            _warn_overtaken(model_admin, request)
    words = {
        "title": _("Archive this entry?"),
        "sentence": _(
            "Readers will no longer find “%(name)s”, nor see it at its address. It stays here, with its history, "
            "and can be published again."
        )
        % {"name": entry},
        "hindrance": _("It has a pending copy: publish or discard that first.") if is_pending else "",
        "asks_reason": True,
        "button": _("Archive"),
    }
    return _confirm(model_admin, request, entry, words)


@require_safe
def preview(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """A working copy as readers would see it, marked as pending; ``?language=`` chooses the language."""
    copy = Recommendation.objects.for_detail().select_related("working_copy_of").filter(pk=entry_id).first()
    if copy is None:
        raise Http404("no such entry")
    if not model_admin.has_view_permission(request, copy):
        raise PermissionDenied
    original = copy.working_copy_of
    if original is None:
        return redirect(copy.get_absolute_url())
    language = request.GET.get("language", "")
    with translation.override(language if language in HTML_LANG else site_language()):
        _stand_in(copy, original)
        context = public.entry_context(request, copy) | {
            "notice": _("Pending copy: readers see the entry as it was last published; this is how it would look."),
            **public.history_context(original),
            "version": None,
            # The one address of a preview serves both languages.
            "alternate_url": f"{_url('preview', copy)}?language={other_language(site_language())}",
            "hreflangs": [],
        }
        return render(request, "recommendations/detail.html", context)


def _stand_in(copy: Recommendation, original: Recommendation) -> None:
    """Give ``copy``, in memory only, the name of its original and the coverage it would have."""
    copy.number, copy.slug = original.number, original.slug
    links = derive.coverage_of(copy, derive.area_cities())
    cities = City.objects.in_bulk(links)
    rows = [Coverage(recommendation=copy, city=cities[city], basis=basis) for city, basis in sorted(links.items())]
    # Where prefetch_related puts what the page then reads.
    vars(copy)["_prefetched_objects_cache"]["coverage"] = rows
