"""The pages of one change for many entries: what and which, a summary, what was done, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods

from common.admin import DayField
from common.numbers import ID_DIGITS, whole_number
from recommendations import bulk, foreseeing
from recommendations.admin.pages import REASON_LENGTH
from recommendations.admin.sitting import may_publish
from recommendations.admin.taking import entries_as_file
from recommendations.models import BulkChange, Recommendation
from themes.models import Term

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin

LIST = "admin:recommendations_recommendation_changelist"
DONE = "admin:recommendations_recommendation_bulk_done"
#: Entries that a page names; the others are counted.
NAMED = 100
#: Seconds after which a page looks again at how far a change is.
REFRESH = 3
Kind = BulkChange.Kind

_WORDS_BACK = gettext_lazy(
    "It can be taken back: each entry says again what it said, as a new version that is published or pending like any "
    "edit; a pending copy that this makes is dropped."
)
#: What taking a change back will do, said before it is done and again before it is taken back.
UNDO = {
    **dict.fromkeys(foreseeing.WORDS, _WORDS_BACK),
    Kind.SUBMIT: gettext_lazy("It can be taken back: they are drafts again."),
    Kind.RETURN: gettext_lazy("It can be taken back: they wait for review again."),
    Kind.PUBLISH: gettext_lazy(
        "It can be taken back: an entry that was a draft is one again, and its address says that it was withdrawn; of "
        "one with a pending copy readers see the former words again, as a new version, and the copy is pending again. "
        "What readers were shown meanwhile stays in the public history."
    ),
    Kind.ARCHIVE: gettext_lazy(
        "It can be taken back: each is what it was, and what readers saw is published again where it still has all "
        "that readers need."
    ),
}


class BulkForm(forms.Form):
    """What is to be done to the entries chosen; ``user`` is offered what they may do."""

    kind = forms.ChoiceField(label=pgettext_lazy("many entries", "What is to be done"), widget=forms.RadioSelect)
    terms = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Terms"),
        queryset=Term.objects.select_related("vocabulary").in_order(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 10}),
    )
    day = DayField(
        label=gettext_lazy("Date of review"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=Recommendation._meta.get_field("reviewed_on").validators,
    )
    reason = forms.CharField(label=gettext_lazy("Comment"), required=False, max_length=REASON_LENGTH)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [choice for choice in Kind.choices if bulk.allowed(user, choice[0])]

    def clean(self) -> dict[str, Any]:
        super().clean()
        kind = self.cleaned_data.get("kind")
        if kind in {Kind.ADD_TERMS, Kind.REMOVE_TERMS} and not self.cleaned_data.get("terms"):
            self.add_error("terms", _("Choose at least one."))
        if kind == Kind.REVIEWED and not self.cleaned_data.get("day") and "day" not in self.errors:
            self.add_error("day", _("Give a date."))
        return self.cleaned_data

    @property
    def wish(self) -> foreseeing.Wish:
        """What a valid form asks for."""
        day = self.cleaned_data["day"]
        return foreseeing.Wish(
            self.cleaned_data["kind"], foreseeing.slugs_of(self.cleaned_data["terms"]), day.isoformat() if day else ""
        )


def change_many(model_admin: RecommendationAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    """An action of the list: asks what is to be done to the entries chosen, or to all that match."""
    most = settings.BULK_MAX_ENTRIES
    ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: most + 1])
    if len(ids) > most:
        sentence = _("At most %(limit)s entries are changed at once (setting %(name)s); narrow the list.")
        model_admin.message_user(request, sentence % {"limit": most, "name": "BULK_MAX_ENTRIES"}, messages.WARNING)
        return None
    return _ask(model_admin, request, BulkForm(user=request.user, prefix="bulk"), ids)


def export_many(
    model_admin: RecommendationAdmin, request: HttpRequest, queryset: QuerySet[Any]
) -> StreamingHttpResponse:
    """An action of the list: the entries chosen as a workbook that can be changed and imported again."""
    entries = Recommendation.objects.filter(pk__in=queryset.order_by().values("pk")).in_order()
    return entries_as_file(request, entries, "xlsx", "entries")


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, *, model_admin: RecommendationAdmin) -> HttpResponse:
    """The summary of what is asked; with ``_do``, as it was shown, the change itself."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        messages.info(request, _("Choose the entries first, then what is to be done to them."))
        return redirect(LIST)
    form = BulkForm(request.POST, user=request.user, prefix="bulk")
    seen = _seen(request)
    if not form.is_valid():
        return _ask(model_admin, request, form, list(seen))
    if "_do" in request.POST:
        made = bulk.ask(
            seen=seen,
            wish=form.wish,
            author=request.user,
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
            may_publish=may_publish(request.user),
        )
        bulk.go_on(made)
        return redirect(DONE, made.pk)
    summary = Summary(foreseeing.foresee(sorted(seen), form.wish), form.wish, publishes=may_publish(request.user))
    kind = Kind(form.wish.kind)
    shown = {
        "form": form,
        "kind": kind.label,
        "summary": summary,
        "undo": UNDO[kind],
        "may_undo": bulk.allowed(request.user, kind, back=True),
    }
    return _page(model_admin, request, "bulk_summary", _("Change these entries?"), shown)


