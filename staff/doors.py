"""Signing in and out, and changing one's password: Django's own pages, with a line in the audit log."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from staff import actions, audit
from staff.addresses import address_of
from staff.choices import Act
from staff.kept import FIELD, Kept, remember, sign_in_page


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Django's own page. Of a failure only the name of an account is kept: people type passwords into that field."""
    kept = Kept.unpacked(request.POST.get(FIELD, ""))
    if kept and "username" not in request.POST:
        return sign_in_page(request, kept, "")
    response = admin.site.login(request, extra_context={"kept": kept})
    if request.method != "POST":
        return response
    came_in = response.status_code == 302
    if came_in:
        remember(request, kept)
    act = Act.SIGN_IN if came_in else Act.LOCKED if getattr(request, "axes_locked_out", False) else Act.SIGN_IN_FAILED
    user: Any = request.user
    audit.record(
        actor=user if came_in else None,
        act=act,
        subject=user if came_in else known_name(request.POST.get("username", "")),
        at=timezone.now(),
        address=address_of(request),
    )
    return response


def known_name(typed: str) -> User | str:
    """The account of that name, or a mark that there is none."""
    if "\0" in typed:  # PostgreSQL refuses to be asked for it
        return "?"
    return User.objects.filter(username=typed[:150]).first() or "?"


@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """Django's own page."""
    if request.method == "POST" and request.user.is_authenticated:
        audit.note(request, Act.SIGN_OUT, request.user)
    return admin.site.logout(request)


@never_cache
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """Django's own page; every other session of the account ends."""
    response = admin.site.admin_view(admin.site.password_change, cacheable=True)(request)
    if request.method == "POST" and response.status_code == 302 and request.user.is_authenticated:
        actions.password_changed(
            user=request.user,
            actor=request.user,
            at=timezone.now(),
            keep=request.session.session_key,
            address=address_of(request),
        )
    return response


def locked_out(request: HttpRequest, response: Any, credentials: Any = None) -> HttpResponse:
    """What somebody sees who failed to sign in too often."""
    minutes = settings.SIGN_IN_LOCK_MINUTES
    context = {**admin.site.each_context(request), "title": _("Sign-in is locked"), "minutes": minutes}
    context["kept"] = Kept.unpacked(request.POST.get(FIELD, ""))
    answer = render(request, "staff/locked_out.html", context, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer
