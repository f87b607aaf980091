"""What an entry's form shows beside its fields: where the entry stands, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from recommendations import schedule
from recommendations.admin import pages, scheduling, typed, wording
from recommendations.admin.pages import address
from recommendations.admin.sitting import COPY, Sitting, may, may_publish
from recommendations.choices import State
from recommendations.models import EntryVersion, Recommendation
from recommendations.proofs import broken
from recommendations.readiness import needs
from recommendations.snapshot import empty_document, snapshot

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin

#: What the templates read of every form, whatever it is of.
ABSENT: dict[str, Any] = {
    "broken": [], "check_url": "", "needs": [], "planned": [], "plan_is_off": False, "problem": "", "conflict": None,
    "needs_typed": False, "returned": None, "shown": None, "publishes": False, "waiting": "", "waiting_url": "",
}  # fmt: skip


def may_discard(user: Any, copy: Recommendation) -> bool:
    """Who may publish may discard a copy; anyone may take back one that says nothing new."""
    return may_publish(user) or snapshot(copy) == snapshot(copy.original)


def desk_context(model_admin: RecommendationAdmin, request: HttpRequest, sitting: Sitting) -> dict[str, Any]:
    """What the form's own parts show beside the fields."""
    entry = sitting.entry
    can_edit = model_admin.has_change_permission(request, entry) if entry else True
    context: dict[str, Any] = {
        **ABSENT,
        "sitting": sitting,
        "conflict": sitting.conflict if can_edit else None,
        "copy_field": COPY,
        "copy_id": entry.pk if entry and entry.working_copy_of_id else "",
        "buttons": wording.buttons(sitting) if can_edit else [],
    }
    posted = request.POST if request.method == "POST" else None
    if entry is None:
        said = typed.document_of(posted, empty_document("")) if posted else None
        return context | {"needs": needs(Recommendation(), said), "needs_typed": bool(posted)}
    context |= {
        "state": model_admin.state_badge(entry),
        "pillar": model_admin.pillar_badge(entry),
        "newest": sitting.newest,
        "broken": broken(entry),
        "publishes": any(button.name == "_publish" for button in context["buttons"]),
        "planned": wording.planned(entry),
        "plan_is_off": schedule.is_overtaken(entry),
        "problem": entry.schedule_problem,
        "returned": EntryVersion.objects.returned(sitting.pending or entry),
    }
    if entry.working_copy_of_id:
        context |= _of_copy(request, entry, sitting)
    elif sitting.pending:
        context["pending_url"] = address("change", sitting.pending)
        context["pending_saved"] = wording.last_saved(sitting.pending, sitting.newest)
    elif sitting.is_published and not can_edit and model_admin.has_change_permission(request):
        context["start_url"] = address("start-copy", entry)
    if entry.state == State.PUBLISHED or entry.working_copy_of_id:
        context["shown"] = EntryVersion.objects.filter(entry=entry.original).public_now().first()
    if entry.state != State.PUBLISHED:
        said = typed.document_of(posted, snapshot(entry)) if posted else None
        context |= {"needs": needs(entry, said), "needs_typed": bool(posted), "review_url": address("review", entry)}
        context["previews"] = pages.previews(entry)
    if model_admin.has_change_permission(request):
        context |= {"share_url": address("share", entry)} if entry.state != State.PUBLISHED else {}
        context |= {"check_url": address("check", entry)} | _acts(request.user, entry)
    return context


def _of_copy(request: HttpRequest, copy: Recommendation, sitting: Sitting) -> dict[str, Any]:
    context: dict[str, Any] = {
        "original": copy.original,
        **scheduling.waiting(request.user, copy),
        "copy_saved": wording.last_saved(copy, sitting.newest),
    }
    if may_discard(request.user, copy):
        context["discard_url"] = address("discard", copy)
    return context


def _acts(user: Any, entry: Recommendation) -> dict[str, Any]:
    """The pages of what may be done with an entry beside editing it."""
    found = {"schedule_url": address("schedule", entry)} if scheduling.offered(user, entry) else {}
    if entry.working_copy_of_id:
        return found
    if entry.state == State.ARCHIVED:
        return found | ({"unarchive_url": address("unarchive", entry)} if may(user, "restore") else {})
    return found | ({"archive_url": address("archive", entry)} if may(user, "archive") else {})
