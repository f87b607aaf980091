"""The command that lets somebody in again."""

from __future__ import annotations

import io

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from staff import factors
from staff.models import AuditEntry, DeskSession
from tests.desk import make_colleague
from tests.factories import make_staff

pytestmark = pytest.mark.django_db

PASSWORD = "pass-word-1"


def knock(password: str = PASSWORD) -> int:
    form = {"username": "ada", "password": password}
    return Client(REMOTE_ADDR="192.0.2.7").post(reverse("admin:login"), form).status_code


@pytest.fixture
def pipe(monkeypatch):
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_lock_is_lifted_and_another_ones_stays():
    make_staff(username="ada")
    for _attempt in range(5):
        knock("wrong")
    AccessAttempt.objects.create(username="grace", ip_address="192.0.2.9", failures_since_start=5)
    assert knock() == 429
    call_command("recover_account", "ada", verbosity=0)
    assert knock() == 302
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["grace"]
    assert AuditEntry.objects.get(act="account-changed").note == "recover_account: unlocked"


def test_it_says_what_was_done_and_what_still_bars_the_way(capsys):
    ada = make_staff(username="ada", is_active=False)
    factors.add_factor(ada, secret=factors.new_secret(), step=-1)
    call_command("recover_account", "ada")
    said = capsys.readouterr()
    assert said.out == "ada: nothing had to be done\n"
    assert [line.partition(": ")[2].split(" (")[0] for line in said.err.splitlines()] == [
        "is switched off",
        "is in no group, so the desk shows nothing",
        "will be asked for a code; 10 recovery codes left",
    ]


def test_password_factor_and_a_switched_off_account_are_mended_and_logged(pipe):
    ada = make_colleague("administrator", username="ada", is_active=False)
    factors.add_factor(ada, secret=factors.new_secret(), step=-1)
    DeskSession.objects.create(session_key="k", user=ada, expire_date="2999-01-01T00:00Z", session_data="")
    pipe("quite a long sentence\n")
    call_command("recover_account", "ada", password=True, second_factor=True, activate=True, verbosity=0)
    ada.refresh_from_db()
    assert ada.check_password("quite a long sentence")
    assert ada.is_active
    assert not factors.has_factor(ada)
    assert not DeskSession.objects.exists()
    acts = AuditEntry.objects.filter(subject_name="ada").order_by("pk").values_list("act", "actor_name")
    assert [act for act, _name in acts] == ["permissions", "password", "sessions-ended", "factor-removed"]
    assert {name for _act, name in acts} == {""}


def test_a_weak_password_and_an_unknown_name_change_nothing(pipe):
    make_staff(username="ada", is_active=False)
    pipe("12345\n")
    with pytest.raises(CommandError, match="too short"):
        call_command("recover_account", "ada", password=True, activate=True)
    with pytest.raises(CommandError, match="no account bob"):
        call_command("recover_account", "bob")
    assert not AuditEntry.objects.exists()
