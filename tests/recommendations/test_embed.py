"""What other sites may frame: this one page alone, light, quiet, and under the same filter as browse."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from tests.factories import make_city, make_pillar, make_recommendation
from tests.html import fetch, text_of

pytestmark = pytest.mark.django_db


def policy(response):
    return dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))


def test_this_page_alone_may_be_framed_and_it_runs_nothing():
    make_recommendation(slug="one", cities=[make_city()])
    for path in ("?", "?view=matrix", "?view=map"):
        page = fetch(Client(), f"/embed/recommendations/{path}")
        assert policy(page.response)["frame-ancestors"] == "*"
        assert "X-Frame-Options" not in page.response
        assert policy(page.response)["script-src"] == policy(page.response)["form-action"] == "'none'"
        assert (page.all("script"), page.all("form"), page.response.cookies) == ([], [], {})
        assert page.meta("robots") == ["noindex"]
        assert [base.attrib for base in page.all("base")] == [{"target": "_blank"}]
        assert all(href.startswith("/") for href in page.hrefs)
        assert "An editorial reading" in page.main_text
        assert "CC BY 4.0" in page.main_text
    for path in ("/", "/recommendations/", "/recommendations/one/", "/embed/", "/editions/", "/api/v1/", "/nothing/"):
        response = Client().get(path)
        assert policy(response)["frame-ancestors"] == "'none'", path
        assert response["X-Frame-Options"] == "DENY", path


def test_it_shows_what_browse_shows_under_the_same_filter():
    pillar, city = make_pillar(), make_city(tile_row=1, tile_col=1)
    make_recommendation(slug="in", pillar=pillar, cities=[city], title_zh_hans="在内")
    make_recommendation(slug="out", pillar=make_pillar(), cities=[city])
    make_recommendation(slug="draft", pillar=pillar, state="draft")
    query = f"?pillar={pillar.slug}"
    page = fetch(Client(), f"/embed/recommendations/{query}")
    assert [a for a in page.hrefs if a.endswith(("/in/", "/out/"))] == ["/recommendations/in/"]
    assert page.links("canonical")[0].get("href") == f"http://testserver/recommendations/{query}"
    assert "在内" in fetch(Client(), f"/zh-hans/embed/recommendations/{query}").main_text
    tiles = fetch(Client(), f"/embed/recommendations/{query}&view=map").all("a", cls="tile")
    assert [(a.get("href"), text_of(a)[-16:]) for a in tiles] == [
        (f"/recommendations/{query}&city={city.slug}", "1 recommendation")
    ]
    matrix = fetch(Client(), f"/embed/recommendations/{query}&view=matrix&rows=city&cols=basis")
    assert f"/recommendations/{query}&city={city.slug}&basis=stated" in {unescape(href) for href in matrix.hrefs}
    assert "“nonsense”" in fetch(Client(), "/embed/recommendations/?pillar=nonsense").main_text
    assert "did you mean “pillar”" in fetch(Client(), "/embed/recommendations/?piller=a&view=map").main_text


def test_the_code_to_paste_frames_the_very_filter(settings):
    settings.SITE_URL = "https://open.example"
    pillar = make_pillar()
    make_recommendation(pillar=pillar)
    browse = fetch(Client(), f"/zh-hans/recommendations/?pillar={pillar.slug}&view=matrix&rows=basis")
    (way,) = [href for href in browse.hrefs if href.startswith("/zh-hans/embed/")]
    page = fetch(Client(), way)
    framed = [unescape(src) for pre in page.all("pre") for src in re.findall('src="([^"]*)"', text_of(pre))]
    start = f"https://open.example/zh-hans/embed/recommendations/?pillar={pillar.slug}"
    assert framed == [start, f"{start}&view=matrix&rows=basis", f"{start}&view=map"]
    for address in framed:
        assert Client().get(address.removeprefix("https://open.example")).status_code == 200
