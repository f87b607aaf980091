"""Where the words asked for last stand, as bitmaps; kept as long as they are true, and brought up to date by entry."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from pyroaring import BitMap

from common import changes
from recommendations import fulltext, postings
from recommendations.models import SearchText
from recommendations.query import Clause, Query
from recommendations.tokens import Phrase

#: What is kept of phrases, in bytes; those asked for longest ago go first.
MOST_BYTES = 12_000_000
#: So many entries changed since a phrase was looked up are looked at one by one; after more it is looked up anew.
MOST_CHANGED = 500

#: How well entries match → those entries.
Scores = dict[int, BitMap]
#: The fields that a phrase is looked for in by themselves: all but the last, where the rest of what matches stands.
APART = fulltext.FIELDS[:-1]


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a phrase stands, by field and anywhere, drafts included, but for ``changed``: entries written since."""

    places: Mapping[str, BitMap]
    changed: BitMap
    size: int


class Matches:
    """Where the phrases asked for last stand, as of one state of the content. Safe with threads."""

    def __init__(self, kept: Mapping[Phrase, Kept] | None = None, *, is_large: bool = False) -> None:
        self._kept: OrderedDict[Phrase, Kept] = OrderedDict(kept or {})
        #: Whether there are so many entries that the places of some words are kept for all processes.
        self.is_large = is_large
        self._lock = Lock()

    def after(self, changed: BitMap) -> Matches:
        """For the state after ``changed`` were written."""
        with self._lock:
            kept = {p: Kept(k.places, k.changed | changed, k.size) for p, k in self._kept.items()}
        kept = {phrase: k for phrase, k in kept.items() if len(k.changed) <= MOST_CHANGED}
        return Matches(kept, is_large=self.is_large)

    def places(self, phrase: Phrase, field: str = "") -> BitMap:
        """The entries in which ``phrase`` stands, in ``field`` or anywhere; asked of the database where not known."""
        with self._lock:
            kept = self._kept.get(phrase)
            if kept is not None:
                self._kept.move_to_end(phrase)
        if kept is None or kept.changed:
            kept = self._look_up(phrase, kept)
            self._keep(phrase, kept)
        return kept.places[field]

    def _look_up(self, phrase: Phrase, kept: Kept | None) -> Kept:
        known = kept or (_ready(phrase) if self.is_large else None)
        if known is not None:
            places = _corrected(phrase, known)
        else:
            places = {field: BitMap(ids) for field, ids in fulltext.standing(phrase, *APART).items()}
        return Kept(places, BitMap(), sum(map(bitmap_bytes, places.values())))

    def _keep(self, phrase: Phrase, kept: Kept) -> None:
        with self._lock:
            self._kept[phrase] = kept
            self._kept.move_to_end(phrase)
            held = sum(kept.size for kept in self._kept.values())
            while held > MOST_BYTES and len(self._kept) > 1:
                held -= self._kept.popitem(last=False)[1].size


def bitmap_bytes(bitmap: BitMap) -> int:
    """About how much memory ``bitmap`` takes."""
    known: Mapping[str, int] = dict(bitmap.get_statistics())  # type: ignore[arg-type]
    return sum(known[f"n_bytes_{kind}_containers"] for kind in ("array", "run", "bitset"))


def _ready(phrase: Phrase) -> Kept | None:
    """What is kept for all processes of a common phrase, with what changed since; ``None`` where that is of no use."""
    ready = postings.kept(phrase)
    new = changes.since(ready[0]) if ready else None
    if not ready or not new or new.entries is None or len(new.entries) > MOST_CHANGED:
        return None
    return Kept(ready[1], BitMap(new.entries), 0)


def _corrected(phrase: Phrase, kept: Kept) -> dict[str, BitMap]:
    """Its places, read anew for the entries that changed."""
    wanted = f" {' '.join(phrase.terms)} "
    places = {field: bitmap - kept.changed for field, bitmap in kept.places.items()}
    rows = SearchText.objects.filter(pk__in=list(kept.changed))
    for pk, *lines in rows.values_list("pk", *fulltext.FIELDS):
        there = {field for field, line in zip(fulltext.FIELDS, lines, strict=True) if wanted in f" {line} "}
        for field in places.keys() & (there | {""} if there else there):
            places[field].add(pk)
    return places


# What a query finds


def found_by(query: Query, matches: Matches, entries: BitMap) -> BitMap:
    """Those of ``entries`` that ``query`` finds."""
    found = entries
    for clause in query.wanted:
        if found:
            found = found & _anywhere(clause, matches)
    if query.unwanted:
        found = found - BitMap.union(*map(matches.places, query.unwanted))
    return found


def _anywhere(clause: Clause, matches: Matches) -> BitMap:
    typed = BitMap.intersection(*map(matches.places, clause.phrases))
    return BitMap.union(typed, *map(matches.places, clause.others))


def relevance(query: Query, matches: Matches, found: BitMap) -> Scores:
    """``found`` by relevance, as ``recommendations.fulltext.relevance`` defines it."""
    scores: Scores = {0: found}
    for clause in query.wanted:
        scores = _joined(scores, _worth_of(clause, matches, found), int.__add__)
    return scores


def _worth_of(clause: Clause, matches: Matches, found: BitMap) -> Scores:
    worth: Scores = {0: found}
    for phrase in clause.phrases:
        worth = _joined(worth, _weights((phrase,), matches, found, times=fulltext.AS_TYPED), int.__add__)
    if clause.others:
        worth = _joined(worth, _weights(clause.others, matches, found, times=1), max)
    return worth


def _weights(several: tuple[Phrase, ...], matches: Matches, found: BitMap, *, times: int) -> Scores:
    """``found`` by the strongest field that any of ``several`` stands in."""
    rest, weights = found, {}
    for field, weight in fulltext.FIELD_WEIGHTS:
        # What stands in none of the fields before the last, but stands somewhere, stands in the last.
        asked = field if field in APART else ""
        weights[weight * times] = rest & BitMap.union(*(matches.places(phrase, asked) for phrase in several))
        rest = rest - weights[weight * times]
    weights[0] = rest
    return {weight: bitmap for weight, bitmap in weights.items() if bitmap}


def _joined(one: Scores, other: Scores, join: Callable[[int, int], int]) -> Scores:
    """What entries have of both, joined."""
    joined: Scores = {}
    for first, here in one.items():
        for second, there in other.items():
            both = here & there
            if both:
                score = join(first, second)
                joined[score] = joined[score] | both if score in joined else both
    return joined
