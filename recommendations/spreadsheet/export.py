"""Entries out to editors with every column, to come in again as they are, and the empty table to begin from."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.lines import one_line_end
from recommendations.choices import Basis, Reach
from recommendations.export import BYTE_ORDER_MARK, let_go, plain_csv_line
from recommendations.export_files import MADE_AT, MAX_CELL, PIECE
from recommendations.querysets import RecommendationQuerySet
from recommendations.spreadsheet.allowed import allowed_values
from recommendations.spreadsheet.columns import SHOWN_ONLY, VERSION, Columns, in_both
from recommendations.spreadsheet.fields import encode, get
from recommendations.spreadsheet.present import Present, present

BATCH = 500
Lines = Iterator[str | bytes]
Values = dict[str, str]

#: How a table is filled in; stands on the sheet of notes in both languages.
HOW = (
    _("One row an entry. A row with the slug, or the report and number, of an entry changes it; others are new."),
    _("An empty cell leaves the field as it is. [clear] (or [清空]) empties it."),
    _("Themes, and related entries: slugs or names, between semicolons."),
    _("Cities, one a line: city | named or editorial | note in English | note in Chinese."),
    _("Evidence, one a line: source | section | paragraph | basis | key phrase | note in English | note in Chinese."),
    _("Within a part of a line a bar is written \\| and a line break \\n."),
    _("A text that begins with =, +, - or @ has an apostrophe before it, which is taken away again."),
    _("What readers take along is read too, but for its evidence and what follows from other things; the preview says "
      "so."),
    _("“version” says which version of the entry a row was taken from: leave it as it is, and nothing that colleagues "
      "changed meanwhile is lost."),
)  # fmt: skip
NEEDED: str | Promise = _(
    "A new entry needs a pillar, basis, reach and a title; to be published, titles and summaries in both languages and "
    "one piece of evidence."
)


def values(found: Present, columns: Columns) -> Values:
    """Column → cell, for one entry as an editor would find it."""
    document, entry = found.document, found.entry
    cells = {
        "report": document["report"],
        "number": str(document["number"]),
        "slug": document["slug"],
        VERSION: str(found.shown.number if found.shown else 0),
        "state": entry.state,
        "status": entry.status,
        "pending": found.copy.state if found.copy else "",
    }
    return {
        column.name: cells[column.name] if column.name in cells else encode(column.name, get(document, column.name))
        for column in columns.every
    }


def rows(entries: RecommendationQuerySet, columns: Columns) -> Iterator[Values]:
    """The cells of every entry, in the order of ``entries``."""
    ids = list(entries.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        found = present(part)
        yield from (values(found[pk], columns) for pk in part if pk in found)
        let_go(row for each in found.values() for row in each.rows)


def csv_lines(entries: RecommendationQuerySet) -> Lines:
    """A CSV file with the names of the columns as headers."""
    columns = Columns.now()
    yield BYTE_ORDER_MARK + plain_csv_line(column.name for column in columns.every)
    for row in rows(entries, columns):
        yield plain_csv_line(row.values())


def json_lines(entries: RecommendationQuerySet) -> Lines:
    """A list of objects, the cells as in the other files."""
    yield "["
    for number, row in enumerate(rows(entries, Columns.now())):
        yield f"{',' if number else ''}\n{json.dumps(row, ensure_ascii=False)}"
    yield "\n]\n"


def xlsx_pieces(entries: RecommendationQuerySet) -> Lines:
    """A workbook: the entries under headers in both languages, and the notes."""
    columns = Columns.now()
    return workbook(columns, [column.name for column in columns.every], rows(entries, columns))


def template_csv() -> Lines:
    """The headers alone."""
    yield BYTE_ORDER_MARK + plain_csv_line(_template_columns(Columns.now()))


def template_xlsx() -> Lines:
    """The headers in both languages, and the notes."""
    columns = Columns.now()
    return workbook(columns, _template_columns(columns), iter(()))


def _template_columns(columns: Columns) -> list[str]:
    return [column.name for column in columns.every if column.name not in (*SHOWN_ONLY, VERSION)]


#: Ending → what writes entries in that form.
FORMS: dict[str, Callable[[RecommendationQuerySet], Lines]] = {
    "xlsx": xlsx_pieces,
    "csv": csv_lines,
    "json": json_lines,
}
TEMPLATES: dict[str, Callable[[], Lines]] = {"xlsx": template_xlsx, "csv": template_csv}


# The workbook --------------------------------------------------------------------------------------------------


def workbook(columns: Columns, names: list[str], found: Iterator[Values]) -> Lines:
    """A workbook of ``found`` under the headers of ``names``, and the notes."""
    headers = {column.name: column.header for column in columns.every}
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "use_zip64": True})
        book.set_properties({"created": MADE_AT})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        cell = book.add_format({"text_wrap": True, "valign": "top"})
        date = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        sheet = book.add_worksheet("recommendations")
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(names):
            sheet.set_column(place, place, 40 if name.endswith(("_en", "_zh_hans")) or name == "evidence" else 16)
            for choices in [{"basis": Basis, "reach": Reach}[name]] if name in {"basis", "reach"} else []:
                allowed = {"validate": "list", "source": choices.values, "ignore_blank": True, "error_type": "warning"}
                sheet.data_validation(1, place, 100_000, place, allowed)
        for place, name in enumerate(names):
            sheet.write_string(0, place, headers[name], bold)
        for line, row in enumerate(found, start=1):
            for place, name in enumerate(names):
                _write(sheet, line, place, name, row[name], {"cell": cell, "date": date})
        _notes(book, columns, names, bold, cell)
        book.close()
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _write(sheet: Any, line: int, place: int, name: str, text: str, formats: dict[str, Any]) -> None:
    if name in {"number", VERSION} and text:
        sheet.write_number(line, place, int(text), formats["cell"])
    elif name == "reviewed_on" and text:
        sheet.write_datetime(line, place, dt.date.fromisoformat(text), formats["date"])
    elif text and len(text) <= MAX_CELL:  # what no cell can hold is left as it is
        sheet.write_string(line, place, one_line_end(text), formats["cell"])


def _notes(book: Any, columns: Columns, names: list[str], bold: Any, cell: Any) -> None:
    """How the table is filled in, what each column is called, and what it may say."""
    sheet = book.add_worksheet("notes 说明")
    sheet.set_column(0, 3, 60)
    line = 0
    for said in (*HOW, NEEDED):
        for place, text in enumerate(in_both(said)):
            sheet.write_string(line, place, text, cell)
        line += 1
    line += 1
    for row in _allowed(columns, names):
        for place, text in enumerate(row):
            sheet.write_string(line, place, text, bold if place == 0 else cell)
        line += 1


def _allowed(columns: Columns, names: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """Column, a value it may have, what that is called in English and in Chinese."""
    every = {column.name: column for column in columns.every}
    yield ("column 列", "value 值", "English", "中文")
    for name in names:
        yield (name, "", every[name].english, every[name].chinese)
    yield from allowed_values()
