"""Entries that are here, a batch at a time, a table at a time: what the actions of the desk would write of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched, chain
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from common import changes
from common.bulk import insert_rows, update_rows
from recommendations import derive
from recommendations.choices import State, Step
from recommendations.importing import tables
from recommendations.importing.adding import as_json, ids_of
from recommendations.importing.standing import Standing, current_versions
from recommendations.importing.things import Things
from recommendations.models import CityLink, EntryVersion, Evidence, Recommendation
from recommendations.proofs import refresh_proofs
from recommendations.snapshot import TEXT_COLUMNS, Document

#: The columns of an entry that a change of it may write.
COLUMNS = (
    *("pillar", "basis", "reach", "reviewed_on", "state", "published_at", "changed_at"),
    *("publish_at", "scheduled_version", "schedule_problem", *TEXT_COLUMNS),
)
#: Versions read and written together.
AT_ONCE = 500


@dataclass(slots=True)
class Change:
    """An entry that is to say ``document``; ``row`` is where: the entry itself, or a new working copy of it."""

    standing: Standing
    document: Document
    row: Recommendation

    @property
    def is_copy(self) -> bool:
        return self.row is not self.standing.entry


def change_entries(
    asked: Sequence[tuple[Standing, Document]],
    things: Things,
    *,
    as_drafts: bool,
    reason: str,
    at: dt.datetime,
    words: set[str],
) -> None:
    """Have entries say other documents, with all that follows; what they name is there, and they may be published.

    Readers see them at once; ``as_drafts`` leaves what they see, and of a published entry makes a working copy, which
    it has none of yet. ``words`` as for ``add_entries``.
    """
    todo = [_change(standing, said, things, as_drafts=as_drafts, at=at) for standing, said in asked]
    with changes.named_at_once(tables.WRITTEN) as logged:
        Recommendation.objects.bulk_create([change.row for change in todo if change.is_copy])
        edited = [change for change in todo if not change.is_copy]
        update_rows(Recommendation, _columns(), (_cells(change.row) for change in edited))
        links = _write_links(todo, things)
        logged.extend({change.row.pk for change in todo} | {change.standing.entry.pk for change in todo} | links)
        refresh_proofs(change.row.pk for change in todo)
        found = [change for change in edited if _found_by(change.document) != _found_by(change.standing.now)]
        facts = [tables.facts_of(change.document, change.row.pk, things) for change in found]
        if facts:
            cities = {city.pk: city for city in things.of("city").values()}
            derive.write_anew(facts, derive.area_cities(), cities, words)
        _keep_versions(todo, reason=reason, at=at)


def _change(standing: Standing, said: Document, things: Things, *, as_drafts: bool, at: dt.datetime) -> Change:
    """Sets, in memory, what the row is to hold."""
    entry = row = standing.entry
    if as_drafts and entry.state == State.PUBLISHED:
        row = Recommendation(working_copy_of=entry, report=entry.report, created_at=at)
    # A draft may lack one; the column takes that, whatever its type says.
    row.pillar = things.get("pillar", said["pillar"]) if said["pillar"] else None  # type: ignore[assignment]
    row.basis, row.reach = said["basis"], said["reach"]
    row.reviewed_on = dt.date.fromisoformat(said["reviewed_on"]) if said["reviewed_on"] else None
    for column in TEXT_COLUMNS:
        setattr(row, column, said["texts"][column])
    row.state = State.DRAFT.value if as_drafts else State.PUBLISHED.value
    if not as_drafts:
        row.published_at = row.published_at or at
        row.changed_at = at
        row.publish_at, row.scheduled_version, row.schedule_problem = None, None, ""
    return Change(standing, said, row)


def _found_by(said: Document) -> list[Any]:
    """All of a document that search texts and coverage follow from: to make them is most of the work."""
    cities = [(row["city"], row["basis"]) for row in said["cities"]]
    phrases = [row["key_phrase"] for row in said["evidence"]]
    return [said["pillar"], said["reach"], said["texts"], said["terms"], phrases, cities]


def _fields() -> list[models.Field[Any, Any]]:
    return [Recommendation._meta.get_field(name) for name in COLUMNS]  # type: ignore[misc]


def _columns() -> list[str]:
    return [str(field.column) for field in _fields()]


def _cells(row: Recommendation) -> tables.Cells:
    told = (field.get_db_prep_save(getattr(row, field.attname), connection) for field in _fields())
    return (*told, row.pk)


# Links ---------------------------------------------------------------------------------------------------------


def _write_links(todo: Sequence[Change], things: Things) -> set[int]:
    """Have the lists be as told; what stands there already keeps its rows. Returns the entries at the other ends."""
    ids = ids_of(chain.from_iterable(change.document["related"] for change in todo))
    terms, related = _Pairs(), _Pairs()
    for change in todo:
        pairs = {things.get("term", *pair.split("/", 1)).pk for pair in change.document["terms"]}
        terms.note(change.row.pk, set() if change.is_copy else change.standing.terms, pairs)
        others = {ids[slug] for slug in change.document["related"]}
        related.note(change.row.pk, set() if change.is_copy else set(change.standing.related.values()), others)
    terms.write(tables.Terms, tables.TERM_COLUMNS)
    related.write(tables.Related, tables.RELATED_COLUMNS)
    _write_rows(todo, "evidence", Evidence, tables.EVIDENCE_COLUMNS, tables.evidence_rows, things)
    _write_rows(todo, "cities", CityLink, tables.CITY_COLUMNS, tables.city_rows, things)
    return {other for _pk, other in chain(related.added, related.gone)}


class _Pairs:
    """What links are to be made, and what are to go."""

    def __init__(self) -> None:
        self.added: list[tuple[int, int]] = []
        self.gone: list[tuple[int, int]] = []

    def note(self, pk: int, before: set[int], after: set[int]) -> None:
        self.added += [(pk, other) for other in sorted(after - before)]
        self.gone += [(pk, other) for other in sorted(before - after)]

    def write(self, table: type[models.Model], columns: Sequence[str]) -> None:
        one, other = (connection.ops.quote_name(column) for column in columns)
        name = connection.ops.quote_name(table._meta.db_table)
        with connection.cursor() as cursor:
            if self.gone:
                cursor.executemany(f"DELETE FROM {name} WHERE {one} = %s AND {other} = %s", self.gone)  # noqa: S608 - names of ours
        insert_rows(table, columns, self.added)


def _write_rows(
    todo: Sequence[Change], part: str, table: type[models.Model], columns: Sequence[str], rows: Any, things: Things
) -> None:
    """Of entries whose list ``part`` is told otherwise, write it anew."""
    found = [c for c in todo if c.is_copy or c.standing.now[part] != c.document[part]]
    table._default_manager.filter(recommendation__in=[change.row.pk for change in found]).delete()
    written = [cells for change in found for cells in rows(change.document, change.row.pk, things)]
    insert_rows(table, columns, written)


# Versions ------------------------------------------------------------------------------------------------------


def _keep_versions(todo: Sequence[Change], *, reason: str, at: dt.datetime) -> None:
    """One more version of each; a public one ends the one before it."""
    moment = connection.ops.adapt_datetimefield_value(at)
    ended = [c.standing.public for c in todo if c.row.state == State.PUBLISHED and c.standing.public]
    until = Greatest(Value(at, models.DateTimeField()), F("public_from"))  # no version ends before it began
    EntryVersion.objects.filter(pk__in=ended).update(public_until=until)
    rows = []
    for change in todo:
        is_public = change.row.state == State.PUBLISHED
        step = Step.PUBLISHED if is_public else Step.SAVED
        standing = change.standing
        rows.append(
            (
                standing.entry.pk,
                standing.last + 1,
                standing.public,
                change.row.state,
                step.value,
                reason,
                as_json(change.document),
                moment,
                moment if is_public else None,
            )
        )
    insert_rows(EntryVersion, tables.VERSION_COLUMNS, rows)


def link(pairs: Iterable[tuple[int, int]]) -> None:
    """Write links that versions tell of already."""
    found = sorted(set(pairs))
    with changes.named_at_once(tables.WRITTEN) as logged:
        insert_rows(tables.Related, tables.RELATED_COLUMNS, found)
        logged.extend(set(chain.from_iterable(found)))


def unsay(never_came: dict[int, list[str]], reason: str) -> None:
    """Take out of the versions that ``reason`` made of entries what they are said to be related to and is not there.

    An import writes a version once, with the links to what comes later in its file. Where that is rejected, the
    version told of something that never was.
    """
    for some in batched(never_came, AT_ONCE):
        with transaction.atomic():
            rows = []
            for version in current_versions(some).filter(reason=reason):
                gone = set(never_came[version.entry_id])
                if gone.isdisjoint(version.document["related"]):
                    continue
                said = version.document
                said["related"] = [slug for slug in said["related"] if slug not in gone]
                rows.append((as_json(said), version.pk))
            update_rows(EntryVersion, ("document",), rows)
