"""Every page in both languages, wide and narrow, light and dark, read by a browser and by axe."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.conftest import make_reader

PAGES = (
    "/",
    "/recommendations/",
    "/recommendations/?view=table",
    "/recommendations/?q=service&pillar=talent&basis=stated",
    "/recommendations/?q=xyzzy&pillar=talent",
    "/recommendations/?q=telemedecine+after-sales+-visa",
    "/recommendations/?q=artifical+inteligence",
    "/recommendations/?pillar=nonsense",
    "/recommendations/core-city-finance-for-neighbouring-factories/",
    "/recommendations/expertise-for-the-underserved-periphery/",
    "/pillars/",
    "/pillars/talent/",
    "/cities/",
    "/cities/foshan/",
    "/cities/hong-kong/",
    "/about/",
    "/nothing-here/",
)
AXE_OPTIONS: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: Chromium reports the 404 page's own status as a console error.
EXPECTED_COMPLAINT = "the server responded with a status of 404"


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (320, "light"),
        (1280, "dark"),
        pytest.param(390, "dark", marks=pytest.mark.long),
        pytest.param(768, "light", marks=pytest.mark.long),
        pytest.param(1600, "light", marks=pytest.mark.long),
    ],
)
def test_every_page_fits_is_quiet_and_passes_axe(
    browser: Browser, site: str, prefix: str, width: int, scheme: Any
) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        reader = make_reader(context, site)
        problems = []
        for path in PAGES:
            page = reader.open(f"{prefix}{path}")
            size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            if size[0] > size[1]:
                problems.append(f"{path}: {size[0]} px wide on a screen of {size[1]} px")
            found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
            problems += [f"{path}: {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found]
        assert context.cookies() == []
        complaints = [line for line in reader.complaints if EXPECTED_COMPLAINT not in line]
        assert problems + complaints == []


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_every_page_reads_without_javascript(browser: Browser, site: str, prefix: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        reader = make_reader(context, site)
        page = reader.open(f"{prefix}/recommendations/")
        assert page.locator(".rec").count() == 20
        page.locator("input[name=pillar][value=talent]").check()
        page.locator("form#filters button[type=submit], form#filters button:not([type])").first.click()
        assert "pillar=talent" in page.url
        assert page.locator(".rec").count() == 7
