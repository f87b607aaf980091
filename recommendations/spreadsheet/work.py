"""The way of a spreadsheet from its upload to its preview, and who goes that way: the request itself, or a thread.

A phase is begun anew wherever it was left: what a worker does counts only while the import has its token, and another
one takes over by giving it a new token. So a process may end at any moment, and any process of any machine may go on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterable
from itertools import batched
from typing import IO, Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from common.lines import shortened
from recommendations.choices import State as EntryState
from recommendations.models import Import, ImportPiece, ImportRow
from recommendations.spreadsheet.aside import ASIDE, left_aside
from recommendations.spreadsheet.checking import AGREED, STATE, Checker
from recommendations.spreadsheet.columns import KEYS, ROW, Columns, map_headers
from recommendations.spreadsheet.problems import Refused
from recommendations.spreadsheet.reading import Row, Table, read_table
from recommendations.spreadsheet.safety import kind_of

logger = logging.getLogger(__name__)

PIECE = 512 * 1024
BATCH = 500
#: Up to this size a file is read, and up to so many rows it is written, while the editor's own request waits.
SMALL_FILE, FEW_ROWS = 256 * 1024, 300
#: How long a preview is kept, and how long a worker may be silent before another may take its place.
KEPT = dt.timedelta(days=3)
SILENCE = dt.timedelta(seconds=120)
State, Outcome = Import.State, ImportRow.Outcome
#: States in which a worker is at it.
BUSY = (State.READING, State.CHECKING, State.WRITING)
OPEN = (*BUSY, State.MAPPING, State.READY)
#: States in which the rows are shown, to be mended or confirmed.
SHOWN = (State.READY, State.NOTHING)

#: Import → rows written so far, by the workers of this process: what a transaction does is not seen outside of it.
written: dict[int, int] = {}


class Overtaken(Exception):
    """Another worker has taken over, or the import is cancelled."""


# What is uploaded ----------------------------------------------------------------------------------------------


def sweep(*, at: dt.datetime) -> None:
    """Let go of previews that nobody confirmed in time, or that had nothing to be confirmed."""
    old = Import.objects.filter(state__in=OPEN, expires_at__lt=at)
    for pk in old.values_list("pk", flat=True):
        close(pk, State.EXPIRED, at=at)
    ImportRow.objects.filter(sheet__state=State.NOTHING, sheet__expires_at__lt=at).delete()


def close(pk: int, state: str, *, at: dt.datetime) -> bool:
    """End an import without a write; its rows are let go of. False where it was not open any more."""
    with transaction.atomic():
        waiting = Import.objects.filter(pk=pk, state__in=OPEN).exclude(state=State.WRITING)
        if not waiting.update(state=state, finished_at=at, token=""):
            return False
        ImportPiece.objects.filter(sheet=pk).delete()
        ImportRow.objects.filter(sheet=pk).delete()
    return True


@transaction.atomic
def receive(*, file: Any, user: Any, publishes: bool, at: dt.datetime) -> Import:
    """Keep an uploaded file. Raises ``Refused`` for one that is not read at all."""
    name = file.name.replace("\0", "")[-200:]
    kind = kind_of(name, file, file.size)
    sheet = Import.objects.create(
        user=user, file_name=name, kind=kind, size=file.size, publishes=publishes, created_at=at, expires_at=at + KEPT
    )
    digest = hashlib.sha256()
    file.seek(0)
    for position, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
        digest.update(piece)
        ImportPiece.objects.create(sheet=sheet, position=position, content=piece)
    sheet.digest = digest.hexdigest()
    sheet.save(update_fields=["digest"])
    return sheet


def _file(sheet: Import) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    for position in range(ImportPiece.objects.filter(sheet=sheet).count()):
        file.write(ImportPiece.objects.get(sheet=sheet, position=position).content)
    file.seek(0)
    return file


# Who goes on with it -------------------------------------------------------------------------------------------


def go_on(sheet: Import, *, write: Callable[[Import], None]) -> None:
    """Have the import taken as far as it goes without its editor; small ones at once, others by a thread.

    ``write`` is called where what is left is to write it.
    """
    token = secrets.token_hex(16)
    taken = Import.objects.filter(pk=sheet.pk, state__in=BUSY, token=sheet.token)
    if not taken.update(token=token, beat_at=timezone.now()):
        return  # someone else just did
    sheet.refresh_from_db()
    is_small = sheet.size <= SMALL_FILE if sheet.state == State.READING else sheet.rows_read <= FEW_ROWS
    if is_small:
        run(sheet, write)
    else:
        threading.Thread(target=_apart, args=(sheet, write), daemon=True, name=f"import-{sheet.pk}").start()


def _apart(sheet: Import, write: Callable[[Import], None]) -> None:
    try:
        run(sheet, write)
    finally:
        connection.close()


def run(sheet: Import, write: Callable[[Import], None]) -> None:
    """Take ``sheet`` as far as it goes by itself."""
    try:
        if sheet.state == State.READING:
            read(sheet)
        if sheet.state == State.CHECKING:
            check(sheet)
        elif sheet.state == State.WRITING:
            write(sheet)
            if sheet.state == State.CHECKING:  # it was overtaken, and is shown anew
                check(sheet)
    except Overtaken:
        return
    except Refused as refusal:
        _refuse(sheet, refusal.problem)
    except Exception:
        # The last thing a worker does: whoever runs the site finds the reason in the log, the editor that it failed.
        logger.exception("import %s failed", sheet.pk)
        _fail(sheet)


def _refuse(sheet: Import, reason: dict[str, Any]) -> None:
    with transaction.atomic():
        if close(sheet.pk, State.REFUSED, at=timezone.now()):
            Import.objects.filter(pk=sheet.pk).update(refusal=reason)
    sheet.refresh_from_db()


def keep(sheet: Import, **values: Any) -> None:
    """Save ``values``, and that the worker is alive. Raises ``Overtaken`` where the import is another's by now."""
    values["beat_at"] = timezone.now()
    if not Import.objects.filter(pk=sheet.pk, token=sheet.token, state=sheet.state).update(**values):
        raise Overtaken
    for name, value in values.items():
        setattr(sheet, name, value)


