"""An import of 20,000 rows, from upload to written, against the limit of 1 GB of memory, on both databases.

Every row is a new entry with all its texts, a passage of evidence and a city; the file is a workbook.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

from bench._both import HERE, most_mb, on_both, set_up, timed

ROWS, LIMIT_MB = 20_000, 1024


def main(arguments: list[str]) -> int:
    """Print how long each phase took and the most memory used; return 1 over the limit. Takes the number of rows."""
    if HERE not in arguments:
        return on_both("imports", arguments)
    vendor = set_up().vendor
    from django.core.management import call_command

    call_command("load_content", verbosity=0)
    count = int(arguments[-1]) if arguments[-1] != HERE else ROWS
    return _measure(vendor, count)


def _measure(vendor: str, count: int) -> int:
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from recommendations.models import Import, Recommendation
    from recommendations.spreadsheet import actions, work

    content = _workbook(count)
    print(f"{vendor}: {count} rows, {len(content) / 1024 / 1024:.1f} MB, {most_mb():.0f} MB in use before")
    user = User.objects.create_user("bench")
    file = SimpleUploadedFile("bench.xlsx", content)
    sheet = timed("receive", lambda: work.receive(file=file, user=user, publishes=True, at=timezone.now()))
    timed("read", lambda: work.read(sheet))
    timed("check", lambda: work.check(sheet))
    print(f"  new {sheet.created}, rejected {sheet.rejected}")
    if not actions.confirm(sheet=sheet, reason="", at=timezone.now()):
        return 1
    timed("write", lambda: actions.write(sheet))
    written = Recommendation.objects.published().count()
    most = most_mb()
    print(f"{sheet.state}, {written} published; at most {most:.0f} MB, limit {LIMIT_MB} MB")
    return int(most > LIMIT_MB or sheet.state != Import.State.DONE)


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
