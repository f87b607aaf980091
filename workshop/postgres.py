"""A private PostgreSQL for the tests: found or installed, started in a folder of its own, always stopped."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workshop.processes import Refused

#: Where Debian keeps the server's programs; they are not on the PATH.
DEBIAN = Path("/usr/lib/postgresql")
#: Durability is what makes a database slow; a test's database has nothing to lose.
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=127.0.0.1"


def programs() -> Path | None:
    """Return the folder with initdb and pg_ctl, newest version first, or None."""
    folders = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("pg_ctl")
    for folder in [*folders, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


def installed() -> Path:
    """Return the folder with the server's programs, installing them where we may. Raises Refused."""
    if found := programs():
        return found
    install("postgresql", "a PostgreSQL server")
    if found := programs():
        return found
    raise Refused("PostgreSQL was installed, but initdb and pg_ctl are not where Debian keeps them")


def install(package: str, what: str) -> None:
    """Install Debian packages. Raises Refused where that cannot be done here."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Refused(f"the tests need {what}: install it (Debian, Ubuntu: apt-get install {package})")
    print(f"Installing {what} (once) …", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *package.split()]):
        done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(f"{' '.join(command)} failed: {(done.stderr.strip().splitlines() or ['no word why'])[-1]}")


def free_port() -> int:
    """Return a port nobody listens on now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The DATABASE_URL of a new, empty cluster that ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="guangdong32-postgres-"))
    bin_folder = installed()
    data, port = folder / "data", free_port()
    try:
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
        _as_owner([bin_folder / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"])
        settings = f"{OPTIONS} -c port={port} -c unix_socket_directories={folder}"
        _as_owner([bin_folder / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", settings, "start"])
        try:
            yield f"postgres://tests@127.0.0.1:{port}/postgres"
        finally:
            _as_owner([bin_folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_owner(command: list[str | Path]) -> None:
    """Run one of the server's programs as a user it accepts. Raises Refused with its last word."""
    words = [str(part) for part in command]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *words]
    # A file rather than a pipe: the server inherits it, and would keep a pipe open.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(words, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False)
        said.seek(0)
        lines = said.read().strip().splitlines()
    if done.returncode:
        raise Refused(f"{Path(command[0]).name} failed: {(lines or ['without a word'])[-1]}")
