"""The passage that matched: shown where title and summary do not have the word, in the language it is in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from recommendations.excerpts import LENGTH, excerpts
from recommendations.models import Recommendation
from recommendations.query import parse
from tests.factories import make_city, make_recommendation, make_term, make_vocabulary
from tests.html import fetch, text_of

pytestmark = pytest.mark.django_db


def found(query, language="en"):
    (entry,) = Recommendation.objects.published().for_list()
    with translation.override(language):
        return [
            (str(e.label), str(e.text), e.text.lang, e.is_cut_before, e.is_cut_after)
            for e in excerpts(entry, parse(query).phrases)
        ]


def test_passage_is_the_first_text_that_has_what_title_and_summary_lack():
    make_recommendation(
        title_en="Harbours", summary_en="A quay.", title_zh_hans="港口", summary_zh_hans="码头。",
        action_en="Open a port and a sandbox.", measure_en="Sandboxes opened.", problem_zh_hans="数据孤岛很多",
        terms=[make_term(vocabulary=make_vocabulary(name_en="Sector"), label_en="Finance", label_zh_hans="金融")],
        cities=[make_city(name_en="Foshan", name_zh_hans="佛山")],
    )  # fmt: skip
    assert found("harbour quay") == []
    assert found("") == []
    assert found("zeppelin") == []
    action = ("What would be done", "Open a port and a sandbox.", "en", False, False)
    assert found("sandbox") == found("harbour sandbox") == [action]
    assert found("孤岛") == [("Problem", "数据孤岛很多", "zh-hans", False, False)]
    assert found("sandbox 孤岛 佛山") == [*found("孤岛"), action]
    assert found("foshan finance") == [
        ("Sector", "Finance", "en", False, False),
        ("City", "Foshan", "en", False, False),
    ]
    assert found("港口") == [("Title", "港口", "zh-hans", False, False)]
    assert found("harbour", "zh-hans") == [("标题", "Harbours", "en", False, False)]
    assert found("finance", "zh-hans")[0][1:] == ("Finance", "en", False, False)


def test_long_passage_is_cut_around_the_word_between_words():
    words = [f"word{n}" for n in range(200)]
    make_recommendation(
        problem_en=" ".join([*words[:100], "sandbox", *words[100:]]), action_zh_hans="港" * 100 + "，数据"
    )
    ((label, text, _lang, before, after),) = found("sandbox")
    assert (label, before, after) == ("Problem", True, True)
    assert len(text) <= LENGTH["en"]
    assert "sandbox" in text.split()
    assert set(text.split()) <= {*words, "sandbox"}
    ((_label, text, _lang, before, after),) = found("word0")
    assert text.startswith("word0 ")
    assert (before, after) == (False, True)
    ((_label, text, _lang, before, after),) = found("数据")
    assert (text, before, after) == ("数据", True, False)


@pytest.mark.parametrize(("prefix", "lang"), [("/", "zh-Hans"), ("/zh-hans/", None)])
def test_card_shows_the_passage_with_marks_and_its_language(prefix, lang):
    make_recommendation(measure_zh_hans="<b>打破数据孤岛")
    page = fetch(Client(), f"{prefix}recommendations/?q=%E6%95%B0%E6%8D%AE")
    (shown,) = page.all("p", cls="found-in")
    (passage,) = (span for span in shown.iter("span") if span.find("mark") is not None)
    assert text_of(passage) == "<b>打破数据孤岛"
    assert passage.get("lang") == lang
    assert [text_of(mark) for mark in shown.iter("mark")] == ["数据"]
    assert fetch(Client(), f"{prefix}recommendations/").all("p", cls="found-in") == []
