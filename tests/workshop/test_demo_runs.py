"""./demo as a visitor meets it: a process on a port, stopped and started again at any moment."""

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import urllib.error
import urllib.request
from contextlib import closing
from http.cookiejar import CookieJar

import psycopg
import pytest

from tests.workshop.conftest import READY, read_until, run_demo
from workshop import postgres
from workshop.postgres import private_cluster

#: One handler serves all three; a terminal that closes is the rarest.
STOPPING = [signal.SIGINT, signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.long)]


def get(port: int, path: str) -> "urllib.request._UrlopenRet":
    return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30)


def entries(home) -> int:
    with closing(sqlite3.connect(home / "guangdong32.sqlite3")) as database:
        return int(database.execute("select count(*) from recommendations_recommendation").fetchone()[0])


def test_first_start_serves_the_content_and_prints_the_way_in(home, port, start_demo):
    demo = start_demo("--port", str(port), DEMO_HOME=home, DEMO_PASSWORD="the password")
    said = read_until(demo, READY)
    assert f"http://127.0.0.1:{port}/\n" in said
    assert f"http://127.0.0.1:{port}/admin/   (editor / the password)" in said
    assert get(port, "/readyz").read() == b"ok\n"
    page = get(port, "/recommendations/")
    assert "text/html" in page.headers["Content-Type"]
    assert "Set-Cookie" not in page.headers
    assert entries(home) == 32
    with pytest.raises(urllib.error.HTTPError, match="404"):  # DEBUG is off: the page is ours
        get(port, "/nothing-here/")
    status, told, wrong = run_demo("manage", "verify_edition", DEMO_HOME=home)
    assert (status, told.count(": as it was frozen"), wrong) == (0, 1, "")


def test_static_files_are_named_by_content_and_kept_for_good(home, port, start_demo):
    demo = start_demo("--port", str(port), DEMO_HOME=home)
    read_until(demo, READY)
    page = get(port, "/admin/login/").read().decode()
    sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = get(port, sheet)
    assert "immutable" in answer.headers["Cache-Control"]


def test_secrets_are_made_once_and_for_their_owner_alone(home, port, start_demo):
    kept = []
    for _ in range(2):
        demo = start_demo("--port", str(port), DEMO_HOME=home)
        said = read_until(demo, READY)
        password = (home / "editor-password").read_text()
        assert f"(editor / {password})" in said
        kept.append((password, (home / "secret-key").read_text()))
        demo.terminate()
        assert demo.wait() == 0
    assert kept[0] == kept[1]
    for name in ("editor-password", "secret-key"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("signum", STOPPING)
def test_a_running_demo_stops_at_a_signal_with_all_its_workers(home, port, start_demo, signum):
    demo = start_demo("--port", str(port), DEMO_HOME=home)
    read_until(demo, READY)
    demo.send_signal(signum)
    said, _ = demo.communicate()  # ends when the last worker has closed the pipe
    assert (demo.returncode, said.strip()) == (0, "")


@pytest.mark.parametrize("signum", STOPPING)
def test_a_demo_waiting_for_its_database_stops_at_once(home, port, start_demo, signum):
    """SQLite's own wait cannot be interrupted from Python: twenty seconds of a deaf Ctrl-C."""
    with closing(sqlite3.connect(home / "guangdong32.sqlite3", isolation_level=None)) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("begin exclusive")
        demo = start_demo("--port", str(port), DEMO_HOME=home)
        database_is_open_in(demo, home)
        demo.send_signal(signum)
        said, _ = demo.communicate()
    assert demo.returncode == -signum
    assert "Traceback" not in said


def database_is_open_in(demo, home) -> None:
    """Return when the process has the database open: it waits for the lock from then on."""
    opened = f"/proc/{demo.pid}/fd"
    while demo.poll() is None:
        listing = subprocess.run(["ls", "-l", opened], capture_output=True, text=True, check=False).stdout
        if str(home / "guangdong32.sqlite3") in listing:
            return
    raise AssertionError(demo.communicate())


@pytest.mark.parametrize("signum", STOPPING)
def test_a_demo_that_installs_stops_with_its_installer(home, port, start_demo, signum):
    (home / "environment.stamp").unlink()
    (home / "environment").unlink()
    with closing(socket.socket()) as silent:  # a package index that takes the call and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        nowhere_else = {"PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
        demo = start_demo("--port", str(port), DEMO_HOME=home, PIP_INDEX_URL=index, **nowhere_else)
        caller, _ = silent.accept()  # pip is there
        demo.send_signal(signum)
        said, _ = demo.communicate()
        caller.close()
    assert demo.returncode == 128 + signum
    assert "Traceback" not in said
    assert not (home / "environment.stamp").exists()


def test_what_was_acknowledged_survives_a_sudden_death(home, port, start_demo):
    demo = start_demo("--port", str(port), DEMO_HOME=home, DEMO_PASSWORD="the password")
    read_until(demo, READY)
    cookies = CookieJar()
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    login = f"http://127.0.0.1:{port}/admin/login/?next=/admin/"
    form = visitor.open(login).read().decode()
    token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    data = f"username=editor&password=the+password&csrfmiddlewaretoken={token}".encode()
    assert visitor.open(login, data).url.endswith("/admin/")
    os.killpg(demo.pid, signal.SIGKILL)  # its workers too
    demo.communicate()

    again = start_demo("--port", str(port), DEMO_HOME=home, DEMO_PASSWORD="the password")
    read_until(again, READY)
    assert visitor.open(f"http://127.0.0.1:{port}/admin/").url.endswith("/admin/")  # the session is there


def test_reset_brings_the_content_back(home, port, start_demo):
    demo = start_demo("--port", str(port), DEMO_HOME=home)
    read_until(demo, READY)
    demo.terminate()
    demo.communicate()
    with closing(sqlite3.connect(home / "guangdong32.sqlite3")) as database, database:
        database.execute("update recommendations_recommendation set title_en = 'Changed'")
    for arguments, changed in (([], 32), (["--reset", "--yes"], 0)):
        demo = start_demo("--port", str(port), *arguments, DEMO_HOME=home)
        read_until(demo, READY)
        demo.terminate()
        demo.communicate()
        with closing(sqlite3.connect(home / "guangdong32.sqlite3")) as database:
            query = "select count(*) from recommendations_recommendation where title_en = 'Changed'"
            assert database.execute(query).fetchone() == (changed,)


def test_a_database_of_ones_own_is_used_and_reset(home, port, start_demo):
    binaries = postgres.find_binaries()
    if not binaries:
        pytest.skip("this machine has no PostgreSQL of its own")
    with private_cluster(binaries) as url:
        address = {"host": url.partition("host=")[2], "user": postgres.USER}
        with psycopg.connect(**address, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"create database {postgres.USER}")
        for arguments, expected in (([], 32), (["--reset", "--yes"], 32)):
            demo = start_demo("--port", str(port), *arguments, DEMO_HOME=home, DATABASE_URL=url)
            said = read_until(demo, READY)
            assert "32 entries loaded" in said
            demo.terminate()
            demo.communicate()
            with psycopg.connect(**address, dbname=postgres.USER) as connection:
                row = connection.execute("select count(*) from recommendations_recommendation").fetchone()
            assert row == (expected,)
    assert not (home / "guangdong32.sqlite3").exists()
