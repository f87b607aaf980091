"""What each column of a spreadsheet says of an entry: a value of its document as a cell, and a cell as such a value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from unicodedata import normalize

from django.core.exceptions import ValidationError
from openpyxl.utils.datetime import from_excel

from common.lines import one_line_end, shortened
from recommendations.models import CityLink, Evidence, Recommendation
from recommendations.snapshot import TEXT_COLUMNS, Document
from recommendations.spreadsheet.compact import guard, is_clear, join_parts, lines_of, names_of, split_parts, unguard
from recommendations.spreadsheet.names import Book, Names, Unknown, noting

Row = dict[str, str]

PASSAGE = ("source", "section", "paragraph", "supports", "key_phrase", "note_en", "note_zh_hans")
LINK = ("city", "basis", "note_en", "note_zh_hans")
#: What may be emptied; the rest always says something.
CLEARABLE = {"cities", "evidence", "related", "reviewed_on", *TEXT_COLUMNS}
#: Days since 1899 that a cell without the format of a date may mean.
SERIAL = re.compile(r"[2-7]\d{4}")
#: Field of a passage → the sentence of what its validators refuse.
REFUSED = {"key_phrase": "too-many-words", "paragraph": "not-a-paragraph"}
DATES = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[T ]00:00(?::00)?)?")


def get(document: Document, column: str) -> Any:
    """What ``document`` has in ``column``; of a vocabulary, the slugs of its terms."""
    if column in TEXT_COLUMNS:
        return document["texts"][column]
    if column in document:
        return document[column]
    return [pair.partition("/")[2] for pair in document["terms"] if pair.startswith(f"{column}/")]


def put(document: Document, column: str, value: Any) -> None:
    """Have ``document`` say ``value`` in ``column``; a document that shares its lists stays as it is."""
    if column in TEXT_COLUMNS:
        document["texts"] = document["texts"] | {column: value}
    elif column in document:
        document[column] = value
    else:
        others = [pair for pair in document["terms"] if not pair.startswith(f"{column}/")]
        document["terms"] = sorted([*others, *(f"{column}/{slug}" for slug in value)])


def encode(column: str, value: Any) -> str:
    """A value of a document as a cell; empty where there is nothing."""
    if value is None:
        return ""
    if column == "evidence":
        lines = [join_parts([row[name] for name in PASSAGE]) for row in value]
    elif column == "cities":
        lines = [join_parts([row[name] for name in LINK]) for row in value]
    elif isinstance(value, list):
        return guard("; ".join(value))
    else:
        return guard(str(value))
    return guard("\n".join(lines))


def decode(column: str, cell: str, names: Names) -> Any:
    """What ``cell``, which is not empty, says in ``column``. Raises ``Unknown``."""
    is_terms = column not in DECODERS and column not in TEXT_COLUMNS
    if is_clear(cell):
        if column not in CLEARABLE and not is_terms:
            raise Unknown("not-clearable")
        return None if column == "reviewed_on" else "" if column in TEXT_COLUMNS else []
    text = unguard(cell)
    if column == "reviewed_on":
        text = normalize("NFKC", text)  # a Chinese keyboard writes digits at full width
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Unknown("not-text")
    if column in TEXT_COLUMNS:
        return _text(column, text)
    if is_terms:
        book = names.terms.get(column)
        return _slugs(text, book) if book else []
    return DECODERS[column](text, names)


def _text(column: str, text: str) -> str:
    plain = one_line_end(text).strip()
    limit = Recommendation._meta.get_field(column).max_length  # type: ignore[union-attr]
    if limit and len(plain) > limit:
        raise Unknown("too-long", most=limit)
    return plain


def day(text: str) -> dt.date:
    """The date that stands in a cell. Raises ``Unknown``."""
    plain = text.strip()
    found = DATES.fullmatch(plain)
    try:
        if found:
            return dt.date(*(int(part) for part in found.groups()))
        if SERIAL.fullmatch(plain):
            return from_excel(int(plain)).date()
    except ValueError:
        pass
    raise Unknown("not-a-date", value=shortened(plain, 40))


def _reviewed(text: str) -> str:
    """A date of review as it is written in a document. Raises ``Unknown``, also for what its field says against it."""
    found = day(text)
    try:
        Recommendation._meta.get_field("reviewed_on").run_validators(found)
    except ValidationError as error:
        said: Any = error.error_list[0]
        raise Unknown(said.code, **said.params) from error
    return found.isoformat()


def _check(model: Any, name: str, value: str) -> None:
    """Raise ``Unknown`` with what the model's field says against ``value``."""
    field = model._meta.get_field(name)
    try:
        if value or not field.blank:
            field.clean(value, None)
    except ValidationError as error:
        limit = field.max_length
        if limit and len(value) > limit:
            raise Unknown("too-long", most=limit) from error
        params = (error.error_list[0].params or {}) | {"value": shortened(value)}
        raise Unknown(REFUSED.get(name, "no-such"), **params) from error


