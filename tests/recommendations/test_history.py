"""What changed in public, word by word; and nothing of drafts, notes and names."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from recommendations import actions
from recommendations.describing import Names, told
from recommendations.models import EntryVersion, Recommendation
from recommendations.snapshot import differences, snapshot
from recommendations.wording import MAX_PIECES, wording
from tests.factories import (
    make_city,
    make_evidence,
    make_link,
    make_recommendation,
    make_term,
    make_user,
    make_working_copy,
    moment,
)
from tests.html import fetch, text_of


def pieces(before, after):
    return [(piece.kind, piece.text) for piece in wording(before, after)]


def test_wording_is_compared_by_word_and_by_chinese_character():
    assert pieces("a deep port", "a deeper port") == [
        ("same", "a "), ("del", "deep"), ("ins", "deeper"), ("same", " port"),
    ]  # fmt: skip
    assert pieces("加深港口", "加深海港") == [("same", "加深"), ("ins", "海"), ("same", "港"), ("del", "口")]
    assert pieces("", "new") == [("ins", "new")]
    anew = (
        "The province opens its registers to every maker of machines, and pays for it from the fund.",
        "Let a firm of any size that builds robots read what offices know, at no cost to the firm itself.",
    )
    assert pieces(*anew) == [("del", anew[0]), ("ins", anew[1])]
    assert len(pieces(anew[0], anew[0].replace("opens", "shuts").replace("fund", "budget"))) == 7
    assert [kind for kind, _text in pieces("a " * MAX_PIECES, "b")] == ["del", "ins"]


@given(st.text(max_size=40), st.text(max_size=40))
def test_wording_gives_both_texts_back(before, after):
    found = wording(before, after)
    assert "".join(piece.text for piece in found if piece.kind != "ins") == before
    assert "".join(piece.text for piece in found if piece.kind != "del") == after


@pytest.mark.django_db
def test_differences_name_every_part_that_changed_and_no_other():
    term, city = make_term(slug="dredging"), make_city(slug="foshan")
    entry = make_recommendation(title_en="Harbour", terms=[term])
    before = snapshot(entry)
    assert differences(before, before) == []
    entry.title_en, entry.basis = "Haven", "implied"
    entry.terms.clear()
    make_link(recommendation=entry, city=city)
    row = entry.evidence.get()
    row.note_en = "Said anew."
    row.save()
    make_evidence(recommendation=entry, key_phrase="one more")
    found = {d.name: d for d in differences(before, snapshot(entry))}
    assert set(found) == {"basis", "texts.title_en", "terms", "cities", "evidence"}
    assert (found["texts.title_en"].before, found["texts.title_en"].after) == ("Harbour", "Haven")
    assert [pair.split("/")[1] for pair in found["terms"].removed] == ["dredging"]
    assert [link["city"] for link in found["cities"].added] == ["foshan"]
    assert [e["key_phrase"] for e in found["evidence"].added] == ["one more"]
    assert [after["note_en"] for _before, after in found["evidence"].changed] == ["Said anew."]
    with pytest.raises(ValueError, match="schema 1 and 99"):
        differences(before, before | {"schema": 99})


@pytest.mark.django_db
def test_page_shows_public_versions_and_never_a_draft_a_note_or_a_name():
    gone = make_recommendation(slug="gone", title_en="Zeppelin", state="draft")
    other = make_recommendation(title_en="Canal")
    entry = make_recommendation(slug="entry", title_en="Deep harbour", title_zh_hans="深港", at=moment(0))
    author = make_user(username="wang-xiaoming")
    for n, (title, public) in enumerate([("Secret plan", False), ("Deeper harbour", True)], start=1):
        copy = make_working_copy(entry, title_en=title)
        copy.related.set([gone, other])
        if public:
            copy.terms.set([make_term(label_en="Dredging")])
            actions.publish(entry=copy, author=author, reason="Asked for by Mr Smith", at=moment(n))
        else:
            actions.keep_draft(entry=copy, author=author, reason="Asked for by Mr Smith", at=moment(n))
    actions.archive(entry=Recommendation.objects.get(pk=entry.pk), at=moment(5))
    actions.publish(entry=Recommendation.objects.get(pk=entry.pk), at=moment(9))
    page = fetch(Client(), "/recommendations/entry/history/")
    numbers = [v.number for v in EntryVersion.objects.filter(entry=entry).ever_public().newest_first()]
    shown = [text_of(e) for e in page.all("h2") if "Version" in text_of(e)]
    assert shown == [f"Version {number}" for number in numbers]
    assert len(shown) < EntryVersion.objects.filter(entry=entry).count()
    for secret in ("Secret plan", "Smith", "wang-xiaoming", "Zeppelin", "gone"):
        assert secret not in page.main_text, secret
    assert [text_of(e) for e in page.all("ins")][1:] == ["Deeper", "Dredging", "Canal"]
    assert [text_of(e) for e in page.all("del")][1:] == ["Deep"]
    kinds = [text_of(e) for e in page.all("span", cls="part")]
    assert kinds == ["Wording changed", "Classification changed"]
    assert "Between 10 January 2026 and 14 January 2026 no version was public." in page.main_text
    assert "Published again; it says the same" in page.main_text
    assert "First published" in page.main_text
    assert "/recommendations/entry/history/" in fetch(Client(), "/recommendations/entry/").hrefs
    assert fetch(Client(), "/recommendations/gone/history/").status == 404


@pytest.mark.django_db
def test_what_is_said_of_a_passage_and_of_a_city_is_compared_word_by_word():
    entry = make_recommendation()
    passage, link = (
        entry.evidence.get(),
        make_link(recommendation=entry, city=make_city(), basis="named", note_en="Its port."),
    )
    before = snapshot(entry)
    passage.supports, passage.note_zh_hans = "inferred", "另有说明"
    passage.save()
    link.note_en = "Its old port."
    link.save()
    after = snapshot(entry)
    cities, evidence = sorted(told(differences(before, after), Names([before, after])), key=lambda change: change.label)
    assert [(d.label, [(p.kind, p.text) for p in d.pieces]) for d in cities.changed[0].details] == [
        ("Note (English)", [("same", "Its"), ("ins", " old"), ("same", " port.")])
    ]
    assert [(d.label, d.language) for d in evidence.changed[0].details] == [
        ("Supports", "en"),
        ("Note (Chinese)", "zh-hans"),
    ]
    [gone] = [c for c in told(differences(after, before | {"cities": []}), Names([after])) if c.label == "Cities"]
    assert [p.kind for detail in gone.removed[0].details for p in detail.pieces] == ["del", "del"]
