"""An administrator at the desk, in a real browser: the second factor, the sessions, and how the main pages look."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b32decode
from dataclasses import dataclass

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Browser, expect

from tests.browser import look
from tests.browser.conftest import ROOT, make_reader, sign_in

PASSWORD = "a long walk by night"
#: What axe says of Django's own parts: the first cell of a table in a form, the boxes that complete what is typed
#: (select2), and the lists of which things are chosen.
DJANGOS = (
    "empty-table-header",
    'label: <input class="select2',
    'list: <ul class="select2',
    "aria-prohibited-attr: <span",
)
PAGES = (
    *("", "account/", "account/second-factor/", "password_change/"),
    *("recommendations/recommendation/", "recommendations/recommendation/1/change/"),
    *("auth/user/", "auth/user/1/change/", "staff/auditentry/", "staff/auditentry/1/change/"),
)
#: Width and height, scheme, language.
QUICK = ((320, 700, "dark", "zh-CN"),)
LONG = (
    (1280, 900, "light", "en"),
    (320, 700, "light", "en"),
    (768, 1024, "dark", "en"),
    (1280, 900, "dark", "zh-CN"),
    (1280, 900, "light", "zh-CN"),
)


def manage(environment: dict[str, str], *command: str, **more: str) -> None:
    run = [sys.executable, "manage.py", *command]
    subprocess.run(run, cwd=ROOT, env=environment | more, check=True, capture_output=True)


@pytest.fixture(scope="module")
def administrator(environment: dict[str, str], site: str) -> str:
    """The name of an account that may everything."""
    name = f"ada-{os.getpid()}"
    account = ("--no-input", "--username", name, "--email", "ada@example.org")
    manage(environment, "createsuperuser", *account, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    return name


def code_of(secret: str) -> str:
    """What an app shows now that was given ``secret`` by hand."""
    return f"{TOTP(b32decode(secret.replace(' ', ''))).token():06d}"


def test_a_second_factor_is_set_up_asked_for_and_removed_again(browser: Browser, site: str, administrator: str) -> None:
    with browser.new_context(locale="en", viewport={"width": 390, "height": 844}) as context:
        look.hear_policy(context)
        reader = make_reader(context, site)
        page = reader.open("/admin/")
        sign_in(page, administrator, PASSWORD)
        page.goto(f"{site}/admin/account/")
        page.get_by_role("link", name="Set up a second factor").click()
        expect(page.locator("img.qr")).not_to_have_js_property("naturalWidth", 0)
        page.get_by_label("Code").fill("not one")
        page.keyboard.press("Enter")
        expect(page.locator(".errorlist")).to_contain_text("not the code")
        page.get_by_label("Code").fill(code_of(page.locator(".secret").inner_text()))
        page.keyboard.press("Enter")
        expect(page.locator(".codes code")).to_have_count(10)
        codes = page.locator(".codes code").all_inner_texts()
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_role("button", name="Log out").click()
        page.goto(f"{site}/admin/auth/user/")
        sign_in(page, administrator, PASSWORD)
        expect(page.locator("h1")).to_have_text("Second step")
        assert look.axe(page) == look.layout(page) == []
        page.get_by_label("Code").fill(codes[0].upper())
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}/admin/auth/user/")
        page.goto(f"{site}/admin/account/second-factor/remove/")
        page.get_by_label("Code").fill(codes[1])
        page.keyboard.press("Enter")
        expect(page.locator(".messagelist")).to_contain_text("no longer asks for a code")
        assert reader.complaints == []


@dataclass
class Looks:
    """The desk as one browser shows it, and what is wrong with it."""

    browser: Browser
    site: str
    name: str

    def faults(self, width: int, height: int, scheme: str, language: str) -> list[str]:
        wanted = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "locale": language}
        with self.browser.new_context(**wanted) as context:  # type: ignore[arg-type]
            look.hear_policy(context)
            reader = make_reader(context, self.site)
            page = reader.open("/admin/login/")
            found = [f"sign-in: {fault}" for fault in (*look.axe(page), *page.evaluate(look.WIDE))]
            sign_in(page, self.name, PASSWORD)
            for path in PAGES:
                page.goto(f"{self.site}/admin/{path}")
                told = [fault for fault in look.axe(page) if not fault.startswith(DJANGOS)]
                found += [f"{path}: {fault}" for fault in (*told, *page.evaluate(look.WIDE))]
                if path.startswith("account/"):
                    found += [f"{path}: {fault}" for fault in look.keyboard(page)]
            return found + reader.complaints


@pytest.mark.parametrize("looks", [*QUICK, *(pytest.param(looks, marks=pytest.mark.long) for looks in LONG)])
def test_the_main_pages_fit_are_reached_by_keyboard_and_break_no_rule(
    browser: Browser, site: str, administrator: str, looks: tuple[int, int, str, str]
) -> None:
    assert Looks(browser, site, administrator).faults(*looks) == []


def test_the_desk_changes_its_language(browser: Browser, site: str, administrator: str) -> None:
    with browser.new_context(locale="en") as context:
        page = make_reader(context, site).open("/admin/login/?next=/admin/account/")
        page.get_by_role("button", name="简体中文").click()
        expect(page.locator("h1")).to_have_text("登录")
        sign_in(page, administrator, PASSWORD)
        expect(page.locator("h1")).to_have_text("登录与会话")
        page.get_by_role("button", name="English").click()
        expect(page.locator("h1")).to_have_text("Sign-in and sessions")
        assert page.url == f"{site}/admin/account/"
