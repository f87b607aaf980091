"""Several editors at one entry: nobody's words are lost, nothing is overwritten unseen."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from recommendations import actions
from recommendations.models import EntryVersion, Recommendation
from tests.desk import Form, admin_url, open_entry, open_form, sign_in
from tests.factories import (
    MOMENT,
    make_city,
    make_evidence,
    make_recommendation,
    make_section,
    make_term,
    make_user,
    make_working_copy,
)
from tests.html import classes, text_of

pytestmark = pytest.mark.django_db


def stored(entry):
    return Recommendation.objects.get(pk=entry.pk)


def versions(entry):
    rows = EntryVersion.objects.filter(entry=entry).order_by("number")
    return list(rows.values_list("number", "state", "author__username"))


def start_copy(client, entry):
    """Press “Edit” on a published entry; returns the form of the copy."""
    return open_form(client, client.post(admin_url("start-copy", entry.pk)).url)


def refused(form, button):
    """Press ``button``, which is refused; returns the form that comes back and its first sentence."""
    response = form.press(button)
    assert response.status_code == 200
    again = Form(form.client, form.url, response)
    return again, again.errors[0]


def test_second_to_save_keeps_their_words_and_is_told_who_saved_what():
    entry = make_recommendation(state="draft", title_en="Old title", summary_en="Old summary")
    first = open_entry(sign_in("editor", username="wang", first_name="Wang", last_name="Fang"), entry)
    second = open_entry(sign_in("editor", username="li"), entry)
    first["title_en"] = "Title by Wang"
    first.press("_draft")
    second["summary_en"] = "Summary by Li"
    again, sentence = refused(second, "_draft")
    assert "Please correct" not in again.response.content.decode()
    assert sentence.startswith("Wang Fang saved this entry while you were editing it, on ")
    assert "(version 2, Draft)" in sentence
    assert "Changed there: title (English)." in sentence
    assert stored(entry).summary_en == "Old summary"
    assert again["summary_en"] == "Summary by Li"
    assert again.press("_draft").status_code == 302
    assert (stored(entry).title_en, stored(entry).summary_en) == ("Title by Wang", "Summary by Li")
    assert versions(entry) == [(1, "draft", None), (2, "draft", "wang"), (3, "draft", "li")]


def choose(form, choice):
    """Press a button beside a part of the conflict; returns the form that comes back."""
    fields = {name: values for name, values in form.fields.items() if "__prefix__" not in name}
    return Form(form.client, form.url, form.client.post(form.url, fields | {"_take": choice}))


def contested(form):
    """Heading of a part of the conflict → what it was, what was saved meanwhile, what was typed."""
    found = {}
    for section in form.root.iter("section"):
        if "compared" in classes(section):
            sides = next(div for div in section.iter("div") if "sides" in classes(div))
            found[text_of(next(section.iter("h3")))] = [text_of(side) for side in list(sides)]
    return found


def test_second_to_save_reads_every_word_and_chooses_part_by_part():
    old, new = make_term(label_en="Old term"), make_term(label_en="New term")
    entry = make_recommendation(
        state="draft", title_en="Cut red tape", summary_en="Old summary", problem_en="One.\r\nTwo.", terms=[old]
    )
    row = entry.evidence.get()
    first, second = open_entry(sign_in("editor"), entry), open_entry(sign_in("editor"), entry)
    first["title_en"], first["summary_en"], first["terms"] = "Cut more red tape", "Summary by the first", [new.pk]
    first["evidence-0-note_en"] = "First note"
    first.press("_draft")
    second["title_en"], second["evidence-0-note_en"] = "Cut all red tape", "Second note"
    again, _sentence = refused(second, "_draft")
    shown = contested(again)
    assert list(shown) == ["Title (English)", "Summary (English)", "Themes", "Evidence"]
    assert [text.split(maxsplit=2)[-1] for text in shown["Title (English)"][:1]] == ["Cut red tape"]
    assert "more" in shown["Title (English)"][1]
    assert "all" in shown["Title (English)"][2]
    assert "the form has what was saved" in shown["Summary (English)"][2]
    assert "First" in shown["Evidence"][1]
    assert "Second" in shown["Evidence"][2]
    assert again["title_en"] == "Cut all red tape"

    taken = choose(choose(again, "theirs:texts.title_en"), "theirs:evidence")
    assert (taken["title_en"], taken["evidence-0-note_en"]) == ("Cut more red tape", "First note")
    assert taken["evidence-0-id"] == str(row.pk)
    assert "all" in contested(taken)["Title (English)"][2]
    back = choose(taken, "mine:*")
    assert (back["title_en"], back["evidence-0-note_en"]) == ("Cut all red tape", "Second note")
    assert len(versions(entry)) == 2

    final = choose(back, "theirs:texts.title_en")
    assert final.press("_draft").status_code == 302
    now = stored(entry)
    assert (now.title_en, now.summary_en) == ("Cut more red tape", "Summary by the first")
    assert entry.evidence.get().note_en == "Second note"
    assert list(entry.terms.all()) == [new]


def test_words_given_up_stay_on_the_page_when_someone_saves_once_more():
    entry = make_recommendation(state="draft", title_en="Old", summary_en="Old summary")
    first, second = open_entry(sign_in("editor"), entry), open_entry(sign_in("editor"), entry)
    first["title_en"], second["title_en"] = "By the first", "By the second"
    first.press("_draft")
    taken = choose(refused(second, "_draft")[0], "theirs:texts.title_en")
    third = open_entry(sign_in("editor"), entry)
    third["summary_en"] = "By the third"
    third.press("_draft")
    again, _sentence = refused(taken, "_draft")
    assert (again["title_en"], again["summary_en"]) == ("By the first", "By the third")
    assert "second" in contested(again)["Title (English)"][2]
    assert choose(again, "mine:texts.title_en")["title_en"] == "By the second"


@pytest.mark.parametrize("junk", ["", "[", "[1]", '{"evidence": [1], "texts.title_en": [2], "nope": ["x"]}'])
def test_conflict_that_no_page_of_ours_wrote_changes_nothing(junk):
    entry = make_recommendation(state="draft", title_en="Old")
    form = open_entry(sign_in("editor"), entry)
    form["conflict_base"], form["conflict_typed"], form["title_en"] = 1, junk, "Typed"
    assert choose(form, "mine:*")["title_en"] == "Typed"
    assert stored(entry).title_en == "Old"


def test_words_typed_into_the_same_field_replace_only_on_the_second_press():
    entry = make_recommendation(state="draft", title_en="Old")
    first, second = open_entry(sign_in("editor"), entry), open_entry(sign_in("editor"), entry)
    first["title_en"], second["title_en"] = "By the first", "By the second"
    first.press("_draft")
    again, _sentence = refused(second, "_draft")
    assert (stored(entry).title_en, again["title_en"]) == ("By the first", "By the second")
    again.press("_draft")
    assert stored(entry).title_en == "By the second"
    assert EntryVersion.objects.get(entry=entry, number=2).document["texts"]["title_en"] == "By the first"


def test_third_save_in_between_is_noticed_again():
    entry = make_recommendation(state="draft")
    forms = [open_entry(sign_in("editor"), entry) for _n in range(3)]
    for place, form in enumerate(forms):
        form["title_en"] = f"By editor {place}"
    forms[0].press("_draft")
    again, _sentence = refused(forms[1], "_draft")
    third, _sentence = refused(forms[2], "_draft")
    third.press("_draft")
    once_more, _sentence = refused(again, "_draft")
    assert once_more.press("_draft").status_code == 302
    assert [number for number, *_rest in versions(entry)] == [1, 2, 3, 4]


@pytest.mark.parametrize("seen", ["", "nonsense", "-1", "9" * 30])
def test_form_that_does_not_say_what_it_saw_is_refused_once(seen):
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    form["seen_version"], form["title_en"] = seen, "Typed"
    again, _sentence = refused(form, "_draft")
    assert stored(entry).title_en == entry.title_en
    assert again["title_en"] == "Typed"
    assert again.press("_draft").status_code == 302
    assert stored(entry).title_en == "Typed"


def test_rows_of_evidence_and_links_of_both_editors_stay():
    here, there, gone = make_city(), make_city(), make_city()
    entry = make_recommendation(state="draft", cities=[gone])
    kept = entry.evidence.get()
    removed = make_evidence(recommendation=entry, key_phrase="to be removed", paragraph="¶2")
    actions.keep_draft(entry=entry, at=MOMENT)
    first, second = open_entry(sign_in("editor"), entry), open_entry(sign_in("editor"), entry)
    section = kept.section_id

    first["evidence-0-note_en"] = "Mended by the first"
    first["evidence-1-DELETE"] = "on"
    first["city_links-0-DELETE"] = "on"
    first.add_row("evidence", section=section, paragraph="b1", key_phrase="added by the first", supports="stated")
    first.add_row("city_links", city=here.pk, basis="named")
    first.press("_draft")

    second.add_row("evidence", section=section, paragraph="b2", key_phrase="added by the second", supports="stated")
    second.add_row("city_links", city=there.pk, basis="editorial", note_en="By the second")
    second["title_en"] = "By the second"
    again, sentence = refused(second, "_draft")
    assert "evidence" in sentence
    assert "city links" in sentence
    assert again.press("_draft").status_code == 302

    phrases = set(entry.evidence.values_list("key_phrase", flat=True))
    assert phrases == {kept.key_phrase, "added by the first", "added by the second"}
    assert removed.key_phrase not in phrases
    assert entry.evidence.get(pk=kept.pk).note_en == "Mended by the first"
    assert set(entry.city_links.values_list("city", flat=True)) == {here.pk, there.pk}


def test_row_changed_by_one_and_removed_by_the_other_is_not_lost():
    entry = make_recommendation(state="draft")
    row = make_evidence(recommendation=entry, key_phrase="contested", paragraph="¶3")
    actions.keep_draft(entry=entry, at=MOMENT)
    first, second = open_entry(sign_in("editor"), entry), open_entry(sign_in("editor"), entry)
    first["evidence-1-DELETE"] = "on"
    first.press("_draft")
    second["evidence-1-note_en"] = "We need this one"
    again, _sentence = refused(second, "_draft")
    assert again.press("_draft").status_code == 302
    assert entry.evidence.get(key_phrase="contested").note_en == "We need this one"
    assert not entry.evidence.filter(pk=row.pk).exists()


def test_choices_that_were_not_touched_follow_those_of_the_other_editor():
    old, new, mine = make_term(), make_term(), make_term()
    friend = make_recommendation()
    entry = make_recommendation(state="draft", terms=[old], reach="city", basis="stated", reviewed_on=MOMENT.date())
    first, second, third = (open_entry(sign_in("editor"), entry) for _n in range(3))
    first["terms"], first["related"] = [old.pk, new.pk], [friend.pk]
    first["reach"], first["reviewed_on"] = "province", "2026-02-02"
    first.press("_draft")
    second["basis"] = "inferred"
    refused(second, "_draft")[0].press("_draft")
    assert set(entry.terms.all()) == {old, new}
    assert list(entry.related.all()) == [friend]
    now = stored(entry)
    assert (now.reach, now.basis, now.reviewed_on.isoformat()) == ("province", "inferred", "2026-02-02")
    third["terms"] = [mine.pk]
    refused(third, "_draft")[0].press("_draft")
    assert set(entry.terms.all()) == {new, mine}  # what one added stays, what the other took away is gone
    assert stored(entry).basis == "inferred"


def test_number_and_slug_follow_the_other_editor_unless_typed():
    entry = make_recommendation(state="draft", slug="first-name", number=3)
    untouched, typed = open_entry(sign_in("editor"), entry), open_entry(sign_in("editor"), entry)
    other = open_entry(sign_in("editor"), entry)
    other["slug"], other["number"] = "second-name", 4
    other.press("_draft")
    again, _sentence = refused(untouched, "_draft")
    assert (again["slug"], again["number"]) == ("second-name", "4")
    typed["slug"] = "third-name"
    again, _sentence = refused(typed, "_draft")
    assert (again["slug"], again["number"]) == ("third-name", "4")


def test_form_of_an_entry_whose_copy_was_discarded_is_compared_with_what_it_showed():
    entry = make_recommendation(title_en="Old title", summary_en="Old summary")
    copy = make_working_copy(entry, title_en="Thrown away", summary_en="Thrown away")
    actions.keep_draft(entry=copy, at=MOMENT)
    actions.discard_working_copy(copy=copy, at=MOMENT)
    form = open_entry(sign_in("reviewer"), entry)
    other = open_entry(sign_in("reviewer"), entry)
    other["title_en"] = "New title"
    other.press("_publish")
    form["problem_en"] = "Mine"
    again, sentence = refused(form, "_publish")
    assert "Changed there: title (English)." in sentence
    again.press("_publish")
    now = stored(entry)
    assert (now.title_en, now.summary_en, now.problem_en) == ("New title", "Old summary", "Mine")


def test_copy_begun_after_a_discarded_one_is_compared_with_what_it_showed():
    entry = make_recommendation(title_en="Old title")
    discarded = make_working_copy(entry, title_en="Thrown away")
    actions.discard_working_copy(copy=discarded, at=MOMENT)
    client = sign_in("editor")
    form, other = start_copy(client, entry), open_entry(client, Recommendation.objects.get(working_copy_of=entry))
    other["title_en"] = "New title"
    other.press("_draft")
    form["problem_en"] = "Mine"
    again, _sentence = refused(form, "_draft")
    again.press("_draft")
    copy = Recommendation.objects.get(working_copy_of=entry)
    assert (copy.title_en, copy.problem_en) == ("New title", "Mine")


def test_entry_without_any_version_is_guarded_too():
    entry = make_recommendation(state="draft")
    EntryVersion.objects.all().delete()
    form = open_entry(sign_in("editor"), entry)
    form["seen_version"], form["title_en"] = "7", "Typed"
    again, sentence = refused(form, "_draft")
    assert sentence.startswith("This form is older than the entry.")
    again.press("_draft")
    assert stored(entry).title_en == "Typed"


def test_draft_published_meanwhile_takes_an_editors_words_into_a_pending_copy():
    entry = make_recommendation(state="draft", title_en="Old", slug="first-name")
    editor, reviewer = open_entry(sign_in("editor"), entry), open_entry(sign_in("reviewer", username="li"), entry)
    reviewer["slug"] = "second-name"
    reviewer.press("_publish")
    editor["title_en"] = "By the editor"
    editor.add_row("city_links", city=make_city().pk, basis="named")
    again, sentence = refused(editor, "_review")
    assert sentence.startswith("li published this entry")
    assert "(version 2, Published)" in sentence
    assert again["title_en"] == "By the editor"
    assert again.press("_review").status_code == 302
    copy = Recommendation.objects.get(working_copy_of=entry)
    assert (copy.title_en, copy.state, copy.city_links.count()) == ("By the editor", "in-review", 1)
    assert (stored(entry).title_en, stored(entry).slug, stored(entry).state) == ("Old", "second-name", "published")


def test_copy_published_meanwhile_takes_the_words_into_a_new_copy():
    entry = make_recommendation(title_en="Old", summary_en="Old summary")
    client = sign_in("editor")
    form = start_copy(client, entry)
    form = open_form(client, form.press("_draft").url)
    form["title_en"] = "Typed into a copy that is gone"
    form.add_row("evidence", section=make_section().pk, paragraph="b9", key_phrase="found late", supports="stated")
    copy = Recommendation.objects.get(working_copy_of=entry)
    Recommendation.objects.filter(pk=copy.pk).update(summary_en="New summary")
    actions.publish(entry=stored(copy), at=MOMENT)
    again, sentence = refused(form, "_draft")
    assert "(version 2, Published)" in sentence
    assert again["title_en"] == "Typed into a copy that is gone"
    assert again.press("_draft").status_code == 302
    anew = Recommendation.objects.get(working_copy_of=entry)
    assert anew.pk != copy.pk
    assert (anew.title_en, anew.summary_en) == ("Typed into a copy that is gone", "New summary")
    assert anew.evidence.count() == 2
    assert (stored(entry).title_en, entry.evidence.count()) == ("Old", 1)


def test_copy_discarded_meanwhile_takes_the_words_into_a_new_copy():
    entry = make_recommendation()
    client = sign_in("editor")
    form = start_copy(client, entry)
    form["title_en"] = "Typed on"
    actions.discard_working_copy(copy=Recommendation.objects.get(working_copy_of=entry), at=MOMENT)
    again, sentence = refused(form, "_draft")
    assert sentence.startswith("someone discarded the pending copy of this entry while you were editing it")
    assert "Draft" not in sentence
    again.press("_draft")
    assert Recommendation.objects.get(working_copy_of=entry).title_en == "Typed on"


def test_words_typed_before_there_was_a_copy_meet_its_words_and_go_into_it():
    entry = make_recommendation(title_en="Old", summary_en="Old summary")
    rita = open_entry(sign_in("reviewer", username="rita"), entry)
    alice = start_copy(sign_in("editor", username="alice"), entry)
    alice["title_en"], alice["summary_en"] = "By alice", "Summary by alice"
    alice.press("_draft")
    rita["title_en"], rita["slug"] = "By rita", "a-name-of-rita"
    again, sentence = refused(rita, "_draft")
    assert sentence.startswith("alice saved this entry while you were editing it")
    assert "This entry has a pending copy by now (last saved by alice" in sentence
    assert "“a-name-of-rita” is not kept" in sentence
    assert list(contested(again)) == ["Title (English)", "Summary (English)"]
    assert again["title_en"] == "By rita"
    assert choose(again, "theirs:texts.title_en")["title_en"] == "By alice"
    assert again.press("_draft").status_code == 302
    copy = Recommendation.objects.get(working_copy_of=entry)
    assert (copy.title_en, copy.summary_en) == ("By rita", "Summary by alice")
    assert stored(entry).title_en == "Old"


def test_words_typed_into_a_dropped_copy_meet_those_of_the_next_one():
    entry = make_recommendation(title_en="Old")
    bob = start_copy(sign_in("editor", username="bob"), entry)
    bob["title_en"] = "By bob"
    rita = make_user(username="rita")
    actions.discard_working_copy(copy=Recommendation.objects.get(working_copy_of=entry), author=rita, at=MOMENT)
    alice = start_copy(sign_in("editor", username="alice"), entry)
    alice["title_en"] = "By alice"
    alice.press("_draft")
    again, sentence = refused(bob, "_draft")
    assert sentence.startswith("rita discarded the pending copy of this entry while you were editing it")
    assert "alice saved this entry" in sentence
    assert "alice" in contested(again)["Title (English)"][1]
    assert again.press("_draft").status_code == 302
    assert Recommendation.objects.get(working_copy_of=entry).title_en == "By bob"


def test_rows_of_the_others_are_not_told_as_ones_own_in_the_next_conflict():
    term = make_term(label_en="Added by alice")
    entry = make_recommendation(state="draft")
    alice, bob, rita = (open_entry(sign_in("editor", username=name), entry) for name in ("alice", "bob", "rita"))
    alice["terms"] = [term.pk]
    alice.add_row("evidence", section=make_section().pk, paragraph="b9", key_phrase="found by alice", supports="stated")
    alice.press("_draft")
    bob["title_en"], bob["terms"] = "By bob", [make_term(label_en="Added by bob").pk]
    bob = refused(bob, "_draft")[0]
    rita = refused(rita, "_draft")[0]
    rita["summary_en"] = "By rita"
    rita.press("_draft")
    again, _sentence = refused(bob, "_draft")
    shown = contested(again)
    assert "found by alice" in shown["Evidence"][1]
    assert "found by alice" not in shown["Evidence"][2]
    assert "Added by alice" not in shown["Themes"][2]
    assert "Added by bob" in shown["Themes"][2]
    again.press("_draft")
    assert (entry.terms.count(), entry.evidence.count(), stored(entry).title_en) == (2, 2, "By bob")


def test_nothing_is_published_past_a_pending_copy():
    entry = make_recommendation(title_en="Old")
    form = open_entry(sign_in("reviewer"), entry)
    form["title_en"] = "By the reviewer"
    copy = actions.start_working_copy(entry=entry)
    for button in ("_publish", "_draft"):
        again, sentence = refused(form, button)
        assert "This entry has a pending copy by now" in sentence
        assert again["title_en"] == "By the reviewer"
        assert again["copy"] == str(copy.pk)
    assert stored(entry).title_en == "Old"
    actions.discard_working_copy(copy=copy, at=MOMENT)
    again, _sentence = refused(again, "_publish")
    assert again.press("_publish").status_code == 302
    assert stored(entry).title_en == "By the reviewer"


def test_archived_meanwhile_an_edit_is_kept_without_being_shown():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    form["title_en"] = "Too late"
    actions.archive(entry=stored(entry), at=MOMENT)
    again, sentence = refused(form, "_review")
    assert "Archived" in sentence
    assert set(again.buttons) == {"_draft"}
    again.press("_draft")
    assert (stored(entry).state, stored(entry).title_en) == ("archived", "Too late")


def test_error_says_what_to_do_in_one_visible_place():
    entry = make_recommendation(state="draft")
    form = open_entry(sign_in("editor"), entry)
    actions.keep_draft(entry=stored(entry), at=MOMENT)
    again, _sentence = refused(form, "_draft")
    lists = [e for e in again.root.iter("ul") if "nonfield" in e.get("class", "")]
    assert len(lists) == 1
    assert "someone saved this entry" in text_of(lists[0])
    link = next(lists[0].iter("a"))
    page = again.client.get(link.get("href"))
    assert page.status_code == 200
    assert "Version 1 against version 2" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_moment_one_is_refused():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's test database is in memory and shared: its threads take turns by an error, not a wait")
    entry = make_recommendation(state="draft")
    forms = [open_entry(sign_in("editor"), entry) for _n in range(4)]
    start = threading.Barrier(len(forms))
    answers = []

    def save(form, text):
        form["title_en"] = text
        start.wait(timeout=20)
        try:
            answers.append(form.press("_draft").status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(form, f"Text {n}")) for n, form in enumerate(forms)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [200, 200, 200, 302]
    assert len(versions(entry)) == 2
