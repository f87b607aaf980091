"""The four groups, and who may hand them out."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from staff.choices import Act
from staff.models import AuditEntry
from staff.roles import grantable_groups, may_manage
from tests.desk import make_colleague, open_form, sign_in
from tests.factories import make_staff

pytestmark = pytest.mark.django_db

GROUPS = ["Administrators", "Auditors", "Editors", "Reviewers"]


def names(group: str) -> set[str]:
    found = Group.objects.get(name=group).permissions.select_related("content_type")
    return {f"{p.content_type.app_label}.{p.codename}" for p in found}


def by_name(codename: str) -> Permission:
    return Permission.objects.get(codename=codename)


def test_groups_are_made_once_and_what_they_lack_is_given_again():
    call_command("make_groups", verbosity=0)
    before = {group: names(group) for group in GROUPS}
    member = make_staff()
    member.groups.add(Group.objects.get(name="Reviewers"))
    Group.objects.get(name="Reviewers").permissions.clear()
    call_command("make_groups", verbosity=0)
    assert {group: names(group) for group in GROUPS} == before
    assert Group.objects.count() == 4
    assert [group.name for group in member.groups.all()] == ["Reviewers"]


def test_what_a_site_gave_besides_is_named_and_kept_unless_asked_for_exactly(capsys):
    call_command("make_groups", verbosity=0)
    Group.objects.get(name="Editors").permissions.add(by_name("delete_source"))
    call_command("make_groups")
    assert "Editors: kept besides (--exact takes them away): sources.delete_source" in capsys.readouterr().err
    assert "sources.delete_source" in names("Editors")
    call_command("make_groups", exact=True)
    assert capsys.readouterr().err == ""
    assert "sources.delete_source" not in names("Editors")
    assert AuditEntry.objects.filter(act=Act.PERMISSIONS).latest("pk").note == "make_groups: −sources.delete_source"


def test_only_some_publish_and_none_of_them_deletes_what_others_use():
    call_command("make_groups", verbosity=0)
    editors, reviewers, administrators, auditors = (
        names(group) for group in ("Editors", "Reviewers", "Administrators", "Auditors")
    )
    accounts = {"auth.view_user", "auth.view_group", "staff.view_auditentry"}
    steps = {f"recommendations.{step}_recommendation" for step in ("publish", "archive", "restore")}
    verbs = ("add", "change")
    decides = steps | {"progress.publish_update"}
    assert decides <= reviewers - editors
    # What readers see at once is changed by those who publish; of sources an editor adds what is to be cited.
    assert {name.split("_")[0].split(".")[1] for name in reviewers - editors - decides} == set(verbs)
    assert {name for name in editors if ".add_" in name or ".change_" in name} == {
        *(f"recommendations.{verb}_{part}" for verb in verbs for part in ("recommendation", "evidence", "citylink")),
        *(f"progress.{verb}_{part}" for verb in verbs for part in ("update", "updateeffect")),
        "sources.add_source",
        "sources.add_sourcesection",
    }
    assert editors <= reviewers
    assert administrators - reviewers == accounts | {"auth.add_user", "auth.change_user"}
    assert reviewers <= administrators
    assert auditors == {name for name in administrators if ".view_" in name}
    assert {name for name in administrators if ".delete_" in name} == {
        "recommendations.delete_evidence",
        "recommendations.delete_citylink",
        "progress.delete_updateeffect",
    }
    written = {name for name in administrators if ".add_" in name or ".change_" in name}
    kept = {"entryversion", "coverage", "searchtext", "formerslug", "auditentry"}
    assert not {name for name in written if name.rsplit("_", 1)[1] in kept}


def test_groups_need_the_tables():
    Permission.objects.filter(codename="publish_recommendation").delete()
    with pytest.raises(CommandError, match="publish_recommendation: run migrate first"):
        call_command("make_groups", verbosity=0)
    assert not Group.objects.exists()


def test_groups_say_what_they_hold(capsys):
    call_command("make_groups")
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said] == ["Editors", "Reviewers", "Administrators", "Auditors"]


# Who may raise whom --------------------------------------------------------------------------------------------


def change(account: User) -> str:
    return reverse("admin:auth_user_change", args=[account.pk])


def test_an_administrator_makes_an_account_and_puts_it_into_a_group():
    client = sign_in("administrator")
    form = open_form(client, reverse("admin:auth_user_add"))
    form["username"] = "newcomer"
    form["usable_password"] = "true"
    form["password1"] = form["password2"] = "quite a long sentence"
    assert form.press("_save").status_code == 302
    newcomer = User.objects.get(username="newcomer")
    form = open_form(client, change(newcomer))
    assert not {"is_superuser", "user_permissions"} & set(form.fields)
    form["is_staff"] = "on"
    form["groups"] = [Group.objects.get(name="Reviewers").pk]
    assert form.press("_save").status_code == 302
    newcomer.refresh_from_db()
    assert newcomer.is_staff
    assert newcomer.has_perm("recommendations.publish_recommendation")
    notes = AuditEntry.objects.filter(subject_name="newcomer").order_by("pk").values_list("act", "note")
    assert list(notes) == [("account-added", ""), ("permissions", "+Reviewers +is_staff")]


def test_an_administrator_cannot_give_more_than_they_have():
    client = sign_in("administrator")
    account = make_staff()
    stronger = Group.objects.create(name="Owners")
    stronger.permissions.add(by_name("delete_user"))
    form = open_form(client, change(account))
    form["is_superuser"] = "on"
    form["user_permissions"] = [by_name("delete_user").pk]
    assert form.press("_save").status_code == 302  # what the form does not ask for is not looked at
    account.refresh_from_db()
    assert not account.is_superuser
    assert not account.user_permissions.exists()
    form = open_form(client, change(account))
    form["groups"] = [stronger.pk]
    assert form.press("_save").status_code == 200
    assert not account.groups.exists()


@pytest.mark.parametrize("strength", ["superuser", "permission", "switched off"])
def test_an_administrator_does_not_touch_an_account_that_may_more(strength):
    client = sign_in("administrator")
    account = make_staff(is_superuser=strength == "superuser", is_active=strength != "switched off")
    if strength != "superuser":
        account.user_permissions.add(by_name("delete_user"))
    assert client.get(change(account)).status_code == 200  # to look at
    assert b"pbkdf2" not in client.get(change(account)).content
    for address in (
        change(account),
        reverse("admin:auth_user_password_change", args=[account.pk]),
        reverse("admin:auth_user_reset_factor", args=[account.pk]),
    ):
        assert client.post(address, {"password1": "x", "is_active": "on"}).status_code == 403, address


def test_nobody_but_a_superuser_changes_their_own_standing():
    me = make_colleague("administrator")
    client = sign_in("editor")
    client.force_login(me)
    form = open_form(client, change(me))
    assert not {"is_active", "is_staff", "groups"} & set(form.fields)
    form["first_name"] = "Ada"
    form["groups"] = []
    assert form.press("_save").status_code == 302
    me.refresh_from_db()
    assert (me.first_name, me.groups.count()) == ("Ada", 1)


def test_nobody_reads_a_hash_of_a_password():
    accounts = [make_colleague(role) for role in ("auditor", "nobody", "editor")]
    for role in ("auditor", "administrator"):
        client = sign_in(role)
        for account in accounts:
            digest = account.password.rpartition("$")[2]
            assert digest.encode() not in client.get(change(account)).content
        listed = reverse("admin:auth_user_changelist")
        assert client.get(listed, {"password__startswith": "md5"}).status_code in {302, 400}
        log = reverse("admin:staff_auditentry_changelist")
        assert client.get(log, {"actor__password__startswith": "md5"}).status_code in {302, 400}


def test_rights_are_weighed_by_what_was_given():
    editor, reviewer, administrator = (make_colleague(role) for role in ("editor", "reviewer", "administrator"))
    assert may_manage(administrator, editor)
    assert may_manage(administrator, reviewer)
    assert may_manage(reviewer, editor)
    assert not may_manage(editor, reviewer)
    assert not may_manage(reviewer, administrator)
    assert [group.name for group in grantable_groups(administrator)] == GROUPS
    assert [group.name for group in grantable_groups(editor)] == ["Editors"]
    assert [group.name for group in grantable_groups(make_colleague("superuser"))] == GROUPS
