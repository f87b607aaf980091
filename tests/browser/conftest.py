"""A real browser against a real server process with the real content, on SQLite."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a walk in the browser"
#: Attempts to reach a server that is starting; each waits for a refused or answered connection, a tenth of a second.
ATTEMPTS = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_in(folder: Path) -> dict[str, str]:
    """The environment of a site of its own in ``folder``."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "1",
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "SECRET_KEY": secrets.token_urlsafe(50),
    }


def manage(environment: dict[str, str], *commands: list[str]) -> None:
    """Run commands of ``manage.py``, one after the other, in one process: each would take a second to start."""
    code = f"from django.core.management import call_command\nfor command in {commands!r}: call_command(*command)"
    program = [sys.executable, "manage.py", "shell", "-c", code]
    subprocess.run(program, cwd=ROOT, env=environment, check=True, capture_output=True)


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """The address of the site, running for as long as the block lasts."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    serve = ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "warning"]
    with subprocess.Popen([sys.executable, *serve], cwd=ROOT, env=environment) as server:
        try:
            _wait_until_ready(address, server)
            yield address
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a site with the content loaded and the account ``editor``."""
    environment = settings_in(tmp_path_factory.mktemp("site"))
    manage(
        environment,
        ["migrate", "--no-input"],
        ["load_content"],
        ["freeze_edition", "2026-11"],
        ["make_groups"],
        ["make_demo_editor", f"--password={PASSWORD}"],
        ["collectstatic", "--no-input"],
    )
    return environment


@pytest.fixture(scope="session")
def site(environment: dict[str, str]) -> Iterator[str]:
    """The address of that site, running."""
    with served(environment) as address:
        yield address


def _wait_until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    for _attempt in range(ATTEMPTS):
        if server.poll() is not None:
            pytest.fail(f"the server ended with {server.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310 - http, our own server
                return
        except OSError:  # refused, or no answer in time on a busy machine
            try:
                server.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail("the server never became ready")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not executable:
        pytest.fail("no Chromium: ./test installs it, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        running.close()


@dataclass
class Reader:
    """A page of a browser, and everything it complained of."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.site}{path}", wait_until="load")
        return self.page

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.type}: {message.text}")


def make_reader(context: BrowserContext, site: str) -> Reader:
    context.set_default_timeout(20_000)  # milliseconds; a lost element must fail within the run
    reader = Reader(context.new_page(), site)
    reader.page.on("console", reader.hear)
    reader.page.on("pageerror", lambda error: reader.complaints.append(f"{reader.page.url}: {error}"))
    return reader


def sign_in(page: Page, name: str, password: str) -> None:
    """At the desk's sign-in page, which is open."""
    page.fill("#id_username", name)
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")


@pytest.fixture
def reader(browser: Browser, site: str) -> Iterator[Reader]:
    """A reader with a desktop screen; whatever the console says fails the test."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        found = make_reader(context, site)
        yield found
        assert found.complaints == []


# The desk, on the database of the run

PEOPLE = {"lin": "Editors", "chen": "Editors", "wu": "Reviewers"}
#: Read by the site's own Python: makes the colleagues, with the password in its environment.
MAKE_PEOPLE = """
import os
from django.contrib.auth.models import Group, User
for name, group in (pair.split("=") for pair in os.environ["WALK_PEOPLE"].split()):
    user = User.objects.create_user(name, password=os.environ["WALK_PASSWORD"], is_staff=True)
    user.groups.add(Group.objects.get(name=group))
"""


@contextmanager
def database_for(folder: Path) -> Iterator[str]:
    """The address of an empty database of the kind that this run of the tests is for."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield f"sqlite:///{folder / 'site.sqlite3'}"
        return
    name = f"walk_{secrets.token_hex(6)}"
    front, _slash, _database = address.partition("?")[0].rpartition("/")
    query = f"?{address.partition('?')[2]}" if "?" in address else ""
    with contextlib.closing(psycopg.connect(address, dbname="postgres", autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{front}/{name}{query}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def password() -> str:
    return secrets.token_urlsafe(20)


@pytest.fixture(scope="session")
def walked_site(tmp_path_factory: pytest.TempPathFactory, password: str) -> Iterator[str]:
    """A site of its own with the content and the three colleagues."""
    folder = tmp_path_factory.mktemp("desk")
    with database_for(folder) as database:
        environment = settings_in(folder) | {"DATABASE_URL": database}
        manage(
            environment,
            ["migrate", "--no-input"],
            ["load_content"],
            ["make_groups"],
            ["collectstatic", "--no-input"],
        )
        people = " ".join(f"{name}={group}" for name, group in PEOPLE.items())
        known = environment | {"WALK_PEOPLE": people, "WALK_PASSWORD": password}
        subprocess.run([sys.executable, "manage.py", "shell", "-c", MAKE_PEOPLE], cwd=ROOT, env=known, check=True)
        with served(environment) as address:
            yield address


@pytest.fixture
def colleagues(browser: Browser, walked_site: str, password: str) -> Iterator[dict[str, Page]]:
    """Each of the three, signed in; whatever a console says fails the test."""
    with contextlib.ExitStack() as stack:
        readers: dict[str, Reader] = {}
        for name in PEOPLE:
            context = stack.enter_context(browser.new_context(viewport={"width": 1280, "height": 900}))
            readers[name] = make_reader(context, walked_site)
            page = readers[name].open("/admin/")
            sign_in(page, name, password)
            expect(page.locator("#user-tools")).to_be_visible()
        yield {name: reader.page for name, reader in readers.items()}
        assert [complaint for reader in readers.values() for complaint in reader.complaints] == []
