"""The private PostgreSQL: really started, really gone."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from workshop import postgres
from workshop.environment import ROOT
from workshop.postgres import private_cluster
from workshop.processes import Refused, start

CLUSTER = """
import sys
sys.path.insert(0, sys.argv[1])
from workshop.postgres import find_binaries, private_cluster
from workshop.processes import stop_on_signals, told_in_one_line
with told_in_one_line("parent"):
    stop_on_signals()
    with private_cluster(find_binaries()) as url:
        print(url, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def binaries() -> Path:
    found = postgres.find_binaries()
    if not found:
        pytest.skip("this machine has no PostgreSQL of its own: TEST_DATABASE_URL or the wheel is used")
    return found


def socket_folder(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def connect(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(host=str(socket_folder(url)), user=postgres.USER, dbname="postgres")


def test_cluster_answers_inside_the_block_and_is_gone_after_it(binaries):
    with private_cluster(binaries) as url:
        folder = socket_folder(url)
        with connect(url) as connection:
            row = connection.execute("select current_setting('listen_addresses'), current_setting('fsync')")
            assert row.fetchone() == ("", "off")
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        connect(url)


def test_cluster_is_gone_after_a_failure_inside_the_block(binaries):
    with pytest.raises(ZeroDivisionError), private_cluster(binaries) as url:
        1 / 0  # noqa: B018 - fails
    assert not socket_folder(url).exists()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_cluster_is_gone_after_a_signal(binaries, signum):
    process = start(
        [sys.executable, "-c", CLUSTER, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    assert socket_folder(url).exists()
    process.send_signal(signum)
    said, _ = process.communicate()
    assert (process.returncode, said) == (128 + signum, "")
    assert not socket_folder(url).exists()


@pytest.fixture
def fake_binaries() -> Iterator[Callable[..., Path]]:
    """Makes programs of a line of shell, where the user that PostgreSQL runs as can reach them."""
    with tempfile.TemporaryDirectory(prefix="gd32-fake-") as name:
        folder = Path(name)
        folder.chmod(0o755)

        def make(**scripts: str) -> Path:
            for program, script in scripts.items():
                (folder / program).write_text(f"#!/bin/sh\n{script}\n")
                (folder / program).chmod(0o755)
            return folder

        yield make


def test_cluster_that_cannot_be_made_is_refused_in_one_line(fake_binaries):
    broken = fake_binaries(initdb="echo 'initdb: error: no space left'; exit 1", postgres="exit 0")
    with pytest.raises(Refused, match=r"^PostgreSQL's initdb failed: initdb: error: no space left$"):
        private_cluster(broken).__enter__()


def test_folder_of_a_cluster_that_failed_is_gone(fake_binaries, monkeypatch, tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir()
    monkeypatch.setattr(postgres.tempfile, "mkdtemp", lambda **_: str(folder))
    monkeypatch.setattr(postgres, "unprivileged_user", lambda: None)
    with pytest.raises(Refused):
        private_cluster(fake_binaries(initdb="exit 1", postgres="exit 0")).__enter__()
    assert not folder.exists()


def test_cluster_that_does_not_start_is_refused_in_one_line(fake_binaries):
    broken = fake_binaries(initdb="exit 0", postgres="echo 'FATAL: out of memory' >&2; exit 1")
    with pytest.raises(Refused, match=r"^PostgreSQL did not start: FATAL: out of memory$"):
        private_cluster(broken).__enter__()


def test_older_postgres_without_icu_still_makes_a_cluster(fake_binaries):
    old = fake_binaries(
        initdb='case "$*" in *icu*) exit 1;; esac',
        postgres="echo 'FATAL: reached' >&2; exit 1",
    )
    with pytest.raises(Refused, match="did not start: FATAL: reached"):
        private_cluster(old).__enter__()


def test_programs_on_the_path_are_found(fake_binaries, monkeypatch):
    folder = fake_binaries(initdb="exit 0", postgres="exit 0")
    monkeypatch.setattr(postgres.Path, "glob", lambda *_: [])
    monkeypatch.setenv("PATH", str(folder))
    assert postgres.find_binaries() == folder
    (folder / "postgres").unlink()
    assert postgres.find_binaries() is None


@pytest.mark.parametrize(("uid", "names", "expected"), [(0, ["root"], "nobody"), (0, ["postgres"], "postgres")])
def test_root_hands_the_server_to_another_user(monkeypatch, uid, names, expected):
    entries = [type("Entry", (), {"pw_name": name}) for name in names]
    monkeypatch.setattr(postgres.pwd, "getpwall", lambda: entries)
    monkeypatch.setattr(postgres.os, "geteuid", lambda: uid)
    assert postgres.unprivileged_user() == expected


def test_others_run_the_server_themselves(monkeypatch):
    monkeypatch.setattr(postgres.os, "geteuid", lambda: 1000)
    assert postgres.unprivileged_user() is None
    assert postgres.as_user(None) == {}
