"""The words that text is found by, the same for both databases and both languages.

English words are case-folded, stripped of accents and stemmed (Snowball English). Chinese characters are folded to
their simplified form (OpenCC's table, one character at a time) and indexed twice: one by one in reading order among
the words, and in pairs. So a run of characters is found as the phrase of its pairs, a single one as itself, and a
phrase of both languages as words and characters that follow one another.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain, pairwise
from operator import add
from pathlib import Path

import snowballstemmer

#: Han characters: the unified ideographs, extension A, the compatibility block and the supplementary planes.
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
#: An accent may be a character of its own after its letter, as some keyboards and files write it.
_TOKEN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:[\u0300-\u036f]+[^\W_{HAN}]*)*")
#: The same, of a text without accents and characters: several times as fast.
_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]+")
_HAN_RUN = re.compile(rf"[{HAN}]+\Z")
#: Han characters that have neither case, width nor accent: the unified ideographs and extension A.
_UNIFIED = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
#: Those that are not: folding may make others of them.
_STRANGE_HAN = re.compile("[\uf900-\ufaff\U00020000-\U0003ffff]")
#: No Han character comes before it.
_FIRST_HAN = "\u3400"
#: What folding may leave that is no part of a word: the brackets of ⑴, for one.
_NO_WORD = re.compile(r"[\W_]")
_STEMMER = snowballstemmer.stemmer("english")
_TRADITIONAL = Path(__file__).parent / "data" / "traditional.txt"

#: Stands in the index where nothing may be adjacent across it; no word, so nothing typed ever asks for it.
GAP = "¶"
#: What PostgreSQL's ``tsvector`` can hold, a little below its limits, and on SQLite the same.
MAX_WORD = 64
MAX_POSITIONS = 16_000
MAX_REPEATS = 255
#: Characters of a text that is probably a name.
SHORT = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a whole run of Chinese characters, as it is matched, and where it stands in the text."""

    word: str
    is_han: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words and Chinese runs, as ``Token.word`` has them, that follow one another; ``text`` is how it is written."""

    parts: tuple[str, ...]
    text: str = field(default="", compare=False)

    @property
    def units(self) -> tuple[str, ...]:
        """Its words and single characters in order."""
        return tuple(chain.from_iterable(list(part) if is_han(part) else [part] for part in self.parts))

    @property
    def terms(self) -> tuple[str, ...]:
        """What it is in the index: adjacent terms. A run of Chinese alone is the phrase of its pairs."""
        if len(self.parts) == 1 and is_han(self.parts[0]) and len(self.parts[0]) > 1:
            return tuple(pairs_of(self.parts[0]))
        return self.units


def is_han(word: str) -> bool:
    """Whether ``word`` is a run of Chinese characters."""
    return bool(_HAN_RUN.match(word))


def pairs_of(run: str) -> list[str]:
    """The pairs of adjacent characters of a run."""
    return list(map(add, run, run[1:]))


@cache
def _simplified() -> dict[int, int]:
    """Code point of each traditional character → that of its simplified form."""
    lines = _TRADITIONAL.read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): ord(pair[1]) for pair in pairs}


@cache
def _traditional() -> frozenset[str]:
    """The characters that have another, simplified form."""
    return frozenset(map(chr, _simplified()))


def fold(text: str) -> str:
    """``text`` without differences of case, width, accent and traditional characters. The length may change."""
    if text.isascii():
        return text.lower()
    if _UNIFIED.fullmatch(text):
        return text if _traditional().isdisjoint(text) else text.translate(_simplified())
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    return plain if plain.isascii() else plain.translate(_simplified())


@lru_cache(maxsize=65_536)
def _word(text: str) -> str:
    """A word as it is matched: folded, stemmed, no longer than is kept."""
    return _STEMMER.stemWord(_NO_WORD.sub("", fold(text)))[:MAX_WORD]


def tokens(text: str) -> Iterator[Token]:
    """The tokens of ``text`` in order, with their places in the text as given."""
    for match in _TOKEN.finditer(text):
        found = match.group()
        if _HAN_RUN.match(found):
            yield Token(fold(found), True, match.start(), match.end())
        elif word := _word(found):
            yield Token(word, False, match.start(), match.end())


@lru_cache(maxsize=256)
def written(text: str) -> tuple[str, ...]:
    """The words and runs of ``text``; kept, for the same text is read for the index and for the words that occur."""
    return tuple((_ASCII_TOKEN if text.isascii() else _TOKEN).findall(text))


def surface_words(*texts: str) -> set[str]:
    """What is written in ``texts``, for *did you mean*: folded words of three letters or more, Chinese pairs."""
    found = set(chain.from_iterable(map(written, texts)))
    return words_among(found).union(*(pairs_of(fold(run)) for run in found if _is_run(run)))


def words_among(found: Iterable[str]) -> set[str]:
    """Of words and runs as :func:`written` has them, the words that :func:`surface_words` has."""
    words = {fold(word) for word in found if not _is_run(word)}
    return {word for word in words if 3 <= len(word) <= MAX_WORD and not word.isdigit()}


def _is_run(found: str) -> bool:
    """``is_han`` of what ``written`` found, where a word never begins with a Han character."""
    return found >= _FIRST_HAN and is_han(found)


def _terms(text: str) -> tuple[list[str], list[str]]:
    """The words and characters of ``text`` in order; then the pairs of each run, with ``GAP`` before each run."""
    # What `tokens` yields, without making an object of each: this is most of the work of an import.
    if text.isascii():
        return list(filter(None, map(_word, written(text)))), []
    is_plain = _traditional().isdisjoint(text) and not _STRANGE_HAN.search(text)
    ordered: list[str] = []
    pairs: list[str] = []
    was_han = False
    for found in written(text):
        if _is_run(found):
            run = found if is_plain else fold(found)
            if was_han:
                ordered.append(GAP)
            ordered += run
            if len(run) > 1:
                pairs.append(GAP)
                pairs += map(add, run, run[1:])
            was_han = True
        elif word := _word(found):
            ordered.append(word)
            was_han = False
    return ordered, pairs


def index_texts(*fields: Iterable[str], pairs: set[str] | None = None) -> list[str]:
    """Each field's texts as one line of terms between single spaces; terms of two texts are never adjacent.

    The pairs of characters that stand in them are added to ``pairs``.

    What is more than an index can hold is left out, the same on both databases: terms past ``MAX_POSITIONS`` of all
    fields together, and a term's places past its ``MAX_REPEATS``-th.
    """
    seen: set[str] = set() if pairs is None else pairs
    found = [_joined_terms(texts, seen) for texts in fields]
    seen.discard(GAP)
    if not _is_within_limits(found):
        found = _cut(found)
    return [" ".join(terms) for terms in found]


def _joined_terms(texts: Iterable[str], seen: set[str]) -> list[str]:
    terms: list[str] = []
    for text in filter(None, texts):
        ordered, pairs = _short_terms(text) if len(text) <= SHORT else _terms(text)
        if terms and ordered:
            terms.append(GAP)
        terms += ordered
        terms += pairs
        seen.update(pairs)
    return terms


@lru_cache(maxsize=4096)
def _short_terms(text: str) -> tuple[list[str], list[str]]:
    """The terms of a name or a label, which many entries have: no one may change them."""
    return _terms(text)


def _is_within_limits(found: list[list[str]]) -> bool:
    """Whether an index can hold all these terms: nearly always."""
    total = sum(len(terms) + 2 for terms in found)
    if total > MAX_POSITIONS:
        return False
    counted = Counter(chain.from_iterable(found))
    counted.pop(GAP, None)
    return max(counted.values(), default=0) <= MAX_REPEATS


def _cut(found: list[list[str]]) -> list[list[str]]:
    seen: Counter[str] = Counter()
    room = MAX_POSITIONS
    fields = []
    for terms in found:
        kept = []
        for term in terms[: max(room, 0)]:
            seen[term] += 1
            kept.append(term if term == GAP or seen[term] <= MAX_REPEATS else GAP)
        room -= len(kept) + 2
        fields.append(kept)
    return fields


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or a single character, where it stands, and which Chinese run it is of; -1 for a word."""

    word: str
    start: int
    end: int
    run: int


