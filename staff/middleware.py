"""What stands between a session and the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from common.middleware import is_desk
from staff.factors import missing_step
from staff.kept import Kept, is_from_here, remember
from staff.sessions import note_seen

#: What somebody may open who has given the password and not yet the second factor.
OPEN = {
    "verify": ("staff:verify", "staff:language", "admin:logout", "admin:jsi18n"),
    "set_up": ("staff:set_up", "staff:qr", "staff:language", "admin:logout", "admin:jsi18n"),
}


class SecondFactorMiddleware:
    """At the desk, leads to the second factor before anything else. Everywhere else one without it is a stranger."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not is_desk(request):
            # Not looked at here: a public page reads no session, so that it is the same for all.
            request.user = SimpleLazyObject(partial(admitted, user))  # type: ignore[assignment]
            return self.get_response(request)
        if user.is_authenticated:
            note_seen(request, at=timezone.now())
            step = missing_step(user)
            if step and request.path not in {reverse(name) for name in OPEN[step]}:
                kept = Kept.of(request) if is_from_here(request) else None
                remember(request, kept)
                return lead_to(step, request, is_kept=kept is not None)
        return self.get_response(request)


def admitted(user: Any) -> Any:
    """``user``, or nobody while a step of the sign-in is missing."""
    return AnonymousUser() if user.is_authenticated and missing_step(user) else user


def lead_to(step: str, request: HttpRequest, *, is_kept: bool) -> HttpResponse:
    """A redirect to the missing step, and from there to what was asked for, or whose words are kept."""
    there = request.get_full_path() if request.method == "GET" or is_kept else reverse("admin:index")
    return redirect(f"{reverse(f'staff:{step}')}?{urlencode({'next': there})}")
