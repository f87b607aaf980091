"""What the pages of an entry beside its form have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.translation import HTML_LANG, sentence_gap
from recommendations.admin import wording
from recommendations.models import EntryVersion, Recommendation, SettledCopy

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin

Page = Callable[..., HttpResponse]

REASON_LENGTH: int = EntryVersion._meta.get_field("reason").max_length or 300


def address(name: str, entry: Recommendation) -> str:
    """The address of the page ``name`` of ``entry``."""
    return reverse(f"admin:recommendations_recommendation_{name}", args=[entry.pk])


def find(entry_id: int) -> Recommendation:
    """The entry or working copy; raises ``Http404`` where there is none."""
    entry = Recommendation.objects.select_related("working_copy_of", "report", "pillar").filter(pk=entry_id).first()
    if entry is None:
        raise Http404("no such entry")
    return entry


def lead_on(model_admin: RecommendationAdmin, request: HttpRequest, copy_id: int) -> HttpResponse | None:
    """Of a copy that is published or dropped: the history of its entry, which says by whom; a note is not lost."""
    settled = SettledCopy.objects.select_related("entry").filter(pk=copy_id).first()
    if settled is None or not model_admin.has_view_permission(request):
        return None
    sentence = _("The pending copy of “%(name)s” is not there any more: it was published or dropped. See its versions.")
    say_too_late(model_admin, request, sentence % {"name": settled.entry})
    return redirect(address("history", settled.entry))


def or_lead_on(page: Page) -> Page:
    """``page``; where the copy that it is about is gone, where that leads."""

    @wraps(page)
    def led(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int, **kwargs: Any) -> HttpResponse:
        try:
            return page(request, model_admin=model_admin, entry_id=entry_id, **kwargs)
        except Http404:
            answer = lead_on(model_admin, request, entry_id)
            if answer is None:
                raise
            return answer

    return led


def reason_of(request: HttpRequest) -> str:
    """The note that was typed, as long as a version keeps it."""
    return request.POST.get("reason", "").strip()[:REASON_LENGTH]


def frame(model_admin: RecommendationAdmin, request: HttpRequest, entry: Recommendation) -> dict[str, Any]:
    """What every such page shows around its own subject."""
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "entry": entry,
        "seen_version": EntryVersion.objects.newest_number(entry),
        "back_url": reverse(wording.CHANGE, args=[entry.pk]),
        "reason_length": REASON_LENGTH,
        "reason": reason_of(request),
    }


def is_overtaken(request: HttpRequest, entry: Recommendation) -> bool:
    """Whether someone saved the entry since the page was opened."""
    return request.POST.get("seen_version") != str(EntryVersion.objects.newest_number(entry))


def say_too_late(model_admin: RecommendationAdmin, request: HttpRequest, sentence: str) -> None:
    """Says why a page is not there any more; of one that was sent, that nothing was done, and what was noted there."""
    said = [sentence]
    if request.method == "POST":
        said.append(_("Nothing was done."))
        if note := reason_of(request):
            said.append(_("You had noted: “%(note)s”") % {"note": note})
    model_admin.message_user(request, sentence_gap().join(said), messages.WARNING)


def warn_overtaken(model_admin: RecommendationAdmin, request: HttpRequest, entry: Recommendation) -> None:
    """Says what somebody did to ``entry``, and that nothing was done now."""
    sentence = _("Something was done to this entry meanwhile. Nothing was done now; look again, then decide.")
    newest = EntryVersion.objects.filter(entry=entry.original).select_related("author").newest_first().first()
    said = [sentence, wording.signed(newest)] if newest else [sentence]
    model_admin.message_user(request, sentence_gap().join(said), messages.WARNING)


def previews(entry: Recommendation) -> list[tuple[str, str, str]]:
    """Each language with its tag, and where ``entry`` is seen as readers would see it."""
    preview = address("preview", entry)
    return [(code, tag, f"{preview}?language={code}") for code, tag in HTML_LANG.items()]
