"""A filter answered in plain Python over loaded objects: what the queries must agree with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cities.models import Area, City, Membership
from pillars.models import Pillar, Report
from recommendations.choices import Basis, Reach, Status
from recommendations.derive import title_key
from recommendations.models import Recommendation
from recommendations.query import Clause, Query, parse
from recommendations.spelling import correct
from recommendations.synonyms import equivalents
from recommendations.tokens import Phrase, spans_of, units
from sources.models import Source
from themes.models import Vocabulary

Pairs = list[tuple[str, str]]

BODY = ("problem", "action", "outcome", "measure")
WEIGHTS = (9, 3, 1)


def both(thing: Any, name: str) -> list[str]:
    return [getattr(thing, f"{name}_en"), getattr(thing, f"{name}_zh_hans")]


def fields_of(entry: Recommendation, cities: Iterable[City]) -> tuple[list[str], list[str], list[str]]:
    """The texts an entry is found by: title, summary and the rest."""
    body = [text for name in BODY for text in both(entry, name)]
    body += [text for term in entry.terms.all() for text in both(term, "label")]
    body += [evidence.key_phrase for evidence in entry.evidence.all()]
    body += both(entry.pillar, "name")
    body += [text for city in cities for text in both(city, "name")]
    return both(entry, "title"), both(entry, "summary"), body


def texts_of(entry: Recommendation) -> list[str]:
    """Every text an entry is found by."""
    return [text for texts in fields_of(entry, [row.city for row in entry.coverage.all()]) for text in texts]


def stands_in(phrase: Phrase, texts: Iterable[str]) -> bool:
    """Plainly: it can be marked in one of the texts."""
    return any(_is_in(phrase, text) for text in texts)


@lru_cache(maxsize=200_000)
def _is_in(phrase: Phrase, text: str) -> bool:
    return phrase.units[0] in text_words(text) and bool(spans_of(read(text), [phrase]))


read = lru_cache(maxsize=20_000)(units)


@lru_cache(maxsize=20_000)
def text_words(text: str) -> set[str]:
    return {unit.word for unit in read(text)}


def matches_query(entry: Recommendation, query: Query) -> bool:
    texts = texts_of(entry)
    return all(matches_clause(clause, texts) for clause in query.wanted) and not any(
        stands_in(phrase, texts) for phrase in query.unwanted
    )


def matches_clause(clause: Clause, texts: list[str]) -> bool:
    return all(stands_in(p, texts) for p in clause.phrases) or any(stands_in(p, texts) for p in clause.others)


@dataclass
class Plain:
    """An entry with its values as sets of slugs."""

    entry: Recommendation
    values: dict[str, set[str]]
    texts: tuple[list[str], ...]
    weights: dict[Phrase, int] = field(default_factory=dict)

    def weight(self, phrase: Phrase) -> int:
        """The weight of the strongest field ``phrase`` stands in; 0 where it stands in none."""
        if phrase not in self.weights:
            places = [w for w, texts in zip(WEIGHTS, self.texts, strict=True) if stands_in(phrase, texts)]
            self.weights[phrase] = max(places, default=0)
        return self.weights[phrase]

    def found_by(self, query: Query) -> bool:
        wanted = all(all(map(self.weight, c.phrases)) or any(map(self.weight, c.others)) for c in query.wanted)
        return wanted and not any(map(self.weight, query.unwanted))

    def score(self, query: Query) -> int:
        """The sum over the clauses: twice the weight of each word as typed, or the best of their equivalents."""
        return sum(
            max(sum(2 * self.weight(p) for p in clause.phrases), *map(self.weight, clause.others), 0)
            for clause in query.wanted
        )


class World:
    """All published entries, loaded once; answers filters by going through them one by one."""

    def __init__(self) -> None:
        self.members: dict[str, set[str]] = {area.slug: set() for area in Area.objects.all()}
        self.kinds: dict[str, set[str]] = {kind: set() for kind in Area.Kind.values}
        for m in Membership.objects.select_related("area", "city"):
            if m.extent != "linked":
                self.members[m.area.slug].add(m.city.slug)
                self.kinds[m.area.kind].add(m.city.slug)
        self.cities = {city.slug: city for city in City.objects.all()}
        self.vocabularies = {v.slug: {t.slug for t in v.terms.all()} for v in Vocabulary.objects.all()}
        self.options: dict[str, set[str]] = {
            "pillar": set(Pillar.objects.values_list("slug", flat=True)),
            "report": set(Report.objects.values_list("slug", flat=True)),
            "source": set(Source.objects.values_list("slug", flat=True)),
            "basis": set(Basis.values),
            "reach": set(Reach.values),
            "status": set(Status.values),
            "city": set(self.cities),
            "area": set(self.members),
            **self.vocabularies,
        }
        self.equivalents = equivalents()
        self.queries: dict[str, Query] = {}
        self.entries = [self._plain(entry) for entry in Recommendation.objects.all() if self._is_read(entry)]

    @staticmethod
    def _is_read(entry: Recommendation) -> bool:
        return entry.state == "published" and entry.working_copy_of_id is None

    def _plain(self, entry: Recommendation) -> Plain:
        covered = {link.city.slug for link in entry.city_links.all()}
        if entry.reach == "metropolitan":
            covered |= self.kinds["metropolitan-area"]
        if entry.reach == "bay-area":
            covered |= self.kinds["bay-area"]
        values = {
            "pillar": {entry.pillar.slug},
            "report": {entry.report.slug},
            "source": {evidence.section.source.slug for evidence in entry.evidence.all()},
            "basis": {entry.basis},
            "reach": {entry.reach},
            "status": {entry.status},
            "city": covered,
            "area": {area for area, members in self.members.items() if members & covered},
        }
        for vocabulary in self.vocabularies:
            values[vocabulary] = {t.slug for t in entry.terms.all() if t.vocabulary.slug == vocabulary}
        texts = fields_of(entry, [self.cities[slug] for slug in covered])
        return Plain(entry, values, texts)

    def has(self, plain: Plain, name: str, slug: str, include: bool) -> bool:
        if name in {"city", "area"} and include and plain.entry.reach == "province":
            return True
        return slug in plain.values[name]

    def _fits(self, plain: Plain, parameter: str, slugs: set[str], include: bool) -> bool:
        name, _dot, mode = parameter.partition(".")
        has = [self.has(plain, name, slug, include) for slug in slugs]
        return {"": any, "all": all, "not": lambda found: not any(found)}[mode](has)

    def matching(self, pairs: Pairs, *, without: str = "") -> list[Plain]:
        """The entries a filter leaves; unknown values and parameters mean nothing."""
        include = ("include", "province") in pairs
        chosen: dict[str, set[str]] = {}
        for parameter, value in pairs:
            name = parameter.removesuffix(".all").removesuffix(".not")
            if name != without and value in self.options.get(name, ()):
                chosen.setdefault(parameter, set()).add(value)
        found = [p for p in self.entries if all(self._fits(p, n, values, include) for n, values in chosen.items())]
        asked = Query() if without == "q" else self.asked(pairs)
        return [plain for plain in found if plain.found_by(asked)]

    def asked(self, pairs: Pairs) -> Query:
        """What ``q`` asks for; kept, for a filter is asked many times."""
        q = dict(pairs).get("q", "")
        if q not in self.queries:
            query = parse(q, self.equivalents)

            def finds(asked: Query) -> bool:
                return Recommendation.objects.published().search(asked).exists()

            better = correct(q, query, finds, self.equivalents) if query.wanted else ""
            self.queries[q] = parse(better, self.equivalents) if better else query
        return self.queries[q]

    def counts(self, name: str, pairs: Pairs) -> dict[str, int]:
        """How many entries each value of a facet has under everything else."""
        rest, include = self.matching(pairs, without=name), ("include", "province") in pairs
        return {slug: sum(self.has(p, name, slug, include) for p in rest) for slug in self.options[name]}

    def ids(self, pairs: Pairs, *, language: str = "en") -> list[int]:
        """The entries of a filter in the order asked for."""
        asked = self.asked(pairs)
        sort = dict(pairs).get("sort", "relevance" if asked.wanted else "number")
        key = sort.removeprefix("-")
        found = sorted(self.matching(pairs), key=self._place)
        if key == "number":
            found.sort(key=self._place, reverse=sort.startswith("-"))
        else:
            backwards = (key in {"updated", "relevance"}) != sort.startswith("-")
            # A stable sort keeps the report and number order within equals, also when it runs backwards.
            found.sort(key=lambda plain: self._key(plain, key, language, asked), reverse=backwards)
        return [plain.entry.pk for plain in found]

    @staticmethod
    def _place(plain: Plain) -> tuple[int, int, int]:
        return plain.entry.report_id, plain.entry.number or 0, plain.entry.pk

    @staticmethod
    def _key(plain: Plain, key: str, language: str, asked: Query) -> Any:
        entry = plain.entry
        if key == "updated":
            return entry.changed_at
        if key == "relevance":
            return plain.score(asked)
        title = (
            entry.title_zh_hans or entry.title_en if language == "zh-hans" else entry.title_en or entry.title_zh_hans
        )
        return title_key(title, language)
