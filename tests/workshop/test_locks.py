"""What is installed is what is locked: the files pip reads are exports of uv.lock, and that follows pyproject.toml."""

import os
import subprocess
import sys

import pytest

from workshop.environment import ROOT

EXPORTS = {
    "requirements.txt": ["--no-dev"],
    "requirements-dev.txt": ["--group", "dev"],
    "requirements-postgres.txt": ["--only-group", "postgres"],
}


def uv(*arguments: str) -> str:
    command = [sys.executable, "-m", "uv", *arguments, "--offline", "--quiet"]
    environment = os.environ | {"UV_PYTHON": sys.executable, "UV_NO_CACHE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_head(text: str) -> list[str]:
    """The first lines name the command that wrote the file, with the file's name in it or not."""
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("name", EXPORTS)
def test_requirements_are_exports_of_the_lock(name):
    exported = uv("export", "--frozen", "--no-annotate", *EXPORTS[name])
    assert without_head((ROOT / name).read_text()) == without_head(exported)


@pytest.mark.parametrize("name", EXPORTS)
def test_requirements_say_how_they_were_made(name):
    command = f"uv export --frozen --no-annotate {' '.join(EXPORTS[name])} -o {name}"
    assert command in (ROOT / name).read_text().splitlines()[1]


def test_the_lock_follows_the_project_file():
    uv("export", "--locked")


def test_every_requirement_has_a_hash():
    for name in EXPORTS:
        packages = [line for line in without_head((ROOT / name).read_text()) if "==" in line]
        assert packages
        assert all(line.endswith("\\") for line in packages), name
