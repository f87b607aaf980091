"""What was typed at the desk and could not be taken: kept with its page until it stands in its form again.

Of somebody who is not signed in nothing is stored here: the page itself carries the words. Once there is an account,
the session keeps them until they are sent. Nothing is done with them by itself: a person is shown them, and saves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from common.admin import SHOWN_AGAIN, DeskAdmin
from common.middleware import is_desk
from common.views import forbidden
from staff.sending import told

#: A field that has one of these words in its name is never written into a page or a session.
SECRET = ("password", "secret", "token")
#: The field of a page that carries words along; the name they have in a session; and what a press on *Forget* sends.
FIELD, SESSION_KEY, FORGET = "kept_words", "kept_words", "_forget"
#: Forms of which a session keeps the words at most; the oldest goes.
MOST = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sent to ``path``; ``lacks`` says whether a file or a secret is not among it."""

    path: str
    fields: list[tuple[str, str]]
    lacks: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> Kept | None:
        """What ``request`` sends, where that is to a form of the desk and not to the sign-in or one's own account."""
        if request.method != "POST" or _is_of_account(request):
            return None
        names = [name for name in request.POST if name not in {"csrfmiddlewaretoken", SHOWN_AGAIN, FORGET}]
        told = [name for name in names if not any(word in name for word in SECRET)]
        fields = [(name, str(value)) for name in told for value in request.POST.getlist(name)]
        if not fields:
            return None
        return cls(request.get_full_path(), fields, lacks=bool(request.FILES) or len(told) < len(names))

    @property
    def packed(self) -> str:
        """The same as text, for a hidden field or a session."""
        return json.dumps([self.path, self.fields, self.lacks], ensure_ascii=False)

    @classmethod
    def unpacked(cls, text: str) -> Kept | None:
        """The same again; nothing where it is none, or not of the desk."""
        try:
            path, fields, lacks = json.loads(text)
            pairs = [(str(name), str(value)) for name, value in fields]
        except (TypeError, ValueError):
            return None
        is_ours = isinstance(path, str) and path.startswith(reverse("admin:index"))
        return cls(path, pairs, lacks=bool(lacks)) if is_ours else None

    @property
    def has_form(self) -> bool:
        """Whether the words can be shown in their form; of another act they can only be sent again."""
        try:
            match = resolve(urlsplit(self.path).path)
        except Resolver404:
            return False
        is_ours = isinstance(getattr(match.func, "model_admin", None), DeskAdmin)
        return is_ours and (match.url_name or "").endswith(("_add", "_change"))


def _is_of_account(request: HttpRequest) -> bool:
    doors = {reverse(f"admin:{name}") for name in ("login", "logout", "password_change")}
    return request.path in doors or request.path.startswith(reverse("staff:account"))


def remember(request: HttpRequest, kept: Kept | None) -> None:
    """Keep the words with the session of somebody who is signed in."""
    if kept is not None:
        others = {path: text for path, text in _remembered(request).items() if path != kept.path}
        request.session[SESSION_KEY] = dict(list(others.items())[1 - MOST :]) | {kept.path: kept.packed}


def forget(request: HttpRequest) -> None:
    """The words for this address are sent, or not wanted any more."""
    found = _remembered(request)
    if request.get_full_path() in found:
        request.session[SESSION_KEY] = {path: text for path, text in found.items() if path != request.get_full_path()}


def _remembered(request: HttpRequest) -> dict[str, str]:
    found: dict[str, str] = request.session.get(SESSION_KEY, {})
    return found


class KeptWordsMiddleware:
    """At the desk, keeps what is sent by somebody whose session has ended, and gives it back after the sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Called once the token of a form is found right."""
        if not is_desk(request):
            return None
        may_enter = admin.site.has_permission(request)
        if request.method == "GET" and may_enter:
            kept = Kept.unpacked(_remembered(request).get(request.get_full_path(), ""))
            return words_page(request, kept) if kept else None
        kept = Kept.of(request)
        if kept is None:
            return None
        if not may_enter:
            return sign_in_page(request, kept, _("Your session has ended, so nothing was saved yet."))
        if FORGET in request.POST or SHOWN_AGAIN not in request.POST:
            forget(request)
        if FORGET in request.POST:
            return redirect(kept.path if kept.has_form else "admin:index")
        return None


@sensitive_variables("kept")
def words_page(request: HttpRequest, kept: Kept, status: int = 200) -> HttpResponse:
    """The words, with a button that shows them in their form and saves nothing; of another act, that sends it again."""
    sent, silent = ([], 0) if kept.has_form else told(kept.path, kept.fields)
    context = {
        **admin.site.each_context(request),
        "title": _("Not saved yet"),
        "kept": kept,
        "marker": SHOWN_AGAIN,
        "sent": sent,
        "silent": silent,
    }
    response = render(request, "staff/kept.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def sign_in_page(request: HttpRequest, kept: Kept | None, why: str) -> HttpResponse:
    """The sign-in, which carries the words along."""
    there = kept.path if kept else _asked_for(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Log in"),
        "app_path": reverse("admin:login"),
        "username": request.user.get_username(),
        "form": AdminAuthenticationForm(request),
        REDIRECT_FIELD_NAME: there,
        "kept": kept,
        "why": why,
    }
    response = render(request, "admin/login.html", context, status=403)
    response["Cache-Control"] = "private, no-store"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form older than the sign-in, or from elsewhere. Its words are kept where the browser says that it is ours."""
    if not is_desk(request):
        return forbidden(request, is_old_form=True)
    is_ours = is_from_here(request)
    old = _("This page was older than your sign-in, so nothing was saved yet.")
    if request.path == reverse("admin:login"):
        kept = Kept.unpacked(request.POST.get(FIELD, "")) if is_ours else None
        if not (is_ours and admin.site.has_permission(request)):
            return sign_in_page(request, kept, _("This page was too old to sign in with. Please sign in here."))
        remember(request, kept)
        return redirect(kept.path if kept else _asked_for(request))
    kept = Kept.of(request) if is_ours else None
    if kept is None:
        return forbidden(request, is_old_form=True)
    return words_page(request, kept, 403) if admin.site.has_permission(request) else sign_in_page(request, kept, old)


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form was on a page of this site. No other site can have it say so."""
    origin = request.headers.get("Origin", "")
    return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS


def _asked_for(request: HttpRequest) -> str:
    there = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
    is_safe = url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure())
    return there if is_safe else reverse("admin:index")
