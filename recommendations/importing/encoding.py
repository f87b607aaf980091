"""Whether a file is in UTF-8; another encoding is named once, for the file."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TextIO

#: What files in other encodings begin with; those of four bytes first.
MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
#: Bytes looked at for a mark, or for the zeros that no text in UTF-8 has.
HEAD = 4096
#: Characters of a line looked at together.
PIECE = 1 << 16
#: So many lines that are not in UTF-8, where no other has more than ASCII, may be slips; else fewer than are in it.
SLIPS = 1


def opened(path: Path) -> TextIO:
    """``path`` as text; bytes that are none become lone surrogates, which no field takes."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def other_encoding(path: Path) -> str:
    """What to say of a file in another encoding than UTF-8; empty for one that is in it, but for slips."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return f"the file is in {name}; save it as UTF-8"
    if b"\0" in head:
        return "the file is not in UTF-8 but perhaps in UTF-16; save it as UTF-8"
    with opened(path) as file:
        return _strange(file)


def _strange(file: TextIO) -> str:
    good, bad, first, sample = 0, 0, 0, b""
    for number, line in enumerate(iter(lambda: file.readline(PIECE), ""), start=1):
        if line.isascii():
            continue
        try:
            line.encode()
            good += 1
        except UnicodeEncodeError:
            bad += 1
            if not first:
                first, sample = number, line.encode(errors="surrogateescape")
    if bad < good or (bad <= SLIPS and not good):
        return ""
    return f"the file is not in UTF-8 (first seen in line {first}){_guess(sample)}; save it as UTF-8"


def _guess(line: bytes) -> str:
    try:
        is_chinese = re.search("[\u4e00-\u9fff]{2}", line.decode("gb18030"))
    except UnicodeDecodeError:
        is_chinese = None
    return " but perhaps in GB18030" if is_chinese else " but perhaps in Windows-1252"
