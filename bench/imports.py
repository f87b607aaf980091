"""An import of 20,000 rows, from upload to written, against the limit of 1 GB of memory, in this process.

Every row is a new entry with all its texts, a passage of evidence and a city; the file is a workbook.
"""

from __future__ import annotations

import io
import itertools
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

ROWS, LIMIT_MB = 20_000, 1024


def main(arguments: list[str]) -> int:
    """Print how long each phase took and the most memory used; return 1 over the limit. Takes the number of rows."""
    count = int(arguments[0]) if arguments else ROWS
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":  # a database in memory would be counted as ours
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        former = setup_databases(verbosity=0, interactive=False)
        try:
            call_command("load_content", verbosity=0)
            return _measure(count)
        finally:
            teardown_databases(former, verbosity=0)


def _measure(count: int) -> int:
    from django.contrib.auth.models import User

    from recommendations.models import Import, Recommendation
    from recommendations.spreadsheet import actions, work

    content = _workbook(count)
    base = _most_mb()
    print(f"{connection.vendor}: {count} rows, {len(content) / 1024 / 1024:.1f} MB, {base:.0f} MB in use before")
    user = User.objects.create_user("bench")
    file = SimpleUploadedFile("bench.xlsx", content)
    sheet = _timed("receive", lambda: work.receive(file=file, user=user, publishes=True, at=timezone.now()))
    for phase in (work.read, work.check):
        _timed(phase.__name__, lambda phase=phase: phase(sheet))
    print(f"  new {sheet.created}, rejected {sheet.rejected}")
    if not actions.confirm(sheet=sheet, reason="", at=timezone.now()):
        return 1
    _timed("write", lambda: actions.write(sheet))
    written = Recommendation.objects.published().count()
    most = _most_mb()
    print(f"{sheet.state}, {written} published; at most {most:.0f} MB, limit {LIMIT_MB} MB")
    return int(most > LIMIT_MB or sheet.state != Import.State.DONE)


def _timed(name: str, act: Any) -> Any:
    begun = time.perf_counter()
    done = act()
    print(f"  {name:8} {time.perf_counter() - begun:6.1f} s, at most {_most_mb():.0f} MB", flush=True)
    return done


def _most_mb() -> float:
    """The most memory that this process has held so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)


def _workbook(count: int) -> bytes:
    """Entries like those that are here, under other numbers."""
    from recommendations.models import Recommendation
    from recommendations.spreadsheet import export
    from recommendations.spreadsheet.columns import VERSION, Columns

    columns = Columns.now()
    names = [column.name for column in columns.every if column.name not in {VERSION, "related"}]
    like = list(export.rows(Recommendation.objects.published().in_order(), columns))
    found = itertools.islice(itertools.cycle(like), count)
    numbered = ({**row, "number": str(n), "slug": f"bench-{n}"} for n, row in enumerate(found, start=1_000))
    return _joined(export.workbook(columns, names, numbered))


def _joined(pieces: Iterator[Any]) -> bytes:
    file = io.BytesIO()
    for piece in pieces:
        file.write(piece)
    return file.getvalue()
