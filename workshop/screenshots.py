"""
Pictures of every kind of page: `python -m workshop.screenshots [ADDRESS]` looks at a running `./demo`.

Desktop and phone, light and dark, both languages, into var/screenshots. The two of the README are made anew with
`--readme`: cut to one screen, so that they stay small.
"""

import argparse
import os
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from workshop.environment import ROOT
from workshop.machine import find_browser
from workshop.processes import Refused, told_in_one_line

FOLDER = ROOT / "var" / "screenshots"
SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
}  # CSS pixels
LANGUAGES = {"en": "", "zh": "/zh-hans"}
#: Name of the picture → address, screen and language.
README = {"home": ("/", "desktop", "en"), "entry-zh": ("/recommendations/fintech-sandbox/", "phone", "zh")}


def kinds(site: str) -> tuple[str, ...]:
    """Return the address of every kind of page, as the tests of the browser know them."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.browser.kinds import every_kind

    return every_kind(site)


def file_name(path: str) -> str:
    """Return a name for the picture of `path`: letters, digits and dashes."""
    return "".join(letter if letter.isalnum() else "-" for letter in path).strip("-") or "home"


def take_all(browser: Browser, site: str, paths: tuple[str, ...]) -> None:
    """Take every page on every screen, in every language, light and dark."""
    for screen, size in SCREENS.items():
        for scheme in ("light", "dark"):
            with browser.new_context(viewport=size, color_scheme=scheme) as context:
                page = context.new_page()
                for language, prefix in LANGUAGES.items():
                    for path in paths:
                        page.goto(f"{site}{prefix}{path}", wait_until="load")
                        name = f"{file_name(path)}-{screen}-{scheme}-{language}.png"
                        page.screenshot(path=FOLDER / name, full_page=True)
            print(f"{screen}, {scheme}: {len(LANGUAGES) * len(paths)} pages", flush=True)


def take_readme(browser: Browser, site: str) -> None:
    """Take the pictures of the README, one screen each."""
    for name, (path, screen, language) in README.items():
        with browser.new_context(viewport=SCREENS[screen], color_scheme="light") as context:
            page = context.new_page()
            page.goto(f"{site}{LANGUAGES[language]}{path}", wait_until="load")
            page.screenshot(path=ROOT / "docs" / f"{name}.png")


def main() -> None:
    """Read the arguments and take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m workshop.screenshots")
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--readme", action="store_true", help="only the two pictures of the README, into docs/")
    wanted = parser.parse_args()
    site = wanted.address.rstrip("/")
    executable = find_browser()
    if not executable:
        raise Refused("pictures are taken by Chromium: install it, or set CHROMIUM to its path")
    FOLDER.mkdir(parents=True, exist_ok=True)
    paths: tuple[str, ...] = () if wanted.readme else kinds(site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        if wanted.readme:
            take_readme(browser, site)
        else:
            take_all(browser, site, paths)
            print(f"{len(list(Path(FOLDER).glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}")
        browser.close()


if __name__ == "__main__":
    with told_in_one_line("screenshots"):
        main()
