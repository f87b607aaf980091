"""The pages of themes and the glossary."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from common.slugs import remember_slug
from recommendations.models import Recommendation
from tests.factories import make_glossary_entry, make_pillar, make_recommendation, make_term, make_vocabulary
from tests.html import fetch, text_of
from themes.models import Term
from themes.overview import TermOverview, vocabularies
from themes.words import letter_of, letters, sort_key

pytestmark = pytest.mark.django_db


def test_term_counts_are_those_of_its_public_entries():
    vocabulary = make_vocabulary(slug="sector")
    term, near, far = (make_term(vocabulary=vocabulary) for _ in range(3))
    one, two = make_pillar(), make_pillar()
    make_recommendation(pillar=one, terms=[term, near], basis="implied")
    make_recommendation(pillar=one, terms=[term, near, far])
    make_recommendation(pillar=two, terms=[far])
    make_recommendation(pillar=two, terms=[term, far], state="draft")
    overview = TermOverview(term)
    assert overview.count == len(overview.entries) == 2
    assert [(row.pillar, row.count, row.whole) for row in overview.spread] == [(one, 2, 2), (two, 0, 1)]
    assert [(t.value, t.count) for t in overview.bases] == [("stated", 1), ("implied", 1), ("inferred", 0)]
    assert [(row.term, row.count) for row in overview.together] == [(near, 2), (far, 1)]
    assert [(row.term, row.count) for row in vocabularies()[0].terms] == [(term, 2), (near, 2), (far, 2)]
    assert vocabularies()[0].largest == 2


@pytest.mark.usefixtures("content")
def test_term_page_lists_what_the_filter_finds():
    for term in Term.objects.select_related("vocabulary").in_order()[:12]:
        page = fetch(Client(), term.get_absolute_url())
        listed = [text_of(e) for e in page.all("span", cls="num") if e.get("aria-hidden")]
        found = Recommendation.objects.published().filter(terms=term).in_order()
        assert [int(number) for number in listed] == [entry.number for entry in found], term
        assert f"/recommendations/?{term.vocabulary.slug}={term.slug}" in page.hrefs


@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
def test_former_names_of_a_term_and_its_vocabulary_lead_to_the_present_ones(client, prefix):
    vocabulary = make_vocabulary(slug="data")
    term = make_term(vocabulary=vocabulary, slug="finance")
    namesake = make_term(slug="finance")
    remember_slug(instance=vocabulary, former="money")
    remember_slug(instance=term, former="money")
    for path in ("money/money", "money/finance", "data/money"):
        response = client.get(f"{prefix}themes/{path}/?x=1")
        assert (response.status_code, response["Location"]) == (301, f"{prefix}themes/data/finance/?x=1"), path
    assert client.get(f"{prefix}themes/{namesake.vocabulary.slug}/money/").status_code == 404
    assert client.get(f"{prefix}themes/data/never/").status_code == 404
    assert client.get(f"{prefix}themes/never/finance/").status_code == 404


def test_glossary_is_in_the_order_of_the_pages_language():
    make_glossary_entry(term_en="Zoning", term_zh_hans="阿")
    middle = make_glossary_entry(term_en="élan", term_zh_hans="重庆", slug="elan")
    make_glossary_entry(term_en="5G", term_zh_hans="中心")
    make_glossary_entry(term_en="Alone", term_zh_hans="", definition_zh_hans="")
    remember_slug(instance=middle, former="verve")
    english, chinese = fetch(Client(), "/glossary/"), fetch(Client(), "/zh-hans/glossary/")
    assert [text_of(e) for e in english.all("h2", cls="letter")] == ["A", "E", "Z", "#"]
    assert [text_of(e) for e in chinese.all("h2", cls="letter")] == ["A", "C", "Z"]
    assert [text_of(e) for page in (english, chinese) for e in page.all("b")] == [
        "Alone", "élan", "Zoning", "5G", "阿", "Alone", "重庆", "中心",
    ]  # fmt: skip
    assert {"word-elan", "word-verve"} <= set(english.ids)
    assert {f"#{e.get('id')}" for e in english.all("h2", cls="letter")} <= set(english.hrefs)
    with translation.override("en"):
        assert middle.get_absolute_url() == "/glossary/#word-elan"
    assert (letter_of(""), sort_key(""), letters([])) == ("#", "", [])


@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
def test_empty_pages_say_where_to_go(client, prefix):
    for path in ("themes/", "glossary/", "sources/", "progress/"):
        page = fetch(client, f"{prefix}{path}")
        assert page.status == 200
        assert [a for notice in page.all("div", cls="notice") for a in notice.iter("a")], path
    make_vocabulary()
    term = make_term(label_zh_hans="", definition_zh_hans="")
    assert fetch(client, f"{prefix}themes/").status == 200
    assert fetch(client, f"{prefix}themes/{term.vocabulary.slug}/{term.slug}/").status == 200


def test_pages_cost_the_same_however_much_there_is():
    vocabulary = make_vocabulary(slug="sector")
    term = make_term(vocabulary=vocabulary, slug="one")
    make_recommendation(terms=[term, make_term(vocabulary=vocabulary)])

    def cost(path):
        with CaptureQueriesContext(connection) as queries:
            assert fetch(Client(), path).status == 200
        return len(queries)

    paths = ("/themes/sector/one/", "/themes/", "/glossary/")
    few = [cost(path) for path in paths]
    for _ in range(6):
        make_recommendation(terms=[term, make_term(vocabulary=vocabulary), make_term()], pillar=make_pillar())
        make_glossary_entry()
    assert [cost(path) for path in paths] == few
