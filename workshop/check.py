"""
`./test`: everything CI runs, in one command, on SQLite and on a real PostgreSQL. Standard library only.

The first thing that does not hold ends it, so what is on the screen last is what to look at.
"""

import signal

# Before anything slow: until our own handler is there, Ctrl-C ends us without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workshop import machine
from workshop.environment import ROOT, make_ready
from workshop.postgres import private_cluster
from workshop.processes import Refused, run, stop_on_signals, told_in_one_line

ENVIRONMENT = ROOT / ".venv"
LOG = ROOT / "var" / "install.log"

# What must hold of the text of the program, quickest first.
CHECKS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["djlint", "templates", "--lint", "--quiet"],
    ["lint-imports"],
    ["python", "manage.py", "compile_catalogues"],
    ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    ["mypy"],
]

SQLITE, POSTGRES = "SQLite", "PostgreSQL"

# What does not depend on the database need not run on both.
SELECTED = {SQLITE: "not long", POSTGRES: "not long and not once and (both or not browser)"}
SELECTED_LONG = {SQLITE: "long", POSTGRES: "long and not once and (both or not browser)"}

# Measured on the database that production runs; once is enough.
COVERAGE = {SQLITE: [], POSTGRES: ["--cov", "--cov-report=term"]}

# A deployment's own settings must not leak into the tests.
OURS = {
    *("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "CSRF_TRUSTED_ORIGINS", "BEHIND_TLS_PROXY", "SITE_URL"),
    *("REQUIRE_SECOND_FACTOR", "SESSION_HOURS", "SIGN_IN_ATTEMPTS", "SIGN_IN_LOCK_MINUTES", "BULK_MAX_ENTRIES"),
    *("AUDIT_ADDRESS_DAYS", "AUDIT_DAYS"),
    *("API_REQUESTS_PER_MINUTE", "VAR_DIR", "DEBUG", "DEMO", "DEMO_HOME", "DEMO_PASSWORD", "DJANGO_SETTINGS_MODULE"),
}


def clean_environment(environment: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return an environment for our tools: the environment's programs first, none of the site's settings."""
    kept = {name: value for name, value in environment.items() if name not in OURS}
    path = f"{ENVIRONMENT / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return kept | {"PATH": path, "DJANGO_SETTINGS_MODULE": "tests.settings"} | more


def step(*command: str, ask: signal.Signals = signal.SIGTERM, **more: str) -> None:
    """Run one of the environment's programs. Raises Refused where it fails."""
    print(f"\n— {' '.join(command)}", flush=True)
    program = ENVIRONMENT / "bin" / command[0]
    if run([program, *command[1:]], cwd=ROOT, env=clean_environment(os.environ, **more), ask=ask):
        raise Refused(f"`{' '.join(command)}` found what must not be")


def pytest(arguments: list[str], *, database: str, url: str, chromium: str) -> None:
    """Run pytest on a database. SIGINT ends it: only then do fixtures end what they started."""
    print(f"\n— Tests on {database}", flush=True)
    step("pytest", *arguments, ask=signal.SIGINT, DATABASE_URL=url, CHROMIUM=chromium)


def arguments_for(asked: list[str]) -> dict[str, list[str]]:
    """Return pytest's arguments for each database. What a person asks for goes to pytest as it is."""
    if asked == ["long"]:
        return {database: ["-m", marks] for database, marks in SELECTED_LONG.items()}
    if asked:
        return {SQLITE: asked, POSTGRES: asked}
    return {
        database: ["-n", "auto", "--maxprocesses", "4", "-m", marks, *COVERAGE[database]]
        for database, marks in SELECTED.items()
    }


@contextlib.contextmanager
def postgres_url(python: Path) -> Iterator[str]:
    """The address of a PostgreSQL to test on: the one we were given, or a private one."""
    given = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="gd32-wheel-", dir="/tmp") as folder:
        binaries = machine.postgres_binaries(python, Path(folder), log=LOG)
        with private_cluster(binaries) as url:
            yield url


def main(asked: list[str]) -> None:
    """Run what was asked for: everything, `long`, or pytest alone with the arguments given."""
    LOG.parent.mkdir(exist_ok=True)
    python = make_ready(ENVIRONMENT, ROOT / "requirements-dev.txt", log=LOG)
    chromium = machine.browser(log=LOG)
    machine.chinese_fonts(log=LOG)
    with postgres_url(python) as url:
        if not asked:
            for command in CHECKS:
                step(*command)
        for database, arguments in arguments_for(asked).items():
            pytest(arguments, database=database, url=url if database == POSTGRES else "", chromium=chromium)


if __name__ == "__main__":
    with told_in_one_line("test"):
        stop_on_signals()
        main(sys.argv[1:])
