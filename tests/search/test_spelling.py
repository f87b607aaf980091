"""Did you mean: a word that is in no entry gives way to one that is, and the page says so."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client

from recommendations.filters import RecommendationFilterSet
from recommendations.models import SearchWord
from recommendations.reading import Reading
from recommendations.spelling import slips
from tests.factories import make_recommendation, make_word_group
from tests.html import classes, fetch, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries():
    """Words to be mistaken for one another: harbour, network, 沙盒, 人才."""
    make_recommendation(slug="harbour", title_en="Harbour networks", title_zh_hans="港口沙盒")
    make_recommendation(slug="talent", title_en="Talent for big data", title_zh_hans="引进人才")
    make_recommendation(slug="draft", state="draft", title_en="Zeppelins", title_zh_hans="飞艇")
    make_word_group("telehealth\nremote care\nharbour\n远程医疗")


def reading(q, **more):
    data = QueryDict(mutable=True)
    data.update({"q": q, **more})
    return Reading(data)


def corrected(q):
    return RecommendationFilterSet(QueryDict(f"q={q}")).corrected_text


def test_words_in_no_entry_are_corrected(entries):
    for typed, expected in {
        "harbor": "",  # of the same stem as nothing, but one slip away
        "harbuor": "harbour",
        "netwrok": "networks",
        "HARBOUUR": "harbour",
        "talant harbuor": "",  # each corrected, but together in no entry
        "talant data": "talent data",
        "bigdata": "big data",
        "telehelth": "telehealth",
        "沙合": "沙盒",
        "沙河": "沙盒",
        "人材": "人才",
        "引进人材": "引进人才",
        "港口人才": "",
        "沙盒港口": "沙盒 港口",
        "远程依疗": "远程医疗",
        "harbour": "",
        "zepelins": "",  # a draft has it, no reader finds it
        "zeppelins": "",
        '"harbuor"': "",
        "xq": "",
        "qqqqqqqq": "",
        "龘": "",
        "-harbuor": "",
        "talent -harbuor": "",
        "12345": "",
    }.items():
        if typed == "harbor":
            assert corrected(typed) == "harbour"
        else:
            assert corrected(typed) == expected, typed


def test_no_more_slips_than_a_word_of_its_length_may_have(entries):
    assert [slips(length) for length in (2, 3, 4, 5, 6, 20)] == [0, 0, 1, 1, 2, 2]
    assert corrected("tolant") == "talent"
    assert corrected("tolunt") == "talent"
    assert corrected("tolund") == ""


def test_page_says_what_it_shows_instead_and_offers_what_was_typed(entries):
    page = fetch(Client(), "/recommendations/?q=talant -harbuor&basis=stated")
    (notice,) = (p for p in page.all("p") if "notice" in classes(p))
    assert text_of(notice) == (
        "Nothing has “talant -harbuor”. Showing what has talent -harbuor. Search for “talant -harbuor” as typed"
    )
    assert next(notice.iter("a")).get("href") == "/recommendations/?q=%22talant%22+-harbuor&basis=stated"
    assert text_of(page.by_id("count")) == "1 of 2 recommendations"
    typed = reading('"talant" -harbuor')
    assert (typed.total, typed.hints.corrected) == (0, "")
    assert reading("talent").hints.corrected == ""


def test_page_says_which_equivalents_were_searched_for(entries):
    page = fetch(Client(), "/recommendations/?q=telehealth")
    said = next(p for p in page.all("p") if text_of(p).startswith("Also searched for:"))
    assert text_of(said) == "Also searched for: remote care, harbour, 远程医疗"
    assert [span.get("lang") for span in said.iter("span")] == [None, None, "zh-Hans"]
    assert text_of(page.by_id("count")) == "1 of 2 recommendations"
    assert reading('"telehealth"').hints.also == []


def test_nothing_found_says_so(entries):
    page = fetch(Client(), "/recommendations/?q=qqqqqqqq")
    assert "No recommendation matches all of this" in text_of(page.by_id("browse"))
    assert text_of(page.by_id("count")) == "0 of 2 recommendations"


def test_words_are_learnt_and_forgotten(entries):
    words = set(SearchWord.objects.values_list("word", flat=True))
    assert {"harbour", "networks", "zeppelins", "沙盒", "人才"} <= words
    assert "口沙" in words
    assert SearchWord.objects.get(word="沙盒").key == b"sha he"
