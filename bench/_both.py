"""Runs a measurement on both databases, each new and in a process of its own, so that its memory is its own."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

HERE = "--here"


def on_both(name: str, arguments: list[str]) -> int:
    """``python -m bench NAME --here ARGUMENTS`` on an empty SQLite and an empty PostgreSQL, where there is one."""
    from workshop.postgres import find_binaries, private_cluster

    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        urls = [f"sqlite:///{folder}/bench.sqlite3"]
        binaries = find_binaries()
        if binaries:
            urls.append(stack.enter_context(private_cluster(binaries)))
        else:
            print("no PostgreSQL here: SQLite only")
        return max(_run_on(url, folder, name, arguments) for url in urls)


def _run_on(url: str, folder: str, name: str, arguments: list[str]) -> int:
    if url.startswith("postgres"):
        _create_database(url)
    environment = os.environ | {"DATABASE_URL": url, "VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "bench", name, HERE, *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


def _create_database(url: str) -> None:
    """The cluster is new: it has no database of ours."""
    import psycopg

    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")


def set_up() -> Any:
    """In the process that measures: the tables; returns the connection."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    return connection


def timed[Result](name: str, act: Callable[[], Result]) -> Result:
    """What ``act`` gives; how long it took and the most memory so far are printed."""
    begun = time.perf_counter()
    done = act()
    print(f"  {name:10} {time.perf_counter() - begun:6.1f} s, at most {most_mb():.0f} MB", flush=True)
    return done


def most_mb() -> float:
    """The most memory that this process has held so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)
