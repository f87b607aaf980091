"""Environments are whole or made again; what cannot be made is said in one line."""

import sys

import pytest

from workshop import environment
from workshop.environment import ROOT, is_ready, make_ready, stamp_file
from workshop.processes import Refused

MAKES_IT = 'mkdir -p "$0/bin"; ln -sf "$1" "$0/bin/python"; echo made >> "$0/../made"'


@pytest.fixture
def requirements(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("django==6.1.3\n")
    return file


@pytest.fixture
def installer(monkeypatch, tmp_path):
    """An installer of one shell command; returns how to choose it."""

    def use(script):
        command = ["sh", "-c", script, str(tmp_path / "venv"), sys.executable]
        monkeypatch.setattr(environment, "_commands", lambda *_: [command])

    use(MAKES_IT)
    return use


def ready(tmp_path, requirements):
    return make_ready(tmp_path / "venv", requirements, log=tmp_path / "log")


def times_made(tmp_path):
    return (tmp_path / "made").read_text().count("made")


def test_an_environment_is_made_once(tmp_path, requirements, installer):
    assert ready(tmp_path, requirements) == tmp_path / "venv" / "bin" / "python"
    assert is_ready(tmp_path / "venv", requirements)
    ready(tmp_path, requirements)
    assert times_made(tmp_path) == 1


def test_other_requirements_or_another_python_make_it_again(tmp_path, requirements, installer, monkeypatch):
    ready(tmp_path, requirements)
    requirements.write_text("django==6.1.4\n")
    ready(tmp_path, requirements)
    assert times_made(tmp_path) == 2
    monkeypatch.setattr(sys, "version", "3.99")
    ready(tmp_path, requirements)
    assert times_made(tmp_path) == 3


def test_an_environment_without_its_python_is_made_again(tmp_path, requirements, installer):
    ready(tmp_path, requirements).unlink()
    ready(tmp_path, requirements)
    assert times_made(tmp_path) == 2


def test_an_installation_that_fails_is_refused_and_not_taken_for_whole(tmp_path, requirements, installer):
    ready(tmp_path, requirements)
    requirements.write_text("django==9.9\n")
    installer("echo Looking …; echo 'ERROR: No matching distribution found for django==9.9'; echo bye; exit 1")
    with pytest.raises(Refused) as refused:
        ready(tmp_path, requirements)
    assert str(refused.value).startswith("ERROR: No matching distribution found for django==9.9 (the whole")
    assert not stamp_file(tmp_path / "venv").exists()


def test_an_installation_that_fails_without_a_word_is_refused(tmp_path, requirements, installer):
    installer("exit 1")
    with pytest.raises(Refused, match="failed without a word"):
        ready(tmp_path, requirements)


@pytest.mark.parametrize(
    ("modules", "programs", "expected"),
    [
        ({"pip", "ensurepip"}, set(), "-m pip --python"),
        ({"ensurepip"}, {"uv"}, "bin/python -m pip install"),
        (set(), {"uv"}, "uv pip install --python"),
    ],
)
def test_whatever_installer_is_there_is_used_with_hashes(monkeypatch, tmp_path, modules, programs, expected):
    monkeypatch.setattr(environment, "_has_module", modules.__contains__)
    monkeypatch.setattr(environment.shutil, "which", lambda name: name if name in programs else None)
    last = " ".join(str(part) for part in environment._commands(tmp_path, ROOT / "requirements.txt")[-1])
    assert expected in last
    assert "--require-hashes --no-deps --only-binary=:all:" in last


def test_without_an_installer_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "_has_module", lambda _: False)
    monkeypatch.setattr(environment.shutil, "which", lambda _: None)
    with pytest.raises(Refused, match=r"has neither pip nor ensurepip.*apt-get install python3-pip"):
        environment._commands(tmp_path, ROOT / "requirements.txt")


def test_a_module_is_there_only_if_it_runs():
    assert environment._has_module("json.tool") is False  # it has no --version
    assert environment._has_module("pytest") is True
