"""Files as streams of rows: JSON Lines, JSON and CSV, each row with the line it stands on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from django.db import models

from common.depth import NestedTooDeep, within_depth
from common.lines import shortened
from recommendations.importing.kinds import KINDS, Kind, column

#: Characters one row may have; more is no row but a mistake.
MAX_ROW = 4_000_000
CHUNK = 1 << 16
#: What may stand between the cells of a table.
SEPARATORS = (",", ";", "\t")


class Unreadable(Exception):
    """A file that cannot be read on from here."""


@dataclass(slots=True)
class Row:
    """One row as it was written. ``problem`` says what is wrong with its form, where something is."""

    line: int
    data: dict[str, Any]
    problem: str = ""


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; what stands in it under a name that was there already is kept under one that no field has."""
    found = dict(pairs)
    if len(found) < len(pairs):
        found = {}
        for name, value in pairs:
            found[f"{name} (once more)" if name in found else name] = value
    return found


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_object)


def rows_of(path: Path, file: TextIO) -> Iterator[Row]:
    """The rows of ``file``; the ending of ``path`` says in what form. Raises ``Unreadable``."""
    readers = {".jsonl": _lines, ".ndjson": _lines, ".json": _array, ".csv": _table}
    if path.suffix.lower() not in readers:
        raise Unreadable(f"its name must end in {', '.join(sorted(readers))}")
    return readers[path.suffix.lower()](file)


def _row(line: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(line, {"value": value}, "an object is expected")
    if value.keys() == {"line", "reason", "row"} and isinstance(value["row"], dict):
        value = value["row"]  # a file of rejects, mended
    return Row(line, value)


def _lines(file: TextIO) -> Iterator[Row]:
    for line, text in enumerate(iter(lambda: file.readline(MAX_ROW), ""), start=1):
        if not text.strip():
            continue
        if len(text) == MAX_ROW:
            raise Unreadable(f"line {line} is longer than {MAX_ROW} characters")
        try:
            yield _row(line, within_depth(_DECODER.decode, text))
        except NestedTooDeep as error:
            yield Row(line, {"text": text.rstrip("\n")}, f"not JSON that can be read: {error}")
        except ValueError as error:
            yield Row(line, {"text": text.rstrip("\n")}, f"not JSON: {error}")


def _array(file: TextIO) -> Iterator[Row]:
    """The objects of one array, without ever holding the whole of it."""
    buffer, line, is_first = "", 1, True
    while True:
        stripped = buffer.lstrip(" \t\r\n,") if not is_first else buffer.lstrip()
        line += buffer[: len(buffer) - len(stripped)].count("\n")
        buffer = stripped
        if buffer and is_first:
            if buffer[0] != "[":
                raise Unreadable("a .json file holds one array of rows; rows a line are .jsonl")
            buffer, is_first = buffer[1:], False
            continue
        if buffer.startswith("]"):
            return
        value, end = _first_value(buffer, line)
        if end:
            yield _row(line, value)
            line += buffer[:end].count("\n")
            buffer = buffer[end:]
            continue
        more = file.read(max(CHUNK, len(buffer)))
        if not more or len(buffer) > MAX_ROW:
            raise Unreadable(f"line {line}: not JSON from here on")
        buffer += more


def _first_value(text: str, line: int) -> tuple[Any, int]:
    """What ``text`` begins with, and where that ends; 0 where more of it is needed to say so."""
    try:
        return within_depth(_DECODER.raw_decode, text) if text else (None, 0)
    except NestedTooDeep as error:
        raise Unreadable(f"line {line}: not JSON that can be read: {error}") from error
    except ValueError:
        return None, 0


def _table(file: TextIO) -> Iterator[Row]:
    csv.field_size_limit(MAX_ROW)
    above, separator, names = _header(file)
    reader = csv.DictReader(file, names, delimiter=separator, strict=True)
    try:
        for cells in reader:
            line = above + reader.line_num
            if None in cells or None in cells.values():
                yield Row(line, {str(k): v for k, v in cells.items()}, "not as many cells as there are columns")
                continue
            said = {name: text for name, text in cells.items() if text.strip()}
            kind = KINDS.get(said.get("kind", ""))
            yield Row(line, {name: _cell(kind, name, text) for name, text in said.items()})
    except csv.Error as error:
        raise Unreadable(f"line {above + reader.line_num}: {error}") from error


def _header(file: TextIO) -> tuple[int, str, list[str]]:
    """The line that names the columns, how they are told apart, and what they are called.

    Programs write semicolons where the comma is a decimal sign; the column that there must be says which it is.
    """
    for line, text in enumerate(iter(lambda: file.readline(MAX_ROW), ""), start=1):
        if not text.strip():
            continue
        for separator in SEPARATORS:
            names = [name.strip() for name in next(csv.reader([text], delimiter=separator))]
            if "kind" not in names:
                continue
            if twice := [name for name in names if name and names.count(name) > 1]:
                raise Unreadable(f"two columns are called “{shortened(twice[0])}”")
            return line, separator, names
        raise Unreadable("its first line names the columns, between commas, semicolons or tabs, and none is “kind”")
    return 0, SEPARATORS[0], []


def _cell(kind: Kind | None, name: str, text: str) -> Any:
    """What a cell of a table says: several names stand between semicolons, numbers and yes or no are words there."""
    if kind is None or name == "kind" or name not in kind.names:
        return int(text) if name == "version" and text.isdigit() else text
    if name in kind.lists:
        return [part.strip() for part in text.split(";") if part.strip()]
    if name in kind.refs:
        return text.strip()
    said = column(kind, name)
    try:
        if isinstance(said, models.IntegerField):
            return int(text)
        if isinstance(said, models.FloatField):
            return float(text)
    except ValueError:
        return text
    if isinstance(said, models.BooleanField):
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    return text
