"""Where common words stand, kept ready as bitmaps.

A database's full-text index names every entry that has a word by reading a row of each: seconds, where that is most of
a million. So the words of many entries, and the phrases made of them, are looked through once, for all readers, and
kept with the state of the content they are true of. Whoever asks later corrects them by what changed since; where
that is too much, or nothing is kept, the full-text index answers as for any other word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import batched
from typing import Any

from django.db import transaction
from pyroaring import BitMap

from common import changes
from common.changes import State
from recommendations.fulltext import FIELDS
from recommendations.models import Posting, SearchText
from recommendations.tokens import GAP, Phrase, is_han

#: A word is common where it stands in so many entries, and in this share of all: fewer are listed soon enough.
LEAST = 2_000
SHARE = 0.005
#: With fewer entries a full-text index alone is quick, while looking through them takes longer than importing them.
WORTH_IT = 100_000
#: Terms of a phrase: five Chinese characters are four pairs.
LONGEST = 4
#: Entries looked at to find out which phrases may be common, and what chance takes from a share there at the most.
SAMPLE = 10_000
CHANCE = 0.8

#: Entries of which bitmaps are made at once: with 10,000, an import took twice the memory, and a tenth less time here.
BATCH = 2_000
#: Field that is asked for by itself, or "" for all of them → column of ``Posting``.
COLUMNS = {"title": "title", "summary": "summary", "": "anywhere"}

#: Phrases of one term, of two, and so on, as they stand in a line of ``SearchText``.
Levels = Sequence[set[str]]
#: Phrase → field → where it stands.
Places = dict[str, dict[str, BitMap]]


def kept(phrase: Phrase) -> tuple[State, dict[str, BitMap]] | None:
    """Where ``phrase`` stood, by field and anywhere, drafts included, and at which state; ``None`` if not known."""
    row = Posting.objects.filter(phrase=" ".join(phrase.terms)).first()
    if row is None:
        return None
    places = {field: BitMap.deserialize(bytes(getattr(row, column))) for field, column in COLUMNS.items()}
    return State(row.epoch, row.number, row.mark), places


def are_worth_it() -> bool:
    """Whether there are so many entries that common words are slow without being kept."""
    return SearchText.objects.count() >= WORTH_IT


def renew(*, least: int | None = None, share: float = SHARE) -> int:
    """Look through all entries and keep where their common phrases stand; returns how many phrases those are.

    Readers are answered meanwhile, from what was kept before. What is written meanwhile is newer than the state that
    is kept: whoever asks corrects it.
    """
    state = changes.current()
    if state is None:
        return 0
    entries = SearchText.objects.count()
    least = max(LEAST if least is None else least, int(entries * share))
    maybe = _maybe_common(entries, least) if entries >= least else []
    made_of = {"epoch": state.epoch, "number": state.number, "mark": state.mark}
    rows = (
        Posting(phrase=phrase, **made_of, **_columns(places))
        for phrase, places in _places(maybe).items()
        if len(places[""]) >= least
    )
    with transaction.atomic():
        Posting.objects.all().delete()
        for some in batched(rows, 100):
            # Two that do this at once keep some of each: every row says what it is true of.
            Posting.objects.bulk_create(some, ignore_conflicts=True)
    return Posting.objects.count()


def _columns(places: Mapping[str, BitMap]) -> dict[str, bytes]:
    for bitmap in places.values():
        bitmap.run_optimize()
    return {column: places[field].serialize() for field, column in COLUMNS.items()}


def _lines() -> Any:
    """Entries with the line of each field."""
    return SearchText.objects.values_list("pk", *FIELDS)


def _maybe_common(entries: int, least: int) -> list[set[str]]:
    """The phrases that stand often enough in a sample: those of one term, of two, and so on."""
    ids = SearchText.objects.order_by("pk").values_list("pk", flat=True)[:: max(1, entries // SAMPLE)]
    enough = least * len(ids) / entries * CHANCE
    sample = [lines for some in batched(ids, 500) for _pk, *lines in _lines().filter(pk__in=some)]
    levels: list[set[str]] = []
    while len(levels) < LONGEST:
        counted: Counter[str] = Counter()
        firsts = _firsts(levels[-1:])
        for lines in sample:
            counted.update({phrase for line in lines for phrase in _one_longer(line.split(" "), levels, firsts)})
        levels.append({phrase for phrase, number in counted.items() if number >= enough})
    return levels


def _firsts(levels: Levels) -> set[str]:
    """The terms that phrases begin with."""
    return {phrase.partition(" ")[0] for level in levels for phrase in level}


def _one_longer(terms: Sequence[str], levels: Levels, firsts: Set[str]) -> Iterable[str]:
    """The phrases of one term more than ``levels`` have; a phrase can be common only where its parts are."""
    if not levels:
        return set(terms) - {"", GAP}
    length = len(levels)
    starts = [start for start, term in enumerate(terms[:-length]) if term in firsts]
    return [
        " ".join(terms[start : start + length + 1])
        for start in starts
        if terms[start + length] in levels[0] and " ".join(terms[start : start + length]) in levels[-1]
    ]


def _standing(terms: Sequence[str], levels: Levels, firsts: Set[str]) -> set[str]:
    """The phrases of ``levels`` that stand among ``terms``; ``firsts`` are what those of several terms begin with."""
    found = levels[0].intersection(terms)
    starts = [start for start, term in enumerate(terms) if term in firsts]
    for length, common in enumerate(levels[1:], 2):
        there = [(start, " ".join(terms[start : start + length])) for start in starts]
        starts = [start for start, phrase in there if phrase in common]
        found |= common.intersection(phrase for _start, phrase in there)
    return set(found)


def _places(levels: Levels) -> Places:
    """Where each of the phrases stands, by field and anywhere, in all entries."""
    places: Places = defaultdict(lambda: defaultdict(BitMap))
    firsts = _firsts(levels[1:])
    asked = {phrase for level in levels for phrase in level if _may_be_asked(phrase)}
    for some in batched(_lines().iterator(2_000) if asked else (), BATCH):
        ids: dict[str, dict[str, list[int]]] = {field: defaultdict(list) for field in FIELDS}
        for pk, *lines in some:
            for found, line in zip(ids.values(), lines, strict=True):
                for phrase in _standing(line.split(" "), levels, firsts) & asked:
                    found[phrase].append(pk)
        for field, found in ids.items():
            for phrase, pks in found.items():
                for column in {field, ""} & COLUMNS.keys():
                    places[phrase][column].update(pks)
    return places


def _may_be_asked(phrase: str) -> bool:
    """Whether somebody may type it: a run of characters one by one is asked for as its pairs."""
    terms = phrase.split(" ")
    return len(terms) == 1 or not all(len(term) == 1 and is_han(term) for term in terms)
