"""A report from another country on a site of its own: every page is about it, and none about Guangdong."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as site_settings
from django.core.management import call_command

from recommendations.models import Recommendation
from tests.factories import make_city, make_recommendation, make_region
from tests.html import fetch, text_of
from tests.walk import addresses

pytestmark = pytest.mark.django_db

EXAMPLE = site_settings.BASE_DIR / "fixtures" / "examples" / "northmere.jsonl"
OF_THE_FIRST_REPORT = re.compile("Guangdong|guangdong|广东|CPPCC|政协|粤|Modern services|服务业")
#: What a page does not say of a territory that is no province and has no bay area. The filters tell that no entry has
#: that reach, and the documentation of the API which values parameters have.
OF_ITS_TERRITORY = re.compile(
    r"(?<![“：])(?<!: )\b[Pp]rovince\b|[Bb]ay [Aa]rea(?!0)|\bthe article|GeoNames|省|湾区(?!0)|报道"
)


@pytest.fixture
def northmere(settings, tmp_path):
    settings.SITE_NAMES = {"en": "Northmere", "zh-hans": "诺斯米尔"}
    settings.LOCALE_PATHS = [site_settings.BASE_DIR / "locale" / "elsewhere", *settings.LOCALE_PATHS]
    path = tmp_path / "northmere.jsonl"
    path.write_text(EXAMPLE.read_text())
    call_command("import_report", str(path), verbosity=0, strict=True)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_of_it_has_a_word_of_the_first_report(client, northmere, language):
    named = "诺斯米尔" if language == "zh-hans" else "Northmere"
    seen = 0
    for url in addresses(language):
        page = fetch(client, url)
        assert page.status == 200, url
        assert OF_THE_FIRST_REPORT.search(page.html) is None, url
        assert OF_ITS_TERRITORY.search(page.main_text) is None, url
        seen += named in page.html
    assert seen > Recommendation.objects.count()


def test_the_map_is_of_its_islands_and_names_beside_it_what_has_no_tile(client, northmere):
    home = fetch(client, "/")
    tiles = {tile.get("href") for tile in home.all("a", cls="tile")}
    placed = {"hollin", "brae", "mid-isle", "lowmark"}
    assert tiles == {f"/cities/example-{name}/" for name in placed}
    assert "/cities/example-stennet/" in home.html
    island = fetch(client, "/cities/example-mid-isle/").html
    assert "Print one table for all ferries" in island
    assert "Help workshops through the first year" in island, "what applies in the whole country applies here"
    cities = fetch(client, "/cities/")
    assert "2 recommendations apply across the whole territory." in cities.main_text
    assert [text_of(e) for e in cities.all("th") if e.get("scope") == "col"] == [
        *("City", "Named in the source", "Our reading", "Covered through its metropolitan area", "Together"),
        "Only those for everywhere",
    ]
    assert [text_of(tile) for tile in home.all("span", cls="ab")] == ["HL", "BR", "MI", "LW"]


def test_a_territory_of_one_region_goes_by_the_name_of_that(client):
    make_city(region=make_region(name_en="Northmere", name_zh_hans="诺斯米尔"))
    make_city(region=make_region(is_outside=True))
    make_recommendation(reach="province")
    assert "1 recommendation applies across Northmere." in fetch(client, "/cities/").main_text
    assert "1条建议适用于诺斯米尔全境。" in fetch(client, "/zh-hans/cities/").main_text
    make_city(region=make_region())
    assert "1 recommendation applies across the province." in fetch(client, "/cities/").main_text
