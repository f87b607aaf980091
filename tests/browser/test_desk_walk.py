"""Two editors and a reviewer take one entry through its life, each in a browser of their own, on the run's database."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import look

pytestmark = pytest.mark.both

SLUG = "expand-5g-coverage"
FIRST = "Expand 5G coverage"


def open_entry(page: Page, site: str) -> None:
    """From the search of the desk to the form of the entry."""
    page.goto(f"{site}/admin/")
    page.fill("#desk-q", SLUG)
    page.locator("#desk-q").press("Enter")
    page.locator("main a, #content a").filter(has_text=FIRST).first.click()


def public_title(page: Page, site: str) -> str:
    page.goto(f"{site}/recommendations/{SLUG}/")
    return page.locator("h1").inner_text().splitlines()[-1]


def test_an_entry_is_edited_contested_reviewed_published_and_restored(
    colleagues: dict[str, Page], walked_site: str
) -> None:
    lin, chen, wu = colleagues["lin"], colleagues["chen"], colleagues["wu"]

    open_entry(lin, walked_site)
    lin.get_by_role("button", name="Edit (makes a pending copy)").click()
    lin.wait_for_selector("#id_title_en:not([readonly])")
    copy = lin.url
    chen.goto(copy)

    lin.fill("#id_title_en", "Expand 5G to every county")
    expect(lin.locator("#id_title_en ~ .length")).to_contain_text("25 / 90")
    with lin.expect_popup() as opened:
        lin.get_by_role("button", name="Preview in English").first.click()
    expect(opened.value.locator("h1")).to_contain_text("Expand 5G to every county")
    opened.value.close()
    lin.fill("#id_reason", "counties named")
    lin.locator("[name=_draft]").first.click()
    expect(lin.locator(".messagelist")).to_be_visible()

    chen.fill("#id_title_en", "Expand 5G to every town")
    chen.locator("[name=_draft]").first.click()
    expect(chen.locator(".errornote, .errorlist").first).to_be_visible()
    expect(chen.locator("#content")).to_contain_text("lin saved this entry while you were editing it")
    expect(chen.locator("#id_title_en")).to_have_value("Expand 5G to every town")
    chen.fill("#id_title_en", "Expand 5G to every county and town")
    chen.locator("[name=_review]").first.click()
    expect(chen.locator(".messagelist")).to_contain_text("waits for review")
    assert public_title(chen, walked_site) == FIRST

    wu.goto(f"{walked_site}/admin/")
    assert look.axe(wu) == []
    wu.locator("#waiting-heading + ul a").first.click()
    expect(wu.locator("ins").first).to_be_visible()
    assert look.axe(wu) == []
    wu.fill("#id_reason", "agreed")
    wu.get_by_role("button", name="Approve and publish").click()
    expect(wu.locator(".messagelist")).to_contain_text("is published")
    assert public_title(lin, walked_site) == "Expand 5G to every county and town"

    open_history(wu, walked_site)
    wu.get_by_role("link", name="Restore version 1", exact=True).click()
    wu.locator("form[method=post] [type=submit]:not([form=logout-form])").last.click()
    expect(wu.locator(".messagelist")).to_be_visible()
    assert public_title(lin, walked_site) == FIRST

    open_history(wu, walked_site)
    told = wu.locator("#versions").inner_text()
    for part in ("lin", "chen", "wu", "counties named", "agreed", "Former version restored", "Sent for review"):
        assert part in told
    wu.goto(f"{walked_site}/recommendations/{SLUG}/history/")
    public = wu.locator("main").inner_text()
    assert "town" in public
    assert "counties named" not in public


def open_history(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/search/?q={SLUG}")
    page.locator("main a, #content a").filter(has_text="Expand 5G").first.click()
    page.locator("a.historylink").click()
