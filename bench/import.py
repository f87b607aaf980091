"""`import_report` against the bare COPY (PostgreSQL) or executemany (SQLite) of the same rows, in the same run.

`python -m bench import [ROWS]`: a made-up report of ROWS rows (100,000 where none are said) in the database that
DATABASE_URL names, or SQLite. The bare way writes the finished rows into tables without keys or indexes.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connection, models, transaction
from django.test.utils import setup_databases, teardown_databases

from bench import _report
from common.bulk import insert_into

LIMIT = 5_000
CHUNK = 5_000


def main(arguments: list[str]) -> int:
    """Print rows a second of both ways, and the ratio; return 1 where the import is under the limit."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    asked = int(arguments[0]) if arguments else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made-up.jsonl"
        count = _report.write(path, asked)
        if connection.vendor == "sqlite":  # a test's database would be in memory
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        former = setup_databases(verbosity=0, interactive=False)
        try:
            return _measure(path, count)
        finally:
            teardown_databases(former, verbosity=0)


def _measure(path: Path, count: int) -> int:
    from recommendations.models import CityLink, Evidence, Recommendation

    before = _memory()
    took, busy = _timed(lambda: call_command("import_report", str(path), verbosity=0))
    entries = Recommendation.objects.count()
    print(f"{connection.vendor}: {count:,} rows of a file of {path.stat().st_size / 1e6:.0f} MB, {entries:,} entries")
    print(f"import: {took:.1f} s, {count / took:,.0f} rows a second, {entries / took:,.0f} entries a second")
    print(f"  of the processor here {busy:.1f} s; memory {before:.0f} MB before, {_memory():.0f} MB at most")
    told, all_told = _bare((Recommendation, Evidence, CityLink)), _bare(_written())
    print(f"bare, the {told[1]:,} rows that the file tells: {told[0]:.1f} s, {told[1] / told[0]:,.0f} rows a second")
    print(f"bare, all {all_told[1]:,} rows written, derived ones too: {all_told[0]:.1f} s")
    print(f"the import takes {took / told[0]:.1f} × the bare rows of the file, {took / all_told[0]:.1f} × all of them")
    print(f"limit {LIMIT:,} rows a second: {count / took / LIMIT:.2f} × it")
    return int(count / took < LIMIT)


def _written() -> tuple[type[models.Model], ...]:
    from recommendations.importing.adding import WRITTEN

    return WRITTEN


def _bare(found: tuple[type[models.Model], ...]) -> tuple[float, int]:
    """Seconds it takes to write again what is in the tables of ``found``, and the rows there are."""
    took, count = 0.0, 0
    for model in found:
        table = f"bare_{model._meta.db_table}"
        columns = [str(field.column) for field in model._meta.concrete_fields]
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {table} AS SELECT * FROM {model._meta.db_table} LIMIT 0")  # noqa: S608 - names of ours
            with transaction.atomic():
                for rows in _chunks(model, columns):
                    begun = time.perf_counter()
                    insert_into(table, columns, rows)
                    took += time.perf_counter() - begun
                    count += len(rows)
                begun = time.perf_counter()
            took += time.perf_counter() - begun
            cursor.execute(f"DROP TABLE {table}")
    return took, count


def _chunks(model: type[models.Model], columns: list[str]) -> Iterator[list[Any]]:
    """The rows of ``model``'s table as the database keeps them, in the order of their keys."""
    key, last = model._meta.pk.column, 0
    place = columns.index(str(key))
    names = ", ".join(columns)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {names} FROM {model._meta.db_table} WHERE {key} > %s ORDER BY {key} LIMIT {CHUNK}",  # noqa: S608 - names of ours
                [last],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][place]


def _timed(work: Any) -> tuple[float, float]:
    begun, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - busy


def _memory() -> float:
    """The most this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
