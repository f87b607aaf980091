"""A private PostgreSQL: its own folder, its own socket, no network, gone when we are."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workshop.processes import Refused, run, signals_held_back, start, stop

# Tests throw the data away: nothing needs to survive a power cut.
# jit: compiling a query pays off after seconds of running it, and no query of ours runs that long.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "",
}
USER = "guangdong32"

# A language's own order on purpose: a test that leans on the database's order must fail here.
ICU = ["--locale-provider=icu", "--icu-locale=en"]


def find_binaries() -> Path | None:
    """Return the folder with PostgreSQL's own programs, the newest of the packaged ones first."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in [*packaged, *on_path]:
        if all((folder / program).exists() for program in ("initdb", "postgres")):
            return folder
    return None


def unprivileged_user() -> str | None:
    """Return whom PostgreSQL runs as: it refuses root. None is whoever we are."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextlib.contextmanager
def private_folder(user: str | None) -> Iterator[Path]:
    """A temporary folder for `user` alone; short, because a socket's path may not be longer than 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="gd32-pg-", dir="/tmp"))
    try:
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        with signals_held_back():
            shutil.rmtree(folder)


@contextlib.contextmanager
def private_cluster(binaries: Path) -> Iterator[str]:
    """
    Run a new PostgreSQL for as long as the block lasts; yields a DATABASE_URL.

    The database it names does not exist yet: Django's test runner makes its own. Raises Refused in one line
    when PostgreSQL does not start.
    """
    user = unprivileged_user()
    with private_folder(user) as folder:
        make_cluster(binaries, folder, user)
        process = None
        log = folder / "server.log"
        try:
            with signals_held_back(), log.open("w") as output:
                process = start(
                    [binaries / "postgres", "-D", folder / "data", "-k", folder, *settings_arguments()],
                    **as_user(user),
                    cwd=folder,
                    stdout=output,
                    stderr=output,
                )
            wait_until_ready(process, folder / "data" / "postmaster.pid", log)
            yield f"postgres://{USER}@/{USER}?host={folder}"
        finally:
            if process:
                stop(process, ask=signal.SIGINT)  # PostgreSQL's "fast" shutdown


def settings_arguments() -> list[str]:
    """Return our options as arguments of `postgres`."""
    return [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]


def as_user(user: str | None) -> dict[str, Any]:
    """Return what starts a program as another user."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def make_cluster(binaries: Path, folder: Path, user: str | None) -> None:
    """Make the data folder, with ICU's order of text where this PostgreSQL was built with it."""
    log = folder / "initdb.log"
    for locale in (ICU, []):
        command: list[str | Path] = [
            *(binaries / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8"),
            *("--no-sync", "--locale=C", *locale),
        ]
        with log.open("w") as output:
            if run(command, cwd=folder, output=output, **as_user(user)) == 0:
                return
    raise Refused(f"PostgreSQL's initdb failed: {last_line(log)}")


def wait_until_ready(process: "subprocess.Popen[str]", state: Path, log: Path) -> None:
    """Return when PostgreSQL accepts connections: the eighth line of its pid file says so, as for pg_ctl."""
    while not is_ready(state):
        if process.poll() is not None:
            raise Refused(f"PostgreSQL did not start: {last_line(log)}")
        time.sleep(0.02)


def is_ready(state: Path) -> bool:
    """Return whether a pid file says that connections are accepted."""
    lines = state.read_text().splitlines() if state.exists() else []
    return len(lines) > 7 and lines[7].strip() == "ready"


def last_line(log: Path) -> str:
    """Return the last line of a log."""
    return next(iter(log.read_text().strip().splitlines()[::-1]), "it gave no reason")
