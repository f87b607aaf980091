"""What follows from entries: coverage, search text, words and sort keys, all made here and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.converter import UltimateConverter
from pypinyin.core import Pinyin

from cities.models import Area, City, Membership
from common.bulk import add_missing, insert_rows
from pillars.models import Pillar
from recommendations import fulltext
from recommendations.choices import CoverageBasis, LinkBasis, Reach
from recommendations.fulltext import SEARCH_COLUMNS, SearchRow
from recommendations.models import Coverage, Evidence, Recommendation, SearchText, SearchWord
from recommendations.models.entry import BODY, TEXT_COLUMNS
from recommendations.querysets import RecommendationQuerySet
from recommendations.tokens import fold, index_texts, is_han, words_among, written
from themes.models import Term

#: Entries worked on at a time, so that memory does not grow with the number of entries.
BATCH = 500
#: From so many on it pays to fill the full-text index at once rather than row by row.
MANY = 50
#: Characters of what is kept of a run.
PAIR = 2

Links = dict[int, CoverageBasis]


def _remembering(converter: Any) -> Any:
    """A phrase, or a character, sounds the same in every title; making that out is what takes long."""
    converter.convert = lru_cache(maxsize=16_384)(converter.convert)
    return converter


_PINYIN = Pinyin(_remembering(UltimateConverter(neutral_tone_with_five=True)))


def title_key(title: str, language: str) -> bytes:
    """Sort key of a title: English without case, accents and punctuation, Chinese by its pinyin."""
    if language == "zh-hans":
        syllables = _PINYIN.lazy_pinyin(title, style=Style.TONE3)
        return " ".join(fold(syllable) for syllable in syllables).encode()
    return " ".join("".join(c if c.isalnum() else " " for c in fold(title)).split()).encode()


def area_cities() -> dict[str, set[int]]:
    """City ids covered by each kind of area, through full or partial membership."""
    covered: dict[str, set[int]] = defaultdict(set)
    for kind, city in Membership.objects.covering().values_list("area__kind", "city_id"):
        covered[kind].add(city)
    return covered


@dataclass(frozen=True, slots=True)
class Facts:
    """What the derived rows of one entry follow from: ``texts`` by column, ``links`` as (city id, basis)."""

    pk: int
    reach: str
    texts: Mapping[str, str]
    links: Sequence[tuple[int, str]]
    terms: Sequence[Term]
    phrases: Sequence[str]
    pillar: Pillar | None

    @classmethod
    def of(cls, entry: Recommendation) -> Facts:
        """Of an entry whose pillar, terms, evidence and ``city_links`` are loaded."""
        return cls(
            entry.pk,
            entry.reach,
            {column: getattr(entry, column) for column in TEXT_COLUMNS},
            [(link.city_id, link.basis) for link in entry.city_links.all()],
            list(entry.terms.all()),
            [evidence.key_phrase for evidence in entry.evidence.all()],
            entry.pillar,
        )


def coverage_of(entry: Recommendation, by_kind: dict[str, set[int]]) -> Links:
    """City id → strongest basis, for one entry whose ``city_links`` are loaded."""
    return _coverage(entry.reach, [(link.city_id, link.basis) for link in entry.city_links.all()], by_kind)


def _coverage(reach: str, links: Iterable[tuple[int, str]], by_kind: dict[str, set[int]]) -> Links:
    reached: Links = {}
    if reach == Reach.METROPOLITAN:
        reached = dict.fromkeys(by_kind[Area.Kind.METROPOLITAN_AREA], CoverageBasis.METROPOLITAN)
    elif reach == Reach.BAY_AREA:
        reached = dict.fromkeys(by_kind[Area.Kind.BAY_AREA], CoverageBasis.BAY_AREA)
    for city, basis in links:
        reached[city] = CoverageBasis.NAMED if basis == LinkBasis.NAMED else CoverageBasis.EDITORIAL
    return reached


def sound_key(word: str) -> bytes:
    """What ``SearchWord.key`` is of a folded word: pinyin without tones, or the word itself."""
    if not is_han(word):
        return word.encode()
    # Only of a phrase that pypinyin knows is the sound another than that of its characters.
    sounds = map(_sound, word) if len(word) == PAIR and word not in PHRASES_DICT else lazy_pinyin(word)
    return " ".join(sounds).encode()


@lru_cache(maxsize=16_384)
def _sound(character: str) -> str:
    return lazy_pinyin(character)[0]


def searched_texts(entry: Recommendation, places: Iterable[City]) -> tuple[list[str], list[str], list[str]]:
    """What an entry is found by: its titles, its summaries, all else; terms, evidence and pillar are loaded."""
    return _searched(Facts.of(entry), places)


def _searched(facts: Facts, places: Iterable[City]) -> tuple[list[str], list[str], list[str]]:
    texts = facts.texts
    body = [texts[f"{name}_{suffix}"] for name in BODY for suffix in ("en", "zh_hans")]
    for term in facts.terms:
        body += [term.label_en, term.label_zh_hans]
    body += facts.phrases
    body += [facts.pillar.name_en, facts.pillar.name_zh_hans] if facts.pillar else []
    for city in places:
        body += [city.name_en, city.name_zh_hans]
    return [texts["title_en"], texts["title_zh_hans"]], [texts["summary_en"], texts["summary_zh_hans"]], body


def _search_row(facts: Facts, fields: Iterable[list[str]], pairs: set[str]) -> SearchRow:
    """Of ``facts``, which say ``fields``; pairs of characters that stand there are added to ``pairs``."""
    title, summary, body = index_texts(*fields, pairs=pairs)
    english, chinese = facts.texts["title_en"], facts.texts["title_zh_hans"]
    keys = title_key(english or chinese, "en"), title_key(chinese or english, "zh-hans")
    return (facts.pk, title, summary, body, *keys)


def _remember(words: Iterable[str]) -> None:
    """Add the new ones of ``words``, in one order, so that two writers at once wait rather than block each other."""
    rows = ((word, sound_key(word), is_han(word)) for word in sorted(words))
    add_missing(SearchWord, ("word", "key", "is_han"), rows)


def _batches(entries: RecommendationQuerySet) -> Iterator[list[Recommendation]]:
    loaded = (
        entries.order_by("pk")
        .select_related("pillar")
        .prefetch_related(
            "city_links",
            Prefetch("terms", Term.objects.in_order()),
            Prefetch("evidence", Evidence.objects.in_order()),
        )
    )
    last = 0
    while batch := list(loaded.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def write_for(
    batch: Sequence[Facts], by_kind: dict[str, set[int]], cities: Mapping[int, City], known: set[str] | None = None
) -> None:
    """Write the derived rows of entries that have none.

    ``by_kind`` is :func:`area_cities`; ``cities`` are all cities by id. ``known`` are words that are remembered
    already; those of this batch are added to it.
    """
    covered = {facts.pk: _coverage(facts.reach, facts.links, by_kind) for facts in batch}
    rows = ((pk, city, links[city].value) for pk, links in covered.items() for city in sorted(links))
    insert_rows(Coverage, ("recommendation_id", "city_id", "basis"), rows)
    found: set[str] = set()
    words: set[str] = set()

    def searched() -> Iterator[SearchRow]:
        for facts in batch:
            fields = _searched(facts, [cities[city] for city in sorted(covered[facts.pk])])
            found.update(*map(written, chain.from_iterable(fields)))
            yield _search_row(facts, fields, words)

    if len(batch) < MANY:
        insert_rows(SearchText, SEARCH_COLUMNS, searched())
    else:
        fulltext.add(searched())
    words |= words_among(found)
    _remember(words - known if known else words)
    if known is not None:
        known |= words


def write_anew(
    batch: Sequence[Facts], by_kind: dict[str, set[int]], cities: Mapping[int, City], known: set[str] | None = None
) -> None:
    """As :func:`write_for`, of entries that have derived rows already, or may have."""
    ids = [facts.pk for facts in batch]
    Coverage.objects.filter(recommendation__in=ids).delete()
    if len(batch) < MANY:
        SearchText.objects.filter(recommendation__in=ids).delete()
    else:
        fulltext.remove_rows(ids)
    write_for(batch, by_kind, cities, known)


def refresh(entries: RecommendationQuerySet | None = None) -> int:
    """Make everything derived anew for ``entries`` (all of them by default); returns how many there were.

    Words that no longer occur are forgotten only where all entries are done.

    Working copies derive nothing: no reader finds them.
    """
    chosen = (Recommendation.objects.all() if entries is None else entries).entries()
    count = 0
    with transaction.atomic():
        if entries is None:
            SearchWord.objects.all().delete()
        by_kind = area_cities()
        cities = City.objects.in_bulk()
        for batch in _batches(chosen):
            write_anew([Facts.of(entry) for entry in batch], by_kind, cities)
            count += len(batch)
    return count
