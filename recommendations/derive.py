"""What follows from entries: coverage, search text, words and sort keys, all made here and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Prefetch
from pypinyin import Style, lazy_pinyin

from cities.models import Area, City, Membership
from recommendations.choices import CoverageBasis, LinkBasis, Reach
from recommendations.models import Coverage, Evidence, Recommendation, SearchText, SearchWord
from recommendations.querysets import RecommendationQuerySet
from recommendations.tokens import fold, index_texts, is_han, surface_words
from themes.models import Term

#: Entries worked on at a time, so that memory does not grow with the number of entries.
BATCH = 500

Links = dict[int, CoverageBasis]


def title_key(title: str, language: str) -> bytes:
    """Sort key of a title: English without case, accents and punctuation, Chinese by its pinyin."""
    if language == "zh-hans":
        syllables = lazy_pinyin(title, style=Style.TONE3, neutral_tone_with_five=True)
        return " ".join(fold(syllable) for syllable in syllables).encode()
    return " ".join("".join(c if c.isalnum() else " " for c in fold(title)).split()).encode()


def area_cities() -> dict[str, set[int]]:
    """City ids covered by each kind of area, through full or partial membership."""
    covered: dict[str, set[int]] = defaultdict(set)
    for kind, city in Membership.objects.covering().values_list("area__kind", "city_id"):
        covered[kind].add(city)
    return covered


def coverage_of(entry: Recommendation, by_kind: dict[str, set[int]]) -> Links:
    """City id → strongest basis, for one entry whose ``city_links`` are loaded."""
    reached: Links = {}
    if entry.reach == Reach.METROPOLITAN:
        reached = dict.fromkeys(by_kind[Area.Kind.METROPOLITAN_AREA], CoverageBasis.METROPOLITAN)
    elif entry.reach == Reach.BAY_AREA:
        reached = dict.fromkeys(by_kind[Area.Kind.BAY_AREA], CoverageBasis.BAY_AREA)
    for link in entry.city_links.all():
        is_named = link.basis == LinkBasis.NAMED
        reached[link.city_id] = CoverageBasis.NAMED if is_named else CoverageBasis.EDITORIAL
    return reached


def sound_key(word: str) -> bytes:
    """What ``SearchWord.key`` is of a folded word: pinyin without tones, or the word itself."""
    return " ".join(lazy_pinyin(word)).encode() if is_han(word) else word.encode()


def searched_texts(entry: Recommendation, places: Iterable[City]) -> tuple[list[str], list[str], list[str]]:
    """What an entry is found by: its titles, its summaries, all else; terms, evidence and pillar are loaded."""
    body: list[str] = []
    for name in ("problem", "action", "outcome", "measure"):
        body += [getattr(entry, f"{name}_en"), getattr(entry, f"{name}_zh_hans")]
    for term in entry.terms.all():
        body += [term.label_en, term.label_zh_hans]
    body += [evidence.key_phrase for evidence in entry.evidence.all()]
    body += [entry.pillar.name_en, entry.pillar.name_zh_hans]
    for city in places:
        body += [city.name_en, city.name_zh_hans]
    return [entry.title_en, entry.title_zh_hans], [entry.summary_en, entry.summary_zh_hans], body


def _search_text(entry: Recommendation, texts: Iterable[list[str]]) -> SearchText:
    title, summary, body = index_texts(*texts)
    return SearchText(
        recommendation=entry,
        title=title,
        summary=summary,
        body=body,
        title_key_en=title_key(entry.title_en or entry.title_zh_hans, "en"),
        title_key_zh_hans=title_key(entry.title_zh_hans or entry.title_en, "zh-hans"),
    )


def _remember(words: Iterable[str]) -> None:
    """Add the new ones of ``words``, in one order, so that two writers at once wait rather than block each other."""
    rows = [SearchWord(word=word, key=sound_key(word), is_han=is_han(word)) for word in sorted(words)]
    SearchWord.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


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


def write_for(batch: Iterable[Recommendation], by_kind: dict[str, set[int]], cities: dict[int, City]) -> None:
    """Write the derived rows of loaded entries (terms, evidence, links, pillar) that have none.

    ``by_kind`` is :func:`area_cities`; ``cities`` are all cities by id.
    """
    rows: list[Coverage] = []
    texts: list[SearchText] = []
    words: set[str] = set()
    for entry in batch:
        links = coverage_of(entry, by_kind)
        rows += [Coverage(recommendation=entry, city_id=c, basis=links[c]) for c in sorted(links)]
        fields = searched_texts(entry, [cities[c] for c in sorted(links)])
        texts.append(_search_text(entry, fields))
        words.update(*(surface_words(*field) for field in fields))
    Coverage.objects.bulk_create(rows, batch_size=BATCH)
    SearchText.objects.bulk_create(texts, batch_size=BATCH)
    _remember(words)


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
            Coverage.objects.filter(recommendation__in=batch).delete()
            SearchText.objects.filter(recommendation__in=batch).delete()
            write_for(batch, by_kind, cities)
            count += len(batch)
    return count
