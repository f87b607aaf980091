"""Two wordings of one text, word by word; Chinese character by character."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

#: A word, one Chinese character, spaces, or one sign.
PIECES = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|\s+|[^\w\s]")
#: Longer texts are not compared word by word: the time that takes grows with the square of their length.
MAX_PIECES = 4_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: ``same`` in both wordings, ``del`` in the former only, ``ins`` in the new one only."""

    kind: str
    text: str


def wording(before: str, after: str) -> list[Piece]:
    """How ``before`` became ``after``; the pieces without ``ins`` are ``before``, those without ``del`` ``after``."""
    old, new = PIECES.findall(before), PIECES.findall(after)
    if max(len(old), len(new)) > MAX_PIECES:
        return [Piece(kind, text) for kind, text in (("del", before), ("ins", after)) if text]
    pieces = []
    for kind, start, stop, new_start, new_stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[start:stop])))
            continue
        pieces += [Piece("del", "".join(old[start:stop]))] if stop > start else []
        pieces += [Piece("ins", "".join(new[new_start:new_stop]))] if new_stop > new_start else []
    return pieces
