"""
`./demo`, first half: everything that can be said before packages are needed. Standard library only.

Checks what was asked for, keeps the port, makes the environment and becomes `workshop/serve.py` in it, in the same
process: who started ./demo can signal the server itself.
"""

import signal

# Before anything slow: until our own handler is there, Ctrl-C ends us without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import errno
import fcntl
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workshop.environment import ROOT, make_ready
from workshop.processes import STOPPING, Refused, stop_on_signals, told_in_one_line

HOST = "127.0.0.1"


class OneLineParser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments and end."""
        raise Refused(f"{message} (see ./demo --help)")


def port_number(text: str) -> int:
    """Return a TCP port from its text."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: give a number from 1 to 65535")
    return int(text)


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return `port`, `reset` and `yes`."""
    parser = OneLineParser(
        prog="./demo",
        description="Start the whole site on this machine, with its content and an editor's account.",
        epilog="DATABASE_URL=postgres://… uses that database; DEMO_PASSWORD sets the editor's password. "
        "./demo manage COMMAND … runs manage.py on the demo's data.",
    )
    parser.add_argument("--port", type=port_number, default=8000, help="where to listen (default: 8000)")
    parser.add_argument("--reset", action="store_true", help="start again with fresh content; asks first")
    parser.add_argument("--yes", action="store_true", help="with --reset: do not ask")
    return parser.parse_args(arguments)


def keep_port(port: int) -> socket.socket:
    """Return a socket bound to the port, so that it is ours while everything else is made ready."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        kept.bind((HOST, port))
    except OSError as error:
        kept.close()
        if error.errno == errno.EADDRINUSE:
            raise Refused(f"port {port} is in use: stop what uses it, or choose another (--port N)") from None
        raise Refused(f"cannot use port {port} ({error.strerror}): choose another (--port N)") from None
    kept.set_inheritable(True)
    return kept


def make_folder(folder: Path) -> None:
    """Make the folder that everything of the demo is kept in, and prove that it can be written."""
    trial = folder / f".trial-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise Refused(f"cannot write to {folder} ({error.strerror}): run this where you may write") from None


def one_at_a_time(folder: Path) -> int:
    """Return an open lock: two that start at once must not make the same environment or database."""
    lock = os.open(folder / "preparing.lock", os.O_CREAT | os.O_RDWR, 0o600)
    if not try_lock(lock, fcntl.LOCK_EX):
        print("Another ./demo is getting ready; waiting for it …", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.set_inheritable(lock, True)
    return lock


def mark_as_running(folder: Path, *, alone: bool) -> None:
    """Hold a lock for as long as this process lives. Raises Refused if `alone` and there is another one."""
    lock = os.open(folder / "running.lock", os.O_CREAT | os.O_RDWR, 0o600)
    if alone and not try_lock(lock, fcntl.LOCK_EX):
        raise Refused("another ./demo is running in this folder: stop it before --reset")
    fcntl.flock(lock, fcntl.LOCK_SH)
    os.set_inheritable(lock, True)


def try_lock(lock: int, kind: int) -> bool:
    """Lock without waiting; return whether that went well."""
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def confirm_reset(*, yes: bool, database: str) -> None:
    """Ask whether all content may go. Raises Refused unless the answer is yes."""
    if yes:
        return
    try:
        answer = input(f"--reset deletes every entry and account in {database}. Type 'yes' to go on: ")
    except EOFError:
        answer = ""
        print()
    if answer.strip().lower() not in {"y", "yes"}:
        raise Refused("nothing was deleted")


def without_password(url: str) -> str:
    """Return a database address that may be shown."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else "DATABASE_URL"


def become_manage(folder: Path, arguments: list[str]) -> None:
    """Become manage.py with the settings of the demo in `folder`; a --reset waits for its end."""
    lock = one_at_a_time(folder)
    mark_as_running(folder, alone=False)
    python = make_ready(folder / "environment", ROOT / "requirements.txt", log=folder / "install.log")
    os.close(lock)
    sys.stdout.flush()
    command = [python, "-I", ROOT / "workshop" / "manage.py", folder, *arguments]
    os.execv(python, [str(part) for part in command])  # noqa: S606 - no shell is wanted


def main(arguments: list[str]) -> None:
    """Get everything ready and become the server, or manage.py on the same data."""
    folder = Path(os.environ.get("DEMO_HOME") or ROOT / "var" / "demo").absolute()
    if arguments[:1] == ["manage"]:
        make_folder(folder)
        become_manage(folder, arguments[1:])
    wanted = read_arguments(arguments)
    make_folder(folder)
    kept = keep_port(wanted.port)
    url = os.environ.get("DATABASE_URL", "")
    if wanted.reset:
        confirm_reset(yes=wanted.yes, database=without_password(url) if url else "the demo's database")
    lock = one_at_a_time(folder)
    mark_as_running(folder, alone=wanted.reset)
    python = make_ready(folder / "environment", ROOT / "requirements.txt", log=folder / "install.log")
    command = [
        *(python, "-I", ROOT / "workshop" / "serve.py"),
        *(folder, kept.fileno(), lock, "reset" if wanted.reset else "keep"),
    ]
    # Held back until the next program can answer them: a Ctrl-C in between is neither lost nor a traceback.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    sys.stdout.flush()
    os.execv(python, [str(part) for part in command])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    with told_in_one_line("demo"):
        stop_on_signals()
        main(sys.argv[1:])
