"""What the pages of an entry beside its form have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from common.translation import HTML_LANG
from recommendations.admin import wording
from recommendations.models import EntryVersion, Recommendation

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin

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
    }


def is_overtaken(request: HttpRequest, entry: Recommendation) -> bool:
    """Whether someone saved the entry since the page was opened."""
    return request.POST.get("seen_version") != str(EntryVersion.objects.newest_number(entry))


def warn_overtaken(model_admin: RecommendationAdmin, request: HttpRequest) -> None:
    """Says so: nothing was done."""
    sentence = _("Someone saved this entry meanwhile. Nothing was done; look again, then decide.")
    model_admin.message_user(request, sentence, messages.WARNING)


def previews(entry: Recommendation) -> list[tuple[str, str, str]]:
    """Each language with its tag, and where ``entry`` is seen as readers would see it."""
    preview = address("preview", entry)
    return [(code, tag, f"{preview}?language={code}") for code, tag in HTML_LANG.items()]
