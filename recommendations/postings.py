"""Where common words stand, kept ready as bitmaps.

A database's full-text index names every entry that has a word by reading a row of each: seconds, where that is most of
a million. So the words of many entries, and the phrases made of them, are looked through once, for all readers, and
kept with the state of the content they are true of. Whoever asks later corrects them by what changed since; where
that is too much, or nothing is kept, the full-text index answers as for any other word.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched

from django.db import transaction
from pyroaring import BitMap

from common import changes
from common.changes import State
from recommendations.fulltext import FIELDS
from recommendations.models import Posting, SearchText
from recommendations.tokens import GAP, Phrase, is_han

#: A word is common where it stands in so many entries, and in this share of all.
LEAST = 2_000
SHARE = 0.005
#: Entries looked at to find out which words may be common.
SAMPLE = 20_000
#: Terms of a phrase: five Chinese characters are four pairs.
LONGEST = 4
#: What chance takes from a share in the sample, at the most.
CHANCE = 0.6

#: Entries read at a time, and of which bitmaps are made at once.
BATCH = 20_000
#: Columns of ``Posting``: for the fields that are asked for by themselves, and for all.
COLUMNS = {"title": "title", "summary": "summary", "": "anywhere"}

#: Adjacent terms.
Gram = tuple[str, ...]
#: The lines of an entry's fields, as terms.
Lines = Sequence[Sequence[str]]


def kept(phrase: Phrase, field: str = "") -> tuple[State, BitMap] | None:
    """Where ``phrase`` stood, anywhere or in ``field``, drafts included, and at which state; ``None`` if not known."""
    rows = Posting.objects.filter(phrase=" ".join(phrase.terms))
    row = rows.values_list("epoch", "number", COLUMNS[field]).first()
    return (State(*row[:2]), BitMap.deserialize(bytes(row[2]))) if row else None


def renew(*, least: int | None = None, share: float = SHARE) -> int:
    """Look through all entries and keep where their common phrases stand; returns how many phrases those are.

    Readers are answered meanwhile, and from what was kept before. What is written meanwhile is newer than the state
    that is kept: whoever asks corrects it.
    """
    state = changes.current()
    if state is None:
        return 0
    entries = SearchText.objects.count()
    least = max(LEAST if least is None else least, int(entries * share))
    maybe = _maybe_common(entries, least) if entries >= least else []
    rows = [
        Posting(phrase=" ".join(gram), epoch=state.epoch, number=state.number, **_columns(found))
        for gram, found in _places(maybe).items()
        if len(found[""]) >= least
    ]
    with transaction.atomic():
        Posting.objects.all().delete()
        # Two that do this at once keep some of each: every row says what it is true of.
        Posting.objects.bulk_create(rows, batch_size=100, ignore_conflicts=True)
    return len(rows)


def _columns(found: dict[str, BitMap]) -> dict[str, bytes]:
    return {column: found[field].serialize() for field, column in COLUMNS.items()}


def _grams(terms: Sequence[str], length: int) -> Iterator[Gram]:
    """What stands next to one another in a line."""
    return zip(*(terms[start:] for start in range(length)), strict=False)


def _lines(ids: Iterable[int] | None = None) -> Iterator[tuple[int, Lines]]:
    rows = SearchText.objects.all() if ids is None else SearchText.objects.filter(pk__in=list(ids))
    for pk, *lines in rows.values_list("pk", *FIELDS).iterator(2_000):
        yield pk, [line.split(" ") for line in lines]


def _maybe_common(entries: int, least: int) -> list[set[Gram]]:
    """The phrases that stand often enough in a sample: those of one term, of two, and so on."""
    step = max(1, entries // SAMPLE)
    ids = list(SearchText.objects.order_by("pk").values_list("pk", flat=True))[::step]
    sample = [lines for some in batched(ids, 500) for _pk, lines in _lines(some)]
    enough = least * len(sample) / entries * CHANCE
    levels: list[set[Gram]] = []
    for length in range(1, LONGEST + 1):
        counted: Counter[Gram] = Counter()
        shorter = levels[-1] if levels else None
        for lines in sample:
            there = {gram for terms in lines for gram in _grams(terms, length)}
            counted.update(there if shorter is None else [g for g in there if g[1:] in shorter and g[:-1] in shorter])
        levels.append({gram for gram, number in counted.items() if number >= enough and _may_be_asked(gram)})
    return levels


def _may_be_asked(gram: Gram) -> bool:
    """Whether it is a phrase somebody may type; characters one by one are asked for as their pairs."""
    if GAP in gram or "" in gram:
        return False
    return len(gram) == 1 or not all(len(term) == 1 and is_han(term) for term in gram)


def _places(levels: Sequence[set[Gram]]) -> dict[Gram, dict[str, BitMap]]:
    """Where each of the phrases stands, by field and anywhere, in all entries."""
    found: dict[Gram, dict[str, BitMap]] = defaultdict(lambda: defaultdict(BitMap))
    asked = [(length, grams) for length, grams in enumerate(levels, 1) if grams]
    for some in batched(_lines() if asked else (), BATCH):
        ids: dict[tuple[Gram, str], list[int]] = defaultdict(list)
        for pk, lines in some:
            for field, terms in zip(FIELDS, lines, strict=True):
                for length, grams in asked:
                    for gram in grams.intersection(_grams(terms, length)):
                        ids[gram, field].append(pk)
        for (gram, field), pks in ids.items():
            for column in {field, ""} & COLUMNS.keys():
                found[gram][column].update(pks)
    return found
