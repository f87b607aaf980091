"""An editor at the desk, in a real browser and under the same content security policy."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Reader, sign_in


def test_an_editor_signs_in_changes_an_entry_publishes_and_sees_it_on_the_site(reader: Reader) -> None:
    page = reader.open("/admin/")
    sign_in(page, "editor", PASSWORD)
    expect(page.locator("#user-tools")).to_be_visible()
    page.goto(f"{reader.site}/admin/recommendations/recommendation/")
    page.locator("#searchbar").fill("expand-5g-coverage")
    page.locator("#searchbar").press("Enter")
    page.locator("#result_list a", has_text="Expand 5G coverage").first.click()
    page.fill("#id_title_en", "Expand 5G coverage to every county")
    page.locator("[name=_publish]").first.click()
    expect(page.locator(".messagelist")).to_contain_text("is published")
    page.goto(f"{reader.site}/recommendations/expand-5g-coverage/")
    expect(page.locator("h1")).to_contain_text("Expand 5G coverage to every county")
