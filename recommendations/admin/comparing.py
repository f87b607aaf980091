"""The pages that set two versions of an entry side by side: pending against live, and any two of its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.numbers import whole_number
from common.translation import sentence_gap
from recommendations import actions
from recommendations.admin import pages, scheduling, wording
from recommendations.admin.sitting import may_publish, newest_version
from recommendations.choices import State, Step
from recommendations.describing import LABELS, Change, Label, Names, describe
from recommendations.entry_page import FIELD_LABELS
from recommendations.models import EntryVersion, Recommendation
from recommendations.models.entry import TEXTS
from recommendations.proofs import broken
from recommendations.readiness import needs
from recommendations.snapshot import NAME, Document, differences, empty_document, restored, snapshot

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text in both languages: how each changed, or what it says where it did not."""

    label: Label
    sides: list[tuple[str, Change | None, str]]


class Comparison:
    """What ``after`` says otherwise than ``before`` (``None``: nothing yet), for the desk."""

    def __init__(self, before: Document | None, after: Document) -> None:
        once = before or empty_document(after["report"]) | {name: after[name] for name in ("number", "slug")}
        names = Names([once, after], is_for_staff=True)
        found = {one.name: describe(one, names) for one in differences(once, after)}
        self.texts: list[TextRow] = []
        same: list[str | Promise] = []
        for name in TEXTS:
            columns = [f"{name}_en", f"{name}_zh_hans"]
            if not any(f"texts.{column}" in found for column in columns):
                same.append(FIELD_LABELS[name])
                continue
            sides = [
                (lang, found.get(f"texts.{column}"), after["texts"][column])
                for lang, column in zip(("en", "zh-hans"), columns, strict=True)
            ]
            self.texts.append(TextRow(FIELD_LABELS[name], sides))
        self.things = [change for name, change in found.items() if change and not name.startswith("texts.")]
        self.same = same + [label for name, label in LABELS.items() if name not in found]

    @property
    def is_empty(self) -> bool:
        return not (self.texts or self.things)


def live_version(entry: Recommendation) -> EntryVersion | None:
    """What readers see of ``entry``, or saw of it last."""
    versions = EntryVersion.objects.filter(entry=entry.original).select_related("author")
    return versions.public_now().first() or versions.ever_public().order_by("-public_from", "-number").first()


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """Pending against live: approve it, or return it to its editor, with a note."""
    with transaction.atomic():
        if request.method == "POST":
            actions.hold(entry_id=entry_id)
        entry = pages.find(entry_id)
        pending = Recommendation.objects.filter(working_copy_of=entry).first()
        if pending is not None:
            if request.method == "POST":
                pages.say_too_late(model_admin, request, _("This entry has a pending copy by now: decide on that one."))
            return redirect("admin:recommendations_recommendation_review", pending.pk)
        if not model_admin.has_view_permission(request, entry):
            raise PermissionDenied
        if entry.state == State.PUBLISHED:
            pages.say_too_late(model_admin, request, _("Nothing of this entry waits for review."))
            return redirect(wording.CHANGE, entry.pk)
        if request.method == "POST" and (answer := _decide(request, model_admin, entry)):
            return answer
    return _review_page(request, model_admin, entry)


def _decide(request: HttpRequest, model_admin: RecommendationAdmin, entry: Recommendation) -> HttpResponse | None:
    """Publish or return ``entry``, which is held, as the button pressed says; where that cannot be, say so."""
    if not (model_admin.has_change_permission(request) and may_publish(request.user)):
        raise PermissionDenied
    if pages.is_overtaken(request, entry) or ("_return" in request.POST and entry.state != State.IN_REVIEW):
        pages.warn_overtaken(model_admin, request, entry)
        return None
    signed: dict[str, Any] = {"author": request.user, "reason": pages.reason_of(request), "at": timezone.now()}
    if "_return" in request.POST:
        actions.send_back(entry=entry, **signed)
        model_admin.log_change(request, entry, _("Returned to its editor."))
        sentence = _("“%(name)s” is returned to its editor, as a draft.") % {"name": entry.original}
        model_admin.message_user(request, sentence, messages.SUCCESS)
        return redirect("admin:index")
    try:
        public = actions.publish(entry=entry, **signed)
    except actions.NotReady as not_ready:
        sentence = _("Needed before it is published: %(what)s.")
        what = _(", ").join(str(line) for line in not_ready.missing)
        model_admin.message_user(request, sentence % {"what": what}, messages.ERROR)
        return None
    model_admin.log_change(request, public, _("Approved and published."))
    model_admin.message_user(request, wording.published(public), messages.SUCCESS)
    if doubts := wording.doubts(public):
        model_admin.message_user(request, doubts, messages.WARNING)
    return redirect("admin:index")


def _review_page(request: HttpRequest, model_admin: RecommendationAdmin, entry: Recommendation) -> HttpResponse:
    live = live_version(entry)
    newest = newest_version(entry)
    context = pages.frame(model_admin, request, entry) | {
        "title": _("Review: pending against live"),
        "newest": newest,
        "live": live,
        "is_live": bool(live and live.public_until is None),
        "comparison": Comparison(live.document if live else None, snapshot(entry)),
        "needs": needs(entry),
        "broken": broken(entry),
        "previews": pages.previews(entry),
        "may_decide": model_admin.has_change_permission(request) and may_publish(request.user),
        "may_return": entry.state == State.IN_REVIEW,
        **scheduling.waiting(request.user, entry),
    }
    return render(request, "admin/recommendations/recommendation/review.html", context)


