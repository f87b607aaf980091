"""The front page: its numbers are those of the data."""

from __future__ import annotations

import pytest
from django.test import Client

from recommendations import home
from recommendations.models import Recommendation
from tests.factories import (
    make_checkpoint,
    make_city,
    make_entries,
    make_pillar,
    make_recommendation,
    make_term,
    make_vocabulary,
)
from tests.html import classes, fetch, text_of

pytestmark = pytest.mark.django_db


def front(prefix="/"):
    return fetch(Client(), prefix)


def is_number(element):
    return "num" in classes(element)


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
def test_front_page_has_every_entry_pillar_and_city(prefix):
    page = front(prefix)
    entries = Recommendation.objects.published()
    cells = [a.get("href") for a in page.all("a", cls="cell")]
    assert cells == [f"{prefix}recommendations/{entry.slug}/" for entry in entries.in_order()]
    assert len(cells) == 32
    assert len(page.all("article", cls="pillar")) == 4
    shares = [int(text_of(e)) for card in page.all("article", cls="pillar") for e in card.iter() if is_number(e)]
    assert shares == [entries.filter(pillar__number=number).count() for number in (1, 2, 3, 4)]
    tiles = page.all("a", cls="tile")
    assert len(tiles) == 23
    by_city = {a.get("href"): int(text_of(next(a.iter("b")))) for a in tiles}
    foshan = entries.filter(coverage__city__slug="foshan").count()
    assert by_city[f"{prefix}cities/foshan/"] == foshan
    assert len(next(e for e in page.all("ol") if "steps" in e.get("class", "")).findall("li")) == 5


@pytest.mark.usefixtures("content")
def test_numbers_in_words_are_those_of_the_data():
    text = front().main_text
    assert "All 32 recommendations by pillar and basis" in text
    assert "4 pillars" in text
    everywhere = Recommendation.objects.published().filter(reach="province").count()
    assert f"{everywhere} recommendations apply across the province." in text
    for basis, label in (("stated", "Stated"), ("implied", "Implied"), ("inferred", "Inferred")):
        assert f"{label} {Recommendation.objects.filter(basis=basis).count()}" in text


def test_numbers_change_with_the_data():
    pillar = make_pillar(name_en="Harbours")
    make_recommendation(pillar=pillar)
    assert "1 recommendation by pillar and basis" in front().main_text
    make_recommendation(pillar=pillar)
    make_recommendation(pillar=pillar, state="draft")
    page = front()
    assert "All 2 recommendations by pillar and basis" in page.main_text
    assert len(page.all("a", cls="cell")) == 2


def test_many_entries_are_not_drawn_one_by_one(monkeypatch):
    monkeypatch.setattr(home, "MAX_LEDGER", 3)
    make_entries({} for _ in range(3))
    assert len(front().all("a", cls="cell")) == 3
    make_recommendation(slug="fourth")
    assert front().all("a", cls="cell") == []


def test_commonest_terms_of_the_first_vocabulary_are_offered(monkeypatch):
    monkeypatch.setattr(home, "MAX_THEMES", 2)
    first, second = make_vocabulary(position=1, slug="first"), make_vocabulary(position=2, slug="second")
    rare, common, never = (make_term(vocabulary=first, slug=slug) for slug in ("rare", "common", "never"))
    other = make_term(vocabulary=second, slug="other")
    make_recommendation(terms=[rare, common, other])
    make_recommendation(terms=[common, other])
    make_recommendation(terms=[never, never], state="draft")
    assert [term.slug for term in home.common_themes()] == ["common", "rare"]
    hrefs = front().hrefs
    assert "/recommendations/?first=common" in hrefs
    assert "/recommendations/?first=never" not in hrefs
    assert "/recommendations/?second=other" not in [h for h in hrefs if "second" in h and "first" in h]


def test_no_term_is_offered_where_none_is_used():
    make_term()
    assert home.common_themes() == []
    assert front().status == 200


def test_next_checkpoint_is_the_first_ahead():
    make_checkpoint(title_en="Done", state="done")
    make_checkpoint(title_en="Ahead", state="upcoming")
    make_checkpoint(title_en="Later", state="upcoming")
    steps = [e for e in front().all("li") if "next" in e.get("class", "").split()]
    assert ["Ahead" in text_of(step) for step in steps] == [True]


def test_pillar_without_entries_has_a_card_and_no_line():
    make_pillar(name_en="Empty")
    make_recommendation(pillar=make_pillar(name_en="Full"), cities=[make_city()])
    page = front()
    assert len(page.all("article", cls="pillar")) == 2
    lines = [text_of(e) for e in page.all("section", cls="ledger")[0].iter("h3")]
    assert len(lines) == 1
    assert "Full" in lines[0]
