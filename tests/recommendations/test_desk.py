"""The editors' desk, as an editor and a reviewer use it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from common.models import FormerSlug
from recommendations import actions
from recommendations.choices import State
from recommendations.models import EntryVersion, Recommendation
from tests.factories import make_evidence, make_recommendation, make_staff, make_user, moment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def groups():
    call_command("make_groups", verbosity=0)


def make_editor(*names: str) -> Any:
    editor = make_staff()
    editor.groups.add(*Group.objects.filter(name__in=names))
    return editor


@pytest.fixture
def editor(client):
    user = make_editor("Editors")
    client.force_login(user)
    return user


@pytest.fixture
def reviewer(client):
    user = make_editor("Editors", "Reviewers")
    client.force_login(user)
    return user


def change_url(entry: Recommendation) -> str:
    return reverse("admin:recommendations_recommendation_change", args=[entry.pk])


def act_url(name: str, entry: Recommendation) -> str:
    return reverse(f"admin:recommendations_recommendation_{name}", args=[entry.pk])


def as_posted(form: Any) -> dict[str, Any]:
    """What a browser would send of a form that nobody has touched."""
    sent: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, (list, tuple)) or hasattr(value, "all"):
            sent[bound.html_name] = [getattr(item, "pk", item) for item in value]
        elif value is True:
            sent[bound.html_name] = "on"
        elif value is not None and value is not False:
            sent[bound.html_name] = bound.field.widget.format_value(value) if hasattr(value, "isoformat") else value
    return sent


def opened(client: Any, url: str) -> dict[str, Any]:
    """The fields of an admin form as it is shown, inlines included."""
    response = client.get(url)
    assert response.status_code == 200
    sent = as_posted(response.context["adminform"].form)
    for inline in response.context["inline_admin_formsets"]:
        sent |= as_posted(inline.formset.management_form)
        for form in inline.formset.forms:
            sent |= as_posted(form)
    return sent


def problems(response: Any) -> Any:
    """What a form that came back complains of."""
    if response.context is None:
        return []
    inlines = [inline.formset for inline in response.context["inline_admin_formsets"]]
    return response.context["errors"], [(f.errors, f.non_form_errors()) for f in inlines]


def published(**overrides: Any) -> Recommendation:
    entry = make_recommendation(**overrides)
    if not entry.evidence.exists():
        make_evidence(recommendation=entry)
    return entry


def test_a_reviewer_saves_and_publishes_in_one_act_with_one_version(client, reviewer):
    entry = published()
    before = EntryVersion.objects.filter(entry=entry).count()
    sent = opened(client, change_url(entry)) | {"title_en": "A better title", "reason": "clearer", "_publish": "1"}
    response = client.post(change_url(entry), sent)
    assert response.status_code == 302, problems(response)
    entry.refresh_from_db()
    assert (entry.title_en, entry.state) == ("A better title", State.PUBLISHED)
    versions = EntryVersion.objects.filter(entry=entry).newest_first()
    assert versions.count() == before + 1
    assert (versions[0].author, versions[0].reason) == (reviewer, "clearer")
    client.logout()
    assert "A better title" in client.get(entry.get_absolute_url()).content.decode()


def test_an_editor_leaves_a_pending_copy_that_a_reviewer_publishes(client, editor):
    entry = published(title_en="As it was")
    response = client.post(act_url("start-copy", entry))
    copy = Recommendation.objects.get(working_copy_of=entry)
    assert response.url == change_url(copy)
    sent = opened(client, change_url(copy)) | {"title_en": "As it will be", "_review": "1"}
    response = client.post(change_url(copy), sent)
    assert response.status_code == 302, problems(response)
    copy.refresh_from_db()
    assert (copy.title_en, copy.state) == ("As it will be", State.IN_REVIEW)
    refused = client.post(change_url(copy), opened(client, change_url(copy)) | {"_publish": "1"})
    assert Recommendation.objects.filter(pk=copy.pk).exists(), refused.status_code
    assert client.get(act_url("preview", copy)).status_code == 200

    client.logout()
    page = client.get(entry.get_absolute_url()).content.decode()
    assert "As it was" in page
    assert "As it will be" not in page
    assert client.get(act_url("preview", copy)).status_code == 302

    client.force_login(make_editor("Editors", "Reviewers"))
    assert client.get(change_url(entry)).url == change_url(copy)
    sent = opened(client, change_url(copy)) | {"_publish": "1"}
    response = client.post(change_url(copy), sent)
    assert response.status_code == 302, problems(response)
    entry.refresh_from_db()
    assert entry.title_en == "As it will be"
    assert not Recommendation.objects.filter(working_copy_of=entry).exists()


def test_publishing_without_what_readers_need_is_refused_and_nothing_is_lost(client, reviewer):
    entry = published(title_en="Kept")
    sent = opened(client, change_url(entry)) | {"summary_zh_hans": "", "title_en": "Typed", "_publish": "1"}
    response = client.post(change_url(entry), sent)
    assert response.status_code == 200
    assert "summary_zh_hans" in response.context["adminform"].form.errors
    assert response.context["adminform"].form["title_en"].value() == "Typed"
    entry.refresh_from_db()
    assert entry.title_en == "Kept"


def test_what_a_colleague_saved_meanwhile_is_not_overwritten_unseen(client, reviewer):
    entry = published(title_en="First")
    sent = opened(client, change_url(entry)) | {"title_en": "Mine", "_publish": "1"}
    colleague = Recommendation.objects.get(pk=entry.pk)
    colleague.summary_en = "Theirs"
    colleague.save()
    actions.publish(entry=colleague, author=make_staff(username="colleague"), at=moment(9))
    response = client.post(change_url(entry), sent)
    assert response.status_code == 200
    assert "colleague" in response.content.decode()
    entry.refresh_from_db()
    assert (entry.title_en, entry.summary_en) == ("First", "Theirs")


def test_a_new_entry_is_a_draft_until_it_is_published(client, reviewer):
    pillar = published().pillar
    url = reverse("admin:recommendations_recommendation_add")
    sent = opened(client, url) | {
        "report": pillar.report_id,
        "pillar": pillar.pk,
        "title_en": "Something new",
        "basis": "inferred",
        "reach": "province",
        "_draft": "1",
    }
    response = client.post(url, sent)
    assert response.status_code == 302, problems(response)
    entry = Recommendation.objects.get(title_en="Something new")
    assert (entry.slug, entry.state) == ("something-new", State.DRAFT)
    shown = client.get(entry.get_absolute_url())
    assert "only signed-in staff" in shown.content.decode()
    client.logout()
    assert client.get(entry.get_absolute_url()).status_code == 404


def test_a_changed_slug_redirects_for_good(client, reviewer):
    entry = published(slug="old-name")
    sent = opened(client, change_url(entry)) | {"slug": "new-name", "_publish": "1"}
    response = client.post(change_url(entry), sent)
    assert response.status_code == 302, problems(response)
    assert FormerSlug.objects.filter(slug="old-name").exists()
    moved = client.get("/recommendations/old-name/")
    assert (moved.status_code, moved.url) == (301, "/recommendations/new-name/")


def test_archiving_takes_an_entry_from_readers_and_keeps_it(client, reviewer):
    entry = published()
    assert client.get(act_url("archive", entry)).status_code == 200
    newest = EntryVersion.objects.filter(entry=entry).newest_first()[0].number
    response = client.post(act_url("archive", entry), {"seen_version": newest, "reason": "over"})
    assert response.status_code == 302
    entry.refresh_from_db()
    assert entry.state == State.ARCHIVED
    client.logout()
    assert client.get(entry.get_absolute_url()).status_code == 410


def test_discarding_a_copy_keeps_the_entry(client, reviewer):
    entry = published()
    copy = actions.start_working_copy(entry=entry)
    assert client.get(act_url("discard", copy)).status_code == 200
    newest = EntryVersion.objects.filter(entry=entry).newest_first()[0].number
    response = client.post(act_url("discard", copy), {"seen_version": newest})
    assert response.status_code == 302, problems(response)
    assert Recommendation.objects.filter(pk=entry.pk).exists()
    assert not Recommendation.objects.filter(working_copy_of=entry).exists()


ADMIN_PAGES = sorted(
    model._meta.label_lower for model in admin.site._registry if model._meta.app_label not in {"auth", "admin", "staff"}
)


@pytest.mark.parametrize("label", ADMIN_PAGES)
@pytest.mark.parametrize("names", [("Editors",), ("Editors", "Reviewers"), ("superuser",)])
def test_every_page_of_the_desk_opens_quietly(client, label, names):
    published()
    client.force_login(make_user(is_staff=True, is_superuser=True) if "superuser" in names else make_editor(*names))
    name = label.replace(".", "_")
    for page in ("changelist", "add"):
        response = client.get(reverse(f"admin:{name}_{page}"))
        assert response.status_code in ({200} if page == "changelist" else {200, 403})
        html = response.content.decode()
        assert " onclick=" not in html
        assert " style=" not in html


def test_nobody_outside_the_staff_sees_the_desk(client):
    client.force_login(make_user())
    assert client.get(reverse("admin:recommendations_recommendation_changelist")).status_code == 302


def test_the_groups_command_can_be_repeated(client):
    call_command("make_groups", verbosity=0)
    editors = Group.objects.get(name="Editors")
    assert not editors.permissions.filter(codename="publish_recommendation").exists()
    assert Group.objects.get(name="Reviewers").permissions.filter(codename="publish_recommendation").exists()
    assert not editors.permissions.filter(content_type__app_label="auth").exists()
