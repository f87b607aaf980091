"""Key phrases are checked, of the text nothing is kept, and what is broken is seen wherever the entry is worked on."""

from __future__ import annotations

import io

import pytest

from recommendations import actions
from recommendations.models import Evidence, Recommendation
from recommendations.proofs import refresh_proofs
from sources.models import PhraseCheck
from tests.desk import Form, admin_url, messages_of, open_entry, sign_in, tree
from tests.factories import make_evidence, make_recommendation, make_section, make_source, make_working_copy, moment
from tests.html import fetch

pytestmark = pytest.mark.django_db

TEXT = "Title\nHarbours\nThe quay will be deepened by spring.\nShips wait outside.\n"


def entry_with(phrase, state="draft"):
    source = make_source(slug="harbour-news", language="en")
    section = make_section(source=source, code="S1", heading="Harbours")
    entry = make_recommendation(state=state)
    entry.evidence.all().delete()
    make_evidence(recommendation=entry, section=section, paragraph="¶1", key_phrase=phrase)
    refresh_proofs([entry])
    return entry


def check(client, entry, **fields):
    url = admin_url("check", entry.pk)
    form = Form(client, url, client.get(url))
    for name, value in fields.items():
        form[name] = value
    form.fields.pop("file", None)
    return form.press("")


def proof(entry):
    return Evidence.objects.get(recommendation=entry).proof


def test_phrase_that_is_there_is_proved_and_of_the_text_nothing_is_kept():
    entry = entry_with("quay will be deepened")
    assert proof(entry) == "unchecked"
    response = check(sign_in("editor"), entry, text=TEXT)
    assert proof(entry) == "proved"
    assert "Every phrase" in " ".join(messages_of(response))
    kept = " ".join(str(value) for row in PhraseCheck.objects.values() for value in row.values())
    assert "quay" not in kept


def test_phrase_that_is_not_there_is_told_and_shown_on_form_and_preview():
    entry = entry_with("quay will be widened")
    client = sign_in("editor")
    assert "1 phrase is not where" in " ".join(messages_of(check(client, entry, text=TEXT)))
    assert proof(entry) == "failed"
    assert "Broken evidence" in client.get(admin_url("change", entry.pk)).content.decode()
    assert "Broken evidence" in client.get(admin_url("review", entry.pk)).content.decode()


def test_beside_what_publishes_it_is_said_that_a_phrase_was_not_found_which_hinders_nothing():
    entry = entry_with("quay will be widened")
    client = sign_in("reviewer")
    pages = [admin_url(name, entry.pk) for name in ("change", "review", "schedule")]
    assert not any("not found in" in client.get(page).content.decode() for page in pages)
    check(client, entry, text=TEXT)
    for page in pages:
        text = client.get(page).content.decode()
        assert "the phrase was not found in the source" in text, page  # the checklist
        assert "Before you publish: 1 key phrase was not found in its source." in text, page  # the button
        assert text.index("Before you publish") < text.index('<div class="submit-row">'), page
    assert "Before you publish" not in sign_in("editor").get(pages[0]).content.decode()
    asked = {"bulk-kind": "publish", "entries": f"{entry.pk}:1"}
    summary = client.post(admin_url("bulk"), asked).context["summary"]
    assert summary.becoming[0][0].endswith(", with a key phrase that was not found in its source")
    published = open_entry(client, entry).press("_publish")
    assert Recommendation.objects.get(pk=entry.pk).is_public
    assert "not found in their source: S1 ¶1 “quay will be widened”" in messages_of(published)[-1]


def test_of_two_texts_the_one_looked_through_last_decides_and_the_phrase_is_named():
    entry = entry_with("quay will be deepened")
    client = sign_in("editor")
    check(client, entry, text=TEXT)
    response = check(client, entry, text=TEXT.replace("deepened", "widened"))
    assert "S1 ¶1 “quay will be deepened”" in " ".join(messages_of(response))
    assert response.url.endswith(f"?source={entry.evidence.get().section.source_id}")
    assert proof(entry) == "failed"
    check(client, entry, text=TEXT)
    assert proof(entry) == "proved"


