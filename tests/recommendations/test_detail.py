"""One entry's page: everything it says, and nothing that it does not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import translation

from recommendations import actions, citations, entry_page
from recommendations.models import Recommendation
from tests.factories import (
    make_area,
    make_checkpoint,
    make_city,
    make_evidence,
    make_link,
    make_pillar,
    make_recommendation,
    make_section,
    make_source,
    make_staff,
    make_term,
    make_vocabulary,
    moment,
    refresh_all,
)
from tests.html import classes, fetch, text_of

pytestmark = pytest.mark.django_db


def show(slug="entry", query="", prefix="/"):
    return fetch(Client(), f"{prefix}recommendations/{slug}/{query}")


def loaded(entry):
    return Recommendation.objects.for_detail().get(pk=entry.pk)


def test_page_says_all_that_the_entry_says():
    texts = {name: f"The {name} of it." for name in ("problem", "action", "outcome", "measure")}
    vocabulary = make_vocabulary(name_en="Instrument")
    entry = make_recommendation(
        slug="entry",
        number=7,
        title_en="Deepen the harbour",
        summary_en="Ships draw more water.",
        reviewed_on=dt.date(2026, 1, 2),
        terms=[make_term(vocabulary=vocabulary, label_en="Dredging")],
        **{f"{name}_en": text for name, text in texts.items()},
    )
    source = make_source(title_en="The Gazette", url="https://example.org/gazette")
    make_evidence(
        recommendation=entry,
        section=make_section(source=source, code="S3.1", title_en="On ships"),
        paragraph="b2",
        key_phrase="deeper by a fathom",
        note_en="Said by the pilot.",
    )
    page = show()
    text = page.main_text
    for piece in ["Deepen the harbour", "Ships draw more water.", *texts.values(), "Dredging", "Instrument"]:
        assert piece in text, piece
    for piece in ["S3.1 b2", "On ships", "deeper by a fathom", "Said by the pilot.", "The Gazette", "Stated"]:
        assert piece in text, piece
    assert text_of(page.all("h1")[0]) == "Recommendation 7: Deepen the harbour"
    assert page.title.startswith("7. Deepen the harbour")
    assert page.meta("description") == ["Ships draw more water."]
    assert "https://example.org/gazette" in page.hrefs
    assert "No follow-up found" in text
    assert next(e.get("datetime") for e in page.all("time")) == "2026-01-02"


def test_parts_the_entry_lacks_have_no_heading():
    make_recommendation(slug="entry", problem_en="", problem_zh_hans="", action_en="Dredge.")
    ids = show().ids
    assert "s-problem" not in ids
    assert "s-action" in ids
    assert "s-related" not in ids


def test_cities_are_grouped_by_the_strongest_reason():
    named, read, covered = make_city(name_en="Named"), make_city(name_en="Read"), make_city(name_en="Covered")
    make_area(members=[named, read, covered])
    entry = make_recommendation(slug="entry", reach="metropolitan", cities=[named])
    make_link(recommendation=entry, city=read, basis="editorial")
    refresh_all()
    groups = [(g.basis, [c.name_en for c in g.cities]) for g in entry_page.touched_cities(loaded(entry))]
    assert groups == [("named", ["Named"]), ("editorial", ["Read"]), ("metropolitan", ["Covered"])]
    assert entry_page.city_marks(loaded(entry)) == {named.pk: "on", read.pk: "on", covered.pk: "cov"}
    facts = [e for e in show().all("dl", cls="stacked") if "Named" in text_of(e)]
    assert [text_of(e) for e in facts[0].iter("dd")] == ["Named", "Read", "Covered"]


def test_province_wide_entry_says_so():
    make_recommendation(slug="entry", reach="province")
    make_recommendation(slug="city", reach="city")
    assert "it applies in every city of the province" in show().main_text
    assert "it applies in every city of the province" not in show("city").main_text
    assert "No city is recorded for it yet." in show("city").main_text


def test_related_entries_say_what_they_share():
    terms = [make_term(label_en=f"Term {letter}") for letter in "ABCDE"]
    pillar = make_pillar()
    near = make_recommendation(title_en="Near", terms=terms, pillar=pillar)
    far = make_recommendation(title_en="Far", pillar=make_pillar())
    hidden = make_recommendation(title_en="Hidden", state="draft")
    entry = make_recommendation(slug="entry", terms=terms, pillar=pillar, related=[near, far, hidden])
    found = {item.entry.title: item.reasons for item in entry_page.related_entries(loaded(entry))}
    assert found == {
        "Near": ["Same pillar", "both: Term A", "both: Term B", "both: Term C"],
        "Far": ["Chosen by the editors"],
    }
    assert "Near" in show().main_text
    assert "Hidden" not in show().html


def test_related_entries_share_cities_they_are_linked_to_and_checkpoints_that_not_all_wait_for():
    foshan, covered = make_city(name_en="Foshan"), make_city(name_en="Covered")
    make_area(members=[foshan, covered])
    near = make_recommendation(title_en="Near", cities=[foshan], reach="metropolitan")
    entry = make_recommendation(
        slug="entry", pillar=make_pillar(), cities=[foshan], related=[near], reach="metropolitan"
    )
    apart = make_recommendation(title_en="Apart")
    make_checkpoint(title_en="The plan").recommendations.set([entry, near])
    make_checkpoint(title_en="The start").recommendations.set([entry, near, apart])
    [item] = entry_page.related_entries(loaded(entry))
    assert item.reasons == ["both in Foshan", "same checkpoint: The plan"]
    assert f"/compare/?r=entry&r={near.slug}" in show().hrefs


def test_neighbours_follow_the_readers_filter():
    for slug, basis in (("a", "stated"), ("b", "implied"), ("c", "stated"), ("d", "implied")):
        make_recommendation(slug=slug, basis=basis)

    def around(page):
        return [(a.get("rel"), a.get("href")) for a in page.all("a") if a.get("rel") in {"prev", "next"}]

    assert around(show("b")) == [("prev", "/recommendations/a/"), ("next", "/recommendations/c/")]
    assert around(show("b", "?basis=implied")) == [("next", "/recommendations/d/?basis=implied")]
    assert around(show("b", "?basis=stated")) == []
    assert around(show("a", "?sort=-number")) == [("prev", "/recommendations/b/?sort=-number")]
    back = [a.get("href") for a in show("b", "?basis=implied&page=2").all("a", cls="hit")]
    assert "/recommendations/?basis=implied" in back
    assert "/recommendations/?basis=implied" not in [a.get("href") for a in show("b").all("a", cls="hit")]


def test_version_is_the_public_one():
    entry = make_recommendation(slug="entry", title_en="First")
    actions.publish(entry=entry, at=moment(1))
    copy = actions.start_working_copy(entry=entry)
    actions.keep_draft(entry=copy, at=moment(2))
    page = show()
    assert "version 2" in text_of(page.by_id("cite"))
    assert "Version2" in page.main_text


def test_citation_names_what_is_cited():
    entry = make_recommendation(slug="entry", number=7, title_en="Harbour", reviewed_on=dt.date(2026, 1, 2))
    assert text_of(show().by_id("cite")) == (
        "“7. Harbour”, Guangdong 32, version 1, reviewed 2 January 2026, an editorial reading, basis: stated. "
        "http://testserver/recommendations/entry/"
    )
    assert citations.plain(entry, None, "https://x/").count("version") == 0
    chinese = text_of(show(prefix="/zh-hans/").by_id("cite"))
    assert "条目" in chinese
    assert chinese.endswith("http://testserver/zh-hans/recommendations/entry/")


def test_checkpoints_of_the_entry_are_shown_and_no_others():
    entry = make_recommendation(slug="entry")
    make_checkpoint(title_en="Ahead").recommendations.set([entry])
    make_checkpoint(title_en="Elsewhere")
    text = show().main_text
    assert "Ahead" in text
    assert "Elsewhere" not in text


def test_terms_stand_under_their_vocabularies_in_order():
    second, first = make_vocabulary(position=2), make_vocabulary(position=1)
    terms = [make_term(vocabulary=second), make_term(vocabulary=first), make_term(vocabulary=second)]
    entry = make_recommendation(terms=terms)
    found = entry_page.terms_by_vocabulary(loaded(entry))
    assert found == [(first, [terms[1]]), (second, [terms[0], terms[2]])]


def test_untranslated_parts_are_named_in_order():
    entry = make_recommendation(problem_en="Ships.", action_zh_hans="疏浚。")
    assert entry_page.untranslated_fields(entry) == ["What would be done"]
    with translation.override("zh-hans"):
        assert len(entry_page.untranslated_fields(entry)) == 1


@pytest.mark.parametrize(
    ("state", "start"), [("draft", "Draft"), ("in-review", "In review"), ("archived", "Archived"), ("published", "")]
)
def test_notice_says_why_readers_do_not_see_it(state, start):
    notice = entry_page.notice(make_recommendation(state=state))
    assert notice.startswith(start)
    assert bool(notice) is bool(start)


def test_unpublished_entry_has_no_neighbours_and_no_version():
    make_recommendation()
    make_recommendation(slug="entry", state="draft")
    client = Client()
    client.force_login(make_staff())
    page = fetch(client, "/recommendations/entry/")
    assert not [a for a in page.all("a") if a.get("rel") in {"prev", "next"}]
    assert "Copy citation" not in page.main_text  # what readers do not see is not cited


def test_entry_without_evidence_says_so():
    entry = make_recommendation(slug="entry")
    entry.evidence.all().delete()
    assert "No passage is recorded for this entry yet." in show().main_text
    assert not show().all("figure")


@pytest.mark.usefixtures("content")
def test_every_citation_of_an_entry_is_shown_with_its_place():
    for entry in Recommendation.objects.filter(number__in=[1, 9, 17, 32]):
        page = show(entry.slug)
        shown = [text_of(e) for e in page.all("figcaption")]
        assert len(shown) == entry.evidence.count()
        for evidence, caption in zip(entry.evidence.in_order(), shown, strict=True):
            assert evidence.locator in caption
            assert evidence.key_phrase in page.main_text
        phrases = [e for e in page.all("blockquote") if e.get("lang") == "en"]
        assert len(phrases) == len(shown)
        assert [e for e in page.all("a") if "basis" in classes(e)]
