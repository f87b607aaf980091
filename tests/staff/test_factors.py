"""The second factor: who needs one, what is barred without it, and how it is set up, used, lost and reset."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff import factors
from staff.choices import Act
from staff.middleware import SecondFactorMiddleware, admitted
from staff.models import AuditEntry, DeskSession
from tests.desk import make_colleague, sign_in, tree
from tests.html import text_of

pytestmark = pytest.mark.django_db

INDEX, VERIFY, SET_UP = "/admin/", "/admin/account/verify/", "/admin/account/second-factor/"


#: Unix seconds, in the middle of a step: no test crosses its end.
NOW = 1_767_600_015


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock that codes go by stands still."""
    for module in ("staff.views", "django_otp.plugins.otp_totp.models"):
        monkeypatch.setattr(f"{module}.time", SimpleNamespace(time=lambda: NOW))


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def code_of(secret: str, *, later: int = 0) -> str:
    """What an app shows; ``later`` steps of half a minute from now."""
    totp = TOTP(bytes.fromhex(secret))
    totp.time = NOW + 30 * later
    return f"{totp.token():06d}"


def equipped(role: str, **overrides: Any) -> tuple[User, TOTPDevice, list[str]]:
    """A colleague with a second factor, whose device has shown no code yet, and recovery codes."""
    user = make_colleague(role, **overrides)
    device, codes = factors.add_factor(user, secret=factors.new_secret(), step=-1)
    return user, device, codes


def browser_of(user: User) -> Client:
    """A browser in which ``user`` has given the password alone."""
    client = Client()
    client.force_login(user)
    return client


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").exclude(act=Act.PERMISSIONS).values_list("act", flat=True))


# Who needs one -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "must"),
    [("editor", False), ("auditor", False), ("reviewer", True), ("administrator", True), ("superuser", True)],
)
def test_who_publishes_or_manages_accounts_is_led_to_it_before_anything_else(required, role, must):
    client = sign_in(role)
    for address in (INDEX, reverse("admin:recommendations_recommendation_changelist"), "/admin/account/"):
        answer = client.get(address)
        if must:
            assert answer.status_code == 302
            assert answer.url.startswith(f"{SET_UP}?next=%2Fadmin%2F"), address
        else:
            assert answer.status_code == 200
    assert client.get(SET_UP).status_code == 200


def test_a_right_given_to_one_account_alone_counts_too(required):
    user = make_colleague("editor")
    user.user_permissions.add(
        make_colleague("reviewer").groups.get().permissions.get(codename="publish_recommendation")
    )
    assert browser_of(user).get(INDEX).url.startswith(SET_UP)


def test_nobody_is_asked_where_a_site_does_not_require_it():
    assert sign_in("reviewer").get(INDEX).status_code == 200


# Setting up ----------------------------------------------------------------------------------------------------


def test_it_is_set_up_with_a_picture_of_our_own_and_codes_shown_once(required):
    client = sign_in("reviewer")
    page = client.get(f"{SET_UP}?next=/admin/sources/source/")
    picture = client.get(reverse("staff:qr"))
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<svg")
    assert b"style=" not in picture.content
    assert "no-store" in picture["Cache-Control"]
    secret = client.session["new_factor"]
    assert page.context["typed_secret"].replace(" ", "") in page.content.decode().replace(" ", "")
    assert client.post(SET_UP, {"code": "000000"}).status_code == 200
    assert not TOTPDevice.objects.exists()
    key = client.session.session_key
    shown = client.post(SET_UP, {"code": code_of(secret), "next": "/admin/sources/source/"})
    codes = [text_of(item) for item in tree(shown.content.decode()).iter("code")]
    assert sorted(codes) == sorted(StaticToken.objects.values_list("token", flat=True))
    assert len(set(codes)) == 10
    assert 'href="/admin/sources/source/"' in shown.content.decode()
    assert client.session.session_key != key
    assert client.get(INDEX).status_code == 200
    assert not [code for code in codes if code in client.get("/admin/account/").content.decode()]
    assert "new_factor" not in client.session
    assert client.get(reverse("staff:qr")).status_code == 404
    assert acts() == ["factor-added"]


def test_the_code_that_set_it_up_is_used_up():
    client = sign_in("editor")
    client.get(SET_UP)
    code = code_of(client.session["new_factor"])
    client.post(SET_UP, {"code": code})
    other = browser_of(User.objects.get())
    assert other.post(VERIFY, {"code": code}).status_code == 200
    assert other.get(INDEX).url.startswith(VERIFY)


