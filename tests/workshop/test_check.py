"""What ./test runs, and with what."""

import contextlib
import os
from pathlib import Path

import pytest

from workshop import check
from workshop.check import POSTGRES, SQLITE
from workshop.processes import Refused


@pytest.fixture
def steps(monkeypatch):
    """The commands ./test would run, in order, instead of running them."""
    commands: list[tuple[str, dict[str, str]]] = []

    def run(command, *, env, **_):
        commands.append((" ".join(str(part) for part in command).removeprefix(f"{check.ENVIRONMENT}/bin/"), env))
        return 0

    @contextlib.contextmanager
    def cluster(binaries):
        yield f"postgres://private@{binaries}/tests"

    monkeypatch.setattr(check, "run", run)
    monkeypatch.setattr(check, "make_ready", lambda *_, **__: Path("python"))
    monkeypatch.setattr(check.machine, "browser", lambda log: "/usr/bin/chromium")
    monkeypatch.setattr(check.machine, "chinese_fonts", lambda log: None)
    monkeypatch.setattr(check.machine, "postgres_binaries", lambda *_, **__: "binaries")
    monkeypatch.setattr(check, "private_cluster", cluster)
    for name in ("TEST_DATABASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return commands


def test_everything_is_checked_and_pytest_has_the_last_word(steps, capsys):
    check.main([])
    commands = [command for command, _ in steps]
    assert commands[: len(check.CHECKS)] == [" ".join(command) for command in check.CHECKS]
    assert [command.split()[0] for command in commands[-2:]] == ["pytest", "pytest"]
    assert [env["DATABASE_URL"] for _, env in steps[-2:]] == ["", "postgres://private@binaries/tests"]
    assert {env["CHROMIUM"] for _, env in steps[-2:]} == {"/usr/bin/chromium"}


def test_coverage_is_measured_and_judged_on_the_database_production_runs_on(steps):
    check.main([])
    first, second = (command for command, _ in steps[-2:])
    assert "--cov" not in first
    assert "--cov --cov-report=term" in second
    assert "fail-under" not in second


def test_arguments_go_to_pytest_as_they_are_on_both_databases(steps):
    check.main(["tests/cities", "-k", "x"])
    assert [command for command, _ in steps] == ["pytest tests/cities -k x"] * 2


def test_long_runs_what_is_marked_long(steps):
    check.main(["long"])
    assert [command for command, _ in steps] == [
        "pytest -m long",
        "pytest -m long and not once and (both or not browser)",
    ]


@pytest.mark.parametrize("name", ["TEST_DATABASE_URL", "DATABASE_URL"])
def test_a_postgres_we_are_given_is_used(steps, monkeypatch, name):
    monkeypatch.setenv(name, "postgres://given/one")
    check.main(["tests"])
    assert steps[-1][1]["DATABASE_URL"] == "postgres://given/one"


def test_an_sqlite_address_in_the_environment_does_not_stand_in_for_postgres(steps, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////tmp/mine.sqlite3")
    check.main(["tests"])
    assert steps[-1][1]["DATABASE_URL"] == "postgres://private@binaries/tests"


def test_the_settings_of_a_deployment_do_not_reach_the_tests():
    environment = check.clean_environment({"SECRET_KEY": "real", "DEBUG": "1", "PATH": "/bin", "LANG": "C"})
    assert environment["DJANGO_SETTINGS_MODULE"] == "tests.settings"
    assert environment["PATH"] == f"{check.ENVIRONMENT}/bin{os.pathsep}/bin"
    assert environment["LANG"] == "C"
    assert not {"SECRET_KEY", "DEBUG"} & environment.keys()


def test_the_first_thing_that_does_not_hold_ends_it(steps, monkeypatch, capsys):
    monkeypatch.setattr(check, "run", lambda *_, **__: 1)
    with pytest.raises(Refused, match=r"^`ruff check \.` found what must not be$"):
        check.main([])


def test_names_of_databases_are_those_of_the_tables():
    for table in (check.SELECTED, check.SELECTED_LONG, check.COVERAGE):
        assert list(table) == [SQLITE, POSTGRES]
