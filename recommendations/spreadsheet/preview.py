"""What an import would do, row by row, in words: read from the rows that were checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common.lines import shortened
from recommendations.describing import LABELS, Change, Label, Names, Thing, told
from recommendations.models import Evidence, Import, ImportRow
from recommendations.snapshot import Difference, differences, empty_document
from recommendations.spreadsheet.allowed import SINGLE, Lists
from recommendations.spreadsheet.columns import VERSION, Columns, normal
from recommendations.spreadsheet.fields import encode, get
from recommendations.spreadsheet.problems import sentence
from recommendations.wording import Piece, wording
from sources.checks import Checks
from sources.choices import BROKEN
from sources.models import SourceSection

#: Characters of a title in the heading of a row; a longer one is refused, and stands whole in its cell.
LONGEST_TITLE = 200
#: What the heading of a row says already.
IN_HEADING = {"report", "number", "slug"}


class DeskNames(Names):
    """Names of what an import tells of: an entry that it is yet to make goes by its slug."""

    @cached_property
    def entries(self) -> dict[str, Label]:
        slugs = {slug for document in self.documents for slug in document["related"]}
        return {slug: slug for slug in slugs} | super().entries


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell to be mended: its column, what it has, and what it may have where that is a list.

    ``choices`` are the values of a cell with one of them, ``allowed`` those of a cell that may name several.
    """

    column: str
    label: Label
    text: str
    is_long: bool
    language: str
    choices: list[tuple[str, str]]
    allowed: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is rejected, as far as one column is concerned: the reasons, and the cells that may be mended for it.

    ``code`` is the name of the column where its label does not say as much. Where someone changed the same meanwhile,
    ``pieces`` tell the two apart and ``version`` is the one that says so; where the entry is archived, ``archived`` is
    the one that is.
    """

    column: str
    label: Label
    code: str
    said: list[str]
    cells: list[Cell]
    pieces: list[Piece]
    language: str
    version: str
    archived: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is told of a row that goes in all the same."""

    label: Label
    said: str


#: So many rows are looked through for phrases that were not found, each time a preview is shown.
LOOKED_THROUGH = 2_000
GOING_IN = (ImportRow.Outcome.NEW, ImportRow.Outcome.CHANGED)

