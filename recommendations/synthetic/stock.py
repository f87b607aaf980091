"""What made-up entries are put together from: each thing made once, with the terms and the JSON that follow from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import connection

from cities.models import Area, City
from pillars.models import Pillar
from recommendations.choices import Basis, CoverageBasis, Reach, Status
from recommendations.derive import area_cities, title_key
from recommendations.models.entry import BODY
from recommendations.synthetic.words import Line, Writer, joined, line
from sources.models import SourceSection
from themes.models import Term, Vocabulary

#: What the slugs of everything made up begin with.
SLUG = "synthetic"
MARK = ("[Synthetic] ", "【合成】")
#: A fixed moment: the same world for the same seed.
NEWEST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
#: How many texts beside title and summary an entry has: few reports fill every field of each.
FILLED = (0, 0, 0, 1, 1, 2, 3, len(BODY))

STATUSES = Status.values
#: The three in the shares of 5, 3 and 2.
SKEWED_BASES = [basis for basis, share in zip(Basis.values, (5, 3, 2), strict=True) for _ in range(share)]
BLANK = line("", "")


@dataclass(frozen=True, slots=True)
class Place:
    """A reach with the cities linked there, and what follows from the two."""

    reach: str
    links: tuple[tuple[int, str], ...]
    covered: tuple[tuple[int, str], ...]
    searched: str
    json: str


@dataclass(frozen=True, slots=True)
class Theme:
    """A set of terms, and what follows from it."""

    terms: tuple[int, ...]
    searched: str
    json: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Passages that support an entry, each as (section id, key phrase), and what follows from them."""

    passages: tuple[tuple[int, str], ...]
    searched: str
    json: str


class Stock:
    """All of it; the same for the same ``random``."""

    def __init__(self, random: Random, pillars: list[Pillar], sections: list[SourceSection], *, size: int) -> None:
        self.random, self.pillars, self.sections = random, pillars, sections
        writer = Writer(random)
        self.titles = [writer.sentence(random.randint(3, 6), mark=MARK) for _ in range(size)]
        self.title_keys = [(title_key(t.en, "en"), title_key(t.zh_hans, "zh-hans")) for t in self.titles]
        self.lines = [writer.sentence(random.randint(4, 12)) for _ in range(size)]
        #: The texts that follow upon title and summary, as many as there are fields.
        self.bodies = [self._body() for _ in range(size)]
        adapt = connection.ops.adapt_datetimefield_value
        self.moments = [adapt(NEWEST - dt.timedelta(minutes=7 * n)) for n in range(5_000)]
        self.themes = self._themes(min(size, 2_000))
        self.places = self._places(min(size, 2_000))
        self.proofs = self._proofs(writer, min(size, 2_000))

    def _body(self) -> list[Line]:
        texts = self.random.choices(self.lines, k=self.random.choice(FILLED))
        return texts + [BLANK] * (len(BODY) - len(texts))

    def skewed(self, things: list[Any], most: int) -> list[Any]:
        """Up to ``most`` of ``things``, the first ones far more often than the last."""
        weights = [1 / (rank + 1) for rank in range(len(things))]
        return (
            list(dict.fromkeys(self.random.choices(things, weights, k=self.random.randint(0, most)))) if things else []
        )

    def _themes(self, number: int) -> list[Theme]:
        groups = [list(v.terms.select_related("vocabulary")) for v in Vocabulary.objects.in_order()]
        rank = {term.pk: place for place, term in enumerate(Term.objects.in_order())}
        themes = []
        for _ in range(number):
            chosen = sorted((t for group in groups for t in self.skewed(group, 2)), key=lambda term: rank[term.pk])
            searched = joined(*(line(term.label_en, term.label_zh_hans).terms for term in chosen))
            pairs = sorted(f'"{term.vocabulary.slug}/{term.slug}"' for term in chosen)
            themes.append(Theme(tuple(term.pk for term in chosen), searched, f"[{', '.join(pairs)}]"))
        return themes

    def _places(self, number: int) -> list[Place]:
        by_kind = area_cities()
        through = {
            Reach.METROPOLITAN: dict.fromkeys(by_kind[Area.Kind.METROPOLITAN_AREA], CoverageBasis.METROPOLITAN.value),
            Reach.BAY_AREA: dict.fromkeys(by_kind[Area.Kind.BAY_AREA], CoverageBasis.BAY_AREA.value),
        }
        cities = list(City.objects.in_order())
        by_pk = {city.pk: city for city in cities}
        places = []
        for _ in range(number):
            reach = self.random.choices(Reach.values, [12, 1, 1, 10])[0]
            linked = sorted(self.skewed(cities, 4 if reach == Reach.CITY else 1), key=lambda city: city.slug)
            links = {city.pk: self.random.choice(["named", "editorial"]) for city in linked}
            covered = sorted((through.get(Reach(reach), {}) | links).items())
            searched = joined(*(line(by_pk[c].name_en, by_pk[c].name_zh_hans).terms for c, _basis in covered))
            rows = [
                f'{{"city": "{city.slug}", "basis": "{links[city.pk]}", "note_en": "", "note_zh_hans": ""}}'
                for city in linked
            ]
            places.append(Place(reach, tuple(links.items()), tuple(covered), searched, f"[{', '.join(rows)}]"))
        return places

    def _proofs(self, writer: Writer, number: int) -> list[Proof]:
        proofs = []
        for _ in range(number):
            sections = self.random.sample(self.sections, self.random.choice([1, 1, 2]))
            phrases = [writer.sentence(3) for _section in sections]
            rows = [
                f'{{"source": "{SLUG}-source", "section": "{section.code}", "paragraph": "¶1", "key_phrase": '
                f'{phrase.json_en}, "supports": "implied", "note_en": "", "note_zh_hans": ""}}'
                for section, phrase in zip(sections, phrases, strict=True)
            ]
            searched = joined(*(line(phrase.en, "").terms for phrase in phrases))
            passages = tuple((s.pk, phrase.en) for s, phrase in zip(sections, phrases, strict=True))
            proofs.append(Proof(passages, searched, f"[{', '.join(rows)}]"))
        return proofs

    def chosen(self, first: int, number: int) -> Iterator[tuple[Any, ...]]:
        """What each of ``number`` entries is put together from: rows of the table ``chosen``, ids from ``first`` on.

        Things are told by their place in their list, from 1.
        """
        draw, skew = self.random.random, self.random.expovariate
        lists: list[list[Any]] = [self.titles, self.lines, self.bodies, self.themes, self.places, self.proofs]
        titles, lines, bodies, themes, places, proofs = (len(some) for some in lists)
        pillars, moments, bases, statuses = len(self.pillars), self.moments, SKEWED_BASES, len(STATUSES) - 1
        for at in range(number):
            yield (
                first + at,
                at + 1,
                min(1 + int(skew(0.25)), pillars),
                1 + int(draw() * titles),
                1 + int(draw() * lines),
                1 + int(draw() * bodies),
                1 + int(draw() * themes),
                1 + int(draw() * places),
                1 + int(draw() * proofs),
                bases[int(draw() * len(bases))],
                "draft" if draw() < 0.02 else "published",
                STATUSES[min(int(skew(1)), statuses)],
                moments[int(draw() * len(moments))],
            )
