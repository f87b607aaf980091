"""An import of 300,000 rows in a process of its own, killed twice, is complete and exact in the end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from bench._report import write

pytestmark = [pytest.mark.long]

ROWS = 300_000
#: After how many rows the process is killed: the first time, the second time.
KILLED_AFTER = (70_000, 180_000)


@pytest.fixture
def databases(tmp_path):
    """Addresses of two new databases, migrated."""
    address, names = os.environ.get("DATABASE_URL", ""), ["killed", "whole"]
    if not address:
        found = [f"sqlite:///{tmp_path}/{name}.sqlite3" for name in names]
    else:
        server = urlsplit(address)
        found = [server._replace(path=f"/import_{name}").geturl() for name in names]
        with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as connection:
            for name in names:
                connection.execute(f"DROP DATABASE IF EXISTS import_{name}")
                connection.execute(f"CREATE DATABASE import_{name}")
    for database in found:
        subprocess.run(command(["manage.py", "migrate", "-v0"]), check=True, **at(database))
    return found


def command(arguments):
    return [sys.executable, *arguments]


def at(database):
    environment = os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return {"cwd": settings.BASE_DIR, "env": environment, "text": True}


def kill_after(rows, arguments, database):
    """Start an import and kill it, without a chance to tidy up, once it says that it has done so many rows."""
    with subprocess.Popen(command(arguments), stderr=subprocess.PIPE, **at(database)) as process:
        for line in process.stderr:
            said = re.match(r"([\d,]+) rows, ", line)
            if said and int(said[1].replace(",", "")) >= rows:
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL


def everything_in(database):
    asked = command(["-m", "tests.recommendations.whole"])
    return json.loads(subprocess.run(asked, check=True, stdout=subprocess.PIPE, **at(database)).stdout)


def test_300_000_rows_killed_twice_end_complete_and_exact(tmp_path, databases):
    killed, whole = databases
    path = tmp_path / "report.jsonl"
    assert write(path, ROWS) >= ROWS
    arguments = ["manage.py", "import_report", str(path)]
    before = 0
    for rows in KILLED_AFTER:
        kill_after(rows, arguments, killed)
        left = everything_in(killed)
        entries = left["digests"]["Recommendation"][0]
        assert entries > before
        assert left["lacking"] == []
        before = entries
    for database in databases:
        subprocess.run(command([*arguments, "-v0"]), check=True, **at(database))
    ended = everything_in(killed)
    assert ended == everything_in(whole)
    assert ended["lacking"] == []
    assert ended["digests"]["Recommendation"][0] == ended["logged"] > before
    assert not path.with_name("report.jsonl.rejects.jsonl").exists()
