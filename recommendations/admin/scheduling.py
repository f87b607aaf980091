"""The page that plans when an entry is published or withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from common.translation import sentence_gap
from recommendations import actions, schedule
from recommendations.admin import pages, wording
from recommendations.admin.sitting import may
from recommendations.choices import State
from recommendations.models import Recommendation
from recommendations.proofs import broken
from recommendations.readiness import missing_for_publication, needs

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin

#: What a browser's own control for a moment sends and takes.
MOMENT = "%Y-%m-%dT%H:%M"


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(label=label, required=False, widget=widget, input_formats=[MOMENT, f"{MOMENT}:%S"])


class ScheduleForm(forms.Form):
    publish_at = _moment(gettext_lazy("Publish at"))
    withdraw_at = _moment(gettext_lazy("Withdraw at"))


def offered(user: Any, entry: Recommendation) -> list[str]:
    """What ``user`` may plan for ``entry`` as it stands: names of the fields."""
    may_publish, may_archive = may(user, "publish"), may(user, "archive")
    if entry.state == State.ARCHIVED:
        return []
    if entry.state == State.PUBLISHED:
        return ["withdraw_at"] if may_archive else []
    return (["publish_at"] + (["withdraw_at"] if may_archive else [])) if may_publish else []


def waiting(user: Any, row: Recommendation) -> dict[str, str]:
    """What the pages of a copy say of the withdrawal that is planned for its entry, and where that is changed."""
    said = wording.waiting_for(row, timezone.now())
    url = pages.address("schedule", row.original) if said and offered(user, row.original) else ""
    return {"waiting": said, "waiting_url": url}


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """When an entry is published or withdrawn; empty moments plan nothing."""
    with transaction.atomic():
        if request.method == "POST":
            actions.hold(entry_id=entry_id)
        entry = pages.find(entry_id)
        names = offered(request.user, entry)
        if not names or not model_admin.has_change_permission(request):
            raise PermissionDenied
        initial = {name: getattr(entry, name) for name in names}
        form = ScheduleForm(request.POST or None, initial=initial)
        for name in set(form.fields) - set(names):
            del form.fields[name]
        if request.method == "POST" and pages.is_overtaken(request, entry):
            pages.warn_overtaken(model_admin, request, entry)
        elif request.method == "POST" and form.is_valid() and _planned(request, entry, form):
            return _said(request, model_admin, entry)
    context = pages.frame(model_admin, request, entry) | {
        "title": _("Plan publication and withdrawal"),
        "form": form,
        "time_zone": get_current_timezone_name(),
        **waiting(request.user, entry),
        "needs": needs(entry) if "publish_at" in names else [],
        "broken": broken(entry) if "publish_at" in names else [],
    }
    return render(request, "admin/recommendations/recommendation/schedule.html", context)


def _planned(request: HttpRequest, entry: Recommendation, form: forms.Form) -> bool:
    """Whether the plan of ``form`` holds; where not, the form says why."""
    moments = {name: form.cleaned_data.get(name) for name in ("publish_at", "withdraw_at")}
    try:
        schedule.plan(entry=entry, author=request.user, at=timezone.now(), **moments)
    except schedule.Refused as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _said(request: HttpRequest, model_admin: RecommendationAdmin, entry: Recommendation) -> HttpResponse:
    lines = wording.planned(entry)
    sentence = sentence_gap().join(lines) or _("Nothing is planned for “%(name)s” any more.") % {"name": entry.original}
    model_admin.log_change(request, entry, sentence)
    model_admin.message_user(request, sentence, messages.SUCCESS)
    missing = missing_for_publication(entry) if entry.publish_at else []
    if missing:
        warning = _("Nothing is published then unless it has by that time: %(what)s.")
        what = _(", ").join(str(line) for line in missing)
        model_admin.message_user(request, warning % {"what": what}, messages.WARNING)
    return redirect(wording.CHANGE, entry.pk)
