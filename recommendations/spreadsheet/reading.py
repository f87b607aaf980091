"""Files as streams of rows of cells: Excel by openpyxl, CSV and JSON by Python's own readers."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from common.depth import NestedTooDeep, within_depth
from common.lines import one_line_end, shortened
from recommendations.spreadsheet.columns import Columns, map_headers
from recommendations.spreadsheet.problems import Refused
from recommendations.spreadsheet.safety import MAX_BYTES

MAX_ROWS, MAX_COLUMNS = 50_000, 300
#: The last row that Excel has.
LAST_LINE = 1_048_576
#: Objects and lists that a JSON file of so many rows may need.
MAX_BRACKETS = 20 * MAX_ROWS
CHUNK = 1 << 20
#: Of the other sheets of a workbook so many rows are looked through for a table.
LOOKED_AT = 20
#: Decoding is tried in this order; a mark at the beginning decides at once.
ENCODINGS = ("utf-8-sig", "gb18030")
MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
DELIMITERS = ",;\t"

#: Signs that no text has.
NO_TEXT = re.compile("[\0\ud800-\udfff]")

#: A cell is a text, or a reason why it cannot be used with what it held.
Cell = str | list[str]


@dataclass(slots=True)
class Row:
    """One row with anything in it: where it stands in the file, and its cells in the order of the headers."""

    line: int
    cells: list[Cell]


@dataclass(slots=True)
class Table:
    """The headers of a file, and the rows below them, read as they are asked for."""

    headers: list[str]
    rows: Iterator[Row]


def read_table(file: IO[bytes], kind: str) -> Table:
    """The table in ``file``, which ``safety.kind_of`` found to be of ``kind``. Raises ``Refused``, also on the way."""
    rows = _guarded(READERS[kind](file))
    head = next(rows, None)
    if head is None:
        raise Refused("no-table")
    headers = [cell.strip() if isinstance(cell, str) else "" for cell in head.cells]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS:
        raise Refused("too-many-columns", most=MAX_COLUMNS)
    return Table(headers, rows)


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    """``rows`` that say something; what a reader stumbles over becomes a reason."""
    count = 0
    try:
        for row in rows:
            if not any(row.cells):
                continue
            count += 1
            if count > MAX_ROWS + 1:
                raise Refused("too-many-rows", most=MAX_ROWS)
            row.cells = [_usable(cell) for cell in row.cells]
            yield row
    except (NestedTooDeep, RecursionError) as error:
        raise Refused("nested") from error
    except (
        csv.Error, ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, OSError,
        NotImplementedError, ParseError, DefusedXmlException, InvalidFileException, zipfile.BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        raise Refused("broken") from error


def _usable(cell: Cell) -> Cell:
    """``cell`` with one kind of line end; signs that no database keeps are a reason."""
    if not isinstance(cell, str):
        return cell
    return ["not-text", ""] if NO_TEXT.search(cell) else one_line_end(cell)


# Excel ---------------------------------------------------------------------------------------------------------


def _workbook(file: IO[bytes]) -> Iterator[Row]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        sheet: Any = book.worksheets[0]
        for other in book.worksheets[1:]:
            _refuse_table(other)
        sheet.reset_dimensions()  # what a file says of its size may be anything
        for line, cells in enumerate(sheet.iter_rows(), start=1):
            if line > LAST_LINE:  # rows that are left out are counted through, and a file may name any number
                raise Refused("too-many-rows", most=MAX_ROWS)
            yield Row(line, [_excel(cell) for cell in cells[: MAX_COLUMNS + 1]])
    finally:
        book.close()


def _refuse_table(sheet: Any) -> None:
    """Of a workbook the first sheet is read; a table on another one would be lost without a word."""
    sheet.reset_dimensions()
    for cells in sheet.iter_rows(max_row=LOOKED_AT, max_col=MAX_COLUMNS):
        headers = [str(cell.value).strip() for cell in cells if cell.value is not None]
        if headers:
            known = [name for name in map_headers(headers, Columns.now())[0].values() if name]
            if len(known) > 1:
                raise Refused("two-tables", name=shortened(sheet.title, 40))
            return


def _excel(cell: Any) -> Cell:
    """A cell as text; dates as they are written here."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return ["formula", shortened(str(value), 200)]
    if cell.data_type == "e":
        return ["cell-error", str(value)[:200]]
    if isinstance(value, dt.datetime):
        return (value.date() if value.time() == dt.time() else value).isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    # What a workbook cannot hold as it is stands there as _xHHHH_, a line end of another kind too.
    return str(unescape(value)) if isinstance(value, str) else str(value)


# Text ----------------------------------------------------------------------------------------------------------


def _encoding(file: IO[bytes]) -> str:
    """How the text of ``file`` is written; all of it is looked at."""
    file.seek(0)
    start = file.read(4)
    for mark, name in MARKS.items():
        if start.startswith(mark):
            return name
    for name in ENCODINGS:
        decoder = codecs.getincrementaldecoder(name)()
        file.seek(0)
        try:
            while piece := file.read(CHUNK):
                if "\0" in decoder.decode(piece):
                    raise Refused("no-text")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise Refused("encoding")


@contextmanager
def _text(file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """``file`` as text; it is its owner who closes it, who may have done so where not all of it was wanted."""
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield text
    finally:
        if not file.closed:
            text.detach()


def _delimiter(first: str) -> str:
    """What stands between the cells of the first line, outside of quotes."""
    plain = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=plain.count)


def _csv(file: IO[bytes]) -> Iterator[Row]:
    csv.field_size_limit(MAX_BYTES)
    with _text(file) as text:
        first = text.readline()
        told = re.fullmatch(r"sep=(.)\s*", first)
        if not told:
            text.seek(0)
        reader = csv.reader(text, delimiter=told[1] if told else _delimiter(first), strict=True)
        for line, cells in enumerate(reader, start=1):
            yield Row(line, [cell if cell.strip() else "" for cell in cells])


def _json(file: IO[bytes]) -> Iterator[Row]:
    file.seek(0)
    if sum(piece.count(b"{") + piece.count(b"[") for piece in iter(lambda: file.read(CHUNK), b"")) > MAX_BRACKETS:
        raise Refused("too-many-rows", most=MAX_ROWS)  # each would take far more memory than room in the file
    with _text(file) as text:
        found = within_depth(partial(json.load, object_pairs_hook=_object), text)
    rows = found.get("results") if isinstance(found, dict) else found
    if rows == []:
        raise Refused("no-rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused("json-shape")
    headers = list(dict.fromkeys(name for row in rows for name in row))
    yield Row(0, list(headers))
    for line, row in enumerate(rows, start=1):
        yield Row(line, [_plain(row.get(name)) for name in headers])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise Refused("same-key", name=shortened(next(name for name in names if names.count(name) > 1), 40))
    return found


def _plain(value: Any) -> Cell:
    """A value of JSON as a cell: a list is one thing a line."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ["not-text", shortened(within_depth(json.dumps, value), 200)]


READERS: dict[str, Callable[[IO[bytes]], Iterator[Row]]] = {"xlsx": _workbook, "csv": _csv, "json": _json}
