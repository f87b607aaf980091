"""The offline edition, opened from the disk: no server, and the same answers as the server's."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ROOT, Reader, make_reader
from tests.browser.look import AXE_OPTIONS

#: The whole site is written for them, a minute's work; tests/editions looks at a part of it in every run.
pytestmark = pytest.mark.long

#: What both pages must say of a filter: entries in order, the count, each value's count and whether it is ticked.
ANSWER = """page => ({
  found: [...page.querySelectorAll(".results .rec")].map(
    rec => rec.querySelector("h2 a").getAttribute("href").match(/([\\w-]+)\\/(index\\.html)?(\\?.*)?$/)[1]),
  total: page.querySelector("#count b").textContent,
  counts: Object.fromEntries([...page.querySelectorAll("#filters .opt input:not(#f-include)")].map(
    box => [box.id, [box.closest(".opt").querySelector(".n").textContent, box.checked, box.disabled]])),
  chips: [...page.querySelectorAll(".found .rm")].map(chip => chip.textContent.replace(/\\s+/g, " ").trim()),
})"""
#: The server's page is read without being shown: only its HTML is wanted.
OF_SERVER = (
    f"""async url => ({ANSWER})(new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html"))"""
)
OF_DISK = f"() => ({ANSWER})(document)"
#: Words without equivalents: those the search of an edition does not know, and its page says so.
WORDS = ["service", "services city", "佛山", "企业", "规则 pilot", "rules", "students", "广州 hospital", "zeppelin"]
SORTS = ["number", "-number", "title", "-title", "updated", "-updated", "relevance", "-relevance", ""]


@pytest.fixture(scope="module")
def edition(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an edition of the running site, on the disk."""
    folder = tmp_path_factory.mktemp("edition") / "site"
    export = [sys.executable, "manage.py", "export_site", str(folder), "--verbosity", "0"]
    subprocess.run(export, cwd=ROOT, env=environment, check=True, capture_output=True)
    return folder.as_uri()


@pytest.fixture
def offline(browser: Browser, edition: str) -> Iterator[Reader]:
    with browser.new_context(viewport={"width": 1280, "height": 900}, offline=True) as context:
        found = make_reader(context, edition)
        yield found
        assert found.complaints == []


def some_filters(values: dict[str, list[str]], seed: int) -> Iterator[str]:
    """Thirty filters: some values of some facets, some words, an order, province-wide entries or not."""
    dice = random.Random(seed)  # noqa: S311 - a test's choice, the same each run
    for _n in range(30):
        names = dice.sample(sorted(values), dice.randint(0, 3))
        pairs = [(name, value) for name in names for value in dice.sample(values[name], min(2, len(values[name])))]
        pairs += [("q", dice.choice(WORDS))] if dice.random() < 0.4 else []
        pairs += [("include", "province")] if dice.random() < 0.4 else []
        sort = dice.choice(SORTS)
        yield urlencode([*pairs, *([("sort", sort)] if sort else [])])


@pytest.mark.parametrize(("prefix", "seed"), [("", 1), ("/zh-hans", 2)])
def test_a_filter_from_the_disk_gives_what_the_server_gives(
    browser: Browser, offline: Reader, site: str, prefix: str, seed: int
) -> None:
    options = "() => [...document.querySelectorAll('#filters .opt input:not(#f-include)')].map(b => [b.name, b.value])"
    page = offline.open(f"{prefix}/recommendations/index.html")
    values: dict[str, list[str]] = {}
    for name, value in page.evaluate(options):
        values.setdefault(name, []).append(value)
    assert {"pillar", "city", "area", "instrument"} <= set(values)
    with browser.new_context() as context:
        server = context.new_page()
        server.goto(f"{site}/robots.txt")
        for query in some_filters(values, seed):
            expected = server.evaluate(OF_SERVER, f"{site}{prefix}/recommendations/?{query}&per_page=50")
            offline.open(f"{prefix}/recommendations/index.html?{query}")
            assert page.evaluate(OF_DISK) == expected, query


def test_reading_offline_from_home_through_filters_and_languages_and_back(offline: Reader) -> None:
    page = offline.open("/index.html")
    page.locator(".pillar a", has_text="Talent").first.click()
    page.locator("main a[href*='?pillar=talent']").first.click()
    expect(page.locator(".rec")).to_have_count(7)
    page.locator("input[name=basis][value=stated]").check()
    expect(page.locator(".rec")).to_have_count(5)
    expect(page.locator("#announce")).to_contain_text("5")
    page.locator("header a[hreflang=zh-Hans]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator(".rec")).to_have_count(5)
    page.locator(".rm").first.click()
    expect(page.locator(".rec")).not_to_have_count(5)
    page.go_back()
    expect(page.locator(".rec")).to_have_count(5)
    page.locator("#q").fill("zeppelin")
    page.keyboard.press("Enter")
    expect(page.locator("#nothing")).to_be_visible()
    page.locator("#ways a").first.click()
    expect(page.locator("#nothing")).to_be_hidden()
    page.goto(f"{offline.site}/recommendations/index.html?pillar=nonsense")
    expect(page.locator("#problems")).to_contain_text("nonsense")
    expect(page.locator(".rec")).to_have_count(32)


def test_the_single_file_narrows_by_pillar_and_city_in_both_languages(offline: Reader, edition: str) -> None:
    assert Path(edition.removeprefix("file://"), "guangdong32.html").stat().st_size < 1_000_000
    page = offline.open("/guangdong32.html")
    for part in ("en", "zh-hans"):
        page.goto(f"{edition}/guangdong32.html#{part}")
        shown = page.locator(f"#{part} [data-entry]:visible")
        expect(shown).to_have_count(32)
        page.select_option(f"#{part}-f-pillar", "talent")
        expect(shown).to_have_count(7)
        page.select_option(f"#{part}-f-city", "foshan")
        narrowed = shown.count()
        assert narrowed < 7
        page.check(f"#{part}-f-province")
        assert shown.count() > narrowed
        expect(page.locator(f"#{part} [data-count]")).to_have_text(str(shown.count()))
        page.select_option(f"#{part}-f-city", "")
        page.select_option(f"#{part}-f-pillar", "")


@pytest.mark.parametrize(
    "paths",
    [
        ("/index.html", "/zh-hans/recommendations/index.html?city=foshan", "/404.html"),
        pytest.param(("/guangdong32.html", "/zh-hans/cities/foshan/index.html"), marks=pytest.mark.long),
    ],
)
def test_offline_pages_fit_are_quiet_and_pass_axe(browser: Browser, edition: str, paths: tuple[str, ...]) -> None:
    with browser.new_context(viewport={"width": 320, "height": 900}, offline=True) as context:
        reader = make_reader(context, edition)
        problems: list[str] = []
        for path in paths:
            page = reader.open(path)
            size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            problems += [f"{path}: {size}"] if size[0] > size[1] else []
            # preload: axe would fetch the stylesheet, which the policy of a page on disk forbids
            found = Axe().run(page, options=AXE_OPTIONS | {"preload": False}).response["violations"]
            problems += [f"{path}: {v['id']}: {v['nodes'][0]['html'][:200]}" for v in found]
        assert problems + reader.complaints == []