#: Reason → the cells it is about, where it is not its column's alone.
CELLS_OF = {
    "taken": ("slug", "number"),
    "taken-before": ("slug", "number"),
    "other-slug": ("slug", "number"),
    "other-report": ("report", "slug", "number"),
    "same-entry": ("slug", "number"),
    "which-report": ("report",),
    "pillar-elsewhere": ("pillar", "report"),
    "empty-row-key": ("slug", "number", "title_en"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a preview."""

    row: ImportRow
    title: str
    title_zh_hans: str
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def shown(rows: Iterable[ImportRow]) -> list[Shown]:
    """``rows`` in words, in the language in force."""
    every = list(rows)
    documents = [document for row in every for document in (row.before, row.document) if document]
    names = DeskNames(documents, is_for_staff=True)
    columns, lists, doubtful = Columns.now(), Lists(), doubts(every)
    found = [_shown(row, names, columns, lists) for row in every]
    for one in found:
        said = _("“%(phrase)s” was not found in its source where the locator says.")
        one.notes.extend(Note(LABELS["evidence"], said % {"phrase": phrase}) for phrase in doubtful.get(one.row.pk, []))
    return found


def doubts(rows: Iterable[ImportRow]) -> dict[int, list[str]]:
    """Row → the phrases it brings that a check did not find where their locators say, as far as checks were made."""
    bringing = [row for row in rows if row.document and row.outcome in GOING_IN]
    pieces = {row.pk: _new_evidence(row) for row in bringing}
    places = {(piece["source"], piece["section"]) for some in pieces.values() for piece in some}
    sections = {
        (section.source.slug, section.code): section
        for section in SourceSection.objects.filter(source__slug__in={slug for slug, _code in places}).select_related(
            "source"
        )
    }
    checks = Checks({section.source_id for section in sections.values()})
    found: dict[int, list[str]] = {}
    for pk, some in pieces.items():
        for piece in some:
            section = sections.get((piece["source"], piece["section"]))
            said = {name: piece[name] for name in ("paragraph", "key_phrase")}
            if section is not None and checks.of(Evidence(section=section, **said)) in BROKEN:
                found.setdefault(pk, []).append(piece["key_phrase"])
    return found


def doubtful(sheet: Import) -> int:
    """How many rows of ``sheet`` bring a phrase that was not found; of very many rows the first are looked through."""
    rows = ImportRow.objects.filter(sheet=sheet, outcome__in=GOING_IN).order_by("line")[:LOOKED_THROUGH]
    return len(doubts(rows.iterator(chunk_size=500)))


def _new_evidence(row: ImportRow) -> list[dict[str, str]]:
    before = (row.before or {}).get("evidence", [])
    return [piece for piece in row.document["evidence"] if piece not in before]


def _shown(row: ImportRow, names: Names, columns: Columns, lists: Lists) -> Shown:
    texts = (row.document or row.before or {}).get("texts") or {}
    titles = [texts.get(name) or _as_text(row.cells.get(name, "")) for name in ("title_en", "title_zh_hans")]
    titles = [shortened(title, LONGEST_TITLE) for title in titles]
    is_going_in = row.document and row.outcome in GOING_IN
    changes = list(_changes_of(row, names, columns)) if is_going_in else []
    notes = [Note(columns.label(note["column"]), sentence(note)) for note in row.notes]
    return Shown(row, titles[0], titles[1], changes, list(_faults(row, columns, lists)), notes)


def _changes_of(row: ImportRow, names: Names, columns: Columns) -> Iterator[Change]:
    before = row.before or empty_document(row.document["report"])
    if row.document == before:
        return  # of an entry that only comes out of the archive
    found = [d for d in differences(before, row.document) if d.name not in IN_HEADING]
    if not found:
        yield Change(LABELS["evidence"], [], "", [Thing(_("in another order"))], [], [])
    for difference in found:
        yield from _changes(difference, names, columns)


def _as_text(cell: Any) -> str:
    return cell if isinstance(cell, str) else str(cell[1])


def _faults(row: ImportRow, columns: Columns, lists: Lists) -> Iterator[Fault]:
    """What is wrong with a row, column by column; a cell is offered once."""
    by_column: dict[str, list[dict[str, Any]]] = {}
    for found in row.problems:
        by_column.setdefault(found["column"], []).append(found)
    offered: set[str] = set()
    for column, problems in by_column.items():
        wanted = [name for found in problems for name in CELLS_OF.get(found["code"], (found["column"],))]
        known = {each.name for each in columns.written} | {VERSION}
        cells = [name for name in dict.fromkeys(wanted) if name in known and name not in offered]
        offered.update(cells)
        label = columns.label(column) if column else ""
        is_archived = any(found["code"] == "archived" for found in problems)
        meanwhile = next((found for found in problems if found["code"] == "meanwhile"), None)
        yield Fault(
            column=column,
            label=label,
            code=column if normal(str(label)) != normal(column) else "",
            said=[sentence(found) for found in problems],
            cells=[_cell(row, name, columns, lists) for name in cells],
            pieces=wording(encode(column, get(row.before, column)), _text_of(row, column)) if meanwhile else [],
            language=_language_of(column),
            version=str(meanwhile["params"]["version"]) if meanwhile else "",
            archived=str(row.seen) if is_archived else "",
        )


def _cell(row: ImportRow, column: str, columns: Columns, lists: Lists) -> Cell:
    text, allowed = _text_of(row, column), lists.of(column)
    is_single = column in SINGLE and bool(allowed)
    return Cell(
        column, columns.label(column), text,
        "\n" in text or len(text) > 60 or column in {"evidence", "cities"}, _language_of(column),
        allowed if is_single else [], [] if is_single else allowed,
    )  # fmt: skip


def _text_of(row: ImportRow, column: str) -> str:
    return _as_text(row.cells.get(column, ""))


def _language_of(column: str) -> str:
    return "zh-hans" if column.endswith("_zh_hans") else "en" if column.endswith("_en") else ""


def _changes(difference: Difference, names: Names, columns: Columns) -> list[Change]:
    """A difference in words; terms fall into their vocabularies."""
    if difference.name == "terms":
        pairs = sorted({pair.partition("/")[0] for pair in [*difference.added, *difference.removed]})
        return [_terms(vocabulary, difference, names, columns) for vocabulary in pairs]
    return told([difference], names)


def _terms(vocabulary: str, difference: Difference, names: Names, columns: Columns) -> Change:
    added, removed = (
        [Thing(names.terms.get(pair, pair)) for pair in pairs if pair.startswith(f"{vocabulary}/")]
        for pairs in (difference.added, difference.removed)
    )
    return Change(columns.label(vocabulary), [], "", added, removed, [])