# Using it ------------------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing_of_the_desk():
    user, device, _codes = equipped("superuser")
    client = browser_of(user)
    for address in (INDEX, "/admin/auth/user/", "/admin/account/", SET_UP, "/admin/password_change/", "/admin/x/"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer.url.startswith(VERIFY), address
    for address in ("/admin/account/recovery-codes/", "/admin/account/second-factor/remove/", "/admin/auth/user/add/"):
        assert client.post(address, {"code": code_of(device.key)}).url.startswith(VERIFY), address
    assert TOTPDevice.objects.filter(user=user).exists()
    answer = client.post(VERIFY, {"code": code_of(device.key), "next": "/admin/auth/user/"})
    assert answer.url == "/admin/auth/user/"
    assert client.get("/admin/auth/user/").status_code == 200
    assert acts() == ["code-accepted"]


def test_outside_the_desk_one_without_the_second_step_is_a_stranger(rf):
    user, _device, _codes = equipped("editor")
    user.is_verified = lambda: False
    assert admitted(user).is_anonymous
    request = rf.get("/about/")
    request.user = user
    SecondFactorMiddleware(lambda _request: HttpResponse())(request)
    assert request.user.is_anonymous
    user.is_verified = lambda: True
    assert admitted(user) is user


def test_a_code_is_taken_once_and_wrong_ones_make_one_wait():
    user, device, _codes = equipped("editor")
    code = code_of(device.key)
    assert browser_of(user).post(VERIFY, {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    client = browser_of(user)
    assert "used before" in client.post(VERIFY, {"code": code}).content.decode()
    answer = client.post(VERIFY, {"code": code_of(device.key, later=1)})
    assert "Wait a little" in answer.content.decode()
    assert client.get(INDEX).url.startswith(VERIFY)
    assert acts() == ["code-accepted", "code-failed"]


def test_a_recovery_code_lets_in_once():
    user, _device, codes = equipped("editor")
    assert browser_of(user).post(VERIFY, {"code": codes[0].upper()}).status_code == 302
    assert browser_of(user).post(VERIFY, {"code": codes[0]}).status_code == 200
    assert factors.codes_left(user) == 9


def test_a_code_of_somebody_else_lets_nobody_in():
    mine, _device, _codes = equipped("editor")
    _other, device, codes = equipped("superuser")
    client = browser_of(mine)
    for code in (codes[0], code_of(device.key)):
        assert client.post(VERIFY, {"code": code}).status_code == 200
    assert client.get(INDEX).url.startswith(VERIFY)


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_the_second_step_leads_to_this_site_only(elsewhere):
    user, device, _codes = equipped("editor")
    assert browser_of(user).post(VERIFY, {"code": code_of(device.key), "next": elsewhere}).url == INDEX


# Changing and losing it ----------------------------------------------------------------------------------------


def verified(user: User, device: TOTPDevice) -> Client:
    client = browser_of(user)
    assert client.post(VERIFY, {"code": code_of(device.key, later=-1)}).status_code == 302
    return client


def test_its_owner_makes_new_recovery_codes_and_removes_it_with_a_code():
    user, device, codes = equipped("editor")
    client = verified(user, device)
    assert "10 recovery codes are left" in client.get("/admin/account/").content.decode()
    renew = "/admin/account/recovery-codes/"
    assert client.get(renew).status_code == client.post(renew).status_code == 200
    assert client.post(renew, {"code": "aaaaaaaa"}).status_code == 200
    assert codes[0] in set(StaticToken.objects.values_list("token", flat=True))  # an open session is not enough
    StaticDevice.objects.update(throttling_failure_count=0)
    client.post(renew, {"code": codes[0]})
    assert not set(codes) & set(StaticToken.objects.values_list("token", flat=True))
    remove = "/admin/account/second-factor/remove/"
    assert client.get(remove).status_code == 200
    assert client.post(remove, {"code": "aaaaaaaa"}).status_code == 200
    assert factors.has_factor(user)
    assert client.post(remove, {"code": code_of(device.key)}).status_code == 302
    assert not factors.has_factor(user)
    assert client.get(INDEX).status_code == 200
    assert client.get(remove).url == client.post(renew).url.replace("second-factor/", "")
    assert acts() == [
        *("code-accepted", "code-failed", "code-accepted", "codes-made"),
        *("code-failed", "code-accepted", "factor-removed"),
    ]


def test_an_administrator_resets_it_and_that_is_recorded(required):
    user, device, _codes = equipped("reviewer", username="ada")
    theirs = verified(user, device)
    boss, bosses, _codes = equipped("administrator")
    client = verified(boss, bosses)
    account = reverse("admin:auth_user_change", args=[user.pk])
    reset = reverse("admin:auth_user_reset_factor", args=[user.pk])
    assert reset in client.get(account).content.decode()
    assert client.get(reset).status_code == 200
    assert factors.has_factor(user)
    assert client.post(reset).url == account
    assert not factors.has_factor(user)
    assert not DeskSession.objects.filter(user=user).exists()
    assert theirs.get(INDEX).url.startswith("/admin/login/")
    assert browser_of(user).get(INDEX).url.startswith(SET_UP)
    line = AuditEntry.objects.get(act=Act.FACTOR_REMOVED)
    assert (line.actor, line.subject_name) == (boss, "ada")
    client.post(reset)  # there is none any more: nothing to record
    assert AuditEntry.objects.filter(act=Act.FACTOR_REMOVED).count() == 1
    assert "not set up" in client.get(account).content.decode()


def test_no_secret_has_a_page_at_the_desk():
    client = sign_in("superuser")
    for path in ("otp_totp/totpdevice/", "otp_static/staticdevice/", "axes/accessattempt/", "sessions/session/"):
        assert client.get(f"/admin/{path}").status_code == 404
