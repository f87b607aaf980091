"""The main path, as a reader walks it."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Reader, make_reader


def test_home_to_pillar_to_filter_to_entry_to_chinese_and_back(reader: Reader) -> None:
    page = reader.open("/")
    page.locator(".pillar a", has_text="Talent").first.click()
    expect(page).to_have_url(re.compile(r"/pillars/talent/"))
    page.locator("main a[href*='/recommendations/?pillar=talent']").first.click()
    expect(page.locator(".rec")).to_have_count(7)
    page.locator("summary", has_text="Policy instrument").first.click()
    with page.expect_response(re.compile("instrument=")):
        page.locator("input[name=instrument]:not([disabled])").first.check()
    expect(page).to_have_url(re.compile("instrument="))
    narrowed = page.url
    title = page.locator(".rec h2 a").first
    title.click()
    expect(page).to_have_url(re.compile(r"/recommendations/[a-z0-9-]+/"))
    slug = page.url.split("/recommendations/")[1].split("/")[0]
    page.locator("header a[hreflang=zh-Hans]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert f"/zh-hans/recommendations/{slug}/" in page.url
    page.go_back()
    page.go_back()
    expect(page).to_have_url(narrowed)


def test_ticking_a_facet_keeps_focus_and_what_was_picked_and_announces_the_count(reader: Reader) -> None:
    page = reader.open("/recommendations/")
    page.locator(".pick input[value=flexible-visas-and-residency]").check()
    box = page.locator("input[name=pillar][value=talent]")
    box.focus()
    with page.expect_response(re.compile("pillar=talent")):
        page.keyboard.press("Space")
    expect(page.locator(".rec")).to_have_count(7)
    expect(page.locator("input[name=pillar][value=talent]")).to_be_focused()
    expect(page.locator("[role=status]").first).to_contain_text("7")
    expect(page.locator(".pick input:checked")).to_have_count(1)  # what was ticked to compare stays ticked
    page.go_back()
    expect(page.locator(".rec")).to_have_count(20)


def test_one_tick_is_one_request_and_one_step_of_history(reader: Reader) -> None:
    page = reader.open("/recommendations/")
    before = page.evaluate("history.length")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response(re.compile("pillar=talent")):
        page.locator("input[name=pillar][value=talent]").check()
    expect(page.locator(".rec")).to_have_count(7)
    with page.expect_response(re.compile("basis=stated")):
        page.locator("input[name=basis][value=stated]").check()
    expect(page.locator(".rec")).to_have_count(5)
    assert len([url for url in asked if "/recommendations/" in url]) == 2
    assert page.evaluate("history.length") == before + 2


def test_theme_can_be_switched_and_is_kept(reader: Reader) -> None:
    page = reader.open("/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-toggle]").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert after != before
    reader.open("/about/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_search_box_offers_what_may_be_meant_and_a_number_leads_to_its_entry(reader: Reader) -> None:
    page = reader.open("/recommendations/")
    with page.expect_response(re.compile(r"/suggest\?q=teleme")):
        page.locator("#q").press_sequentially("teleme")
    option = page.locator("#suggestions option[value='Open a regulatory sandbox for telemedicine']")
    expect(option).to_have_attribute("label", "Recommendation")
    expect(page.locator("#q")).to_have_attribute("list", "suggestions")
    page.locator("#q").fill("#4")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/recommendations/telemedicine-sandbox/$"))


def test_word_of_the_glossary_explains_itself_by_pointer_keyboard_and_tap(browser: Browser, site: str) -> None:
    for width, touch in ((1280, False), (320, True)):
        screen = {"width": width, "height": 700}
        with browser.new_context(viewport=screen, has_touch=touch, is_mobile=touch, java_script_enabled=not touch) as c:
            page = make_reader(c, site).open("/zh-hans/reports/modern-services-32/")
            word, tip = page.locator(".gloss").first, page.locator(".tip").first
            expect(tip).to_be_hidden()
            if touch:
                word.tap()
                expect(tip).to_be_visible()
                box = tip.bounding_box()
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
                continue
            word.hover()
            expect(tip).to_be_visible()
            page.keyboard.press("Escape")
            expect(tip).to_be_hidden()
            page.mouse.move(1, 1)
            word.focus()
            page.keyboard.press("Enter")
            expect(tip).to_be_visible()
            page.keyboard.press("Tab")
            expect(tip.locator("a")).to_be_focused()
            page.keyboard.press("Enter")
            expect(page).to_have_url(re.compile(r"/zh-hans/glossary/#word-"))