def _version(entry: Recommendation, number: str) -> EntryVersion | None:
    said = whole_number(number)
    if said is None:
        return None
    return EntryVersion.objects.select_related("author").filter(entry=entry, number=said).first()


@require_safe
def compare(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """Any two versions of an entry: ``?from=`` and ``?to=`` are their numbers. Without ``from``, the one before."""
    entry = pages.find(entry_id)
    if not model_admin.has_view_permission(request, entry):
        raise PermissionDenied
    before, after = (_version(entry.original, request.GET.get(name, "")) for name in ("from", "to"))
    is_alone = "from" not in request.GET and after is not None
    if after is not None and is_alone:
        versions = EntryVersion.objects.filter(entry=entry.original, number__lt=after.number)
        before = versions.select_related("author").newest_first().first()
    if after is None or (before is None and not is_alone):
        model_admin.message_user(request, _("Choose two versions to compare."), messages.WARNING)
        return redirect("admin:recommendations_recommendation_history", entry.original.pk)
    if before is not None and before.number > after.number:
        before, after = after, before
    numbers = {"from": before.number if before else "", "to": after.number}
    title = _("Version %(from)s against version %(to)s") if before else _("Version %(to)s, the first")
    context = pages.frame(model_admin, request, entry.original) | {
        "title": title % numbers,
        "before": before,
        "after": after,
        "comparison": Comparison(before.document if before else None, after.document),
        "may_restore": model_admin.has_change_permission(request),
    }
    return render(request, "admin/recommendations/recommendation/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int, number: int) -> HttpResponse:
    """Asks, then has the entry say what a former version said, as a new version and by the rule of every edit."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    with transaction.atomic():
        if request.method == "POST":
            actions.hold(entry_id=entry_id)
        entry = pages.find(entry_id).original
        version = _version(entry, str(number))
        if version is None:
            raise Http404("no such version")
        row = Recommendation.objects.filter(working_copy_of=entry).first() or entry
        present = snapshot(row)
        comparison = Comparison(present, restored(version.document, present))
        if request.method == "POST" and not comparison.is_empty:
            answer = _restore(request, model_admin, entry, version)
            if answer is not None:
                return answer
        elif request.method == "POST":
            pages.say_too_late(model_admin, request, _("The entry says by now what that version said."))
    context = pages.frame(model_admin, request, entry) | {
        "title": _("Restore version %(number)s?") % {"number": number},
        "version": version,
        "sentence": _restored_how(entry, row, is_publisher=may_publish(request.user)),
        "name_stays": _name_stays(present, version.document),
        "comparison": comparison,
    }
    return render(request, "admin/recommendations/recommendation/restore.html", context)


def _name_stays(present: Document, former: Document) -> str:
    """That an entry keeps the address and the number it has, where the former version had others."""
    if all(present[name] == former[name] for name in NAME):
        return ""
    sentence = _(
        "It keeps its address “%(slug)s” and its number %(number)s; that version had “%(former)s” and %(old)s."
    )
    return sentence % {
        "slug": present["slug"], "number": present["number"], "former": former["slug"], "old": former["number"],
    }  # fmt: skip


def _restored_how(entry: Recommendation, row: Recommendation, *, is_publisher: bool) -> str:
    if row.pk != entry.pk:
        return _("The entry has a pending copy: the words of that version go there, and readers do not see them yet.")
    if entry.state != State.PUBLISHED:
        return _("It becomes the newest version. Readers do not see it.")
    if is_publisher:
        return _("It becomes the newest version, and readers see it at once.")
    return _("It becomes a pending copy, which readers see once a reviewer publishes it.")


def _restore(
    request: HttpRequest, model_admin: RecommendationAdmin, entry: Recommendation, version: EntryVersion
) -> HttpResponse | None:
    if pages.is_overtaken(request, entry):
        pages.warn_overtaken(model_admin, request, entry)
        return None
    note = _("Version %(number)s restored.") % {"number": version.number}
    reason = f"{note} {pages.reason_of(request)}".strip()[: pages.REASON_LENGTH]
    try:
        with transaction.atomic():
            row = actions.revise(
                entry=entry,
                document=version.document,
                author=request.user,
                reason=reason,
                at=timezone.now(),
                may_publish=may_publish(request.user),
                step=Step.RESTORED,
            )
    except (actions.NotReady, ObjectDoesNotExist, ValueError) as problem:
        sentence = _("Version %(number)s cannot be restored: %(why)s")
        model_admin.message_user(request, sentence % {"number": version.number, "why": problem}, messages.ERROR)
        return None
    model_admin.log_change(request, entry, note)
    model_admin.message_user(request, format_html("{}{}{}", note, sentence_gap(), wording.where(row)), messages.SUCCESS)
    return redirect(wording.CHANGE, row.pk)
