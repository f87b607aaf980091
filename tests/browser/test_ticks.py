"""A reader of 300,000 entries ticks box after box; every number is there at once, and right."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import make_reader, manage, served, settings_in

pytestmark = [pytest.mark.long, pytest.mark.once]

ENTRIES = 300_000
BOXES = 5
#: Milliseconds from the press to the new numbers, as the page itself has it.
MEASURE = """id => new Promise(done => {
    const start = performance.now();
    addEventListener("htmx:afterSettle", () => done(performance.now() - start), { once: true });
    document.getElementById(id).click();
})"""
SHOWN = """() => [...document.querySelectorAll("#filters fieldset")].flatMap(set =>
    [...set.querySelectorAll("li input[type=checkbox][name]")].map(box =>
        [box.name, box.value, Number(box.closest("li").querySelector(".n").textContent.replace(/\\D/g, ""))]))"""


@pytest.fixture(scope="module")
def large_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with a made-up world, its index ready."""
    environment = settings_in(tmp_path_factory.mktemp("large"))
    world = ["make_world", "--entries", str(ENTRIES), "--seed", "1"]
    manage(environment, ["migrate", "--no-input"], world, ["collectstatic", "--no-input"])
    with served(environment) as address:
        while b"being built" in urllib.request.urlopen(f"{address}/readyz", timeout=60).read():  # noqa: S310 - ours
            time.sleep(0.2)
        yield address


def counts_of_the_api(site: str, page: Page) -> dict[tuple[str, str], int]:
    """(Facet, value) → count, for the filter in the address of ``page``."""
    query = page.url.partition("?")[2]
    with urllib.request.urlopen(f"{site}/api/v1/recommendations/?{query}", timeout=60) as answer:  # noqa: S310 - ours
        facets = json.load(answer)["facets"]
    return {(facet["name"], value["slug"]): value["count"] for facet in facets for value in facet["values"]}


def test_five_boxes_in_a_row(browser: Browser, large_site: str, capsys: pytest.CaptureFixture[str]) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        reader = make_reader(context, large_site)
        page = reader.open("/recommendations/")
        page.wait_for_load_state("networkidle")  # nobody ticks a box before the page stands
        took = []
        for number in range(BOXES):
            boxes = page.locator("#filters fieldset:not(:has(input:checked)) input[type=checkbox]:enabled")
            wanted = boxes.first.get_attribute("id")
            took.append(page.evaluate(MEASURE, wanted))
            assert page.locator("#filters input:checked").count() == number + 1
            shown = {(name, value): count for name, value, count in page.evaluate(SHOWN)}
            expected = counts_of_the_api(large_site, page)
            assert shown
            assert {key: count for key, count in shown.items() if expected[key] != count} == {}
        assert reader.complaints == []
    with capsys.disabled():
        sys.stdout.write(
            f"\n{ENTRIES:,} entries, {BOXES} boxes: " + ", ".join(f"{each:.0f} ms" for each in took) + "\n"
        )
