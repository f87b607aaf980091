"""Coming in and going out: what is asked, what is refused, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings as product
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from staff import audit
from staff.choices import Act
from staff.models import AuditEntry, DeskSession
from staff.querysets import AppendOnly
from staff.sessions import device_name, note_seen
from tests.desk import make_colleague, open_form, sign_in
from tests.factories import make_staff

pytestmark = pytest.mark.django_db

PASSWORD = "pass-word-1"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def knock(client: Client, name: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("admin:login"), {"username": name, "password": password}, **extra)


def log() -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("act", "actor_name", "subject_name"))


# In and out ----------------------------------------------------------------------------------------------------


def test_a_sign_in_a_sign_out_and_a_failure_are_recorded():
    make_staff(username="ada")
    client = Client(REMOTE_ADDR="192.0.2.7")
    assert knock(client, "ada", "no").status_code == 200
    assert knock(client, "hunter2 typed into the wrong field", "no").status_code == 200
    assert knock(client, "ada").url == reverse("admin:index")
    assert client.post(reverse("admin:logout")).status_code == 200
    assert log() == [
        ("sign-in-failed", "", "ada"),
        ("sign-in-failed", "", "?"),
        ("sign-in", "ada", "ada"),
        ("sign-out", "ada", "ada"),
    ]
    assert set(AuditEntry.objects.values_list("address", flat=True)) == {"192.0.2.7"}


def test_what_no_database_can_be_asked_for_is_refused_like_any_other_name():
    assert knock(Client(), "a\0da").status_code == 200
    assert log() == [("sign-in-failed", "", "?")]


def test_somebody_who_is_no_staff_does_not_come_in():
    User.objects.create_user("reader", password=PASSWORD)
    assert knock(Client(), "reader").status_code == 200
    assert log() == [("sign-in-failed", "", "reader")]


# Throttling ----------------------------------------------------------------------------------------------------


def lock(client: Client, name: str, **extra: Any) -> Any:
    for _attempt in range(product.AXES_FAILURE_LIMIT):
        answer = knock(client, name, "wrong", **extra)
    return answer


@pytest.mark.parametrize(("language", "words"), [("en", "Try again in 15 minutes"), ("zh-hans", "请在 15 分钟后再试")])
def test_too_many_failures_lock_that_name_from_that_address(language, words):
    for name in ("ada", "grace"):
        make_staff(username=name)
    client = Client(REMOTE_ADDR="192.0.2.7", headers={"accept-language": language})
    answer = lock(client, "ada")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert words in answer.content.decode()
    assert "Content-Security-Policy" in answer
    assert knock(client, "ada").status_code == 429  # the right password does not help
    assert AuditEntry.objects.filter(act=Act.LOCKED).count() == 2
    assert knock(Client(REMOTE_ADDR="192.0.2.8"), "ada").status_code == 302
    assert knock(client, "grace").status_code == 302
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200


def test_a_lock_ends_and_a_sign_in_forgets_the_failures():
    make_staff(username="ada")
    client = Client()
    lock(client, "ada")
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=16))
    assert knock(client, "ada").status_code == 302
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize("is_trusted", [False, True])
def test_behind_our_proxy_alone_the_address_is_what_the_proxy_says(settings, is_trusted):
    settings.BEHIND_TLS_PROXY = is_trusted
    make_staff(username="ada")
    client = Client(REMOTE_ADDR="10.0.0.1")
    lock(client, "ada", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"})
    kept = "192.0.2.7" if is_trusted else "10.0.0.1"
    assert set(AuditEntry.objects.values_list("address", flat=True)) == {kept}
    other = knock(client, "ada", headers={"X-Forwarded-For": "192.0.2.8"})
    assert other.status_code == (302 if is_trusted else 429)


def test_an_address_that_is_none_is_not_kept():
    make_staff(username="ada")
    assert knock(Client(REMOTE_ADDR=""), "ada").status_code == 302
    assert AuditEntry.objects.get().address is None


def test_no_password_is_kept_with_a_failure():
    make_staff(username="ada")
    knock(Client(), "ada", "a secret of mine")
    assert "secret of mine" not in AccessAttempt.objects.get().post_data


# Passwords -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["short-one", "password1234", "123456789012", "lovelace-ada"])
def test_weak_passwords_are_refused(password):
    make_staff(username="lovelace-ada")
    client = Client()
    knock(client, "lovelace-ada")
    form = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    answer = client.post(reverse("admin:password_change"), form)
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_another_password_ends_every_other_session():
    make_staff(username="ada")
    here, there = Client(), Client()
    for client in (here, there):
        knock(client, "ada")
        assert client.get(reverse("admin:index")).status_code == 200
    words = "a much longer sentence"
    form = {"old_password": PASSWORD, "new_password1": words, "new_password2": words}
    assert here.post(reverse("admin:password_change"), form).url == reverse("admin:password_change_done")
    assert here.get(reverse("admin:index")).status_code == 200
    assert there.get(reverse("admin:index")).status_code == 302
    assert DeskSession.objects.count() == 1
    assert [act for act, _actor, _subject in log()][-2:] == ["password", "sessions-ended"]


def test_a_password_given_by_an_administrator_signs_its_owner_out():
    colleague = make_staff(username="ada")
    theirs, client = Client(), sign_in("administrator")
    knock(theirs, "ada")
    form = open_form(client, reverse("admin:auth_user_password_change", args=[colleague.pk]))
    form["password1"] = form["password2"] = "a much longer sentence"
    assert form.press("set-password").status_code == 302
    assert not DeskSession.objects.filter(user=colleague).exists()
    assert theirs.get(reverse("admin:index")).status_code == 302
    assert knock(theirs, "ada", "a much longer sentence").status_code == 302


# Sessions ------------------------------------------------------------------------------------------------------


def test_sessions_are_listed_by_device_and_ended_one_by_one_or_all():
    make_staff(username="ada")
    here, phone, other = Client(headers={"user-agent": FIREFOX}), Client(REMOTE_ADDR="192.0.2.9"), Client()
    for client in (here, phone, other):
        knock(client, "ada")
        client.get(reverse("admin:index"))
    page = here.get(reverse("staff:account"))
    html = page.content.decode()
    assert "Firefox · Linux" in html
    assert "192.0.2.9" in html
    assert not [row for row in DeskSession.objects.all() if row.session_key in html]
    (row,) = [s["row"] for s in page.context["sessions"] if s["row"].address == "192.0.2.9"]
    assert here.post(reverse("staff:end"), {"session": row.handle}).status_code == 302
    signed_in = [client.get(reverse("admin:index")).status_code == 200 for client in (here, phone, other)]
    assert signed_in == [True, False, True]
    here.post(reverse("staff:end"))
    signed_in = [client.get(reverse("admin:index")).status_code == 200 for client in (here, phone, other)]
    assert signed_in == [True, False, False]


def test_nobody_ends_the_session_of_another():
    make_staff(username="ada")
    theirs, mine = Client(), sign_in("administrator")
    knock(theirs, "ada")
    row = DeskSession.objects.get(user__username="ada")
    mine.post(reverse("staff:end"), {"session": row.handle})
    assert theirs.get(reverse("admin:index")).status_code == 200


def test_an_account_that_is_switched_off_is_signed_out():
    colleague = make_staff(username="ada")
    theirs = Client()
    knock(theirs, "ada")
    client = sign_in("superuser")
    form = open_form(client, reverse("admin:auth_user_change", args=[colleague.pk]))
    del form.fields["is_active"]
    form.press("_save")
    assert not DeskSession.objects.filter(user=colleague).exists()
    assert AuditEntry.objects.filter(act=Act.PERMISSIONS, note="−is_active").exists()


def test_a_session_in_use_lives_on_and_is_written_rarely(monkeypatch):
    client = sign_in("editor")
    client.get(reverse("admin:index"))
    first = DeskSession.objects.get()
    client.get(reverse("admin:index"))
    assert DeskSession.objects.get().seen_at == first.seen_at
    later = timezone.now() + dt.timedelta(minutes=6)
    monkeypatch.setattr("staff.middleware.timezone.now", lambda: later)
    client.get(reverse("admin:index"))
    again = DeskSession.objects.get()
    assert (again.seen_at, again.started_at) == (later, first.started_at)
    shown = client.get(reverse("staff:account")).context["sessions"]
    assert [session["row"].seen_at for session in shown] == [later]
    assert again.expire_date > first.expire_date


def test_a_page_does_not_fail_for_the_sign_that_a_session_is_in_use(monkeypatch):
    client = sign_in("editor")

    def refuse(*_args, **_named):
        raise OperationalError("database is locked")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", refuse)
    assert client.get(reverse("admin:index")).status_code == 200
    session = client.session
    request = RequestFactory().get("/")
    request.session = session
    note_seen(request, at=timezone.now())
    session["more"] = "what must not be lost"
    with pytest.raises(OperationalError):
        session.save()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1", "Safari · iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_do(agent, name):
    assert device_name(agent) == name


# The log -------------------------------------------------------------------------------------------------------


def line(days: int = 0, **fields: Any) -> AuditEntry:
    at = timezone.now() - dt.timedelta(days=days)
    return audit.record(**{"actor": None, "act": Act.IMPORT, "at": at, "address": "192.0.2.1"} | fields)


def test_a_line_of_the_log_names_who_did_what_to_what():
    ada, thing = make_staff(username="ada"), make_staff(username="grace")
    entry = line(actor=ada, act=Act.EXPORT, subject=thing, note="32 rows")
    assert (entry.actor, entry.actor_name, entry.subject_kind) == (ada, "ada", "auth.user")
    assert (entry.subject_id, entry.subject_name) == (str(thing.pk), "grace")
    ada.delete()
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_name) == (None, "ada")


def test_the_log_is_only_added_to():
    entry = line()
    for act in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(AppendOnly):
            act()
    with pytest.raises(AppendOnly):
        AuditEntry.objects.update(note="other")
    assert AuditEntry.objects.get().note == ""


def test_what_was_kept_for_long_enough_is_let_go_of(settings):
    settings.AUDIT_DAYS = 400
    gone, older, newer = line(days=401), line(days=31), line(days=29)
    for days in (31, 29):
        AccessAttempt.objects.create(username=str(days), failures_since_start=1)
        AccessAttempt.objects.filter(username=str(days)).update(attempt_time=timezone.now() - dt.timedelta(days=days))
    call_command("prune_audit", verbosity=0)
    assert not AuditEntry.objects.filter(pk=gone.pk).exists()
    assert AuditEntry.objects.get(pk=older.pk).address is None
    assert AuditEntry.objects.get(pk=newer.pk).address == "192.0.2.1"
    assert AccessAttempt.objects.get().username == "29"


def test_lines_are_kept_for_ever_unless_a_site_says_otherwise(capsys):
    line(days=4000)
    call_command("prune_audit")
    assert AuditEntry.objects.get().address is None
    assert capsys.readouterr().out == "0 lines deleted, 1 addresses forgotten, 0 attempts deleted\n"


def test_the_log_is_read_at_the_desk_with_filters():
    line(actor=make_colleague("editor", username="ada"), note="rows: 50")
    line(act=Act.EXPORT)
    client = sign_in("auditor")
    address = reverse("admin:staff_auditentry_changelist")
    assert client.get(address).context["cl"].result_count == AuditEntry.objects.count()
    assert client.get(address, {"act__exact": "import"}).context["cl"].result_count == 1
    assert client.get(address, {"q": "ada"}).context["cl"].result_count == 1
    entry = AuditEntry.objects.get(act=Act.IMPORT)
    assert "rows: 50" in client.get(reverse("admin:staff_auditentry_change", args=[entry.pk])).content.decode()


def test_what_is_done_to_groups_and_accounts_is_recorded():
    client = sign_in("superuser")
    colleague = make_colleague("editor", username="ada")
    group = colleague.groups.get()
    form = open_form(client, reverse("admin:auth_group_change", args=[group.pk]))
    form["permissions"] = form.fields["permissions"][1:]
    form.press("_save")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.subject_name) == ("permissions", "Editors")
    assert entry.note.startswith("−")
    form = open_form(client, reverse("admin:auth_user_change", args=[colleague.pk]))
    form["email"] = "ada@example.org"
    form.press("_save")
    assert AuditEntry.objects.latest("pk").note == "email"
    for address in (
        reverse("admin:auth_user_delete", args=[colleague.pk]),
        reverse("admin:auth_group_delete", args=[group.pk]),
    ):
        client.post(address, {"post": "yes"})
    assert [act for act, _actor, _subject in log()][-2:] == ["account-removed", "permissions"]
    other = make_staff()
    chosen = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    client.post(reverse("admin:auth_user_changelist"), chosen)
    client.post(
        reverse("admin:auth_group_changelist"),
        chosen | {"_selected_action": [g.pk for g in other.groups.model.objects.all()]},
    )
    assert AuditEntry.objects.filter(act=Act.ACCOUNT_REMOVED, subject_name=other.username).exists()
    assert AuditEntry.objects.filter(act=Act.PERMISSIONS, subject_name="Auditors").count() == 2
