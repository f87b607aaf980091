"""How the cells of a spreadsheet say what is more than a text, exactly enough to come back unchanged.

A passage or a city is one line of a cell, its parts between bars; what a part may not hold as it is stands behind a
backslash. A cell that a spreadsheet would take for a formula, or we for an order, begins with an apostrophe.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from recommendations.export import FORMULA_STARTS

#: What a cell says to empty a field, in either language; an empty cell leaves the field as it is.
CLEAR = ("[clear]", "[清空]")
#: The same as keyboards write it: brackets of Chinese ones, capitals.
_CLEAR = re.compile(r"[\[［【〔](?:clear|清空)[\]］】〕]", re.IGNORECASE)

#: What needs an apostrophe before it, however many it has already: the way back takes exactly one away.
_GUARDED = re.compile(rf"'*(?:\s*[{re.escape(''.join(FORMULA_STARTS))}]|{_CLEAR.pattern}\Z)", re.IGNORECASE)
_ESCAPES = {"\\": "\\\\", "|": "\\|", "\n": "\\n", "\r": "\\r"}
_PARTS = re.compile(r"\\(.)|(\|)", re.DOTALL)


def guard(text: str) -> str:
    """``text`` as a cell that no program takes for more than a text."""
    return f"'{text}" if _GUARDED.match(text) else text


def unguard(cell: str) -> str:
    """The text that ``guard`` made ``cell`` of; anything else as it is."""
    return cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell


def is_clear(cell: str) -> bool:
    """Whether a cell asks for its field to be emptied."""
    return _CLEAR.fullmatch(cell.strip()) is not None


def join_parts(parts: Sequence[str]) -> str:
    """One line of ``parts``; empty ones at the end are left out."""
    kept = list(parts)
    while kept and not kept[-1]:
        kept.pop()
    return " | ".join("".join(_ESCAPES.get(sign, sign) for sign in part) for part in kept)


def split_parts(line: str) -> list[str]:
    """The parts of one line, without the spaces around them."""
    parts, start, text = [], 0, ""
    for found in _PARTS.finditer(line):
        text += line[start : found.start()]
        start = found.end()
        if found[2]:
            parts.append(text.strip())
            text = ""
        else:
            text += {"n": "\n", "r": "\r"}.get(found[1], found[1])
    return [*parts, (text + line[start:]).strip()]


def lines_of(cell: str) -> list[str]:
    """The lines of a cell that say something."""
    return [line for line in re.split(r"\r\n|\r|\n", cell) if line.strip()]


def names_of(cell: str) -> list[str]:
    """The names in a cell: between semicolons of either kind, or one a line."""
    return [name.strip() for name in re.split(r"[;；\r\n]", cell) if name.strip()]