def units(text: str) -> list[Unit]:
    """Words and single characters of ``text`` in order."""
    found = []
    for number, token in enumerate(tokens(text)):
        if not token.is_han:
            found.append(Unit(token.word, token.start, token.end, -1))
            continue
        # One character in, one out: folding a Han character gives one Han character.
        found += [Unit(c, token.start + n, token.start + n + 1, number) for n, c in enumerate(token.word)]
    return found


def spans(text: str, phrases: Iterable[Phrase]) -> list[tuple[int, int]]:
    """Where in ``text`` any of ``phrases`` stands: (start, end), in order, joined where they touch or overlap."""
    return spans_of(units(text), phrases)


def spans_of(read: Sequence[Unit], phrases: Iterable[Phrase]) -> list[tuple[int, int]]:
    """:func:`spans` of a text that was read into units before."""
    places: dict[str, list[int]] = {}
    for place, unit in enumerate(read):
        places.setdefault(unit.word, []).append(place)
    found = []
    for wanted in {phrase.units for phrase in phrases if phrase.parts}:
        for place in places.get(wanted[0], ()):
            stretch = read[place : place + len(wanted)]
            if tuple(unit.word for unit in stretch) == wanted and not _is_broken(stretch):
                found.append((stretch[0].start, stretch[-1].end))
    return _joined(found)


def _is_broken(stretch: Sequence[Unit]) -> bool:
    """Whether two neighbours are characters of different runs: something stands between them."""
    return any(a.run != b.run and a.run >= 0 and b.run >= 0 for a, b in pairwise(stretch))


def _joined(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
