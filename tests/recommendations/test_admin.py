"""Entries at the desk: who may do what with one, and what readers see of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.slugs import current_slugs, remember_slug
from recommendations import actions, derive
from recommendations.models import Coverage, EntryVersion, Recommendation, SearchText
from recommendations.query import parse
from recommendations.snapshot import apply
from recommendations.spreadsheet import export
from recommendations.spreadsheet.columns import Columns
from tests.desk import Form, admin_url, messages_of, open_entry, open_form, sign_in
from tests.factories import (
    MOMENT,
    make_city,
    make_evidence,
    make_recommendation,
    make_term,
    make_working_copy,
    the_pillar,
    the_report,
)

pytestmark = pytest.mark.django_db

READER = Client()
NEEDED = "Needed before it is published: %s."


def stored(entry):
    return Recommendation.objects.get(pk=entry.pk)


def versions(entry):
    rows = EntryVersion.objects.filter(entry=entry).order_by("number")
    return list(rows.values_list("number", "state", "author__username", "reason"))


def page(client, entry):
    return client.get(stored(entry).get_absolute_url())


# New entries ---------------------------------------------------------------------------------------------------


@pytest.fixture
def new_form():
    pillar = the_pillar(the_report())
    form = open_form(sign_in("editor", username="wang"), admin_url("add"))
    form["pillar"] = pillar.pk
    return form


def test_new_entry_belongs_to_the_only_report_and_gets_number_and_slug(new_form):
    make_recommendation(number=7)
    new_form["title_en"] = "A wholly new idea"
    response = new_form.press("_draft")
    entry = Recommendation.objects.get(title_en="A wholly new idea")
    assert response.url == admin_url("change", entry.pk)
    assert (entry.report, entry.number, entry.slug, entry.state) == (the_report(), 8, "a-wholly-new-idea", "draft")
    assert versions(entry) == [(1, "draft", "wang", "")]
    assert SearchText.objects.filter(recommendation=entry).exists()


def test_new_entry_without_an_english_title_or_with_a_taken_one_is_named_by_its_number(new_form):
    make_recommendation(number=1, slug="taken")
    new_form["title_zh_hans"] = "只有中文"
    new_form.press("_draft")
    assert Recommendation.objects.get(title_zh_hans="只有中文").slug == "the-report-2"
    new_form["title_en"] = "Taken"
    new_form.press("_draft")
    assert Recommendation.objects.get(title_en="Taken").slug == "the-report-3"


def test_number_and_slug_that_are_typed_are_kept_unless_taken(new_form):
    new_form["number"], new_form["slug"] = 40, "my-own"
    nameless = Form(new_form.client, new_form.url, new_form.press("_draft"))
    assert nameless.errors == ["Give it a title, in one language at least."]
    new_form["title_zh_hans"] = "标题"
    new_form.press("_review")
    entry = Recommendation.objects.get(slug="my-own")
    assert (entry.number, entry.state) == (40, "in-review")
    again = Form(new_form.client, new_form.url, new_form.press("_review"))
    assert len(again.errors) == 2
    assert Recommendation.objects.count() == 1


def test_holder_of_publish_adds_and_publishes_in_one_act():
    pillar, city = the_pillar(the_report()), make_city(name_en="Foshan")
    section = make_evidence(recommendation=make_recommendation(pillar=pillar)).section
    form = open_form(sign_in("reviewer", username="li"), admin_url("add"))
    for name, text in {"title": "Idea", "summary": "What it comes to"}.items():
        form[f"{name}_en"], form[f"{name}_zh_hans"] = text, "想法"
    form["pillar"], form["reason"] = pillar.pk, "agreed on Monday"
    for name, value in {
        "section": section.pk,
        "paragraph": "¶4",
        "key_phrase": "says so",
        "supports": "stated",
    }.items():
        form[f"evidence-0-{name}"] = value
    form.add_row("city_links", city=city.pk, basis="named")
    assert form.press("_publish").status_code == 302
    entry = Recommendation.objects.get(slug="idea")
    assert versions(entry) == [(1, "published", "li", "agreed on Monday")]
    assert list(Coverage.objects.filter(recommendation=entry).values_list("city__name_en", "basis")) == [
        ("Foshan", "named")
    ]
    assert "says so" in page(READER, entry).content.decode()


# Saving and publishing -----------------------------------------------------------------------------------------


def test_holder_of_publish_saves_and_publishes_in_one_act_with_one_version():
    entry = make_recommendation(title_en="Before", terms=[make_term(label_en="Licensing")])
    form = open_entry(sign_in("reviewer", username="li"), entry)
    form["title_en"], form["reason"] = "After", "clearer"
    response = form.press("_publish")
    assert response.url.startswith(admin_url("changelist"))
    assert "is published" in messages_of(response)[0]
    assert versions(entry) == [(1, "published", None, ""), (2, "published", "li", "clearer")]
    assert "After" in page(READER, entry).content.decode()
    assert [r.slug for r in Recommendation.objects.published().search(parse("after"))] == [entry.slug]
    public = EntryVersion.objects.get(entry=entry, public_until=None)
    assert (public.number, public.document["texts"]["title_en"]) == (2, "After")
    assert [term.label_en for term in stored(entry).terms.all()] == ["Licensing"]


@pytest.mark.parametrize(("button", "state"), [("_draft", "draft"), ("_review", "in-review")])
@pytest.mark.parametrize("before", ["draft", "in-review"])
def test_editor_keeps_a_draft_or_sends_it_for_review(before, button, state):
    entry = make_recommendation(state=before)
    form = open_entry(sign_in("editor", username="wang"), entry)
    form["title_en"], form["reason"] = "Better", "first try"
    form.press(button)
    assert (stored(entry).state, stored(entry).title_en) == (state, "Better")
    assert versions(entry)[1:] == [(2, state, "wang", "first try")]
    assert page(READER, entry).status_code == 404


def test_editor_has_no_button_to_publish_and_is_refused_without_it():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    assert set(form.buttons) == {"_draft", "_review"}
    form.buttons["_publish"] = "Save and publish"
    form["title_en"] = "Forged"
    assert form.press("_publish").status_code == 403
    assert (stored(entry).state, stored(entry).title_en) == ("draft", entry.title_en)


def test_enter_key_leaves_an_entry_in_its_state():
    entry = make_recommendation(state="in-review")
    form = open_entry(sign_in("reviewer"), entry)
    form["title_en"] = "Typed"
    assert next(iter(form.buttons)) == "_review"
    form.buttons = {"_save": ""}
    form.press("_save")
    assert (stored(entry).state, stored(entry).title_en) == ("in-review", "Typed")


def test_state_and_status_cannot_be_sent():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("reviewer"), entry)
    assert not {"state", "status", "working_copy_of", "published_at"} & set(form.fields)
    form["state"], form["status"], form["published_at"] = "published", "adopted", "2026-01-01"
    form.press("_draft")
    assert (stored(entry).state, stored(entry).status, stored(entry).published_at) == (
        "draft",
        "no-follow-up-found",
        None,
    )


def test_refused_publication_says_what_is_missing_where_and_keeps_everything():
    entry = make_recommendation(title_en="As it was", summary_zh_hans="原样")
    form = open_entry(sign_in("reviewer"), entry)
    form["title_en"], form["summary_zh_hans"] = "", "  "
    form["problem_en"] = "Words that stay"
    form["evidence-0-DELETE"] = "on"
    form["reason"] = "half done"
    response = form.press("_publish")
    assert response.status_code == 200
    again = Form(form.client, form.url, response)
    assert again.errors == [
        NEEDED % "a title in English",
        NEEDED % "a summary in Chinese",
        NEEDED % "one piece of evidence with its source and locator",
    ]
    assert (again["problem_en"], again["reason"], again["evidence-0-DELETE"]) == ("Words that stay", "half done", "on")
    assert versions(entry) == [(1, "published", None, "")]
    assert (stored(entry).title_en, stored(entry).problem_en) == ("As it was", "")
    assert entry.evidence.count() == 1


def test_what_is_typed_is_kept_with_one_kind_of_line_end():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    form["problem_en"], form["evidence-0-note_en"] = "One.\r\n\r\nTwo.", "One.\r\nTwo."
    form.press("_draft")
    document = EntryVersion.objects.filter(entry=entry).newest_first()[0].document
    assert (document["texts"]["problem_en"], document["evidence"][0]["note_en"]) == ("One.\n\nTwo.", "One.\nTwo.")


def test_draft_may_lack_what_readers_need():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    form["title_en"] = form["summary_en"] = ""
    form["evidence-0-DELETE"] = "on"
    assert form.press("_draft").status_code == 302
    assert (stored(entry).title_en, entry.evidence.count()) == ("", 0)


def test_draft_may_lack_a_pillar_everywhere_at_the_desk_until_it_is_published(new_form):
    new_form["pillar"], new_form["title_en"] = "", "No pillar yet"
    new_form["title_zh_hans"] = "尚无支柱"
    new_form.press("_review")
    entry = Recommendation.objects.get(title_en="No pillar yet")
    assert entry.pillar_id is None
    reviewer = sign_in("reviewer")
    for name in ("change", "review", "history", "share", "check", "schedule"):
        assert reviewer.get(admin_url(name, entry.pk)).status_code == 200, name
    for language in ("en", "zh-hans"):
        assert reviewer.get(admin_url("preview", entry.pk), {"language": language}).status_code == 200
    assert "No pillar yet" in reviewer.get(admin_url("changelist")).content.decode()
    refused = Form(reviewer, admin_url("change", entry.pk), open_entry(reviewer, entry).press("_publish"))
    assert "Needed before it is published: a pillar." in refused.errors
    with pytest.raises(actions.NotReady, match="a pillar"):
        actions.publish(entry=stored(entry), at=MOMENT)

    (line,) = list(export.rows(Recommendation.objects.entries(), Columns.now()))
    assert (line["slug"], line["pillar"]) == ("no-pillar-yet", "")
    form = open_entry(reviewer, entry)
    form["pillar"] = the_pillar(the_report()).pk
    form.press("_draft")
    first = EntryVersion.objects.get(entry=entry, number=1).document
    assert first["pillar"] == ""
    apply(first, stored(entry))
    assert stored(entry).pillar_id is None
    compared = reviewer.get(admin_url("compare", entry.pk), {"from": 1, "to": 2}).content.decode()
    assert str(the_pillar(the_report())) in compared or the_pillar(the_report()).name_en in compared


def test_errors_at_a_row_of_evidence_keep_what_was_typed():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    form.add_row("evidence", paragraph="nowhere", key_phrase="one two three four five six seven eight nine")
    again = Form(form.client, form.url, form.press("_draft"))
    assert len(again.errors) == 4
    assert again["evidence-1-key_phrase"] == "one two three four five six seven eight nine"
    assert versions(entry) == [(1, "draft", None, "")]


def test_entry_is_not_related_to_itself_nor_to_a_working_copy():
    entry, other = make_recommendation(state="draft"), make_recommendation()
    copy = actions.start_working_copy(entry=other)
    form = open_entry(sign_in("editor"), entry)
    for wrong in (entry, copy):
        form["related"] = [wrong.pk]
        assert len(Form(form.client, form.url, form.press("_draft")).errors) == 1
    form["related"] = [other.pk]
    form.press("_draft")
    assert list(entry.related.all()) == [other]


# Names ---------------------------------------------------------------------------------------------------------


def test_changed_slug_redirects_for_good():
    entry = make_recommendation(slug="first-name")
    form = open_entry(sign_in("reviewer"), entry)
    form["slug"], form["number"] = "second-name", 77
    form.press("_publish")
    assert stored(entry).number == 77
    assert current_slugs(Recommendation, ["first-name"]) == {"first-name": "second-name"}
    response = READER.get("/recommendations/first-name/?q=x")
    assert (response.status_code, response.url) == (301, "/recommendations/second-name/?q=x")


def test_entry_keeps_a_number_and_a_slug():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    form["slug"], form["number"] = "", ""
    assert Form(form.client, form.url, form.press("_draft")).errors == [
        "An entry needs a number.", "An entry needs an address.",
    ]  # fmt: skip
    form["slug"], form["number"] = "Bad Slug!", "9" * 25
    assert Form(form.client, form.url, form.press("_draft")).errors == [
        "A number is between 1 and 9999999.", "Write a slug in lower-case letters, digits and single hyphens.",
    ]  # fmt: skip
    form["slug"] = "export"
    form["number"] = 1
    assert len(Form(form.client, form.url, form.press("_draft")).errors) == 1


def test_a_day_that_cannot_be_is_refused_beside_its_field_and_one_at_full_width_is_read():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    form["number"], form["reviewed_on"] = "４０", "２１３１－０１－０１"
    refused = Form(form.client, form.url, form.press("_draft"))
    assert [error[:24] for error in refused.errors] == ["2131-01-01 is in the fut"]
    refused["reviewed_on"] = "２０２６－１１－２０"
    refused.press("_draft")
    assert (stored(entry).number, str(stored(entry).reviewed_on)) == (40, "2026-11-20")


def test_taken_number_former_address_and_odd_names_are_refused_beside_their_field():
    renamed, other = make_recommendation(slug="now"), make_recommendation(number=4, report=the_report())
    remember_slug(instance=renamed, former="before")
    entry = make_recommendation(slug="mine", number=5, report=other.report)
    form = open_entry(sign_in("reviewer"), entry)
    for number, slug, count in ((4, "before", 2), (0, "Upper_Case", 2), (10_000_000, "a--b", 2), (4, "mine", 1)):
        form["number"], form["slug"] = number, slug
        form = Form(form.client, form.url, form.press("_publish"))
        assert len(form.errors) == count, (number, slug, form.errors)
        assert (form["number"], form["slug"]) == (str(number), slug)
    assert (stored(entry).number, stored(entry).slug) == (5, "mine")
    assert READER.get("/recommendations/before/").url == "/recommendations/now/"


# What readers see ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "mark"), [("draft", "Draft: only"), ("in-review", "In review: only"), ("archived", "Archived: readers")]
)
def test_what_is_not_published_is_seen_by_staff_only_and_marked(state, mark):
    entry = make_recommendation(state=state, title_en="Hidden so far")
    response = page(sign_in("editor"), entry)
    assert response.status_code == 200
    assert mark in response.content.decode()
    assert page(READER, entry).status_code == (410 if state == "archived" else 404)
    for address in ("/", "/recommendations/?q=hidden", "/zh-hans/recommendations/", "/recommendations/export.csv"):
        assert b"Hidden so far" not in b"".join(READER.get(address))


# Archive -------------------------------------------------------------------------------------------------------


def archive_form(client, entry):
    response = client.get(admin_url("archive", entry.pk))
    return response, {"seen_version": "1", "reason": "superseded"}


@pytest.mark.parametrize("state", ["draft", "in-review", "published"])
def test_holder_of_publish_archives_with_a_summary_before(state):
    entry = make_recommendation(state=state, title_en="Old thing")
    client = sign_in("reviewer", username="li")
    asked, data = archive_form(client, entry)
    assert "Old thing" in asked.content.decode()
    assert stored(entry).state == state
    assert client.post(admin_url("archive", entry.pk), data).url == admin_url("changelist")
    assert stored(entry).state == "archived"
    assert versions(entry)[-1] == (2, "archived", "li", "superseded")
    assert not EntryVersion.objects.filter(entry=entry, public_from__isnull=False, public_until=None).exists()
    assert page(READER, entry).status_code == (410 if state == "published" else 404)


def test_archiving_waits_for_a_second_look_where_someone_saved_meanwhile():
    entry = make_recommendation()
    client = sign_in("reviewer")
    _asked, data = archive_form(client, entry)
    actions.publish(entry=stored(entry), at=MOMENT)
    response = client.post(admin_url("archive", entry.pk), data)
    assert "Nothing was done" in response.content.decode()
    assert stored(entry).state == "published"
    assert client.post(admin_url("archive", entry.pk), data | {"seen_version": "2"}).status_code == 302
    assert stored(entry).state == "archived"


def test_entry_with_a_pending_copy_is_not_archived():
    entry = make_recommendation()
    copy = actions.start_working_copy(entry=entry)
    client = sign_in("reviewer")
    for response in (client.get(admin_url("archive", entry.pk)), client.post(admin_url("archive", entry.pk))):
        assert "publish or discard that first" in response.content.decode()
    assert stored(entry).state == "published"
    assert client.post(admin_url("archive", copy.pk)).status_code == 404


def test_editor_does_not_archive_and_nobody_deletes():
    entry = make_recommendation()
    assert sign_in("editor").post(admin_url("archive", entry.pk), {"seen_version": "1"}).status_code == 403
    for role in ("editor", "reviewer", "superuser"):
        client = sign_in(role)
        assert client.post(admin_url("delete", entry.pk), {"post": "yes"}).status_code == 403
        client.post(admin_url("changelist"), {"action": "delete_selected", "_selected_action": [entry.pk], "post": "1"})
    assert stored(entry).state == "published"


def test_archived_entry_is_edited_without_being_shown_and_published_again():
    entry = make_recommendation(state="archived")
    form = open_entry(sign_in("editor"), entry)
    form["title_en"] = "Mended"
    form.press("_draft")
    assert (stored(entry).state, stored(entry).title_en) == ("archived", "Mended")
    assert page(READER, entry).status_code == 410
    open_entry(sign_in("reviewer"), entry).press("_publish")
    assert stored(entry).state == "published"
    assert page(READER, entry).status_code == 200


# Lists, history, choices ---------------------------------------------------------------------------------------


def rows_of(response):
    return [row.pk for row in response.context["cl"].result_list]


def test_list_is_searched_in_both_languages_by_slug_and_number():
    first = make_recommendation(title_en="Sandbox for fintech", title_zh_hans="监管沙盒", slug="sandbox", number=1)
    second = make_recommendation(title_en="Talent", title_zh_hans="人才", slug="people", number=12)
    client = sign_in("editor")
    found = {
        q: rows_of(client.get(admin_url("changelist"), {"q": q}))
        for q in ("fintech", "沙盒", "people", "12", "zeppelin")
    }
    assert found == {
        "fintech": [first.pk],
        "沙盒": [first.pk],
        "people": [second.pk],
        "12": [second.pk],
        "zeppelin": [],
    }


def test_list_is_narrowed_by_state_and_pending_copy():
    draft, live, pending = make_recommendation(state="draft"), make_recommendation(), make_recommendation()
    copy = actions.start_working_copy(entry=pending)
    client = sign_in("editor")
    url = admin_url("changelist")
    assert rows_of(client.get(url)) == [draft.pk, live.pk, pending.pk]
    assert rows_of(client.get(url, {"state__exact": "draft"})) == [draft.pk]
    assert rows_of(client.get(url, {"pending": "yes"})) == [pending.pk]
    assert rows_of(client.get(url, {"pending": "no"})) == [draft.pk, live.pk]
    assert rows_of(client.get(url, {"pending": "in-review"})) == []
    actions.keep_draft(entry=copy, at=MOMENT, for_review=True)
    response = client.get(url, {"pending": "in-review"})
    assert rows_of(response) == [pending.pk]
    assert admin_url("change", copy.pk) in response.content.decode()


def test_list_costs_the_same_queries_for_twenty_rows_as_for_two():
    def cost(client):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(admin_url("changelist")).status_code == 200
        return len(queries)

    client = sign_in("editor")
    for entry in (make_recommendation(), make_recommendation()):
        actions.start_working_copy(entry=entry)
    cost(client)  # what is asked once a process
    few = cost(client)
    for _n in range(18):
        actions.start_working_copy(entry=make_recommendation())
    assert len(rows_of(client.get(admin_url("changelist")))) == 20
    assert cost(client) == few


def test_saving_unchanged_makes_no_version_and_is_no_change_to_readers():
    client = sign_in("reviewer")
    for state, button in (("draft", "_draft"), ("in-review", "_review"), ("published", "_publish")):
        entry = make_recommendation(state=state)
        before = (Recommendation.objects.get(pk=entry.pk).changed_at, entry.versions.count())
        assert "no new version" in messages_of(open_entry(client, entry).press(button))[-1]
        assert (Recommendation.objects.get(pk=entry.pk).changed_at, entry.versions.count()) == before
    form = open_entry(client, entry)
    form["reason"] = "Looked through"
    form.press("_publish")
    assert entry.versions.count() == before[1] + 1


def test_evidence_that_is_added_comes_last():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    section = make_evidence(recommendation=make_recommendation()).section
    for place in (1, 2):
        form.add_row(
            "evidence", section=section.pk, paragraph=f"¶{place}", key_phrase=f"words {place}", supports="stated"
        )
    assert form.press("_draft").status_code == 302
    assert list(entry.evidence.order_by("pk").values_list("position", flat=True)) == [1, 2, 3]


def test_list_and_desk_find_what_entries_and_their_pending_copies_say():
    entry = make_recommendation(problem_en="Each shipment waits.")
    entry.evidence.update(key_phrase="a deep quay")
    derive.refresh()
    copy = make_working_copy(entry, title_en="Better tomorrow")
    copy.evidence.update(key_phrase="a later phrase")
    other = make_recommendation(title_en="A shipment")
    client = sign_in("editor")
    found = client.get(reverse("desk_search"), {"q": "shipment"}).context["results"][0]
    assert [url for _name, url in found.named] == [admin_url("change", row.pk) for row in (other, entry)]
    other.delete()
    own, pending = admin_url("change", entry.pk), admin_url("change", copy.pk)
    for words, found in (
        ("shipment", {own, pending}),  # in its body, which the copy has too
        ("deep quay", {own}),  # in the phrase of its evidence
        ("tomorrow", {own, pending}),  # in the copy alone, which is reached from the entry
        ("phrase later", {own, pending}),  # in the evidence of that
        ("zeppelin", set()),
    ):
        listed = client.get(reverse("admin:recommendations_recommendation_changelist"), {"q": words})
        assert [row.pk for row in listed.context["cl"].result_list] == ([entry.pk] if found else []), words
        html = client.get(reverse("desk_search"), {"q": words}).content.decode()
        assert {url for url in (own, pending) if url in html} == found, words


def test_where_there_is_nothing_to_search_for_it_is_said():
    make_recommendation()
    client = sign_in("editor")
    for typed, said in (('"', "nothing to search for"), ("   ", "nothing to search for"), ("x" * 300, "at most 200")):
        assert said in client.get(reverse("desk_search"), {"q": typed}).content.decode()
    listed = client.get(reverse("admin:recommendations_recommendation_changelist"), {"q": '"'}).content.decode()
    assert "There is no word in" in listed


def test_history_lists_every_version_and_links_to_what_it_said():
    entry = make_recommendation()
    form = open_entry(sign_in("reviewer", username="li"), entry)
    form["reason"] = "clearer words"
    form.press("_publish")
    client = sign_in("editor")
    html = client.get(admin_url("history", entry.pk)).content.decode()
    assert "clearer words" in html
    for version in EntryVersion.objects.filter(entry=entry):
        address = f"{admin_url('compare', entry.pk)}?to={version.number}"
        assert address in html
        assert client.get(reverse("admin:recommendations_entryversion_change", args=[version.pk])).url == address
    assert entry.title_zh_hans in client.get(f"{admin_url('compare', entry.pk)}?to=1").content.decode()


def test_choices_of_an_entry_offer_no_working_copy():
    entry = make_recommendation(title_en="Only one")
    actions.start_working_copy(entry=entry)
    query = {"app_label": "recommendations", "model_name": "recommendation", "field_name": "related", "term": "only"}
    answer = sign_in("editor").get(reverse("admin:autocomplete"), query).json()
    assert [row["id"] for row in answer["results"]] == [str(entry.pk)]
