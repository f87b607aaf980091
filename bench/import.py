"""`import_report` against the bare COPY (PostgreSQL) or executemany (SQLite) of the same rows, in the same run.

`python -m bench import [ROWS]`: a made-up report of ROWS rows (100,000 where none are said) in the database that
DATABASE_URL names, or SQLite. An entry is one row of the file; its terms and related entries, which stand in it, are
rows of tables. The bare way writes the finished rows into tables without keys or indexes. Then the same entries are
brought up to date, each with another summary, and once more, where nothing is new; the bare way there writes the rows
that a change writes: entries, versions, coverage, search texts.
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
from django.db import connection, models, transaction
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from bench import _report
from common.bulk import insert_into

LIMIT, LIMIT_CHANGED = 5_000, 2_000
CHUNK = 5_000

Models = tuple[type[models.Model], ...]


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
    before = _memory()
    took, busy = _timed(lambda: _import(path))
    most = _memory()
    said, derived = _tables()
    (told, told_rows), (rest, rest_rows) = _bare(said), _bare(derived)
    rows = told_rows + rest_rows
    print(f"{connection.vendor}: a file of {path.stat().st_size / 1e6:.0f} MB")
    print(f"import: {took:.1f} s, of the processor here {busy:.1f} s; memory {before:.0f} to {most:.0f} MB")
    print(f"  {count:,} rows of the file: {count / took:,.0f} a second")
    print(f"  {told_rows:,} rows into the tables that the file tells of: {told_rows / took:,.0f} a second")
    print(f"  {rows:,} rows with versions and what is derived: {rows / took:,.0f} a second")
    print(f"bare: {told:.1f} s for what the file tells, {told + rest:.1f} s for all")
    print(f"the import takes {took / told:.1f} × the one, {took / (told + rest):.1f} × the other")
    print(f"limit {LIMIT:,} rows a second into the tables that the file tells of: {told_rows / took / LIMIT:.2f} × it")
    pace = _change(path, count)
    return int(told_rows / took < LIMIT or pace < LIMIT_CHANGED)


def _import(path: Path) -> None:
    """What ``import_report`` does until all is in and readers see it."""
    from recommendations.importing.rejects import Rejects
    from recommendations.importing.run import Import

    with tempfile.TemporaryFile() as kept:
        task = Import(path, Rejects(kept), as_drafts=False, at=timezone.now(), say=lambda rows, of: None)
        rejected = task.run().rejected
    assert not rejected  # noqa: S101 - what is measured is the whole file


def _change(path: Path, count: int) -> float:
    """Bring every entry up to date, then do so again; returns rows of the file a second of the former."""
    from recommendations import postings
    from recommendations.models import Coverage, EntryVersion, Recommendation, SearchText

    other = path.with_name("made-up-otherwise.jsonl")
    with path.open(encoding="utf-8") as told, other.open("w", encoding="utf-8") as file:
        file.writelines(line.replace('"summary_en": "', '"summary_en": "Lately, ') for line in told)
    took, busy = _timed(lambda: _import(other))
    most = _memory()
    again, _busy = _timed(lambda: _import(other))
    phrases, _busy = _timed(postings.renew)
    made = EntryVersion.objects.filter(number=2).count()
    bare, _rows = _bare((Recommendation, Coverage, SearchText))
    versions, all_versions = _bare((EntryVersion,))
    bare += versions * made / all_versions
    print(f"up to date: {took:.1f} s, of the processor here {busy:.1f} s; memory to {most:.0f} MB")
    print(f"  {made:,} entries: {made / took:,.0f} a second; {count:,} rows of the file: {count / took:,.0f} a second")
    print(f"bare: {bare:.1f} s for the rows that are written; it takes {took / bare:.1f} × that")
    print(f"limit {LIMIT_CHANGED:,} rows of the file a second: {count / took / LIMIT_CHANGED:.2f} × it")
    print(f"once more, nothing new: {again:.1f} s, {count / again:,.0f} rows of the file a second")
    print(f"the common phrases, which the command looks for in the end: {phrases:.1f} s; memory to {_memory():.0f} MB")
    return count / took


def _tables() -> tuple[Models, Models]:
    """The models whose rows the file tells, and those whose rows follow from them."""
    from recommendations.importing.tables import WRITTEN
    from recommendations.models import Coverage, EntryVersion, SearchText

    derived = (Coverage, EntryVersion, SearchText)
    return tuple(model for model in WRITTEN if model not in derived), derived


def _bare(found: Models) -> tuple[float, int]:
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
