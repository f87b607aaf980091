"""Texts end their lines in one way, by whatever road they come: browsers, Excel and files each have their own."""

from __future__ import annotations

import re

_ENDS = re.compile(r"\r\n?")


def one_line_end(text: str) -> str:
    """``text`` with a line feed at the end of each line."""
    return _ENDS.sub("\n", text) if "\r" in text else text


def plain(text: str) -> str:
    """``text`` as it is stored: browsers post other line ends, and forms strip."""
    return one_line_end(text).strip()


def shortened(text: str, most: int = 80) -> str:
    """``text`` to be quoted in a sentence: what is more than ``most`` characters gives way to an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def length_in_words(text: str) -> int:
    """How many words ``text`` has; two Chinese characters, which no space parts, count as one."""
    characters = len(_HAN.findall(text))
    return len(_HAN.sub(" ", text).split()) + (characters + 1) // 2
