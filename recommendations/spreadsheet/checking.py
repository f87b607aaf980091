"""Rows of a spreadsheet against the entries there are: which entry, what it would say, and what is wrong with it."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

from django.db.models import Q

from common.lines import shortened
from common.models import FormerSlug
from common.numbers import whole_number
from recommendations import actions
from recommendations.choices import State
from recommendations.export import let_go
from recommendations.export_files import MAX_CELL
from recommendations.models import EntryVersion, ImportRow, Recommendation
from recommendations.models.entry import MAX_NUMBER, RESERVED_SLUGS, SLUG
from recommendations.readiness import NEEDED_TEXTS
from recommendations.snapshot import Document, empty_document
from recommendations.spreadsheet import fields
from recommendations.spreadsheet.aside import Aside, seen_by_readers, version_seen
from recommendations.spreadsheet.columns import KEYS, VERSION, Columns
from recommendations.spreadsheet.compact import unguard
from recommendations.spreadsheet.names import Names, Unknown, noting
from recommendations.spreadsheet.present import Present, present
from recommendations.spreadsheet.problems import problem

Cells = dict[str, Any]
#: Among the cells of a row: columns whose words an editor wants in the place of those of a version that they have seen.
AGREED = "?agreed"
#: What programs write behind a whole number.
WHOLE = re.compile(r"\.0+\Z")
#: Digits of a number in a cell.
MOST_DIGITS = 8
#: How much of the end of a full cell may say that it was cut.
END = 100
#: Among those columns, of an entry that is archived: it is to be taken out of the archive.
STATE = "state"
Outcome, Road = ImportRow.Outcome, ImportRow.Road
Key = tuple[str, int | None, str]


def name_of(user: Any) -> str:
    """Who signed a version, as colleagues know them."""
    return (user.get_full_name() or user.get_username()) if user else "?"


def _plain(cells: Cells, name: str) -> str:
    cell = cells.get(name, "")
    return unguard(cell).strip() if isinstance(cell, str) else ""


class Checker:
    """Checks the rows of one file, batch by batch. ``publishes``: what readers see is changed at once."""

    def __init__(self, rows: Iterable[tuple[int, Cells]], *, publishes: bool) -> None:
        """``rows`` are all rows of the file, by line: they may name one another."""
        self.publishes = publishes
        self.columns, self.names = Columns.now(), Names()
        self.written = [column.name for column in self.columns.written if column.name not in KEYS]
        self._first: dict[Any, int] = {}
        self._slugs: set[str] = set()
        self._last: dict[str, int] = {}
        self._versions: dict[int, str] = {}
        for _line, cells in rows:
            if slug := _plain(cells, "slug").lower():
                self._slugs.add(slug)
                self.names.add_entry(slug, _plain(cells, "title_en"), _plain(cells, "title_zh_hans"))
            try:
                report, number = self._report(cells), _number(cells)
            except Unknown:
                continue
            self._last[report] = max(self._last.get(report, 0), number or 0)
        for report, number in self._last.items():
            last = Recommendation.objects.filter(report__slug=report).order_by("-number").exclude(number=None).first()
            self._last[report] = max(number, last.number or 0 if last else 0)

    def check(self, rows: list[ImportRow]) -> None:
        """Say of each row what it comes to; nothing is saved."""
        keys: dict[int, Key] = {}
        for row in rows:
            row.problems, row.notes = [], []
            row.before, row.document, row.entry_id, row.seen, row.road = None, None, None, None, ""
            keys[row.line] = self._key(row)
        found = self._find(keys.values())
        entries = present({entry.pk for entry in found.values()})
        self._versions = _versions(rows, [_entry_of(keys[row.line], found) for row in rows])
        bases = self._bases(rows, keys, found, entries)
        aside = Aside(rows, [entry.pk for entry in found.values()], publishes=self.publishes)
        for row in rows:
            entry = _entry_of(keys[row.line], found)
            here = entries[entry.pk] if entry else None
            self._row(row, keys[row.line], here, bases)
            if row.problems:
                row.outcome, row.document, row.road = Outcome.REJECTED, None, ""
            told = aside.notes(row.cells, here)
            row.notes = [note for note in told if row.road != Road.RESTORE or note["column"] != STATE]
        let_go(row for each in entries.values() for row in each.rows)

    # Which entry it is

    def _report(self, cells: Cells) -> str:
        said = _plain(cells, "report")
        if said:
            try:
                return self.names.reports.find(said)
            except Unknown as error:
                raise _at("report", error) from error
        if len(self.names.reports.slugs) != 1:
            slug, number = _plain(cells, "slug"), _plain(cells, "number")
            if slug or not number:
                return ""
            raise _at("report", Unknown("which-report"))
        return next(iter(self.names.reports.slugs))

    def _key(self, row: ImportRow) -> Key:
        """What says which entry it is; what of that cannot be used is as if it were not there, and told."""
        usable = dict(row.cells)
        for name in KEYS:
            if isinstance(usable.get(name), list):
                code, value = usable.pop(name)
                row.problems.append(problem(name, code, value=value))
        report = noting(row.problems, self._report, usable) or ""
        return report, noting(row.problems, _number, usable), noting(row.problems, _slug, usable) or ""

    def _find(self, keys: Iterable[Key]) -> dict[tuple[Any, ...], Recommendation]:
        """Entries by ``("slug", slug)``, present or former, and by report and number."""
        slugs, numbers = set(), defaultdict(set)
        for report, number, slug in keys:
            slugs.add(slug)
            if number:
                numbers[report].add(number)
        former = dict(
            FormerSlug.objects.for_model(Recommendation).filter(slug__in=slugs).values_list("slug", "object_id")
        )
        wanted = Q(slug__in=slugs) | Q(pk__in=former.values())
        for report, said in numbers.items():
            wanted |= Q(report__slug=report, number__in=said)
        entries = list(Recommendation.objects.entries().filter(wanted).select_related("report"))
        by_id = {entry.pk: entry for entry in entries}
        found: dict[tuple[Any, ...], Recommendation] = {(e.report.slug, e.number): e for e in entries}
        found |= {("slug", slug): by_id[pk] for slug, pk in former.items() if pk in by_id}
        return found | {("slug", entry.slug): entry for entry in entries}

    def _bases(
        self,
        rows: list[ImportRow],
        keys: dict[int, Key],
        found: dict[tuple[Any, ...], Recommendation],
        entries: dict[int, Present],
    ) -> dict[tuple[int, int], Document]:
        """Entry and version → document, for the rows that were taken from a version that is no longer the one shown."""
        wanted = Q(pk=None)
        for row in rows:
            version = whole_number(self._versions.get(row.line, ""), digits=MOST_DIGITS)
            entry = _entry_of(keys[row.line], found)
            if entry and version is not None and _shown_number(entries[entry.pk]) != version:
                wanted |= Q(entry=entry, number=version)
        rows_found = EntryVersion.objects.filter(wanted).values_list("entry_id", "number", "document")
        return {(entry_id, number): document for entry_id, number, document in rows_found}

    # What it says

    def _row(self, row: ImportRow, key: Key, here: Present | None, bases: dict[tuple[int, int], Document]) -> None:
        is_named = self._name(row, key, here)
        if "beyond" in row.cells:
            row.problems.append(problem("", "cells-beyond"))
        base = self._base(row, here, bases) if here and is_named else None
        for column in self.written:
            self._column(row, column, base, here)
        # A number that no entry has: whatever else the row is called, it is a new one.
        if is_named or row.before or (here is None and all(key[:2])):
            self._whole(row, here)

    def _name(self, row: ImportRow, key: Key, here: Present | None) -> bool:
        """Whether it is clear which entry the row is about; where not, the rest of it is read all the same."""
        is_clear = not row.problems
        try:
            if here is not None:
                self._know(row, key, here)
            elif is_clear:
                self._name_new(row, *key)
            if is_clear:
                self._once(row)
        except Unknown as error:
            row.problems.append(error.said)
            is_clear = False
        if row.document is None:
            row.document = copy.copy(here.document) if here else empty_document(key[0])
        return is_clear

    def _know(self, row: ImportRow, key: Key, here: Present) -> None:
        """The row is about an entry that is here."""
        report, number, slug = key
        entry = here.entry
        if report and here.document["report"] != report:
            raise _at("slug", Unknown("other-report", slug=slug))
        if number and entry.number != number:
            code = "taken" if slug == entry.slug else "taken-before"
            raise _at("slug", Unknown(code, slug=slug, number=entry.number))
        former = FormerSlug.objects.for_model(Recommendation).filter(slug=slug, object_id=entry.pk)
        if slug and slug != entry.slug and not former.exists():
            raise _at("slug", Unknown("other-slug", number=number, slug=entry.slug))
        row.entry_id, row.seen = entry.pk, here.newest
        row.before, row.document = here.document, copy.copy(here.document)

    def _name_new(self, row: ImportRow, report: str, number: int | None, slug: str) -> None:
        """The row is about an entry that is not here yet: it gets the number and the slug it leaves out."""
        if not report:
            raise _at("report", Unknown("which-report"))
        title = _plain(row.cells, "title_en")
        if not (number or slug or title or _plain(row.cells, "title_zh_hans")):
            raise Unknown("empty-row-key")
        if number is None:
            number = self._last[report] = self._last.get(report, 0) + 1
        if not slug:
            slug = actions.free_slug(title=title, report_slug=report, number=number)
            slug = f"{report}-{number}" if slug in self._slugs else slug
            self._slugs.add(slug)
            self.names.add_entry(slug, title, _plain(row.cells, "title_zh_hans"))
        row.document = empty_document(report) | {"number": number, "slug": slug}

    def _once(self, row: ImportRow) -> None:
        said = row.document
        for name in (("slug", said["slug"]), (said["report"], said["number"])):
            first = self._first.setdefault(name, row.line)
            if first != row.line:
                raise Unknown("same-entry", row=first)

    def _base(self, row: ImportRow, here: Present, bases: dict[tuple[int, int], Document]) -> Document | None:
        """The document that the row was taken from, where the entry has changed since; ``None`` where not."""
        version = self._versions.get(row.line, "")
        if not version or version == str(_shown_number(here)):
            return None
        number = whole_number(WHOLE.sub("", normalize("NFKC", version)), digits=MOST_DIGITS)
        base = None if number is None else bases.get((here.entry.pk, number))
        if base is None:
            row.problems.append(problem(VERSION, "no-such-version", value=shortened(version, 20)))
        return base

    def _column(self, row: ImportRow, column: str, base: Document | None, here: Present | None) -> None:
        cell = row.cells.get(column, "")
        if isinstance(cell, list):
            row.problems.append(problem(column, cell[0], value=cell[1]))
            return
        if not cell.strip():
            return
        try:
            value = fields.decode(column, cell, self.names)
            now = fields.get(row.document, column)
            if self._is_same(column, value, now) or _is_cut(cell, now):
                return
            if base is not None and here is not None:
                then = fields.get(base, column)
                if self._is_same(column, value, then):
                    return  # the row leaves it as it was; what it became meanwhile stays
                if then != now and row.cells.get(AGREED, {}).get(column) != str(_shown_number(here)):
                    shown = here.shown
                    raise Unknown("meanwhile", who=name_of(shown and shown.author), version=_shown_number(here))
            fields.put(row.document, column, value)
        except Unknown as error:
            row.problems += [said | {"column": column} for said in error.every]

    def _is_same(self, column: str, value: Any, stored: Any) -> bool:
        """Whether a cell says what is stored, which may have spaces that no cell keeps."""
        if value == stored:
            return True
        cell = fields.encode(column, stored)
        try:
            return bool(cell.strip()) and bool(value == fields.decode(column, cell, self.names))
        except Unknown:
            return False

    # What it comes to

    def _whole(self, row: ImportRow, here: Present | None) -> None:
        said, is_agreed = row.document, _is_to_be_restored(row)
        is_archived = here is not None and here.entry.state == State.ARCHIVED
        if here is not None and said == row.before and not (is_archived and is_agreed):
            row.outcome = Outcome.UNCHANGED
            return
        row.outcome = Outcome.CHANGED if here else Outcome.NEW
        row.road = Road.RESTORE if is_archived else self._road(here)
        if is_archived and not is_agreed:
            row.problems.append(problem(STATE, "archived"))
        if here is None:
            self._needed_new(row)
        if said["report"] and said["pillar"] and self.names.report_of_pillar.get(said["pillar"]) != said["report"]:
            row.problems.append(problem("pillar", "pillar-elsewhere"))
        if said["slug"] in said["related"]:
            row.problems.append(problem("related", "itself"))
        if row.road == Road.PUBLISH:
            given = {found["column"] for found in row.problems}
            missing = [name for name in NEEDED_TEXTS if not said["texts"][name].strip()]
            missing += [] if said["evidence"] else ["evidence"]
            row.problems += [problem(name, "needed-public") for name in missing if name not in given]

    def _needed_new(self, row: ImportRow) -> None:
        """What a new entry needs and the row does not say."""
        said, given = row.document, {found["column"] for found in row.problems}
        needed = [name for name in ("pillar", "basis", "reach") if not said[name] and name not in given]
        row.problems += [problem(name, "needed-new") for name in needed]
        titles = ("title_en", "title_zh_hans")
        if not any(said["texts"][name] or name in given for name in titles):
            row.problems.append(problem("title_en", "needed-new"))

    def _road(self, here: Present | None) -> str:
        """New and published entries are published by those who may; everything else stays where it is."""
        if here is not None and here.copy is not None:
            return Road.COPY
        if here is None or here.entry.state == State.PUBLISHED:
            return Road.PUBLISH if self.publishes else Road.NEW_COPY if here else Road.DRAFT
        return Road.DRAFT


def _is_to_be_restored(row: ImportRow) -> bool:
    """Whether an editor wants the entry out of the archive, where it still is as they saw it there."""
    return bool(row.cells.get(AGREED, {}).get(STATE) == str(row.seen))


def _entry_of(key: Key, found: dict[tuple[Any, ...], Recommendation]) -> Recommendation | None:
    return found.get(("slug", key[2])) or found.get(key[:2])


def _versions(rows: list[ImportRow], entries: list[Recommendation | None]) -> dict[int, str]:
    """Line → version its row was taken from: the one it names, or of a file for readers the one that they saw."""
    public: dict[int, list[tuple[dt.datetime | None, int]]] = defaultdict(list)
    wanted = [e.pk for row, e in zip(rows, entries, strict=True) if e and seen_by_readers(row.cells)]
    if wanted:
        for version in EntryVersion.objects.filter(entry__in=wanted).ever_public().defer("document").order_by("number"):
            public[version.entry_id].append((version.public_from, version.number))
    found = {}
    for row, entry in zip(rows, entries, strict=True):
        named = _plain(row.cells, VERSION)
        seen = public.get(entry.pk) if entry and not named and seen_by_readers(row.cells) else None
        found[row.line] = str(version_seen(row.cells, seen)) if seen else named
    return found


def _is_cut(cell: str, whole: Any) -> bool:
    """Whether ``whole`` is a text too long for a cell, and this one has what of it went in.

    Raises ``Unknown`` for a full cell with something else: written, it would take the rest away.
    """
    if not isinstance(whole, str) or len(whole) <= MAX_CELL or len(cell) < MAX_CELL - END:
        return False
    if not whole.startswith(cell[: MAX_CELL - END]):
        raise Unknown("cut")
    return True


def _shown_number(here: Present) -> int:
    return here.shown.number if here.shown else 0


def _number(cells: Cells) -> int | None:
    said = _plain(cells, "number")
    if not said:
        return None
    # Chinese keyboards write full-width digits, and programs 8.0 for 8.
    number = whole_number(WHOLE.sub("", normalize("NFKC", said)), digits=MOST_DIGITS)
    if number is None or not 1 <= number <= MAX_NUMBER:
        raise _at("number", Unknown("not-a-number", value=shortened(said, 40), most=MAX_NUMBER))
    return number


def _slug(cells: Cells) -> str:
    said = _plain(cells, "slug")
    slug = said.lower()
    if slug and (len(slug) > 120 or not SLUG.fullmatch(slug)):
        raise _at("slug", Unknown("not-a-slug", value=shortened(said)))
    if slug in RESERVED_SLUGS:
        raise _at("slug", Unknown("reserved", slug=said))
    return slug


def _at(column: str, error: Unknown) -> Unknown:
    error.said = error.said | {"column": column}
    error.every = [error.said]
    return error
