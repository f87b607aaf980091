"""Every kind of page in both languages, as different readers have it, looked at by a browser and by axe."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import look
from tests.browser.conftest import make_reader
from tests.browser.kinds import every_kind

#: Chromium reports the 404 page's own status as a console error.
EXPECTED_COMPLAINT = "the server responded with a status of 404"

WIDTHS = (320, 390, 768, 1280, 1600)  # CSS pixels
PREFIXES = ("", "/zh-hans")
LANGUAGES = pytest.mark.parametrize("prefix", PREFIXES)
#: One width in every run, the rest in the long one.
AT_320, AT_768 = (
    pytest.mark.parametrize("width", [pytest.param(w, marks=[] if w == quick else pytest.mark.long) for w in WIDTHS])
    for quick in (320, 768)
)


@pytest.fixture(scope="session")
def kinds(site: str) -> tuple[str, ...]:
    return every_kind(site)


def walk(
    browser: Browser, site: str, paths: list[str], *looks: Callable[[Page], list[str]], width: int = 1280, **how: Any
) -> list[str]:
    """What is wrong with the pages at ``paths`` for a reader who has ``how``; each look gives its complaints."""
    problems = []
    with browser.new_context(viewport={"width": width, "height": 900}, **how) as context:
        look.hear_policy(context)
        reader = make_reader(context, site)
        for path in paths:
            page = reader.open(path)
            problems += [f"{path}: {line}" for see in looks for line in see(page)]
        problems += [f"cookie {cookie}" for cookie in context.cookies()]
        problems += [line for line in reader.complaints if EXPECTED_COMPLAINT not in line]
    return problems


def every(*quick: tuple[Any, ...]) -> list[Any]:
    """Every language, width and scheme; those that are not ``quick`` only in the long run."""
    return [
        pytest.param(*case, marks=[] if case in quick else pytest.mark.long)
        for case in itertools.product(PREFIXES, WIDTHS, ("light", "dark"))
    ]


@pytest.mark.parametrize(("prefix", "width", "scheme"), every(("", 1280, "dark"), ("/zh-hans", 320, "light")))
def test_every_page_fits_is_quiet_and_passes_axe(browser, site, kinds, prefix, width, scheme):
    paths = [f"{prefix}{path}" for path in kinds]
    assert walk(browser, site, paths, look.layout, look.words, look.axe, width=width, color_scheme=scheme) == []


@LANGUAGES
@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_holds_with_forced_colours(browser, site, kinds, prefix, width):
    paths = [f"{prefix}{path}" for path in kinds]
    how = {"forced_colors": "active", "color_scheme": "dark"}
    assert walk(browser, site, paths, look.layout, look.axe, width=width, **how) == []


def with_large_text(page: Page) -> list[str]:
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    return look.layout(page)


@LANGUAGES
@AT_768
def test_every_page_holds_text_of_twice_the_size(browser, site, kinds, prefix, width):
    paths = [f"{prefix}{path}" for path in kinds]
    assert walk(browser, site, paths, with_large_text, width=width) == []


@pytest.mark.long
@LANGUAGES
def test_nothing_moves_for_those_who_asked_for_stillness(browser, site, kinds, prefix):
    assert walk(browser, site, [f"{prefix}{path}" for path in kinds], look.motion, reduced_motion="reduce") == []


@LANGUAGES
@AT_320
def test_every_page_stands_without_javascript(browser, site, kinds, prefix, width):
    paths = [f"{prefix}{path}" for path in kinds]
    assert walk(browser, site, paths, look.layout, width=width, java_script_enabled=False) == []


@pytest.mark.parametrize(
    ("prefix", "width", "path"),
    [("", 1280, "/recommendations/?q=service&pillar=talent&basis=stated"), ("/zh-hans", 320, "/")],
)
def test_every_control_is_reached_by_keyboard_and_seen(browser, site, prefix, width, path):
    assert walk(browser, site, [f"{prefix}{path}"], look.keyboard, width=width) == []


@pytest.mark.long
@LANGUAGES
@pytest.mark.parametrize("width", WIDTHS)
def test_every_control_of_every_page_is_reached_by_keyboard_and_seen(browser, site, kinds, prefix, width):
    assert walk(browser, site, [f"{prefix}{path}" for path in kinds], look.keyboard, width=width) == []


@LANGUAGES
def test_facets_work_without_javascript(browser: Browser, site: str, prefix: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        reader = make_reader(context, site)
        page = reader.open(f"{prefix}/recommendations/")
        assert page.locator(".rec").count() == 20
        page.locator("input[name=pillar][value=talent]").check()
        page.locator("form#filters button[type=submit], form#filters button:not([type])").first.click()
        assert "pillar=talent" in page.url
        assert page.locator(".rec").count() == 7
