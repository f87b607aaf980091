"""The words that text is found by, the same for both databases and both languages.

English words are case-folded, stripped of accents and stemmed (Snowball English); a run of Chinese
characters is kept whole, so that any part of it, a single character included, is found by substring.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import snowballstemmer

#: Han characters: the unified ideographs, extension A, the compatibility block and the supplementary planes.
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
#: An accent may be a character of its own after its letter, as some keyboards and files write it.
_TOKEN = re.compile(rf"[{HAN}]+|(?:[^\W_{HAN}][\u0300-\u036f]*)+")
_HAN_RUN = re.compile(rf"[{HAN}]+\Z")
_STEMMER = snowballstemmer.stemmer("english")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is matched, and where it stands in the text it was read from."""

    word: str
    is_han: bool
    start: int
    end: int


def fold(text: str) -> str:
    """``text`` without differences of case, width and accent. The length may change."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def tokens(text: str) -> Iterator[Token]:
    """The tokens of ``text`` in order, with their places in the text as given."""
    for match in _TOKEN.finditer(text):
        folded = fold(match.group())
        if not folded:
            continue
        is_han = bool(_HAN_RUN.match(folded))
        word = folded if is_han else _STEMMER.stemWord(folded)
        yield Token(word, is_han, match.start(), match.end())


def index_text(*texts: str) -> str:
    """``texts`` as one line of tokens between single spaces, a space at each end; empty where there are none."""
    words = [token.word for text in texts for token in tokens(text)]
    return f" {' '.join(words)} " if words else ""
