"""The city briefing: everything that touches the city once, on the page and in Word, in both languages."""

from __future__ import annotations

import datetime as dt
import io

import docx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx.oxml.ns import qn

from recommendations import briefing as module
from recommendations.models import Recommendation
from tests.factories import (
    make_area,
    make_city,
    make_link,
    make_recommendation,
    make_region,
    refresh_all,
)
from tests.html import fetch, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbour():
    """A city that something of every kind concerns, by title."""
    city = make_city(slug="harbour", name_en="Harbour", name_zh_hans="港城")
    make_area(members=[city])
    make_area(kind="bay-area", members=[city])
    make_recommendation(title_en="Named", cities=[city], action_en="Dredge & deepen <it>.")
    make_link(recommendation=make_recommendation(title_en="Read"), city=city, basis="editorial")
    for reach in ("metropolitan", "bay-area", "province"):
        make_recommendation(title_en=f"Reach {reach}", reach=reach)
    make_recommendation(title_en="Elsewhere", cities=[make_city()])
    make_recommendation(title_en="Hidden", cities=[city], state="draft")
    refresh_all()
    return city


def word(path):
    response = Client().get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == module.CONTENT_TYPE
    return response, docx.Document(io.BytesIO(response.content))


def test_page_groups_what_concerns_the_city_and_cites_each(harbour):
    page = fetch(Client(), "/cities/harbour/briefing/")
    groups = [text_of(e) for e in page.all("h2")]
    assert [name for name in groups if name not in {"About this site", "How to read it", "Use it", "Appearance"}] == [
        "Names this city", "Our reading", "Covers its metropolitan area", "Covers the Bay Area", "Province-wide only",
        "Sources", "How to cite each entry",
    ]  # fmt: skip
    titles = [text_of(e).split(". ", 1)[1] for e in page.all("h3")]
    assert titles == ["Named", "Read", "Reach metropolitan", "Reach bay-area", "Reach province"]
    assert "4 recommendations touch the city itself. 1 more applies here only" in page.main_text
    assert page.main_text.count("an editorial reading, basis: stated. http://testserver/recommendations/") == 5
    assert {"/cities/harbour/briefing/", "/cities/harbour/briefing.docx"} <= set(
        fetch(Client(), "/cities/harbour/").hrefs
    )


def test_word_document_says_the_same_with_real_styles_fonts_and_links(harbour):
    entry = Recommendation.objects.get(title_en="Named")
    Recommendation.objects.filter(pk=entry.pk).update(summary_en="A page \x0c of it.")
    response, document = word("/zh-hans/cities/harbour/briefing.docx")
    assert response["Content-Disposition"] == 'attachment; filename="harbour-briefing-zh-hans.docx"'
    styles = [p.style.name for p in document.paragraphs]
    assert styles.count("Heading 1") == 7
    assert styles.count("Heading 2") == Recommendation.objects.published().count() - 1
    assert styles[0] == "Title"
    assert "港城" in document.paragraphs[0].text
    fonts = document.styles["Normal"].element.rPr.find(qn("w:rFonts"))
    assert fonts.get(qn("w:eastAsia")) == "SimSun"
    assert document.styles["Normal"].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "zh-CN"
    core = document.core_properties
    assert (core.author, core.language) == ("广东32条", "zh-CN")
    assert core.created.date() >= dt.date(2026, 1, 1)
    targets = {rel.target_ref for rel in document.part.rels.values() if rel.is_external}
    assert f"http://testserver/zh-hans/recommendations/{entry.slug}/" in targets
    english = "\n".join(p.text for p in word("/cities/harbour/briefing.docx")[1].paragraphs)
    assert "Dredge & deepen <it>." in english
    assert "A page  of it." in english
    assert "Hidden" not in english
    assert "Elsewhere" not in english


def test_city_that_nothing_concerns_has_a_briefing_that_says_so():
    make_city(slug="far", region=make_region(is_outside=True))
    make_recommendation(reach="province")
    page = fetch(Client(), "/cities/far/briefing/")
    assert "No published recommendation concerns this city yet." in page.main_text
    assert not page.all("h3")
    assert word("/cities/far/briefing.docx")[1].paragraphs
    assert Client().get("/cities/nowhere/briefing.docx").status_code == 404


def test_long_group_is_cut_and_says_so_and_costs_no_more_queries(harbour, monkeypatch):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = fetch(Client(), "/cities/harbour/briefing/")
        return len(queries), page

    few, _page = cost()
    for n in range(6):
        make_recommendation(title_en=f"More {n}", cities=[harbour])
    more, page = cost()
    assert more == few
    monkeypatch.setattr(module, "MAX_TOLD", 2)
    _queries, page = cost()
    assert "5 more are on the site." in page.main_text
    assert "10 recommendations touch the city itself." in page.main_text
