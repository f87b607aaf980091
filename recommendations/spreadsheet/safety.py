"""What an uploaded file is, told by what is in it; whatever could do harm is refused before anything reads it."""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from typing import IO

from common.lines import shortened
from recommendations.spreadsheet.problems import Refused

MB = 1024 * 1024
#: What may be uploaded, and what a workbook may come to when it is unpacked.
MAX_BYTES, MAX_UNPACKED = 50 * MB, 300 * MB
#: A workbook of one sheet has a dozen parts.
MAX_PARTS = 2_000
TEXT_KINDS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json"}
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Beginnings of the names of parts → why a workbook with such a part is refused.
REFUSED_PARTS = {
    "xl/vbaproject": "macros",
    "xl/macrosheets/": "macros",
    "xl/dialogsheets/": "macros",
    "xl/externallinks/": "external",
    "xl/connections": "external",
    "xl/querytables/": "external",
    "xl/embeddings/": "embedded",
    "xl/activex/": "embedded",
    "xl/ctrlprops/": "embedded",
}


def kind_of(name: str, file: IO[bytes], size: int) -> str:
    """``xlsx``, ``csv`` or ``json``. Raises ``Refused`` where it is none of them, too large, or could do harm."""
    if size > MAX_BYTES:
        raise Refused("too-large", most=MAX_BYTES // MB)
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if not start.strip():
        raise Refused("empty")
    ending = PurePath(name).suffix.lower()
    if start == OLE:
        raise Refused("old-or-locked")
    if ending in {".xlsm", ".xltm", ".xlam", ".xlsb"}:
        raise Refused("macros", part=ending)
    if ending == ".xlsx":
        if not start.startswith(ZIP):
            raise Refused("not-a-workbook")
        check_workbook(file)
        return "xlsx"
    if ending not in TEXT_KINDS or start.startswith(ZIP):
        raise Refused("kind", name=shortened(name))
    return TEXT_KINDS[ending]


def check_workbook(file: IO[bytes]) -> None:
    """Raise ``Refused`` for a workbook that is more than tables of values, or too large when unpacked."""
    try:
        with zipfile.ZipFile(file) as book:
            parts = book.infolist()
            names = {part.filename.lower() for part in parts}
            # What a part says of its size is believed: the reader stops there.
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise Refused("bomb", most=MAX_UNPACKED // MB)
            if any(part.flag_bits & 1 for part in parts):
                raise Refused("old-or-locked")
            _check_parts(names)
            if not {"[content_types].xml", "xl/workbook.xml"} <= names:
                raise Refused("not-a-workbook")
            if b"macroenabled" in book.read("[Content_Types].xml").lower():
                raise Refused("macros", part="[Content_Types].xml")
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError) as error:
        raise Refused("broken", said=shortened(str(error), 200)) from error
    finally:
        file.seek(0)


def _check_parts(names: set[str]) -> None:
    """Raise ``Refused`` where a workbook has a part that runs, leads elsewhere or hides something."""
    for name in sorted(names):
        for beginning, reason in REFUSED_PARTS.items():
            if name.startswith(beginning):
                raise Refused(reason, part=shortened(name))
