"""Everything here is about the workshop: none of it touches the database under test."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from workshop.environment import ROOT, stamp_file, stamp_of
from workshop.processes import stop

Process = subprocess.Popen[str]
READY = "Ctrl-C stops it."
LEFT_OUT = ("DATABASE_URL", "DEMO_PASSWORD", "DEMO", "DEBUG", "VAR_DIR", "SECRET_KEY", "ALLOWED_HOSTS")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.once)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for the demo in which the environment is there already: the one the tests run in."""
    folder = tmp_path / "home"
    folder.mkdir()
    environment = folder / "environment"
    environment.symlink_to(sys.prefix)
    stamp_file(environment).write_text(stamp_of(ROOT / "requirements.txt"))
    return folder


@pytest.fixture
def port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start_demo() -> Iterator[Callable[..., Process]]:
    """Starts ./demo and stops it, with all its children, when the test ends."""
    with ExitStack() as stack:

        def start(*arguments: str, **environment: str | Path | None) -> Process:
            process = subprocess.Popen(
                [ROOT / "demo", *arguments],
                env=demo_environment(**environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            stack.enter_context(process)  # closes the pipe
            stack.callback(stop, process)
            return process

        yield start


def demo_environment(**changes: str | Path | None) -> dict[str, str]:
    """Return an environment for ./demo: this Python, none of the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    changes = {"PYTHON": os.path.realpath(sys.executable)} | changes
    return kept | {name: str(value) for name, value in changes.items() if value is not None}


def run_demo(*arguments: str, text: str = "", **environment: str | Path | None) -> tuple[int, str, str]:
    """Run ./demo to its end, with `text` typed into it; return status, output and errors."""
    done = subprocess.run(
        [ROOT / "demo", *arguments],
        env=demo_environment(**environment),
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def read_until(process: Process, words: str) -> str:
    """Return what a process says up to a line that has `words`."""
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            return "".join(said)
    raise AssertionError(f"it ended without saying {words!r}: {''.join(said)}")
