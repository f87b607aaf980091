"""The page that checks the phrases of an entry against a text its editor has, and the one that shares a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from common.context import origin_of
from common.translation import HTML_LANG
from recommendations import actions, sharing
from recommendations.admin import pages, wording
from recommendations.choices import State
from recommendations.models import Evidence, Recommendation
from recommendations.proofs import refresh_proofs
from sources.checks import check as look_for
from sources.models import Source
from sources.passages import UnreadableSource

if TYPE_CHECKING:
    from recommendations.admin.entries import RecommendationAdmin

#: The longest text that is read, in bytes: a long report, many times over what an article has.
MAX_TEXT = 2 * 1024 * 1024


class CheckForm(forms.Form):
    """A source and its text, pasted or as a file."""

    source = forms.ModelChoiceField(Source.objects.none(), label=gettext_lazy("Source"), empty_label=None)
    text = forms.CharField(label=gettext_lazy("Its text"), required=False, widget=forms.Textarea)
    file = forms.FileField(label=gettext_lazy("Or a file of it (plain text, UTF-8)"), required=False)

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = sources  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        super().clean()
        file = self.cleaned_data.get("file")
        text = self.cleaned_data.get("text", "")
        if file is not None:
            text = self._read(file)
        if not text.strip() and not self.errors:
            self.add_error(None, _("Paste the text, or choose a file."))
        self.cleaned_data["text"] = text
        return self.cleaned_data

    def _read(self, file: Any) -> str:
        if file.size > MAX_TEXT:
            self.add_error("file", _("This file is larger than 2 MB."))
            return ""
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", _("This file is no plain text in UTF-8."))
            return ""
        return text


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """What is known of each phrase of an entry, and a check against a text, of which nothing is kept."""
    entry = pages.find(entry_id)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    pieces = list(Evidence.objects.filter(recommendation=entry).in_order())
    sources = Source.objects.filter(pk__in={piece.section.source_id for piece in pieces}).order_by("pk")
    chosen = {"source": request.GET.get("source")}
    form = CheckForm(request.POST or None, request.FILES or None, sources=sources, initial=chosen)
    if request.method == "POST" and form.is_valid() and _checked(request, model_admin, entry, pieces, form):
        return redirect(f"{request.path}?source={form.cleaned_data['source'].pk}")
    context = pages.frame(model_admin, request, entry) | {
        "title": _("Check the evidence"),
        "form": form,
        "pieces": pieces,
    }
    return render(request, "admin/recommendations/recommendation/check.html", context)


def _checked(
    request: HttpRequest,
    model_admin: RecommendationAdmin,
    entry: Recommendation,
    pieces: list[Evidence],
    form: CheckForm,
) -> bool:
    """Whether the text of ``form`` could be read; what it says of the phrases is kept and told then."""
    source = form.cleaned_data["source"]
    own = [piece for piece in pieces if piece.section.source_id == source.pk]
    with transaction.atomic():
        actions.hold(entry_id=entry.pk)
        try:
            results = look_for(source=source, text=form.cleaned_data["text"], citations=own)
        except UnreadableSource as unreadable:
            line = _("This is not the text of “%(source)s”: %(why)s.")
            form.add_error(None, line % {"source": source, "why": unreadable})
            return False
        refresh_proofs([entry])
    missing = [piece for piece, is_found in results if not is_found]
    if missing:
        line = ngettext(
            "%(count)s phrase is not where its locator says: %(phrases)s",
            "%(count)s phrases are not where their locators say: %(phrases)s",
            len(missing),
        )
        told = [_("%(where)s “%(phrase)s”") % {"where": one.locator, "phrase": one.key_phrase} for one in missing]
        named = _("; ").join(told)
        model_admin.message_user(request, line % {"count": len(missing), "phrases": named}, messages.ERROR)
    else:
        sentence = _("Every phrase is where its locator says.")
        model_admin.message_user(request, sentence, messages.SUCCESS)
    return True


@require_safe
def share(request: HttpRequest, *, model_admin: RecommendationAdmin, entry_id: int) -> HttpResponse:
    """Links to a preview in both languages, for someone who has no account."""
    entry = pages.find(entry_id)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    if entry.state == State.PUBLISHED:
        return redirect(wording.CHANGE, entry.pk)
    token = sharing.token_for(entry)
    links = []
    for code, tag in HTML_LANG.items():
        with translation.override(code):
            address = reverse("recommendations:shared_preview", args=[token])
        links.append((code, tag, f"{origin_of(request)}{address}"))
    context = pages.frame(model_admin, request, entry) | {
        "title": _("Share a preview"),
        "links": links,
        "until": sharing.expires_at(timezone.now()),
    }
    return render(request, "admin/recommendations/recommendation/share.html", context)
