"""The second factor of a sign-in: codes of an app (TOTP), and recovery codes for when the app is gone."""

from __future__ import annotations

import io
from base64 import b32encode
from typing import Any, Literal

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django_otp import login as remember_device
from django_otp import verify_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from staff.roles import is_weighty

RECOVERY_CODES = 10
#: Bytes of a new secret: what RFC 4226 recommends.
SECRET_BYTES = 20
#: Steps of half a minute that a clock may be off.
TOLERANCE = 1


def has_factor(user: User) -> bool:
    """Whether ``user`` signs in with a second factor."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def must_have_factor(user: User) -> bool:
    """Whether ``user`` may not work without one."""
    return bool(settings.REQUIRE_SECOND_FACTOR) and is_weighty(user)


def missing_step(user: Any) -> Literal["verify", "set_up", ""]:
    """What ``user``, whose password was right, has to do before anything else."""
    if user.is_verified():
        return ""
    if has_factor(user):
        return "verify"
    return "set_up" if must_have_factor(user) else ""


# A new one -----------------------------------------------------------------------------------------------------


def new_secret() -> str:
    """A secret to share with an app, in hexadecimal."""
    return random_hex(SECRET_BYTES)


def secret_for_typing(secret: str) -> str:
    """The secret as an app takes it from a keyboard: base 32, in groups of four."""
    text = b32encode(bytes.fromhex(secret)).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def qr_code(user: User, secret: str) -> bytes:
    """The secret as a QR code: a black SVG on white, because apps read no other."""
    address = TOTPDevice(user=user, key=secret).config_url
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=6, border=4, light="#fff", xmldecl=False)
    return out.getvalue()


def matching_step(secret: str, code: str, *, at: float) -> int | None:
    """The step of time (half a minute) for which ``code`` is right around ``at`` (Unix seconds), if there is one."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    totp = TOTP(bytes.fromhex(secret), drift=0)
    totp.time = at
    return totp.t() if totp.verify(int(code), TOLERANCE) else None


@transaction.atomic
def add_factor(user: User, *, secret: str, step: int) -> tuple[TOTPDevice, list[str]]:
    """Give ``user`` the second factor of ``secret``, of which the code of ``step`` is used up; with recovery codes."""
    remove_factor(user)
    device = TOTPDevice.objects.create(user=user, name="app", key=secret, last_t=step)
    return device, new_recovery_codes(user)


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Make new recovery codes in place of the former ones. They are not shown again."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def codes_left(user: User) -> int:
    """How many recovery codes ``user`` has not used."""
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def remove_factor(user: User) -> bool:
    """Take the second factor and its recovery codes away; returns whether there was one."""
    gone, _kinds = TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    return bool(gone)


# Asking for it -------------------------------------------------------------------------------------------------


def check_code(user: User, code: str) -> Any:
    """The device of ``user`` that ``code`` is of, and is used up for; ``None`` where it is of none.

    Each device takes ever longer between wrong codes (django-otp counts them): a right one too is refused until then.
    """
    device = _device_for(user, code)
    return verify_token(user, device.persistent_id, code.lower()) if device else None


def is_waiting(user: User, code: str) -> bool:
    """Whether no code of this kind would be taken just now, because of wrong ones before."""
    device = _device_for(user, code)
    return bool(device) and not device.verify_is_allowed()[0]


def _device_for(user: User, code: str) -> Any:
    """An app's code has six figures, a recovery code is longer."""
    kind: Any = TOTPDevice if len(code) == 6 else StaticDevice
    return kind.objects.filter(user=user, confirmed=True).order_by("pk").first()


def let_in(request: HttpRequest, device: Any) -> None:
    """The session of ``request`` has shown its second factor. It gets another key: the old one was worth less."""
    remember_device(request, device)
    request.session.cycle_key()
