"""Pending copies, and several editors at one entry: nobody's words are lost."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from recommendations import actions
from recommendations.models import EntryVersion, Recommendation
from tests.desk import Form, admin_url, messages_of, open_entry, open_form, sign_in
from tests.factories import (
    MOMENT,
    make_city,
    make_link,
    make_recommendation,
    make_section,
    make_term,
    make_working_copy,
)

pytestmark = pytest.mark.django_db

READER = Client()


def stored(entry):
    return Recommendation.objects.get(pk=entry.pk)


def versions(entry):
    rows = EntryVersion.objects.filter(entry=entry).order_by("number")
    return list(rows.values_list("number", "state", "author__username"))


def page(client, entry):
    return client.get(stored(entry).get_absolute_url()).content.decode()


def start_copy(client, entry):
    """Press “Edit” on a published entry; returns the form of the copy."""
    return open_form_of(client, client.post(admin_url("start-copy", entry.pk)))


def open_form_of(client, response):
    assert response.status_code == 302, response.status_code
    return open_form(client, response.url)


# The road of a pending copy ------------------------------------------------------------------------------------


def test_editor_leaves_a_pending_copy_that_readers_do_not_see_until_a_reviewer_publishes_it():
    entry = make_recommendation(title_en="Before", title_zh_hans="旧", terms=[make_term()])
    editor, reviewer = sign_in("editor", username="wang"), sign_in("reviewer", username="li")

    shown = editor.get(admin_url("change", entry.pk))
    assert not shown.context["adminform"].form.fields.keys() & {"title_en", "slug"}
    assert "Edit (makes a pending copy)" in shown.content.decode()

    form = start_copy(editor, entry)
    form["title_en"], form["reason"] = "After", "clearer"
    form.add_row("evidence", section=make_section().pk, paragraph="b2", key_phrase="more of it", supports="implied")
    response = form.press("_review")
    assert "waits for review" in messages_of(response)[0]
    copy = Recommendation.objects.get(working_copy_of=entry)
    assert (copy.state, copy.title_en, copy.slug, copy.number) == ("in-review", "After", None, None)
    assert versions(entry) == [(1, "published", None), (2, "in-review", "wang")]
    assert "Before" in page(READER, entry)
    assert "After" not in page(READER, entry)
    assert "more of it" not in page(READER, entry)

    form = open_entry(reviewer, entry)
    assert form.url == admin_url("change", copy.pk)
    assert "has a pending copy (last saved by wang on" in form.response.content.decode()
    response = form.press("_publish")
    assert response.url.startswith(admin_url("changelist"))
    assert not Recommendation.objects.filter(working_copy_of__isnull=False).exists()
    assert versions(entry)[2:] == [(3, "published", "li")]
    assert "After" in page(READER, entry)
    assert "more of it" in page(READER, entry)
    assert "旧" in READER.get(f"/zh-hans{stored(entry).get_absolute_url()}").content.decode()
    assert stored(entry).terms.count() == 1


def test_saving_a_copy_leaves_it_pending():
    entry = make_recommendation()
    client = sign_in("editor")
    form = start_copy(client, entry)
    form["summary_en"] = "Not yet"
    form = open_form_of(client, form.press("_draft"))
    assert form["summary_en"] == "Not yet"
    assert stored(entry).summary_en == "What it comes to."
    assert "Not yet" not in page(READER, entry)
    assert "Not yet" not in page(client, entry)


def test_second_press_of_edit_leads_to_the_same_copy_and_says_who_saved_it():
    entry = make_recommendation()
    first = start_copy(sign_in("editor", username="wang"), entry)
    first["title_en"] = "By Wang"
    first.press("_draft")
    second = sign_in("editor")
    html = second.get(admin_url("change", entry.pk)).content.decode()
    assert first.url in html
    assert "last saved by wang on" in html
    assert "Edit (makes a pending copy)" not in html
    assert start_copy(second, entry).url == first.url
    assert Recommendation.objects.filter(working_copy_of=entry).count() == 1


def test_copy_that_nobody_saved_says_so():
    entry = make_recommendation()
    start_copy(sign_in("editor"), entry)
    assert "not saved since" in sign_in("editor").get(admin_url("change", entry.pk)).content.decode()


def test_only_published_entries_have_copies():
    entry = make_recommendation(state="draft")
    client = sign_in("editor")
    assert client.post(admin_url("start-copy", entry.pk)).url == admin_url("change", entry.pk)
    assert client.get(admin_url("start-copy", entry.pk)).status_code == 405
    assert client.post(admin_url("start-copy", 999_999)).status_code == 404
    assert Recommendation.objects.count() == 1


def test_copy_has_neither_number_nor_slug_to_edit():
    entry = make_recommendation(slug="stays", number=5)
    form = start_copy(sign_in("editor"), entry)
    assert not {"slug", "number", "report"} & set(form.fields)
    form["slug"], form["number"] = "other", 6
    form.press("_draft")
    copy = Recommendation.objects.get(working_copy_of=entry)
    assert (copy.slug, copy.number, stored(entry).slug, stored(entry).number) == (None, None, "stays", 5)


def test_holder_of_publish_may_leave_a_pending_copy_instead():
    entry = make_recommendation(title_en="Before", slug="same")
    client = sign_in("reviewer", username="li")
    form = open_entry(client, entry)
    form["title_en"] = "For four eyes"
    form.add_row("city_links", city=make_city().pk, basis="named")
    form["evidence-0-key_phrase"] = "said otherwise"
    response = form.press("_review")
    copy = Recommendation.objects.get(working_copy_of=entry)
    assert response.status_code == 302
    assert (copy.title_en, copy.state, copy.city_links.count()) == ("For four eyes", "in-review", 1)
    assert [evidence.key_phrase for evidence in copy.evidence.all()] == ["said otherwise"]
    assert (stored(entry).title_en, stored(entry).city_links.count()) == ("Before", 0)
    assert entry.evidence.get().key_phrase != "said otherwise"
    assert versions(entry) == [(1, "published", None), (2, "in-review", "li")]
    assert "For four eyes" not in page(READER, entry)
    assert "last saved by li on" in sign_in("editor").get(admin_url("change", entry.pk)).content.decode()


def test_change_of_name_does_not_go_into_a_pending_copy():
    entry = make_recommendation(slug="same")
    form = open_entry(sign_in("reviewer"), entry)
    form["slug"], form["title_en"] = "other", "Kept in the form"
    again = Form(form.client, form.url, form.press("_draft"))
    assert again.errors == ["A pending copy has no name of its own: change this when you publish."]
    assert again["title_en"] == "Kept in the form"
    assert not Recommendation.objects.filter(working_copy_of=entry).exists()


def test_log_and_history_of_a_copy_are_those_of_its_entry():
    entry = make_recommendation()
    client = sign_in("editor")
    form = start_copy(client, entry)
    form["title_en"] = "After"
    form.press("_draft")
    copy = Recommendation.objects.get(working_copy_of=entry)
    assert set(LogEntry.objects.values_list("object_id", flat=True)) == {str(entry.pk)}
    assert LogEntry.objects.count() == 2
    assert client.get(admin_url("history", copy.pk)).url == admin_url("history", entry.pk)


# Discarding ----------------------------------------------------------------------------------------------------


def test_discarded_copy_stays_in_the_history_and_readers_notice_nothing():
    entry = make_recommendation(title_en="Before")
    copy = make_working_copy(entry, title_en="Thrown away")
    client = sign_in("reviewer", username="li")
    assert "Readers keep seeing" in client.get(admin_url("discard", copy.pk)).content.decode()
    assert client.post(admin_url("discard", copy.pk), {"seen_version": "1"}).url == admin_url("change", entry.pk)
    assert not Recommendation.objects.filter(pk=copy.pk).exists()
    newest = EntryVersion.objects.get(entry=entry, number=2)
    assert (newest.document["texts"]["title_en"], newest.author.username) == ("Thrown away", "li")
    assert "Before" in page(READER, entry)


def test_discarding_waits_for_a_second_look_where_someone_saved_meanwhile():
    copy = make_working_copy(make_recommendation(), title_en="Mine")
    actions.keep_draft(entry=copy, at=MOMENT)
    response = sign_in("reviewer").post(admin_url("discard", copy.pk), {"seen_version": "1"})
    assert "Nothing was done" in response.content.decode()
    assert Recommendation.objects.filter(pk=copy.pk).exists()


def test_editor_takes_back_only_a_copy_that_says_nothing_new():
    entry = make_recommendation()
    copy = make_working_copy(entry)
    client = sign_in("editor")
    assert admin_url("discard", copy.pk) in client.get(admin_url("change", copy.pk)).content.decode()
    Recommendation.objects.filter(pk=copy.pk).update(title_en="Something new")
    assert admin_url("discard", copy.pk) not in client.get(admin_url("change", copy.pk)).content.decode()
    assert client.post(admin_url("discard", copy.pk), {"seen_version": "1"}).status_code == 403
    Recommendation.objects.filter(pk=copy.pk).update(title_en=entry.title_en)
    assert client.post(admin_url("discard", copy.pk), {"seen_version": "1"}).status_code == 302
    assert not Recommendation.objects.filter(pk=copy.pk).exists()


def test_entry_itself_is_never_discarded():
    entry = make_recommendation(state="draft")
    assert sign_in("superuser").post(admin_url("discard", entry.pk), {"seen_version": "1"}).status_code == 404
    assert stored(entry) == entry


# Preview -------------------------------------------------------------------------------------------------------


def test_preview_shows_the_copy_as_readers_would_see_it_marked_and_to_staff_only():
    town = make_city(name_en="Foshan", name_zh_hans="佛山")
    entry = make_recommendation(title_en="Before", number=9)
    copy = make_working_copy(entry, title_en="After", title_zh_hans="之后")
    make_link(recommendation=copy, city=town)
    client = sign_in("editor")
    english = client.get(admin_url("preview", copy.pk), {"language": "en"}).content.decode()
    assert "Pending copy: readers see" in english
    assert "After" in english
    assert "Foshan" in english
    assert "Before" not in english
    chinese = client.get(admin_url("preview", copy.pk), {"language": "zh-hans"})
    assert "之后" in chinese.content.decode()
    assert "佛山" in chinese.content.decode()
    assert f"{admin_url('preview', copy.pk)}?language=en" in chinese.content.decode()
    assert READER.get(admin_url("preview", copy.pk)).url.startswith("/admin/login/")
    assert sign_in("nobody").get(admin_url("preview", copy.pk)).status_code == 403
    copy.refresh_from_db()
    assert (copy.slug, copy.number, copy.coverage.count()) == (None, None, 0)


def test_preview_of_what_readers_see_is_its_page_and_of_a_draft_is_at_the_desk():
    entry, draft = make_recommendation(), make_recommendation(state="draft", title_zh_hans="草稿")
    client = sign_in("editor")
    assert client.get(admin_url("preview", entry.pk)).url == entry.get_absolute_url()
    page = client.get(admin_url("preview", draft.pk), {"language": "zh-hans"}).content.decode()
    assert "草稿：仅" in page
    form = client.get(admin_url("change", draft.pk)).content.decode()
    assert draft.get_absolute_url() not in form
    assert f"{admin_url('preview', draft.pk)}?language=en" in form
    assert client.get(admin_url("preview", 999_999)).status_code == 404
