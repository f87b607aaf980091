"""Numbers in what browsers and files send."""

from __future__ import annotations

#: Digits of what fits the id of a row, and of what fits a number of ours: of an entry, a version.
ID_DIGITS, NUMBER_DIGITS = 18, 9


def whole_number(text: str, *, digits: int = NUMBER_DIGITS) -> int | None:
    """What ``text`` says, where that is nothing but up to so many digits, Western ones; ``None`` where not."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
