"""What the search box offers while one types, and where a number or a slug leads."""

from __future__ import annotations

import pytest
from django.test import Client

from recommendations.models import Recommendation
from recommendations.suggest import MAX_SUGGESTIONS, suggestions
from tests.factories import make_city, make_glossary_entry, make_recommendation, make_report, make_term, refresh_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries():
    term = make_term(label_en="Market access", label_zh_hans="市场准入")
    make_term(label_en="Marine affairs", label_zh_hans="海事")
    city = make_city(name_en="Maoming", name_zh_hans="茂名")
    make_glossary_entry(term_en="Margin", term_zh_hans="余地")
    make_recommendation(
        slug="open-markets", number=7, title_en="Open markets", title_zh_hans="开放市场", terms=[term], cities=[city]
    )
    make_recommendation(slug="quiet", number=8, title_en="A marker 5G", title_zh_hans="标志", summary_en="A margin.")
    make_recommendation(slug="draft", number=9, state="draft", title_en="Marketing", title_zh_hans="营销")
    refresh_all()


def texts(q):
    return [s.text for s in suggestions(q, Recommendation.public_set())]


def test_last_word_is_the_beginning_of_one(entries):
    assert texts("mar") == ["Market access", "Margin", "Open markets", "A marker 5G"]
    assert texts("MÁRKE") == ["Market access", "Open markets", "A marker 5G"]
    assert texts("market acc") == ["Market access"]
    assert texts("access mark") == ["Market access", "Open markets"]  # its theme
    assert texts("open mar") == ["Open markets"]
    assert texts("5g") == ["A marker 5G"]
    assert texts("市场") == ["市场准入", "开放市场"]
    assert texts("場") == ["市场准入", "开放市场"]
    assert texts("mao") == ["Maoming"]
    assert texts("茂") == ["茂名"]
    assert texts("marketx") == texts("marine") == texts("zeppelin") == texts("") == texts("%") == texts('"') == []
    assert len(texts("m")) <= MAX_SUGGESTIONS


def test_answer_is_json_with_language_and_kind(entries):
    answer = Client().get("/zh-hans/recommendations/suggest", {"q": "市场"})
    assert answer.json() == {
        "suggestions": [
            {"text": "市场准入", "lang": "zh-Hans", "kind": "主题"},
            {"text": "开放市场", "lang": "zh-Hans", "kind": "建议"},
        ]
    }
    assert Client().get("/recommendations/suggest").json() == {"suggestions": []}
    assert Client().get("/recommendations/suggest", {"q": "mao"}).json()["suggestions"][0]["kind"] == "City"


def goes_to(query, **headers):
    answer = Client().get(f"/recommendations/?{query}", headers=headers)
    return answer.status_code, answer.headers.get("Location") or answer.headers.get("HX-Redirect")


def test_number_or_slug_alone_leads_to_its_entry(entries):
    entry = (302, "/recommendations/open-markets/")
    for q in ("7", "%237", "%EF%BC%97", "+07+", "open-markets", "Open-Markets", "7&sort=&basis="):
        assert goes_to(f"q={q}") == entry, q
    assert goes_to("q=7", HX_Request="true") == (200, "/recommendations/open-markets/")
    for q in ("quiet", "9", "10", "draft", "7&basis=stated", "7&view=table", "%227%22", "7+8", "-7", "no-such-slug"):
        assert goes_to(f"q={q}") == (200, None), q
    answer = Client().get("/zh-hans/recommendations/?q=7")
    assert answer.headers["Location"] == "/zh-hans/recommendations/open-markets/"


def test_number_that_two_reports_have_leads_nowhere(entries):
    make_recommendation(report=make_report(), number=7, slug="other-report")
    assert goes_to("q=7") == (200, None)