def _fail(sheet: Import) -> None:
    """Say that it failed. What was to be written is not, and waits to be confirmed again."""
    said = {"refusal": Refused("failed-write").problem, "state": State.READY, "token": ""}
    if not Import.objects.filter(pk=sheet.pk, state=State.WRITING).update(**said):
        _refuse(sheet, Refused("failed").problem)
    sheet.refresh_from_db()


# Reading and checking ------------------------------------------------------------------------------------------


def read(sheet: Import) -> None:
    """Keep the rows of the file; ends in ``checking``, or in ``mapping`` where a header is not known."""
    with _file(sheet) as file:
        table = read_table(file, sheet.kind)
        mapping = _mapping(sheet, table)
        if mapping is None:
            return
        aside = left_aside(table.headers, mapping, Columns.now())
        ImportRow.objects.filter(sheet=sheet).delete()
        count = 0
        for batch in batched(table.rows, BATCH):
            with transaction.atomic():
                ImportRow.objects.bulk_create(
                    [ImportRow(sheet=sheet, line=row.line, cells=_cells(row, mapping, aside)) for row in batch]
                )
                count += len(batch)
                keep(sheet, rows_read=count)
    if not count:
        raise Refused("no-rows")
    with transaction.atomic():
        ImportPiece.objects.filter(sheet=sheet).delete()
        keep(sheet, state=State.CHECKING, rows_read=count, size=sheet.size)


def _mapping(sheet: Import, table: Table) -> dict[str, str] | None:
    """What each header stands for; ``None``, with the question kept, where an editor has to say so."""
    mapping, unknown = map_headers(table.headers, Columns.now())
    mapping |= sheet.mapping or {}
    if unknown and sheet.mapping is None:
        keep(sheet, headers=table.headers, state=State.MAPPING)
        return None
    refuse_unclear(mapping, table.headers)
    keep(sheet, headers=table.headers, mapping=mapping)
    return mapping


def refuse_unclear(mapping: dict[str, str], headers: list[str]) -> None:
    """Raise ``Refused`` where two headers stand for one column, or none says which entry a row is about."""
    used: dict[str, str] = {}
    for place, name in mapping.items():
        if name and used.setdefault(name, place) != place:
            raise Refused("twice", name=name, first=headers[int(used[name])], second=headers[int(place)])
    if not {*KEYS[1:], "title_en", "title_zh_hans"} & used.keys():
        raise Refused("no-key")


def _cells(row: Row, mapping: dict[str, str], aside: dict[str, str]) -> dict[str, Any]:
    """The cells of what is read, by column; ``aside`` are the places of what is known and is not."""
    cells: dict[str, Any] = {}
    for place, cell in enumerate(row.cells):
        name = mapping.get(str(place))
        if name and cell:
            cells[name] = cell
        elif cell and str(place) not in mapping:
            cells["beyond"] = ["cells-beyond", ""]
        elif cell and str(place) in aside:
            cells.setdefault(ASIDE, {})[aside[str(place)]] = cell
    return cells


