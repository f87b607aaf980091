"""The life of an entry at the desk: what is missing, pending against live, approved or returned, and back again."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from recommendations import actions
from recommendations.choices import Step
from recommendations.models import EntryVersion, Recommendation
from tests.desk import Form, admin_url, messages_of, open_entry, sign_in, tree
from tests.factories import MOMENT, make_recommendation, make_update, make_working_copy, moment
from tests.html import text_of

pytestmark = pytest.mark.django_db


def stored(entry):
    return Recommendation.objects.get(pk=entry.pk)


def last(entry):
    version = EntryVersion.objects.filter(entry=entry).select_related("author").newest_first()[0]
    return version.step, version.author.username if version.author else None, version.reason


def marked(response, tag):
    main = next(e for e in tree(response.content.decode()).iter("main"))
    sections = [e for e in main.iter("section") if e.get("class") == "compared"]
    return [text_of(e) for section in sections for e in section.iter(tag)]


def pending(**changes):
    entry = make_recommendation(title_en="Deep harbour", title_zh_hans="深港")
    copy = make_working_copy(entry, **changes or {"title_en": "Deeper harbour", "title_zh_hans": "更深港"})
    actions.keep_draft(entry=copy, for_review=True, reason="new depth", at=moment(1))
    return entry, stored(copy)


def review(client, row, button, **fields):
    form = Form(client, admin_url("review", row.pk), client.get(admin_url("review", row.pk)))
    for name, value in fields.items():
        form[name] = value
    return form.press(button)


def test_reviewer_sees_pending_against_live_in_both_languages_words_marked():
    entry, copy = pending()
    response = sign_in("reviewer").get(admin_url("review", copy.pk))
    assert (marked(response, "ins"), marked(response, "del")) == (["Deeper", "更"], ["Deep"])
    assert "new depth" in response.content.decode()
    assert sign_in("reviewer").get(admin_url("review", entry.pk)).url == admin_url("review", copy.pk)


def test_a_changed_phrase_is_one_passage_with_its_words_marked():
    entry = make_recommendation()
    [piece] = make_working_copy(entry).evidence.all()
    words = piece.key_phrase
    piece.key_phrase = f"{words} more"
    piece.save()
    copy = Recommendation.objects.get(working_copy_of=entry)
    actions.keep_draft(entry=copy, for_review=True, at=moment(1))
    response = sign_in("reviewer").get(admin_url("review", copy.pk))
    assert [text.strip() for text in marked(response, "ins")] == ["more"]
    assert marked(response, "del") == []


def test_addresses_of_a_copy_that_is_published_lead_to_its_entry_and_a_note_is_not_lost():
    entry, copy = pending()
    client = sign_in("reviewer")
    url, pk = admin_url("review", copy.pk), copy.pk
    form = Form(client, url, client.get(url))
    form["reason"] = "The quay is wrong"
    actions.publish(entry=copy, at=moment(2))
    answer = form.press("_return")
    assert answer.url == admin_url("history", entry.pk)
    assert "“The quay is wrong”" in messages_of(answer)[-1]
    for page in ("change", "history", "review", "preview"):
        answer = client.get(admin_url(page, pk))
        assert answer.url == admin_url("history", entry.pk)
        assert "published or dropped" in messages_of(answer)[-1]
    assert client.get(admin_url("review", 999_999)).status_code == 404
    assert client.get(admin_url("change", 999_999)).url == "/admin/"  # as Django has it


def test_entry_never_public_is_all_new():
    entry = make_recommendation(state="in-review", title_en="Harbour")
    response = sign_in("reviewer").get(admin_url("review", entry.pk))
    assert "Harbour" in marked(response, "ins")
    assert marked(response, "del") == []


def test_approval_publishes_and_says_who_and_why():
    entry, copy = pending()
    review(sign_in("reviewer", username="li"), copy, "_approve", reason="well put")
    assert stored(entry).title_en == "Deeper harbour"
    assert not Recommendation.objects.filter(pk=copy.pk).exists()
    assert last(entry) == (Step.PUBLISHED, "li", "well put")


def test_what_is_returned_is_a_draft_again_with_the_note():
    entry, copy = pending()
    client = sign_in("reviewer", username="li")
    review(client, copy, "_return", reason="say how deep")
    assert (stored(copy).state, stored(entry).title_en) == ("draft", "Deep harbour")
    assert last(entry) == (Step.RETURNED, "li", "say how deep")
    assert "_return" not in Form(client, "", client.get(admin_url("review", copy.pk))).buttons


def test_editor_reads_the_reviewers_note_in_the_form_until_it_is_sent_again():
    entry, copy = pending()
    review(sign_in("reviewer", username="li"), copy, "_return", reason="say how deep")
    editor = sign_in("editor")
    form = open_entry(editor, copy)
    assert "Returned by a reviewer li, " in text_of(form.root)
    assert "say how deep" in text_of(form.root)
    assert "say how deep" in text_of(open_entry(editor, entry).root)
    form.press("_draft")
    form = open_entry(editor, copy)
    assert "say how deep" in text_of(form.root)
    form.press("_review")
    assert "say how deep" not in text_of(open_entry(editor, copy).root)


def test_form_names_the_version_readers_see_and_that_of_the_copy_apart():
    entry, copy = pending()
    client = sign_in("editor")
    assert "version 1, which readers see; the pending copy is version 2" in text_of(open_entry(client, entry).root)
    assert "version 2, of the copy; readers see version 1" in text_of(open_entry(client, copy).root)
    fresh = make_working_copy(make_recommendation())
    assert "not saved yet; readers see version 1" in text_of(open_entry(client, fresh).root)


def test_nothing_is_decided_on_what_was_saved_meanwhile():
    entry, copy = pending()
    client = sign_in("reviewer")
    form = Form(client, admin_url("review", copy.pk), client.get(admin_url("review", copy.pk)))
    actions.keep_draft(entry=stored(copy), for_review=True, at=moment(2))
    assert "Nothing was done" in " ".join(messages_of(form.press("_approve")))
    assert stored(entry).title_en == "Deep harbour"


def test_what_is_not_ready_is_not_approved_and_the_page_says_what_is_missing():
    _entry, copy = pending(summary_en="")
    client = sign_in("reviewer")
    page = tree(client.get(admin_url("review", copy.pk)).content.decode())
    asked = [a.get("href") for a in page.iter("a") if "#id_summary_en" in a.get("href", "")]
    assert asked == [f"{admin_url('change', copy.pk)}#id_summary_en"]
    assert "a summary in English" in " ".join(messages_of(review(client, copy, "_approve")))
    assert stored(copy).state == "in-review"


@pytest.mark.parametrize("button", ["_approve", "_return"])
def test_an_editor_looks_and_does_not_decide(button):
    _entry, copy = pending()
    client = sign_in("editor")
    response = client.get(admin_url("review", copy.pk))
    assert button not in response.content.decode()
    assert client.post(admin_url("review", copy.pk), {button: "1", "seen_version": "2"}).status_code == 403
    assert sign_in("nobody").get(admin_url("review", copy.pk)).status_code == 403


def test_form_says_what_is_missing_and_where_before_the_attempt():
    entry = make_recommendation(state="draft", summary_zh_hans="")
    entry.evidence.all().delete()
    form = open_entry(sign_in("editor"), entry)
    links = [a.get("href") for a in form.root.iter("a") if a.get("href", "").startswith("#id_")]
    missing = [e for e in form.root.iter("li") if e.get("data-met") == "no"]
    assert links == ["#id_summary_zh_hans"]
    assert len(missing) == 2
    assert "As it was last saved" in text_of(form.root)
    ids = {e.get("id") for e in form.root.iter()}
    assert {"id_summary_zh_hans", "evidence-group", "id_pillar"} <= ids


def test_checklist_of_a_refused_form_is_about_what_stands_in_it():
    entry = make_recommendation(state="draft", summary_zh_hans="")
    form = open_entry(sign_in("reviewer"), entry)
    form["summary_zh_hans"], form["title_en"] = "写好了", ""
    form["evidence-0-DELETE"] = "on"
    form = Form(form.client, form.url, form.press("_publish"))
    missing = [text_of(e) for e in form.root.iter("li") if e.get("data-met") == "no"]
    assert missing == ["Missing: a title in English", "Missing: one piece of evidence with its source and locator"]
    assert "which is not saved yet" in text_of(form.root)


def test_a_status_rests_on_an_update_or_the_entry_is_not_published():
    entry = make_recommendation(state="draft")
    Recommendation.objects.filter(pk=entry.pk).update(status="adopted")
    with pytest.raises(actions.NotReady, match="a dated, sourced update"):
        actions.publish(entry=stored(entry), at=MOMENT)
    make_update(entries=[entry], status="adopted")
    actions.publish(entry=stored(entry), at=MOMENT)
    assert stored(entry).state == "published"


def test_archived_entry_comes_back_as_a_draft_on_record():
    entry = make_recommendation(state="archived")
    url = admin_url("unarchive", entry.pk)
    assert sign_in("editor").get(url).status_code == 403
    client = sign_in("reviewer", username="li")
    assert client.get(url).status_code == 200
    client.post(url, {"seen_version": "2", "reason": "needed after all"})
    assert stored(entry).state == "draft"
    assert last(entry) == (Step.UNARCHIVED, "li", "needed after all")
    late = client.post(url, {"seen_version": "2", "reason": "twice"}, follow=True).content.decode()
    assert "is not in the archive. Nothing was done. You had noted: “twice”" in late


@pytest.mark.parametrize("button", ["_approve", "_return"])
def test_a_note_to_a_decision_that_comes_too_late_stays_in_the_form(button):
    _entry, copy = pending()
    late = {button: "1", "seen_version": "1", "reason": "long thought of"}
    response = sign_in("reviewer").post(admin_url("review", copy.pk), late)
    assert "Something was done to this entry meanwhile" in response.content.decode()
    assert Form(None, "", response)["reason"] == "long thought of"
    assert stored(copy).state == "in-review"


def test_a_note_to_what_is_not_there_any_more_is_said_again():
    entry, _copy = pending()
    client, noted = sign_in("reviewer"), {"seen_version": "1", "reason": "long thought of"}
    for page, entry_of in (("review", make_recommendation()), ("archive", make_recommendation(state="archived"))):
        assert "You had noted: “long thought of”" in client.post(admin_url(page, entry_of.pk), noted, follow=True).text
    for page in ("review", "archive"):  # there is a pending copy by now
        assert "You had noted: “long thought of”" in client.post(admin_url(page, entry.pk), noted, follow=True).text


def test_the_reason_of_a_restore_that_comes_too_late_stays_in_the_form():
    entry, _copy = pending()
    late = {"seen_version": "1", "reason": "long thought of"}
    response = sign_in("reviewer").post(admin_url("restore", entry.pk, 1), late)
    assert Form(None, "", response)["reason"] == "long thought of"


# History


def test_any_two_versions_are_compared_by_word():
    entry = make_recommendation(title_en="One harbour")
    for n, title in enumerate(("Two harbours", "Three harbours"), start=1):
        copy = make_working_copy(entry, title_en=title)
        actions.publish(entry=copy, at=moment(n))
    client = sign_in("editor")
    response = client.get(admin_url("compare", entry.pk), {"from": "3", "to": "1"})
    assert (marked(response, "del"), marked(response, "ins")) == (["One", "harbour"], ["Three", "harbours"])
    assert client.get(admin_url("compare", entry.pk), {"from": "3"}).url == admin_url("history", entry.pk)
    assert "Restore version 1" in client.get(admin_url("history", entry.pk)).content.decode()


def changed_once():
    entry = make_recommendation(title_en="Once")
    actions.publish(entry=make_working_copy(entry, title_en="Now"), at=moment(1))
    return stored(entry)


def restore(client, entry, number):
    url = admin_url("restore", entry.pk, number)
    form = Form(client, url, client.get(url))
    [button] = list(form.buttons)
    return form.press(button)


def test_who_may_publish_restores_a_version_as_a_new_public_one():
    entry = changed_once()
    former, entry.slug = entry.slug, "another-address"
    entry.save()
    reviewer = sign_in("reviewer", username="li")
    page = reviewer.get(admin_url("restore", entry.pk, 1))
    assert [change.label for change in page.context["comparison"].things] == []
    assert f"It keeps its address “another-address” and its number 1; that version had “{former}” and 1." in text_of(
        tree(page.content.decode())
    )
    restore(reviewer, entry, 1)
    assert stored(entry).slug == "another-address"
    assert stored(entry).title_en == "Once"
    assert last(entry) == (Step.RESTORED, "li", "Version 1 restored.")
    assert EntryVersion.objects.filter(entry=entry).public_now().get().number == 3


def test_nothing_is_restored_where_the_entry_says_it_already():
    entry = make_recommendation(title_en="As it is")
    client, url = sign_in("reviewer"), admin_url("restore", entry.pk, 1)
    page = client.get(url).content.decode()
    assert "There is nothing to restore" in page
    assert "restore_form" not in page
    posted = client.post(url, {"seen_version": "1", "reason": "long thought of"}).content.decode()
    assert "Nothing was done. You had noted: “long thought of”" in posted
    assert EntryVersion.objects.filter(entry=entry).count() == 1


def test_an_editor_restores_into_a_pending_copy():
    entry = changed_once()
    restore(sign_in("editor", username="wu"), entry, 1)
    assert (stored(entry).title_en, stored(entry).working_copy.title_en) == ("Now", "Once")
    assert last(entry)[:2] == (Step.RESTORED, "wu")


def test_a_version_that_names_what_is_gone_is_refused_whole():
    entry = changed_once()
    version = EntryVersion.objects.get(entry=entry, number=1)
    version.document["terms"] = ["gone/gone"]
    version.save()
    response = restore(sign_in("reviewer"), entry, 1)
    assert "cannot be restored" in " ".join(messages_of(response))
    assert stored(entry).title_en == "Now"


def test_what_is_typed_is_seen_as_readers_would_in_either_language_and_not_kept():
    entry = make_recommendation(title_en="Once", title_zh_hans="从前")
    copy = make_working_copy(entry)
    for role, row in (("editor", copy), ("reviewer", make_recommendation(title_zh_hans="另一个"))):
        form = open_entry(sign_in(role), row)
        form["title_en"], form["title_zh_hans"] = "Typed now", "刚刚输入"
        before = (Recommendation.objects.count(), EntryVersion.objects.count(), LogEntry.objects.count())
        data = {name: values for name, values in form.fields.items() if "__prefix__" not in name}
        for language, title in (("en", "Typed now"), ("zh-hans", "刚刚输入")):
            html = form.client.post(form.url, data | {"_preview": [language]}).content.decode()
            assert title in html.split("<h1", 1)[1].split("</h1>")[0]
        assert (Recommendation.objects.count(), EntryVersion.objects.count(), LogEntry.objects.count()) == before
        row.refresh_from_db()
        assert row.title_en != "Typed now"


def test_form_says_how_long_a_title_should_be():
    html = sign_in("editor").get(admin_url("add")).content.decode()
    assert 'data-advised="90"' in html
    assert "Best at most 90 characters." in html
