"""A report from another country on a site of its own: every page is about it, and none about Guangdong."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as site_settings
from django.core.management import call_command

from recommendations.models import Recommendation
from tests.html import fetch
from tests.walk import addresses

pytestmark = pytest.mark.django_db

EXAMPLE = site_settings.BASE_DIR / "fixtures" / "examples" / "northmere.jsonl"
OF_THE_FIRST_REPORT = re.compile("Guangdong|guangdong|广东|CPPCC|政协|粤|Modern services|服务业")


@pytest.fixture
def northmere(settings, tmp_path):
    settings.SITE_NAMES = {"en": "Northmere", "zh-hans": "诺斯米尔"}
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