def _row(line: str, parts: tuple[str, ...], least: int, shape: str) -> dict[str, str]:
    said = [one_line_end(part) for part in split_parts(line)]
    if not least <= len(said) <= len(parts) or not all(said[:least]):
        raise Unknown(shape, line=shortened(line, 120))
    return dict(zip(parts, [*said, *[""] * (len(parts) - len(said))], strict=True))


def _rows(text: str, read: Callable[[str, list[Row], Names], Row], names: Names) -> list[Row]:
    """What each line of ``text`` says. Raises ``Unknown`` with the reasons of all lines that cannot be used."""
    rows: list[Row] = []
    faults: list[dict[str, Any]] = []
    for line in lines_of(text):
        row = noting(faults, read, line, rows, names)
        rows += [row] if row else []
    if faults:
        raise Unknown.of(faults)
    return rows


def _names(row: Row, books: dict[str, Book], model: Any, texts: tuple[str, ...]) -> list[dict[str, Any]]:
    """Have ``row`` name things by their slugs; returns what is wrong with it."""
    faults: list[dict[str, Any]] = []
    for name, book in books.items():
        row[name] = noting(faults, book.find, row[name]) or ""
    for name in texts:
        noting(faults, _check, model, name, row[name])
    return faults


def _passage(line: str, others: list[Row], names: Names) -> Row:
    row = _row(line, PASSAGE, 5, "passage-shape")
    faults = _names(row, {"source": names.sources, "supports": names.bases}, Evidence, ("paragraph", "key_phrase"))
    if row["source"] and (row["source"], row["section"]) not in names.sections:
        faults.append(Unknown("no-such-section", source=row["source"], section=shortened(row["section"], 40)).said)
    if any(all(row[name] == other[name] for name in (*PASSAGE[:3], "key_phrase")) for other in others):
        faults.append(Unknown("passage-twice", line=shortened(line, 120)).said)
    if faults:
        raise Unknown.of(faults)
    return row


def _city(line: str, others: list[Row], names: Names) -> Row:
    row = _row(line, LINK, 2, "city-shape")
    faults = _names(row, {"city": names.cities, "basis": names.link_bases}, CityLink, ("note_en", "note_zh_hans"))
    if row["city"] and any(row["city"] == other["city"] for other in others):
        faults.append(Unknown("city-twice", line=shortened(line, 120)).said)
    if faults:
        raise Unknown.of(faults)
    return row


def _slugs(text: str, book: Book) -> list[str]:
    """The slugs of what stands in ``text``, sorted. Raises ``Unknown`` with all that is not known."""
    faults: list[dict[str, Any]] = []
    found = {noting(faults, book.find, name) or "" for name in names_of(text)}
    if faults:
        raise Unknown.of(faults)
    return sorted(found)


DECODERS: dict[str, Callable[[str, Names], Any]] = {
    "pillar": lambda text, names: names.pillars.find(text.strip()),
    "basis": lambda text, names: names.bases.find(text.strip()),
    "reach": lambda text, names: names.reaches.find(text.strip()),
    "reviewed_on": lambda text, _names: _reviewed(text),
    "related": lambda text, names: _slugs(text, names.entries),
    "evidence": lambda text, names: _rows(text, _passage, names),
    "cities": lambda text, names: sorted(_rows(text, _city, names), key=lambda row: row["city"]),
}
