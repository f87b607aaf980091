"""`./test`: everything CI runs, in one command, on SQLite and on a PostgreSQL of its own."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workshop import environment, postgres
from workshop.environment import ROOT
from workshop.processes import Refused, run, stop_on_signals, told_in_one_line

#: What must hold of the text of the program, quickest first.
LINT: list[list[str]] = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["djlint", "templates", "--lint", "--quiet"],
    ["lint-imports"],
    ["mypy"],
]
#: Both databases are real: each runs every test that does not need a browser.
COVERAGE = ["--cov", "--cov-branch", "--cov-append", "--cov-report="]


class Checks:
    """The tools of one environment, run one after another; the first that fails ends it all."""

    def __init__(self, python: Path) -> None:
        self.python = python
        self.environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}

    def step(self, *command: str, **variables: str) -> None:
        """Run a tool of the environment. Raises Refused where it fails."""
        print(f"\n— {' '.join(command)}", flush=True)
        program = self.python if command[0] == "python" else self.python.with_name(command[0])
        status = run([program, *command[1:]], cwd=ROOT, env=self.environment | variables)
        if status:
            raise Refused(f"{' '.join(command)} failed ({status})")

    def manage(self, *command: str) -> None:
        """Run a management command with the tests' settings."""
        self.step("python", "manage.py", *command, DJANGO_SETTINGS_MODULE="tests.settings")

    def pytest(self, *arguments: str, database: str) -> None:
        """Run pytest on a database."""
        self.step("pytest", *arguments, DATABASE_URL=database)


def chromium_is_there() -> None:
    """Install the browser and a Chinese font where they are missing and we may. Raises Refused."""
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")):
        postgres.install("chromium fonts-noto-cjk", "Chromium")


def main(arguments: list[str]) -> None:
    """Run what was asked for: everything, `long`, or pytest alone with the arguments given."""
    (ROOT / "var").mkdir(exist_ok=True)
    python = environment.make_ready(
        ROOT / ".venv", ROOT / "requirements-dev.txt", log=ROOT / "var" / "environment-dev.log"
    )
    checks = Checks(python)
    chromium_is_there()
    with tempfile.TemporaryDirectory(prefix="guangdong32-") as folder, postgres.running() as server:
        sqlite = f"sqlite:///{folder}/tests.sqlite3"
        if arguments == ["long"]:
            arguments = ["-m", "long"]
        if arguments:
            checks.pytest(*arguments, database=sqlite)
            checks.pytest(*arguments, database=server)
            return
        for command in LINT:
            checks.step(*command)
        checks.manage("compile_catalogues")
        checks.manage("makemigrations", "--check", "--dry-run")
        (ROOT / ".coverage").unlink(missing_ok=True)
        checks.pytest("-n", "2", "-m", "browser and not long", database=sqlite)
        everything = ["-n", "2", "-m", "not browser and not long", *COVERAGE]
        checks.pytest(*everything, database=sqlite)
        checks.pytest(*everything[:-1], "--cov-report=term:skip-covered", database=server)


if __name__ == "__main__":
    with told_in_one_line("test"):
        stop_on_signals()
        main(sys.argv[1:])
