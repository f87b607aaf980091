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

#: A phrase, and the field it is to stand in; anywhere where that is empty.
Asked = tuple[Phrase, str]
#: How well entries match → those entries.
Scores = dict[int, BitMap]


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a phrase stands, drafts included, but for ``changed``: entries that were written since."""

    places: BitMap
    changed: BitMap
    size: int


class Matches:
    """Where the phrases asked for last stand, as of one state of the content. Safe with threads."""

    def __init__(self, kept: Mapping[Asked, Kept] | None = None, *, is_large: bool = False) -> None:
        self._kept: OrderedDict[Asked, Kept] = OrderedDict(kept or {})
        #: Whether there are so many entries that some words are kept ready.
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
        asked = phrase, field
        with self._lock:
            kept = self._kept.get(asked)
            if kept is not None:
                self._kept.move_to_end(asked)
        if kept is not None and not kept.changed:
            return kept.places
        if kept is None and self.is_large:
            kept = _ready(asked)
        places = BitMap(fulltext.standing_in(*asked)) if kept is None else _corrected(asked, kept)
        self._keep(asked, places)
        return places

    def _keep(self, asked: Asked, places: BitMap) -> None:
        with self._lock:
            self._kept[asked] = Kept(places, BitMap(), bitmap_bytes(places))
            self._kept.move_to_end(asked)
            held = sum(kept.size for kept in self._kept.values())
            while held > MOST_BYTES and len(self._kept) > 1:
                held -= self._kept.popitem(last=False)[1].size


def bitmap_bytes(bitmap: BitMap) -> int:
    """About how much memory ``bitmap`` takes."""
    known: Mapping[str, int] = dict(bitmap.get_statistics())  # type: ignore[arg-type]
    return sum(known[f"n_bytes_{kind}_containers"] for kind in ("array", "run", "bitset"))


def _ready(asked: Asked) -> Kept | None:
    """What is kept for all readers of a common phrase, with what changed since; ``None`` where that is of no use."""
    ready = postings.kept(*asked)
    new = changes.since(ready[0]) if ready else None
    if not ready or not new or new.entries is None or len(new.entries) > MOST_CHANGED:
        return None
    return Kept(ready[1], BitMap(new.entries), 0)


def _corrected(asked: Asked, kept: Kept) -> BitMap:
    """Its places, read anew for the entries that changed."""
    phrase, field = asked
    wanted = f" {' '.join(phrase.terms)} "
    places = kept.places - kept.changed
    rows = SearchText.objects.filter(pk__in=list(kept.changed))
    for pk, *lines in rows.values_list("pk", *([field] if field else fulltext.FIELDS)):
        if any(wanted in f" {line} " for line in lines):
            places.add(pk)
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
        asked = field if field != fulltext.FIELDS[-1] else ""
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
