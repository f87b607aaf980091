"""What was typed at the desk is never lost with the session it was typed in, and never done by itself."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from common.views import forbidden
from recommendations.models import Recommendation
from staff.kept import Kept
from tests.desk import Form, admin_url, make_colleague, open_entry, sign_in, tree
from tests.factories import make_recommendation
from tests.html import text_of

pytestmark = pytest.mark.django_db

LOGIN = reverse("admin:login")
PASSWORD = "a quiet harbour 7"
HERE = {"origin": "http://testserver"}


def hidden(response) -> dict[str, str]:
    """The hidden fields of a page of the way in."""
    fields = [e for e in tree(response.content.decode()).iter("input") if e.get("type") == "hidden"]
    return {e.get("name", ""): e.get("value", "") for e in fields}


def typed_in(client: Client, entry: Recommendation, words: str) -> Form:
    form = open_entry(client, entry)
    form["summary_en"] = words
    return form


def come_in(client: Client, page, username: str):
    """Sign in on ``page`` as a browser would; the page after it."""
    account = make_colleague("editor", username=username)
    account.set_password(PASSWORD)
    account.save()
    fields = {name: hidden(page)[name] for name in ("next", "kept_words")}
    wrong = client.post(LOGIN, fields | {"username": username, "password": "wrong"})
    assert hidden(wrong)["kept_words"] == fields["kept_words"]  # a slip of the hand loses nothing
    return client.post(LOGIN, fields | {"username": username, "password": PASSWORD}, follow=True)


def test_words_typed_in_a_session_that_ended_stand_in_their_form_after_the_sign_in():
    entry = make_recommendation(state="draft")
    client = sign_in("reviewer")
    form = typed_in(client, entry, 'Words "with care"\nover two lines')
    client.logout()
    page = form.press("_publish")
    assert page.status_code == 403
    assert "Nothing is lost" in page.content.decode()
    assert not client.session.keys()  # of a stranger nothing is kept here
    # Whoever signs in goes on: it is their own act then.
    back = come_in(client, page, "wang")
    assert "Not saved yet" in back.content.decode()
    shown = Form(client, form.url, Form(client, form.url, back).press(""))
    assert shown["summary_en"] == form["summary_en"]
    assert "Nothing is saved yet" in shown.response.content.decode()
    assert Recommendation.objects.get(pk=entry.pk).summary_en == entry.summary_en
    assert shown.press("_draft").status_code == 302
    assert Recommendation.objects.get(pk=entry.pk).summary_en.startswith('Words "with care"')
    assert open_entry(client, entry)["summary_en"].startswith('Words "with care"')  # and the session forgot them


def test_words_are_forgotten_when_their_editor_says_so():
    entry = make_recommendation(state="draft")
    client = sign_in("editor")
    form = typed_in(client, entry, "Not wanted")
    client.logout()
    come_in(client, form.press("_draft"), "wang")
    page = client.get(form.url)
    assert client.post(form.url, hidden(page) | {"_forget": "1"}).url == form.url
    assert open_entry(client, entry)["summary_en"] == entry.summary_en


def test_a_form_older_than_the_sign_in_keeps_its_words_where_it_is_from_here():
    entry = make_recommendation(state="draft")
    form = typed_in(sign_in("editor"), entry, "Typed before")
    client = Client(enforce_csrf_checks=True)
    sent = form.fields | {"_draft": "1"}
    page = client.post(form.url, sent, headers=HERE)
    assert (page.status_code, "kept_words" in hidden(page)) == (403, True)
    client.force_login(make_colleague("editor"))
    page = client.post(form.url, sent, headers=HERE)
    assert hidden(page)["summary_en"] == "Typed before"
    for headers in ({"origin": "https://elsewhere.example"}, {}):
        page = client.post(form.url, sent, headers=headers)
        assert page.status_code == 403
        assert "Typed before" not in page.content.decode()
        assert "Back to the desk" in page.content.decode()
    # Of two pages with a sign-in the second one leads in, with what it carries.
    kept = Kept.of(RequestFactory().post(form.url, sent))
    answer = client.post(LOGIN, {"username": "li", "password": "x", "kept_words": kept.packed}, headers=HERE)
    assert answer.url == form.url
    assert "Not saved yet" in client.get(form.url).content.decode()
    assert Recommendation.objects.get(pk=entry.pk).summary_en == entry.summary_en


def test_words_are_kept_over_a_missing_second_factor(settings):
    settings.REQUIRE_SECOND_FACTOR = True
    entry = make_recommendation(state="draft")
    client = sign_in("reviewer")
    where, sent = admin_url("change", entry.pk), {"summary_en": "Typed before", "_draft": "1"}
    assert "next=%2Fadmin%2F&" not in client.post(where, sent, headers=HERE).url + "&"
    settings.REQUIRE_SECOND_FACTOR = False
    assert hidden(client.get(where))["summary_en"] == "Typed before"


def test_another_language_does_not_empty_a_page_that_answers_what_was_sent():
    entry = make_recommendation(state="draft")
    client = sign_in("editor")
    sent = {"bulk-kind": "submit", "entries": str(entry.pk), "cell-3-title_en": "Quay", "bulk-odd": "1"}
    bulk = reverse("admin:recommendations_recommendation_bulk")
    summary = client.post(bulk, sent)
    language = {"language": "zh-hans", "next": bulk, "kept_words": hidden(summary)["kept_words"]}
    page = client.post(reverse("staff:language"), language, follow=True)
    assert page.status_code == 200
    assert "再次提交" in page.content.decode()
    [told] = [text_of(part) for part in tree(page.content.decode()).iter("details")]
    for line in ("要做的改动：送审", "条目：1", "第 3 行、title (English) / 标题（英文）：Quay", "自动填写的1项"):
        assert line in told, told
    assert "bulk-" not in told
    again = Form(client, bulk, client.post(bulk, {**sent, "csrfmiddlewaretoken": "x"}))
    assert again["entries"].startswith(f"{entry.pk}:")
    assert client.get(bulk).status_code == 302  # typed into the address bar: no empty page of the browser
    stranger = Client().post(reverse("staff:language"), language)
    assert "kept_words" in hidden(stranger)
    assert '<html lang="zh-hans"' in stranger.content.decode()


def test_neither_files_nor_secrets_nor_what_is_not_of_the_desk_are_kept():
    upload = {"file": SimpleUploadedFile("x.csv", b"secret words"), "password1": "hush", "source": "1"}
    kept = Kept.of(RequestFactory().post(admin_url("check", 1), upload))
    assert (kept.fields, kept.lacks) == ([("source", "1")], True)
    assert Kept.of(RequestFactory().post(LOGIN, {"username": "ada"})) is None
    assert Kept.of(RequestFactory().post(reverse("staff:verify"), {"code": "123456"})) is None
    for text in ("", "[]", "null", '["https://elsewhere.example/", [], false]', '["//elsewhere.example", [], false]'):
        assert Kept.unpacked(text) is None
    assert not Kept(admin_url("archive", 1), []).has_form
    assert not Kept("/admin/nowhere", []).has_form


@pytest.mark.parametrize(("language", "title"), [("en", "This is not yours to open"), ("zh-hans", "您无权打开此页")])
def test_what_is_refused_is_told_in_the_frame_of_the_desk_or_the_site(language, title):
    client = sign_in("editor")
    client.cookies["django_language"] = language
    page = client.get(reverse("admin:auth_user_changelist"))
    assert page.status_code == 403
    assert title in page.content.decode()
    assert "admin.css" in page.content.decode()
    path = "/zh-hans/about/" if language == "zh-hans" else "/about/"
    request = Client().get(path).wsgi_request
    public = forbidden(request, PermissionDenied())
    assert public.status_code == 403
    assert "kb.css" in public.content.decode()
