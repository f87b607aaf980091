"""Two wordings of one text, word by word; Chinese character by character."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

#: A word, one Chinese character, spaces, or one sign.
PIECES = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|\s+|[^\w\s]")
#: Longer texts are not compared word by word: the time that takes grows with the square of their length.
MAX_PIECES = 4_000
#: Of a longer text so large a share of its words has to stay, or it is told as a whole: former and new words that take
#: turns with hardly one that stays between them cannot be read.
LEAST_KEPT, MANY_WORDS = 0.4, 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: ``same`` in both wordings, ``del`` in the former only, ``ins`` in the new one only."""

    kind: str
    text: str


def wording(before: str, after: str) -> list[Piece]:
    """How ``before`` became ``after``; the pieces without ``ins`` are ``before``, those without ``del`` ``after``.

    Of a text that was written anew they are the two, whole.
    """
    old, new = PIECES.findall(before), PIECES.findall(after)
    whole = [Piece(kind, text) for kind, text in (("del", before), ("ins", after)) if text]
    if max(len(old), len(new)) > MAX_PIECES:
        return whole
    pieces = []
    for kind, start, stop, new_start, new_stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[start:stop])))
            continue
        pieces += [Piece("del", "".join(old[start:stop]))] if stop > start else []
        pieces += [Piece("ins", "".join(new[new_start:new_stop]))] if new_stop > new_start else []
    return whole if _is_written_anew(pieces, old, new) else pieces


def _is_written_anew(pieces: list[Piece], old: list[str], new: list[str]) -> bool:
    words = [sum(piece[0].isalnum() for piece in some) for some in (old, new)]
    kept = sum(piece[0].isalnum() for same in pieces if same.kind == "same" for piece in PIECES.findall(same.text))
    return max(words) >= MANY_WORDS and kept < LEAST_KEPT * max(words)
