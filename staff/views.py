"""The account pages of the desk: second factor, recovery codes, sessions. For whoever is signed in, on themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from staff import actions, audit, factors
from staff.addresses import address_of
from staff.choices import Act
from staff.forms import CodeForm
from staff.kept import FIELD, Kept, remember, sign_in_page
from staff.models import DeskSession
from staff.sessions import device_name

#: Under which a session keeps the secret of a second factor that is being set up.
SECRET_KEY = "new_factor"  # noqa: S105 - the name of a place, not a secret

View = Callable[..., HttpResponse]


def for_staff(view: View) -> View:
    """A page of the desk that asks for no permission but being staff."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not admin.site.has_permission(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return view(request, *args, **kwargs)

    return guarded


def page(request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    """A page in the frame of the desk."""
    return render(request, f"staff/{name}.html", {**admin.site.each_context(request), "title": title, **context})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Django's own; what was sent to the page that is left for the same in another language is not lost."""
    response: HttpResponse = set_language(request)
    kept = Kept.unpacked(request.POST.get(FIELD, ""))
    if kept is None:
        return response
    if admin.site.has_permission(request):
        remember(request, kept)
        return response
    with translation.override(request.POST.get("language", "")):
        page_with_words = sign_in_page(request, kept, "")
    page_with_words.cookies = response.cookies
    return page_with_words


@require_safe
@for_staff
def account(request: HttpRequest) -> HttpResponse:
    """What guards the account: its second factor and its sessions."""
    user: Any = request.user
    here, now = request.session.session_key, timezone.now()
    rows = list(DeskSession.objects.open_for(user, at=now))
    for row in rows:
        if row.session_key == here:  # what this very request keeps of it is written after the page is made
            row.seen_at, row.started_at = now, row.started_at or now
            row.address, row.agent = address_of(request), request.headers.get("User-Agent", "")
    sessions = [{"row": row, "device": device_name(row.agent), "is_here": row.session_key == here} for row in rows]
    return page(
        request,
        "account",
        _("Sign-in and sessions"),
        has_factor=factors.has_factor(user),
        must_have_factor=factors.must_have_factor(user),
        codes_left=factors.codes_left(user),
        sessions=sessions,
    )


@for_staff
def verify(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in."""
    user: Any = request.user
    if factors.missing_step(user) != "verify":
        return redirect(after(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = checked(request, form)
        if device:
            factors.let_in(request, device)
            return redirect(after(request))
    return page(request, "verify", _("Second step"), form=form, next=after(request))


def checked(request: HttpRequest, form: CodeForm) -> Any:
    """The device that the form's code is of, and a line in the log; where it is of none, the form says why."""
    user: Any = request.user
    code = form.cleaned_data["code"]
    if factors.is_waiting(user, code):
        form.refuse(_("There were wrong codes before. Wait a little, then enter the next code."))
        return None
    device = factors.check_code(user, code)
    audit.note(request, Act.CODE_ACCEPTED if device else Act.CODE_FAILED, user)
    if not device:
        form.refuse(_("This code is not right, or was used before."))
    return device


@for_staff
def set_up(request: HttpRequest) -> HttpResponse:
    """Set a second factor up: its secret stays in the session until a code of it proves that an app has it."""
    user: Any = request.user
    if factors.has_factor(user):
        return redirect("staff:account")
    secret = request.session.setdefault(SECRET_KEY, factors.new_secret())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step = factors.matching_step(secret, form.cleaned_data["code"], at=time.time())
        if step is not None:
            return begin(request, secret, step)
        form.refuse(_("This is not the code that the app shows now. Is the clock of the device right?"))
    return page(
        request,
        "set_up",
        _("Set up a second factor"),
        form=form,
        typed_secret=factors.secret_for_typing(secret),
        must_have_factor=factors.must_have_factor(user),
        next=after(request),
    )


def begin(request: HttpRequest, secret: str, step: int) -> HttpResponse:
    """The second factor is there from now on; its recovery codes are shown this once."""
    user: Any = request.user
    device, codes = factors.add_factor(user, secret=secret, step=step)
    del request.session[SECRET_KEY]
    factors.let_in(request, device)
    audit.note(request, Act.FACTOR_ADDED, user)
    return show_codes(request, codes)


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The recovery codes, which no page shows again."""
    return page(request, "codes", _("Recovery codes"), codes=codes, next=after(request))


@require_safe
@for_staff
def qr(request: HttpRequest) -> HttpResponse:
    """The secret that is being set up, as a picture for the app's camera. Made here: no other host learns it."""
    secret = request.session.get(SECRET_KEY)
    if not secret:
        raise Http404
    return HttpResponse(factors.qr_code(request.user, secret), content_type="image/svg+xml")  # type: ignore[arg-type]


@for_staff
def new_codes(request: HttpRequest) -> HttpResponse:
    """Other recovery codes in place of those that were. Asks for a code, for the new ones would remove the factor."""
    user: Any = request.user
    if not factors.has_factor(user):
        return redirect("staff:set_up")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and checked(request, form):
        codes = factors.new_recovery_codes(user)
        audit.note(request, Act.CODES_MADE, user)
        return show_codes(request, codes)
    return page(request, "new_codes", _("Make new recovery codes"), form=form)


@for_staff
def remove(request: HttpRequest) -> HttpResponse:
    """Take one's second factor away. Asks for a code: a session left open must not be enough."""
    user: Any = request.user
    if not factors.has_factor(user):
        return redirect("staff:account")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and checked(request, form):
        factors.remove_factor(user)
        audit.note(request, Act.FACTOR_REMOVED, user)
        messages.success(request, _("Signing in no longer asks for a code."))
        return redirect("staff:account")
    return page(
        request,
        "remove",
        _("Remove the second factor"),
        form=form,
        must_have_factor=factors.must_have_factor(user),
    )


@require_POST
@for_staff
def end(request: HttpRequest) -> HttpResponse:
    """End one session of one's own, or all but this one."""
    handle = request.POST.get("session")
    here = request.session.session_key
    user: Any = request.user
    ended = actions.end_sessions(
        user=user, actor=user, at=timezone.now(), keep=here, only=handle, address=address_of(request)
    )
    told = ngettext("%(count)s session ended.", "%(count)s sessions ended.", ended) % {"count": ended}
    messages.success(request, told)
    return redirect("staff:account")


def after(request: HttpRequest) -> str:
    """Where to go when this step is done: a page of this site, or the desk."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and is_ours else reverse("admin:index")
