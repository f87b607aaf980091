"""Isolated environments: made from a locked list of packages with hashes, made again when anything changed."""

import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from workshop.processes import Refused, run

ROOT = Path(__file__).resolve().parent.parent

# --only-binary: nothing is compiled, so no compiler is needed and nothing runs that is not in the lock.
# --no-deps: the lock is complete, and pip before 23.3 takes the newest release of a package that another one asks for
# with an extra, whatever version is locked, and then finds that it has no hash.
LOCKED = ["--require-hashes", "--no-deps", "--only-binary=:all:", "-q"]
PIP_OPTIONS = [*LOCKED, "--no-input", "--disable-pip-version-check"]

NO_INSTALLER = (
    f"{sys.executable} has neither pip nor ensurepip, and there is no uv: install one of them "
    "(Debian, Ubuntu: apt-get install python3-pip; anywhere: https://docs.astral.sh/uv/)"
)


def python_of(folder: Path) -> Path:
    """Return the path of an environment's Python."""
    return folder / "bin" / "python"


def stamp_of(requirements: Path) -> str:
    """Return what an environment was made from: the packages, this Python and this machine, as one digest."""
    made_from = [requirements.read_text(), sys.version, os.path.realpath(sys.executable), platform.machine()]
    return hashlib.sha256("\0".join(made_from).encode()).hexdigest()


def stamp_file(folder: Path) -> Path:
    """Return the file beside an environment that is written last: without it the environment is not whole."""
    return folder.with_name(f"{folder.name}.stamp")


def is_ready(folder: Path, requirements: Path) -> bool:
    """Return whether an environment is whole and made from these requirements with this Python."""
    stamp = stamp_file(folder)
    return stamp.exists() and stamp.read_text() == stamp_of(requirements) and python_of(folder).exists()


def make_ready(folder: Path, requirements: Path, *, log: Path) -> Path:
    """
    Return the Python of an environment that has the requirements, made anew unless it is ready.

    What the installer says goes to `log`. Raises Refused in one line when it cannot be made.
    """
    if not is_ready(folder, requirements):
        stamp_file(folder).unlink(missing_ok=True)
        print(f"Making an isolated environment in {_short(folder)} (once) …", flush=True)
        with log.open("w") as output:
            for command in _commands(folder, requirements):
                # SIGINT: pip takes its temporary folders away only when it is asked this way.
                if run(command, cwd=ROOT, output=output, ask=signal.SIGINT):
                    output.flush()
                    raise Refused(f"{_last_line(log)} (the whole story: {_short(log)})")
        half_written = stamp_file(folder).with_suffix(".new")
        half_written.write_text(stamp_of(requirements))
        half_written.replace(stamp_file(folder))
    return python_of(folder)


def _commands(folder: Path, requirements: Path) -> list[list[str | Path]]:
    """Return the commands that make an environment with whatever installer this Python has."""
    venv: list[str | Path] = [sys.executable, "-m", "venv", "--clear"]
    from_file: list[str | Path] = [*PIP_OPTIONS, "-r", requirements]
    if _has_module("pip"):
        pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python_of(folder), "install", *from_file]
        return [[*venv, "--without-pip", folder], pip]
    if _has_module("ensurepip"):
        return [[*venv, folder], [python_of(folder), "-m", "pip", "install", *from_file]]
    if uv := shutil.which("uv"):
        return [
            [*venv, "--without-pip", folder],
            [uv, "pip", "install", "--python", python_of(folder), *LOCKED, "-r", requirements],
        ]
    raise Refused(NO_INSTALLER)


def _has_module(name: str) -> bool:
    """Return whether this Python can really run a module (Debian ships an ensurepip that only says no)."""
    command = [sys.executable, "-m", name, "--version"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _last_line(log: Path) -> str:
    """Return the last error in an installer's output, or its last line."""
    lines = [line.strip() for line in log.read_text().splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["the installer failed without a word"])[-1]


def _short(path: Path) -> Path:
    """Return a path as a person in the repository would write it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
