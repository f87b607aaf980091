"""What a confirmed spreadsheet writes: all of it or nothing, by the road that an edit at the desk takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from recommendations import actions
from recommendations.choices import State
from recommendations.importing.adding import New, add_entries
from recommendations.importing.kinds import BadRow
from recommendations.importing.things import Things
from recommendations.models import EntryVersion, Import, ImportRow, Recommendation
from recommendations.snapshot import Document, apply
from recommendations.spreadsheet import work
from recommendations.spreadsheet.present import newest_numbers
from staff import audit
from staff.choices import Act

Outcome, Road = ImportRow.Outcome, ImportRow.Road
BATCH = work.BATCH
#: What a document names.
NAMED = ("report", "pillar", "term", "section", "city")


class ChangedMeanwhile(Exception):
    """Since the preview someone changed what these rows are about. ``lines`` are their places in the file."""

    def __init__(self, lines: list[int]) -> None:
        self.lines = lines
        super().__init__(f"{len(lines)} rows")


@transaction.atomic
def confirm(*, sheet: Import, reason: str, at: dt.datetime) -> bool:
    """Have the import written. False where it is not waiting for that: confirmed twice, cancelled, rows rejected."""
    waiting = Import.objects.filter(pk=sheet.pk, state=Import.State.READY, rejected=0, expires_at__gt=at)
    confirmed = {"state": Import.State.WRITING, "reason": reason, "refusal": None}
    if not waiting.exclude(created=0, changed=0).update(**confirmed):
        return False
    ImportRow.objects.filter(sheet=sheet, is_overtaken=True).update(is_overtaken=False)
    sheet.refresh_from_db()
    return True


def write(sheet: Import) -> None:
    """Write a confirmed import, or show it anew where it was overtaken; nothing of it is written then."""
    try:
        _write(sheet, at=timezone.now())
    except ChangedMeanwhile as found:
        with transaction.atomic():
            ImportRow.objects.filter(sheet=sheet, line__in=found.lines).update(is_overtaken=True)
            work.keep(sheet, state=Import.State.CHECKING, rows_checked=0)
    finally:
        work.written.pop(sheet.pk, None)


@transaction.atomic
def _write(sheet: Import, *, at: dt.datetime) -> None:
    held = Import.objects.select_for_update().get(pk=sheet.pk)
    if held.state != Import.State.WRITING or held.token != sheet.token:
        raise work.Overtaken
    actions.hold_names()
    _refuse_overtaken(sheet)
    signed: dict[str, Any] = {
        "author": sheet.user,
        "reason": sheet.reason or f"imported from {sheet.file_name}"[:300],
        "at": at,
    }
    work.written[sheet.pk] = 0
    things, words = Things(), set[str]()
    for kind in NAMED:
        things.of(kind)  # read now: where rows are copied into the database, nothing else can be asked meanwhile
    for rows in _batches(sheet, Outcome.NEW):
        _add(rows, things, words, signed)
    for rows in _batches(sheet, Outcome.NEW):
        _relate(rows)
    for rows in _batches(sheet, Outcome.CHANGED):
        for row in rows:
            _change(row, signed)
            work.written[sheet.pk] += 1
    kept = ImportRow.objects.filter(sheet=sheet)
    kept.filter(outcome=Outcome.UNCHANGED).delete()
    versions = kept.filter(version__isnull=False).count()
    work.keep(sheet, state=Import.State.DONE, finished_at=at, versions_made=versions)
    note = f"{held.created} created, {held.changed} changed"
    audit.record(actor=sheet.user, act=Act.IMPORT, subject=sheet, note=note, at=at)


def _batches(sheet: Import, outcome: str) -> Iterator[list[ImportRow]]:
    rows = ImportRow.objects.filter(sheet=sheet, outcome=outcome).order_by("line")
    last = -1
    while batch := list(rows.filter(line__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].line


def _refuse_overtaken(sheet: Import) -> None:
    """Hold every entry that is to change. Raises ``ChangedMeanwhile`` where one is not as it was shown."""
    lines: list[int] = []
    for rows in _batches(sheet, Outcome.CHANGED):
        ids = [row.entry_id or 0 for row in rows]
        held = Recommendation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
        there = dict(held.values_list("pk", "state"))
        newest = newest_numbers(ids)
        copies = set(Recommendation.objects.filter(working_copy_of__in=ids).values_list("working_copy_of", flat=True))
        for row in rows:
            is_as_shown = (
                newest.get(row.entry_id or 0, 0) == row.seen
                and row.entry_id in there
                and (row.entry_id in copies) == (row.road == Road.COPY)
                and (there[row.entry_id] == State.PUBLISHED) >= (row.road in {Road.PUBLISH, Road.NEW_COPY})
            )
            lines += [] if is_as_shown else [row.line]
    for rows in _batches(sheet, Outcome.NEW):
        taken = Q(slug__in=[row.document["slug"] for row in rows])
        for report in {row.document["report"] for row in rows}:
            numbers = [row.document["number"] for row in rows if row.document["report"] == report]
            taken |= Q(report__slug=report, number__in=numbers)
        found = set(Recommendation.objects.filter(taken).values_list("report__slug", "number"))
        slugs = set(Recommendation.objects.filter(taken).values_list("slug", flat=True))
        for row in rows:
            said = row.document
            if said["slug"] in slugs or (said["report"], said["number"]) in found:
                lines.append(row.line)
    if lines:
        raise ChangedMeanwhile(lines)


# New entries ---------------------------------------------------------------------------------------------------


def _add(rows: list[ImportRow], things: Things, words: set[str], signed: dict[str, Any]) -> None:
    """Add the entries of ``rows``, a table at a time; which others they are related to comes when all are there."""
    how: dict[str, Any] = {"reason": signed["reason"], "at": signed["at"], "words": words}
    for state in (State.PUBLISHED, State.DRAFT):
        some = [_alone(row) for row in rows if (row.road == Road.PUBLISH) == (state == State.PUBLISHED)]
        try:
            add_entries(some, things, state=state, **how)
        except BadRow as error:  # what a row named is gone
            raise ChangedMeanwhile([row.line for row in rows]) from error
    slugs = [row.document["slug"] for row in rows]
    ids = dict(Recommendation.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    EntryVersion.objects.filter(entry__in=ids.values()).update(author=signed["author"])
    for row in rows:
        row.entry_id, row.version = ids[row.document["slug"]], 1
    _note([(row.entry_id, row.version, row.pk) for row in rows])
    work.written[rows[0].sheet_id] += len(rows)


def _alone(row: ImportRow) -> New:
    """The entry of ``row`` without those it is related to."""
    day = row.document["reviewed_on"]
    return New(row.document | {"related": []}, dt.date.fromisoformat(day) if day else None)


def _note(found: list[tuple[int | None, int | None, int]]) -> None:
    """Keep with rows of the import (entry, version, row) what became of them."""
    table = connection.ops.quote_name(ImportRow._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET entry_id = %s, version = %s WHERE id = %s", found)  # noqa: S608 - a name of ours


def _relate(rows: list[ImportRow]) -> None:
    rows = [row for row in rows if row.document["related"]]
    named = {slug for row in rows for slug in row.document["related"]}
    ids = dict(Recommendation.objects.filter(slug__in=named).values_list("slug", "pk"))
    lines = [row.line for row in rows if not ids.keys() >= set(row.document["related"])]
    if lines:
        raise ChangedMeanwhile(lines)
    through = Recommendation.related.through
    through._default_manager.bulk_create(
        [
            through(from_recommendation_id=row.entry_id, to_recommendation_id=ids[slug])
            for row in rows
            for slug in row.document["related"]
        ],
        batch_size=BATCH,
    )
    for row in rows:
        EntryVersion.objects.filter(entry=row.entry_id or 0).update(document=row.document)


# Entries that are here -----------------------------------------------------------------------------------------


def _change(row: ImportRow, signed: dict[str, Any]) -> None:
    """Have one entry say what its row says."""
    entry = Recommendation.objects.select_related("report").get(pk=row.entry_id or 0)
    try:
        if row.road == Road.NEW_COPY:
            actions.keep_as_working_copy(entry=entry, document=row.document, **signed)
        elif row.road == Road.RESTORE:
            _restore(row, entry, signed)
        else:
            change_in_place(row, entry, signed, document=row.document)
    except (ObjectDoesNotExist, actions.NotReady) as error:
        raise ChangedMeanwhile([row.line]) from error
    newest = EntryVersion.objects.filter(entry=row.entry_id).aggregate(last=Max("number"))["last"]
    ImportRow.objects.filter(pk=row.pk).update(version=newest)


def _restore(row: ImportRow, entry: Recommendation, signed: dict[str, Any]) -> None:
    """Take an entry out of the archive; readers see it once it is published again, whatever the import publishes."""
    actions.unarchive(entry=entry, **signed)
    if row.document != row.before:
        change_in_place(row, entry, signed, document=row.document)


def change_in_place(row: ImportRow, entry: Recommendation, signed: dict[str, Any], *, document: Document) -> None:
    """Have the entry of ``row``, or its pending copy where the row went there, say ``document``."""
    if row.road == Road.COPY:
        entry = Recommendation.objects.get(working_copy_of=entry)
    apply(document, entry)
    if row.road == Road.PUBLISH:
        actions.publish(entry=entry, **signed)
    else:
        actions.keep_draft(entry=entry, for_review=entry.state == State.IN_REVIEW, **signed)
