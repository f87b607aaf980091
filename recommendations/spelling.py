"""*Did you mean*: another word for one that is in no entry, out of those that are.

A word of letters is compared by edit distance (two letters the wrong way round are one slip) with the words that occur
and with the editors' equivalents; it may also be two words run together. A run of Chinese characters may have
characters that sound like the right ones, as input methods mistake them, one wrong character, or be several words
without a space. What is offered finds something; what is in quotes is left as typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from pypinyin import lazy_pinyin
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from recommendations.query import Clause, Equivalents, Query, parse
from recommendations.tokens import fold, is_han, pairs_of

#: Whether a query finds any of the entries that are searched.
Finds = Callable[[Query], bool]

#: Candidates for one word that are looked up before it is given up.
MAX_CANDIDATES = 8
#: Words of one query that are corrected; with more the reader meant something else.
MAX_CORRECTED = 3
#: Words that occur which are compared; the most similar lengths only.
MAX_COMPARED = 200_000


def correct(text: str, query: Query, finds: Finds, known: Equivalents) -> str:
    """``text`` with its unknown words replaced, or an empty text where it finds something or nothing helps.

    ``query`` is ``text`` parsed with ``known``. Words are unknown that ``finds`` says find nothing.
    """
    if finds(query):
        return ""
    changes: list[tuple[Clause, str]] = []
    for clause in query.wanted:
        if clause.is_quoted or finds(Query((clause,))):
            continue
        better = "" if len(changes) == MAX_CORRECTED else _first_that_finds(clause, text, finds, known)
        if not better:
            return ""
        changes.append((clause, better))
    corrected = text
    for clause, better in reversed(changes):
        corrected = corrected[: clause.start] + better + corrected[clause.end :]
    return corrected if changes and finds(parse(corrected, known)) else ""


def _first_that_finds(clause: Clause, text: str, finds: Finds, known: Equivalents) -> str:
    word = fold(text[clause.start : clause.end])
    candidates = _chinese(word, known) if is_han(word) else _letters(word, known)
    for candidate in islice(candidates, MAX_CANDIDATES):
        if finds(parse(candidate, known)):
            return candidate
    return ""


def slips(length: int) -> int:
    """How many slips a word of ``length`` letters may have."""
    return 0 if length < 4 else 1 if length < 6 else 2


def _letters(word: str, known: Equivalents) -> Iterator[str]:
    """Words near ``word``, the nearest first; then ``word`` as two words."""
    from recommendations.models import SearchWord

    allowed = slips(len(word))
    if not allowed or word.isdigit():
        return
    words = list(SearchWord.objects.filter(is_han=False).order_by("word").values_list("word", flat=True)[:MAX_COMPARED])
    occurring = set(words)
    words += sorted({part for parts in known for part in parts if not is_han(part)} - occurring)
    near = process.extract(word, words, scorer=OSA.distance, score_cutoff=allowed, limit=5 * MAX_CANDIDATES)
    yield from (found for found, _distance, _place in sorted(near, key=lambda row: _order(word, row[0], row[1])))
    for place in range(3, len(word) - 2):
        if word[:place] in occurring and word[place:] in occurring:
            yield f"{word[:place]} {word[place:]}"


def _order(word: str, candidate: str, distance: float) -> tuple[float, bool, float, str]:
    """The same first letter, and a common beginning, decide between equally near words."""
    return distance, candidate[:1] != word[:1], -JaroWinkler.similarity(word, candidate), candidate


def _chinese(run: str, known: Equivalents) -> Iterator[str]:
    """``run`` with characters that sound alike, as several words, and with one character changed."""
    once: set[str] = {run}
    for candidate in (*_sounding_like(run, known), *_apart(run), *_one_off(run, known)):
        if candidate not in once:
            once.add(candidate)
            yield candidate


def _sounding_like(run: str, known: Equivalents) -> Iterator[str]:
    """A known name with the same pinyin; then ``run`` with one pair after another taken for one that sounds alike."""
    from recommendations.models import SearchWord

    sound = lazy_pinyin(run)
    yield from (name for name in _names(known) if len(name) == len(run) and lazy_pinyin(name) == sound)
    keys = {" ".join(lazy_pinyin(pair)).encode(): place for place, pair in enumerate(pairs_of(run))}
    alike = SearchWord.objects.filter(is_han=True, key__in=list(keys)).order_by("word").values_list("word", "key")
    for pair, key in alike[: 4 * MAX_CANDIDATES]:
        place = keys[bytes(key)]
        yield run[:place] + pair + run[place + 2 :]


def _apart(run: str) -> Iterator[str]:
    """``run`` as two words, then as three, each of two characters or more."""
    ends = range(2, len(run) - 1)
    yield from (f"{run[:end]} {run[end:]}" for end in ends)
    yield from (f"{run[:a]} {run[a:b]} {run[b:]}" for a in ends for b in range(a + 2, len(run) - 1))


def _one_off(run: str, known: Equivalents) -> Iterator[str]:
    """Known names of three characters or more with one character more, less or other than ``run``."""
    names = [name for name in _names(known) if len(name) > 2] if len(run) > 2 else []
    near = process.extract(run, names, scorer=OSA.distance, score_cutoff=1, limit=MAX_CANDIDATES)
    yield from (name for name, _distance, _place in near)


def _names(known: Equivalents) -> Iterable[str]:
    """The Chinese names among the equivalents, in order."""
    return sorted({parts[0] for parts in known if len(parts) == 1 and is_han(parts[0])})
