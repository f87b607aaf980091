"""What an import would do, row by row, in words: read from the rows that were checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from recommendations.describing import LABELS, Change, Label, Names, Thing, told
from recommendations.models import ImportRow
from recommendations.snapshot import Difference, differences, empty_document
from recommendations.spreadsheet.columns import Columns
from recommendations.spreadsheet.fields import encode, get
from recommendations.spreadsheet.problems import sentence
from recommendations.wording import Piece, wording

#: What the heading of a row says already.
IN_HEADING = {"report", "number", "slug"}


class DeskNames(Names):
    """Names of what an import tells of: an entry that it is yet to make goes by its slug."""

    @cached_property
    def entries(self) -> dict[str, Label]:
        slugs = {slug for document in self.documents for slug in document["related"]}
        return {slug: slug for slug in slugs} | super().entries


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is rejected: the column with its label, the sentence, and what the cell has, to be mended.

    Where someone changed the same meanwhile, ``pieces`` tell the two apart and ``version`` is the one that says so.
    """

    column: str
    label: Label
    said: str
    cell: str
    is_long: bool
    can_mend: bool
    language: str
    pieces: list[Piece]
    version: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a preview."""

    row: ImportRow
    title: str
    title_zh_hans: str
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def shown(rows: Iterable[ImportRow]) -> list[Shown]:
    """``rows`` in words, in the language in force."""
    every = list(rows)
    documents = [document for row in every for document in (row.before, row.document) if document]
    names = DeskNames(documents, is_for_staff=True)
    columns = Columns.now()
    return [_shown(row, names, columns) for row in every]


def _shown(row: ImportRow, names: Names, columns: Columns) -> Shown:
    texts = (row.document or row.before or {}).get("texts") or {}
    titles = [texts.get(name) or _as_text(row.cells.get(name, "")) for name in ("title_en", "title_zh_hans")]
    changes: list[Change] = []
    if row.document and row.outcome in {ImportRow.Outcome.NEW, ImportRow.Outcome.CHANGED}:
        before = row.before or empty_document(row.document["report"])
        found = [d for d in differences(before, row.document) if d.name not in IN_HEADING]
        changes = [change for d in found for change in _changes(d, names, columns)]
        changes = changes or [Change(LABELS["evidence"], [], "", [Thing(_("in another order"))], [], [])]
    faults = [_fault(row, problem, columns) for problem in row.problems]
    return Shown(row, titles[0], titles[1], changes, faults)


def _as_text(cell: Any) -> str:
    return cell if isinstance(cell, str) else str(cell[1])


def _fault(row: ImportRow, found: dict[str, Any], columns: Columns) -> Fault:
    column = found["column"]
    cell = _as_text(row.cells.get(column, ""))
    known = {each.name for each in columns.written} | {"version"}
    is_long = "\n" in cell or len(cell) > 60 or column in {"evidence", "cities"}
    language = "zh-hans" if column.endswith("_zh_hans") else "en" if column.endswith("_en") else ""
    is_meanwhile = found["code"] == "meanwhile"
    return Fault(
        column, columns.label(column) if column else "", sentence(found), cell, is_long, column in known, language,
        wording(encode(column, get(row.before, column)), cell) if is_meanwhile else [],
        str(found["params"]["version"]) if is_meanwhile else "",
    )  # fmt: skip


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
