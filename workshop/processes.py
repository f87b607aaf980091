"""Child processes that never outlive us, and signals that stop us cleanly at any moment."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Any, NoReturn

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 5  # seconds a child may take to end itself before it is killed


class Stopped(BaseException):
    """We were asked to stop. Not an Exception: no handler for errors may swallow it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


class Refused(Exception):
    """Something a person must change first; its text is one line for them."""


def _raise_stopped(signum: int, frame: FrameType | None) -> NoReturn:
    raise Stopped(signum)


def stop_on_signals() -> None:
    """Raise Stopped on Ctrl-C, SIGTERM and a closed terminal: what we started can be stopped first."""
    _answer_signals(_raise_stopped)


def die_on_signals() -> None:
    """Let the same signals end us at once, also inside a library that would not let Python answer them."""
    _answer_signals(signal.SIG_DFL)


def _answer_signals(how: Any) -> None:
    """Answer the stopping signals, those held back so far included."""
    for signum in STOPPING:
        # A shell ignores Ctrl-C for what runs in the background; whoever sends it all the same means it.
        # `nohup` means the opposite.
        if signum is not signal.SIGHUP or signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, how)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


@contextlib.contextmanager
def told_in_one_line(name: str) -> Iterator[None]:
    """End the process the way a person expects: one line for Refused, 128 + signal for Stopped."""
    try:
        yield
    except Refused as refused:
        print(f"{name}: {refused}", file=sys.stderr)
        sys.exit(1)
    except Stopped as stopped:
        end_now(128 + stopped.signum)


def end_now(status: int) -> NoReturn:
    """End the process at once. Python would first take every object apart, which may take seconds."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@contextlib.contextmanager
def signals_held_back() -> Iterator[None]:
    """Let the stopping signals wait until the block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _be_a_child() -> None:
    """Runs in the child before its program: gives back the signals that were held back for the start."""
    for signum in STOPPING:
        signal.signal(signum, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def start(command: Sequence[str | Path], **how: Any) -> "subprocess.Popen[str]":
    """
    Start a command as the leader of its own session, so that it can be stopped with all its children.

    The caller holds the signals back until it has the process in a `try` that stops it.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        start_new_session=True,
        preexec_fn=_be_a_child,  # noqa: PLW1509 - unsafe beside threads; we have none
        text=True,
        **how,
    )


def stop(process: "subprocess.Popen[str]", *, ask: signal.Signals = signal.SIGTERM) -> int:
    """Ask a process and its children to end, insist after PATIENCE, and return its exit status."""
    with signals_held_back():
        _signal_all(process, ask)
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            status = None
        _signal_all(process, signal.SIGKILL)  # also for a child that outlived its parent
        status = process.wait() if status is None else status
        _wait_for_the_rest(process)
        return status


def _signal_all(process: "subprocess.Popen[str]", signum: int) -> bool:
    """Signal the whole session; return whether anybody was there to hear it."""
    try:
        os.killpg(process.pid, signum)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _wait_for_the_rest(process: "subprocess.Popen[str]") -> None:
    """Wait until the killed children are gone; a second at most, for nobody may be there to reap them."""
    deadline = time.monotonic() + 1
    while _signal_all(process, 0) and time.monotonic() < deadline:
        time.sleep(0.01)


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    output: IO[str] | None = None,
    ask: signal.Signals = signal.SIGTERM,
    **how: Any,
) -> int:
    """Run a command to its end and return its exit status. If we are stopped meanwhile, so is all it started."""
    process = None
    try:
        with signals_held_back():
            process = start(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL if output else None,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                **how,
            )
        return process.wait()
    except OSError as error:
        raise Refused(f"cannot start {command[0]} ({error.strerror})") from None
    except BaseException:
        if process:
            stop(process, ask=ask)
        raise