class Summary:
    """What a change comes to: every entry is counted and kept by its id, the first of them are named."""

    def __init__(self, lines: Iterable[foreseeing.Line], wish: foreseeing.Wish, *, publishes: bool) -> None:
        self.changing: list[tuple[foreseeing.Line, str]] = []
        self.left: list[foreseeing.Line] = []
        found, reasons, becoming = [], Counter[str](), Counter[str]()
        for line in lines:
            if line.hindrance:
                reasons[str(line.hindrance)] += 1
                self.left += [line] if len(self.left) < NAMED else []
                continue
            becomes = str(foreseeing.becomes(line, wish, may_publish=publishes))
            becoming[becomes] += 1
            found.append(f"{line.entry.pk}:{line.seen}")
            self.changing += [(line, becomes)] if len(self.changing) < NAMED else []
        self.count, self.entries = len(found), ",".join(found)
        self.becoming = [(what, count) for what, count in becoming.most_common() if what]
        self.reasons, self.left_count = reasons.most_common(), reasons.total()
        self.more, self.left_more = self.count - len(self.changing), self.left_count - len(self.left)


@require_http_methods(["GET", "HEAD", "POST"])
def done(request: HttpRequest, *, model_admin: RecommendationAdmin, change_id: int) -> HttpResponse:
    """What a change of many entries did, or how far it is; its author, or who may publish, takes it back."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    made = get_object_or_404(BulkChange.objects.select_related("author", "undone_by"), pk=change_id)
    is_theirs = made.author_id == request.user.pk or may_publish(request.user)
    can_undo = bulk.can_undo(made)
    may_undo = can_undo and is_theirs and bulk.allowed(request.user, made.kind, back=True)
    if request.method == "POST":
        _go_on(request, made, is_theirs=is_theirs, may_undo=may_undo)
        return redirect(DONE, made.pk)
    count = len(made.rows)
    kept = bulk.changed_since(made) if can_undo else made.kept
    is_silent = made.beat_at is None or timezone.now() - made.beat_at > bulk.SILENCE
    is_still = not made.is_busy or is_silent or "still" in request.GET
    shown = {
        "made": made,
        "entries": _named(row[0] for row in made.rows[:NAMED]),
        "more": max(0, count - NAMED),
        "left": _named(made.left[:NAMED]),
        "left_more": max(0, len(made.left) - NAMED),
        "since": _named(kept[:NAMED]),
        "since_count": len(kept),
        "since_more": max(0, len(kept) - NAMED),
        "back": count - len(kept),
        "may_undo": may_undo,
        "can_undo": can_undo,
        "undo": UNDO[Kind(made.kind)],
        "done": made.of - len(made.waiting),
        "is_theirs": is_theirs,
        "is_silent": is_silent,
        "is_still": is_still,
        "seconds": REFRESH,
    }
    response = _page(model_admin, request, "bulk_done", _title(made), shown)
    if not is_still:
        response["Refresh"] = str(REFRESH)
    return response


def _title(made: BulkChange) -> str:
    count, back = len(made.rows), len(made.rows) - len(made.kept)
    if made.undone_at is None:
        return ngettext("%(count)s entry changed", "%(count)s entries changed", count) % {"count": count}
    said = ngettext(
        "%(count)s entry changed, and %(back)s taken back", "%(count)s entries changed, and %(back)s taken back", count
    )
    return said % {"count": count, "back": back}


def _go_on(request: HttpRequest, made: BulkChange, *, is_theirs: bool, may_undo: bool) -> None:
    """Take up what was stopped, or begin to take the change back."""
    if "_continue" in request.POST and made.is_busy and is_theirs:
        bulk.go_on(made)
        return
    is_taken_back = bool(made.undone_by_id or made.undone_at)
    if not may_undo and not is_taken_back:
        raise PermissionDenied
    try:
        bulk.ask_back(change=made, author=request.user, at=timezone.now(), may_publish=may_publish(request.user))
    except ValueError:  # another tab, or somebody else, was quicker
        messages.info(request, _("This was taken back already; nothing was done again."))
        return
    bulk.go_on(made)
    made.refresh_from_db()
    if bulk.can_undo(made):
        messages.warning(request, _("Nothing was taken back: of none of the entries it can be any more."))


def _named(ids: Iterable[int]) -> QuerySet[Recommendation]:
    return Recommendation.objects.filter(pk__in=list(ids)).in_order()


def _seen(request: HttpRequest) -> dict[int, int]:
    """Id → newest version, as a page of ours wrote them; anything else is left out."""
    found = {}
    for text in request.POST.get("entries", "").split(",")[: settings.BULK_MAX_ENTRIES]:
        entry, _colon, version = text.partition(":")
        if (entry_id := whole_number(entry, digits=ID_DIGITS)) is not None:
            found[entry_id] = whole_number(version) or 0
    return found


def _ask(model_admin: RecommendationAdmin, request: HttpRequest, form: BulkForm, ids: list[int]) -> HttpResponse:
    shown = {"form": form, "count": len(ids), "entries": ",".join(str(entry) for entry in ids)}
    return _page(model_admin, request, "bulk_ask", _("Change many entries"), shown)


def _page(
    model_admin: RecommendationAdmin, request: HttpRequest, name: str, title: str, shown: dict[str, Any]
) -> HttpResponse:
    frame = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "title": title}
    context = frame | {"list_url": reverse(LIST)} | shown
    return render(request, f"admin/recommendations/recommendation/{name}.html", context)
