"""Texts end their lines in one way, by whatever road they come: browsers, Excel and files each have their own."""

from __future__ import annotations

import re

_ENDS = re.compile(r"\r\n?")


def one_line_end(text: str) -> str:
    """``text`` with a line feed at the end of each line."""
    return _ENDS.sub("\n", text) if "\r" in text else text