def check(sheet: Import) -> None:
    """Say of every row what it comes to; ends in ``ready``, or in ``nothing`` where no row would change anything."""
    every = ImportRow.objects.filter(sheet=sheet, is_left_out=False).order_by("line")
    checker = Checker(every.values_list("line", "cells").iterator(chunk_size=BATCH), publishes=sheet.publishes)
    counts = dict.fromkeys(Outcome.values, 0)
    counts[Outcome.LEFT_OUT] = ImportRow.objects.filter(sheet=sheet, is_left_out=True).count()
    done, last = counts[Outcome.LEFT_OUT], -1
    while batch := list(every.filter(line__gt=last)[:BATCH]):
        had_notes = {row.pk for row in batch if row.notes}
        checker.check(batch)
        for row in batch:
            counts[row.outcome] += 1
        done, last = done + len(batch), batch[-1].line
        with transaction.atomic():
            names = ["outcome", "road", "entry_id", "seen", "before", "document", "problems"]
            ImportRow.objects.bulk_update(batch, [n.removesuffix("_id") for n in names], batch_size=100)
            noted = [row for row in batch if row.notes or row.pk in had_notes]  # few: each column costs
            ImportRow.objects.bulk_update(noted, ["notes"], batch_size=100)
            keep(sheet, rows_checked=done)
    is_something = counts[Outcome.NEW] or counts[Outcome.CHANGED] or counts[Outcome.REJECTED]
    keep(
        sheet, state=State.READY if is_something else State.NOTHING,
        created=counts[Outcome.NEW], changed=counts[Outcome.CHANGED],
        unchanged=counts[Outcome.UNCHANGED], rejected=counts[Outcome.REJECTED],
    )  # fmt: skip


# Mending -------------------------------------------------------------------------------------------------------


@transaction.atomic
def mend(*, sheet: Import, cells: dict[int, dict[str, Any]], left_out: Iterable[int] = ()) -> None:
    """Put ``cells`` (row → column → text) in the place of what those rows have, leave rows out, and check anew.

    Under ``AGREED`` stand the columns whose words go in the place of a version that the editor has seen: its number.
    """
    if not Import.objects.filter(pk=sheet.pk, state__in=SHOWN).update(state=State.CHECKING, rows_checked=0):
        return
    for row in ImportRow.objects.filter(sheet=sheet, line__in=cells):
        agreed = row.cells.get(AGREED, {}) | cells[row.line].pop(AGREED, {})
        row.cells = {name: cell for name, cell in (row.cells | cells[row.line] | {AGREED: agreed}).items() if cell}
        row.save(update_fields=["cells"])
    ImportRow.objects.filter(sheet=sheet, line__in=list(left_out)).update(
        is_left_out=True, outcome=Outcome.LEFT_OUT, document=None, road=""
    )
    sheet.refresh_from_db()


def read_mended(sheet: Import, file: Any) -> dict[int, dict[str, Any]]:
    """The cells of an uploaded file of mended rows, by the row each takes the place of. Raises ``Refused``."""
    table = read_table(file, kind_of(file.name, file, file.size))
    mapping, _unknown = map_headers(table.headers, Columns.now())
    if ROW not in mapping.values():
        raise Refused("no-row-column")
    lines = set(ImportRow.objects.filter(sheet=sheet).values_list("line", flat=True))
    mended = {}
    for row in table.rows:
        cells = _cells(row, mapping, {})
        line = str(cells.pop(ROW, ""))
        if not (line.isascii() and line.isdigit() and int(line) in lines):
            raise Refused("no-such-row", row=shortened(line, 20))
        mended[int(line)] = dict.fromkeys(mapping.values(), "") | cells
    return mended


# Archived entries ----------------------------------------------------------------------------------------------


def archived(sheet: Import) -> QuerySet[ImportRow]:
    """The rows about entries that are archived, whatever they come to."""
    return ImportRow.objects.filter(sheet=sheet, is_left_out=False, entry__state=EntryState.ARCHIVED)


def restore(*, sheet: Import, chosen: dict[int, str]) -> None:
    """Have archived entries taken out of the archive, as drafts, when the import is confirmed; check anew.

    ``chosen`` are their rows, each with the number of the version that the editor has seen, empty for one that stays.
    """
    known = set(archived(sheet).values_list("line", flat=True))
    mend(sheet=sheet, cells={line: {AGREED: {STATE: seen}} for line, seen in chosen.items() if line in known})
