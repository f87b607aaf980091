"""What a reader typed, read as a query: words, "phrases", -exclusions; nothing typed is ever an error.

- Words between spaces must all match, in either language, anywhere in an entry. A run of Chinese is one word.
- ``"…"`` asks for those words next to one another, as typed: no equivalent is added and no spelling corrected.
- ``-word`` and ``-"…"`` leave out what has it.
- Little words (*the, of, for*) need not match where there are others.
- Equivalents (``recommendations.synonyms``) count beside the words they stand for.

Every other sign is only a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from recommendations.tokens import Phrase, Token, tokens

MAX_QUERY_CHARACTERS = 200
MAX_QUERY_WORDS = 12
#: Equivalents that count beside one word; those after it in the list are left out.
MAX_OTHERS = 8

_CHUNK = re.compile(r'(?P<minus>[-－]?)(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟＂", '"'))
#: Words that need not match: few letters, and in nearly every text.
LITTLE_WORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "how", "i", "in", "is", "it", "of", "on", "or",
     "our", "that", "the", "their", "to", "what", "which", "with"}
)  # fmt: skip

#: Words as matched → the phrases that mean the same.
Equivalents = Mapping[tuple[str, ...], tuple[Phrase, ...]]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a query. It matches where all of ``phrases`` stand, or any one of ``others``."""

    phrases: tuple[Phrase, ...]
    others: tuple[Phrase, ...] = ()
    is_quoted: bool = False
    start: int = 0
    end: int = 0

    @property
    def everything(self) -> tuple[Phrase, ...]:
        return (*self.phrases, *self.others)


@dataclass(frozen=True, slots=True)
class Query:
    """All of ``wanted`` and none of ``unwanted``. ``dropped`` is how many words were too many."""

    wanted: tuple[Clause, ...] = ()
    unwanted: tuple[Phrase, ...] = ()
    dropped: int = 0

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Everything that a text may be found by: what is marked in it."""
        return tuple(dict.fromkeys(phrase for clause in self.wanted for phrase in clause.everything))


def parse(text: str, equivalents: Equivalents | None = None) -> Query:
    """``text`` as a query, with what means the same as its words."""
    wanted: list[Clause] = []
    unwanted: list[Phrase] = []
    for start, end, found, is_quoted, is_excluded in _chunks(text):
        whole = Phrase(tuple(token.word for token in found))
        if is_excluded:
            unwanted.append(whole)
        elif is_quoted:
            wanted.append(Clause((whole,), is_quoted=True, start=start, end=end))
        else:
            wanted += [Clause((Phrase((t.word,)),), start=start + t.start, end=start + t.end) for t in found]
    wanted = _once(_without_little_words(text, wanted))
    unwanted = list(dict.fromkeys(unwanted))
    kept, left = wanted[:MAX_QUERY_WORDS], unwanted[:MAX_QUERY_WORDS]
    dropped = len(wanted) + len(unwanted) - len(kept) - len(left)
    return Query(tuple(_with_equivalents(kept, equivalents or {})), tuple(left), dropped)


def _chunks(text: str) -> Iterator[tuple[int, int, list[Token], bool, bool]]:
    """Start, end, words, whether quoted, whether excluded. A minus counts only before a word, after a space."""
    text = text.translate(_QUOTES)
    for match in _CHUNK.finditer(text):
        kind = "quoted" if match["quoted"] is not None else "plain"
        found = list(tokens(match[kind]))
        if not found:
            continue
        is_excluded = bool(match["minus"]) and (match.start() == 0 or text[match.start() - 1].isspace())
        yield match.start(kind), match.end(kind), found, kind == "quoted", is_excluded


def _without_little_words(text: str, clauses: list[Clause]) -> list[Clause]:
    telling = [c for c in clauses if c.is_quoted or text[c.start : c.end].casefold() not in LITTLE_WORDS]
    return telling or clauses


def _once(clauses: list[Clause]) -> list[Clause]:
    return list({clause.phrases: clause for clause in reversed(clauses)}.values())[::-1]


def _with_equivalents(clauses: list[Clause], equivalents: Equivalents) -> Iterator[Clause]:
    """The clauses; neighbours that together have equivalents become one clause, the longest stretch first."""
    longest = max((len(words) for words in equivalents), default=0)
    place = 0
    while place < len(clauses):
        for length in range(min(longest, len(clauses) - place), 0, -1):
            stretch = clauses[place : place + length]
            words = tuple(part for clause in stretch for phrase in clause.phrases for part in phrase.parts)
            if not any(clause.is_quoted for clause in stretch) and words in equivalents:
                phrases = tuple(phrase for clause in stretch for phrase in clause.phrases)
                others = tuple(p for p in equivalents[words] if p not in phrases)[:MAX_OTHERS]
                yield Clause(phrases, others, start=stretch[0].start, end=stretch[-1].end)
                place += length
                break
        else:
            yield clauses[place]
            place += 1
