"""The search for a Python, with interpreters of our own making and nothing else on the PATH."""

import subprocess
from pathlib import Path

from workshop.environment import ROOT

GOOD = "#!/bin/sh\nexit 0\n"
TOO_OLD = "#!/bin/sh\nexit 1\n"
BROKEN_SHIM = "#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n"


def found(home: Path, **environment: str) -> tuple[int, str, str]:
    script = f'set -eu; . "{ROOT}/workshop/find_python.sh"; echo "$python"'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "./demo"],
        env={"PATH": str(home / "bin"), "HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr


def put(tmp_path: Path, place: str, script: str) -> str:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script)
    file.chmod(0o755)
    return str(file)


def test_newest_name_on_the_path_is_taken(tmp_path):
    for name in ("python3.12", "python3.14", "python3"):
        put(tmp_path, f"bin/{name}", GOOD)
    assert found(tmp_path) == (0, "python3.14", "")


def test_a_name_that_does_not_start_is_passed_over(tmp_path):
    put(tmp_path, "bin/python3.13", BROKEN_SHIM)
    put(tmp_path, "bin/python3.12", BROKEN_SHIM)
    put(tmp_path, "bin/python3", TOO_OLD)
    usable = put(tmp_path, ".pyenv/versions/3.12.1/bin/python3", GOOD)
    assert found(tmp_path) == (0, usable, "")


def test_an_interpreter_of_uv_is_found(tmp_path):
    put(tmp_path, ".pyenv/versions/3.9.1/bin/python3", TOO_OLD)
    usable = put(tmp_path, ".local/share/uv/python/cpython-3.13/bin/python3", GOOD)
    assert found(tmp_path) == (0, usable, "")


def test_folders_moved_by_their_variables_are_searched(tmp_path):
    usable = put(tmp_path, "elsewhere/versions/3.13.0/bin/python3", GOOD)
    assert found(tmp_path, PYENV_ROOT=str(tmp_path / "elsewhere")) == (0, usable, "")
    usable = put(tmp_path, "uv/cpython-3.13/bin/python3", GOOD)
    assert found(tmp_path, UV_PYTHON_INSTALL_DIR=str(tmp_path / "uv")) == (0, usable, "")


def test_a_home_with_a_space_in_its_name_is_searched(tmp_path):
    home = tmp_path / "a home"
    usable = put(home, ".pyenv/versions/3.13.0/bin/python3", GOOD)
    assert found(home) == (0, usable, "")


def test_the_python_a_person_names_comes_first(tmp_path):
    put(tmp_path, "bin/python3.14", GOOD)
    named = put(tmp_path, "mine/python", GOOD)
    assert found(tmp_path, PYTHON=named) == (0, named, "")


def test_without_a_python_one_line_says_what_to_install(tmp_path):
    put(tmp_path, "bin/python3", TOO_OLD)
    status, output, errors = found(tmp_path)
    assert (status, output) == (1, "")
    assert errors.count("\n") == 1
    assert errors.startswith("demo: no Python 3.12 or newer found; install one")
