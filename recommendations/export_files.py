"""Every form a filter's whole result is taken along in, written as it is read: memory does not grow with the result."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from common.lines import one_line_end
from common.site import site_name
from recommendations import citations, markdown
from recommendations.export import LICENCE, Shape, batches, csv_lines, in_words, rows
from recommendations.filters import RecommendationFilterSet
from recommendations.models import EntryVersion

#: What a cell of a spreadsheet holds at most, and a sheet has rows.
MAX_CELL, MAX_ROWS = 32_767, 1_048_576
#: The longest text in a formula, which a link is.
MAX_LINK = 255
PIECE = 64 * 1024
#: The day a workbook says it was made on: equal data give equal bytes.
MADE_AT = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no time zone

Lines = Iterator[str | bytes]


def about() -> dict[str, str]:
    """What a file says of itself: whose words these are, and what may be done with them."""
    return {
        "title": site_name(),
        "provenance": _(
            "An editorial reading of published recommendations, entry by entry. It is independent of the body that "
            "made them. How they are divided, numbered and classified is ours; every entry says how firmly its source "
            "supports it."
        ),
        "licence": LICENCE,
    }


def _about(shape: Shape) -> dict[str, str]:
    """The same in the language of the file."""
    with translation.override(shape.site_language):
        return about()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=in_words)


def json_lines(filterset: RecommendationFilterSet, shape: Shape, origin: str) -> Lines:
    """One document: what the file is, then ``results``."""
    head = _json(_about(shape) | {"columns": shape.columns})
    yield f'{head[:-1]}, "results": ['
    for number, row in enumerate(rows(filterset, shape, origin)):
        yield f"{',' if number else ''}\n{_json(row)}"
    yield "\n]}\n"


def jsonl_lines(filterset: RecommendationFilterSet, shape: Shape, origin: str) -> Lines:
    """One document a line; each has its provenance and licence, and without any the file has them in a line."""
    is_empty = True
    for row in rows(filterset, shape, origin):
        is_empty = False
        yield f"{_json(row)}\n"
    if is_empty:
        yield f"{_json(_about(shape))}\n"


def xlsx_pieces(filterset: RecommendationFilterSet, shape: Shape, origin: str) -> Lines:
    """A workbook: the entries (typed, header frozen, filter row, links), and a sheet that says what it is."""
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "remove_timezone": True, "use_zip64": True}
        book = xlsxwriter.Workbook(file, options)
        book.set_properties({"title": _about(shape)["title"], "comments": LICENCE, "created": MADE_AT})
        formats = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS_OF_CELLS.items()}
        formats |= {"head": book.add_format({"bold": True}), "link": book.get_default_url_format()}
        missing = _write_entries(book.add_worksheet(_("Recommendations")), filterset, shape, origin, formats)
        sheet = book.add_worksheet(_("About"))
        with translation.override(shape.site_language):
            said = about() | {"times": _("Every date with a time of day is in UTC.")} | missing
        for line, (name, text) in enumerate(said.items()):
            sheet.write_string(line, 0, name, formats["head"])
            sheet.write_string(line, 1, text)
        book.close()
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _write_entries(
    sheet: Any, filterset: RecommendationFilterSet, shape: Shape, origin: str, formats: dict[str, Any]
) -> dict[str, str]:
    """Every entry as a row; what a workbook cannot hold of them, in words."""
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(shape.columns):
        sheet.write_string(0, column, name, formats["head"])
        sheet.set_column(column, column, 40 if name.endswith(("_en", "_zh_hans")) else 18)
    with translation.override(shape.site_language):
        mark = _("… [cut here: a cell holds no more]")
    entries, last, cut = rows(filterset, shape, origin), 0, 0
    for last, row in zip(range(1, MAX_ROWS), entries, strict=False):
        for column, (name, value) in enumerate(row.items()):
            cut += _cell(sheet, last, column, name, value, formats, mark)
    sheet.autofilter(0, 0, last, len(shape.columns) - 1)
    is_more = last == MAX_ROWS - 1 and next(entries, None) is not None
    with translation.override(shape.site_language):
        said = {
            "cut": _("%(count)s texts are longer than a cell can hold and end in “%(mark)s”; CSV and JSON have all.")
            % {"count": cut, "mark": mark},
            "rows": _("A sheet holds no more rows: there are more recommendations, which CSV and JSON have."),
        }
    return {name: text for (name, text), holds in zip(said.items(), (cut, is_more), strict=True) if holds}


#: A cell has no time zone, so that its format says which one is meant.
FORMATS_OF_CELLS = {"date": "yyyy-mm-dd", "moment": 'yyyy-mm-dd hh:mm:ss.000 "UTC"'}


def _cell(sheet: Any, row: int, column: int, name: str, value: Any, formats: dict[str, Any], mark: str) -> bool:
    """One value by its type; whether it had to be cut, which ``mark`` says there then.

    A text is written as text, so that no spreadsheet takes it for a formula.
    """
    if isinstance(value, int):
        sheet.write_number(row, column, value)
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, column, value.astimezone(dt.UTC), formats["moment"])
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, formats["date"])
    elif name == "url" and len(value) <= MAX_LINK and '"' not in value:
        # A link proper is kept in memory, and a sheet has 65,530 of them at most.
        sheet.write_formula(row, column, f'=HYPERLINK("{value}")', formats["link"], value)
    elif text := in_words(value):
        text = one_line_end(text)
        is_cut = len(text) > MAX_CELL
        sheet.write_string(row, column, text[: MAX_CELL - len(mark)] + mark if is_cut else text)
        return is_cut
    return False


def _cited(filterset: RecommendationFilterSet, shape: Shape, origin: str, kind: str, *, end: str) -> Lines:
    """A record an entry, in one language, and an empty line after each; ``end`` is what ends a line."""
    write, _content_type = citations.FILES[kind]
    for part in batches(filterset):
        found = EntryVersion.objects.filter(entry__in=part).public_now().defer("document")
        versions = {version.entry_id: version for version in found}
        with translation.override(shape.site_language):
            texts = [write(e, versions.get(e.pk), f"{origin}{e.get_absolute_url()}") for e in part]
        yield end.join([*texts, ""])


def bib_lines(filterset: RecommendationFilterSet, shape: Shape, origin: str) -> Lines:
    """A BibTeX record an entry, in one language; what stands outside a record is a comment."""
    yield "".join(f"% {text}\n" for text in _about(shape).values()) + "\n"
    yield from _cited(filterset, shape, origin, "bib", end="\n")


def ris_lines(filterset: RecommendationFilterSet, shape: Shape, origin: str) -> Lines:
    """An RIS record an entry, in one language. The format has no comment: each record has the licence as a note.

    Without any the file is empty: what stands outside a record is no RIS.
    """
    for text in _cited(filterset, shape, origin, "ris", end="\r\n"):
        yield str(text).replace("ER  - \r\n", f"N1  - {LICENCE}\r\nER  - \r\n")


def md_lines(filterset: RecommendationFilterSet, shape: Shape, origin: str) -> Lines:
    """Every entry as Markdown, one after the other, in one language."""
    said = _about(shape)
    yield f"# {said['title']}\n\n> {said['provenance']}\n\n{said['licence']}\n"
    for part in batches(filterset):
        with translation.override(shape.site_language):
            yield "".join(f"\n{markdown.entry_text(entry, origin, level=2)}" for entry in part)


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file: its type, and what writes it from a filter, a shape and the site's scheme and host."""

    content_type: str
    write: Callable[[RecommendationFilterSet, Shape, str], Iterator[Any]]
    #: Whether it has columns, and the texts of both languages side by side.
    is_table: bool = True


#: Ending → kind of file.
FORMS = {
    "csv": Form("text/csv; charset=utf-8", csv_lines),
    "xlsx": Form("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_pieces),
    "json": Form("application/json", json_lines),
    "jsonl": Form("application/jsonl; charset=utf-8", jsonl_lines),
    "ris": Form(citations.FILES["ris"][1], ris_lines, is_table=False),
    "bib": Form(citations.FILES["bib"][1], bib_lines, is_table=False),
    "md": Form("text/markdown; charset=utf-8", md_lines, is_table=False),
}