def test_preview_of_what_is_typed_checks_what_is_typed():
    entry = entry_with("quay will be widened")
    client = sign_in("editor")
    other = make_recommendation(state="draft")
    section = entry.evidence.get().section
    make_evidence(recommendation=other, section=section, paragraph="¶1", key_phrase="quay will be deepened")
    for one in (entry, other):
        check(client, one, text=TEXT, source=section.source_id)
    form = open_entry(client, entry)
    for phrase, is_broken in (("quay will be raised", True), ("quay will be deepened", False)):
        form["evidence-0-key_phrase"] = phrase
        form.buttons["_preview"] = "en"
        page = form.press("_preview")
        assert ("Broken evidence" in page.content.decode()) == is_broken
    assert proof(entry) == "failed"
    # In its language switch the same is sent once more, and still nothing of it is saved.
    again = {e.get("name"): e.get("value") for e in tree(page.content.decode()).iter("input") if e.get("name")}
    assert again["evidence-0-key_phrase"] == "quay will be deepened"
    chinese = client.post(form.url, again | {"_preview": "zh-hans"})
    assert '<html lang="zh-Hans"' in chinese.content.decode()
    assert entry.evidence.get().key_phrase == "quay will be widened"


def test_phrase_in_another_paragraph_is_not_where_it_should_be():
    entry = entry_with("Ships wait outside")
    check(sign_in("editor"), entry, text=TEXT)
    assert proof(entry) == "failed"


def test_a_phrase_changed_after_the_check_is_checked_against_what_is_known_on_save():
    entry = entry_with("quay will be deepened", state="published")
    check(sign_in("editor"), entry, text=TEXT)
    assert proof(entry) == "proved"
    copy = make_working_copy(entry)
    Evidence.objects.filter(recommendation=copy).update(key_phrase="quay will be moved")
    actions.keep_draft(entry=Recommendation.objects.get(pk=copy.pk), at=moment(1))
    assert (proof(copy), proof(entry)) == ("unproved", "proved")
    Evidence.objects.filter(recommendation=copy).update(key_phrase="quay will be deepened")
    actions.keep_draft(entry=Recommendation.objects.get(pk=copy.pk), at=moment(2))
    assert proof(copy) == "proved"


def test_preview_says_what_is_broken_and_the_public_page_does_not():
    entry = entry_with("quay will be widened", state="published")
    client = sign_in("editor")
    check(client, entry, text=TEXT)
    copy = make_working_copy(entry)
    actions.keep_draft(entry=copy, at=moment(1))
    assert "Broken evidence" in fetch(client, admin_url("preview", copy.pk)).main_text
    assert "Broken evidence" not in fetch(client, entry.get_absolute_url()).main_text


def test_another_text_is_refused_and_nothing_kept():
    entry = entry_with("quay will be deepened")
    response = check(sign_in("editor"), entry, text="Title\nSomething else.\n")
    assert "This is not the text of" in response.content.decode()
    assert not PhraseCheck.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.txt", TEXT.encode(), ""), ("a.bin", b"\xff\xfe\x00", "no plain text"), ("a.txt", b"", "empty")],
)
def test_a_file_does_as_well_where_it_is_plain_text(name, content, said):
    entry = entry_with("quay will be deepened")
    file = io.BytesIO(content)
    file.name = name
    source = Evidence.objects.get(recommendation=entry).section.source_id
    response = sign_in("editor").post(admin_url("check", entry.pk), {"source": source, "text": "", "file": file})
    assert (response.status_code == 302) is (said == "")
    assert said in response.content.decode()
    assert proof(entry) == ("unchecked" if said else "proved")


def test_only_who_may_edit_checks():
    entry = entry_with("quay")
    assert sign_in("nobody").get(admin_url("check", entry.pk)).status_code == 403
