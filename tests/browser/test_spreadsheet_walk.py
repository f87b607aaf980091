"""An editor brings a spreadsheet of 50 entries with three bad rows, mends those, imports it, and takes it back."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser import look

pytestmark = pytest.mark.both

ADD = "/admin/recommendations/import/add/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def fifty(pillar: str, changed: str) -> bytes:
    """A workbook of 49 new entries and a changed one; rows 5, 12 and 30 cannot go in."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["number", "slug", "pillar", "basis", "reach", "Title (English)", "reviewed_on"])
    for line in range(2, 51):
        number = line + 898
        sheet.append([number, f"walk-{number}", pillar, "stated", "province", f"Walked {number}", "2026-11-24"])
    sheet.append([None, changed, None, None, None, "Other words for the same", None])
    sheet["C5"], sheet["G12"], sheet["A30"] = "no such pillar", "next Tuesday", "minus two"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def last_entry(page: Page, site: str) -> tuple[str, str]:
    """The pillar and the slug of the last published entry."""
    rows = page.request.get(f"{site}/admin/recommendations/import/entries.json").json()
    return rows[-1]["pillar"], rows[-1]["slug"]


def fits(page: Page) -> None:
    assert look.axe(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate(look.WIDE) == []
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_editor_imports_fifty_entries_mends_three_rows_and_takes_all_of_it_back(
    colleagues: dict[str, Page], walked_site: str
) -> None:
    page = colleagues["lin"]
    pillar, changed = last_entry(page, walked_site)

    page.goto(f"{walked_site}{ADD}")
    fits(page)
    content = fifty(pillar, changed)
    page.set_input_files("#id_file", files=[{"name": "fifty.xlsx", "mimeType": XLSX, "buffer": content}])
    page.get_by_role("button", name="Upload and look at it").click()

    expect(page.locator(".sheet-row")).to_have_count(3)
    for line, reason in ((5, "is not known"), (12, "is not a date"), (30, "is not a whole number")):
        expect(page.locator(".sheet-row", has_text=f"Row {line}")).to_contain_text(reason)
    expect(page.get_by_role("button", name="Import it as shown")).to_have_count(0)
    fits(page)

    page.locator("[name=cell-5-pillar]").select_option(pillar)
    page.locator("[name=cell-12-reviewed_on]").fill("2026-11-25")
    page.locator("[name=cell-30-number]").fill("928")
    page.get_by_role("button", name="Check again").click()
    expect(page.locator(".sheet-row")).to_contain_text("Other words for the same")
    fits(page)
    page.locator("#id_reason").fill("From the spring meeting")
    page.get_by_role("button", name="Import it as shown").click()
    expect(page.locator(".messagelist")).to_contain_text("49 new entries, 1 changed")
    fits(page)

    page.get_by_role("button", name="Undo this import").click()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.locator(".messagelist")).to_contain_text("1 entry says again what it said.")
    expect(page.locator(".messagelist")).to_contain_text("49 entries that it brought are archived.")
