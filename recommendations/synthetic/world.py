"""Makes the made-up world: its report, its pillars, its source, and entries by the hundred thousand.

Rows are made as ``recommendations.actions`` and ``recommendations.derive`` make them, without loading an entry: what
an entry is put together from is made once, with all that follows from it. A test holds both equal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import Max

from cities.models import Area, City
from common import changes
from common.bulk import insert_rows, loading, reset_sequences
from pillars.models import Pillar, Report
from recommendations import fulltext
from recommendations.choices import Basis, CoverageBasis, Reach, Status
from recommendations.derive import area_cities, title_key
from recommendations.models import CityLink, Coverage, EntryVersion, Evidence, Recommendation, SearchText
from recommendations.models.entry import TEXTS
from recommendations.synthetic.words import Line, Writer, joined, line
from sources.models import Source, SourceSection
from themes.models import Term, Vocabulary

#: What the slugs of everything made up begin with.
SLUG = "synthetic"
MARK = ("[Synthetic] ", "【合成】")
#: A fixed moment: the same world for the same seed.
NEWEST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
BATCH = 10_000
REPORTS, PILLARS = 4, 4

BASES, STATUSES = Basis.values, Status.values

Rows = list[tuple[Any, ...]]

ENTRY_COLUMNS = (
    *("id", "report_id", "pillar_id", "number", "slug", "basis", "reach", "state", "status"),
    *("created_at", "published_at", "changed_at"),
    *(f"{name}_{suffix}" for name in TEXTS for suffix in ("en", "zh_hans")),
)
SEARCH_COLUMNS = ("recommendation_id", "title", "summary", "body", "title_key_en", "title_key_zh_hans")
VERSION_COLUMNS = ("entry_id", "number", "state", "reason", "document", "created_at", "public_from")
EVIDENCE_COLUMNS = (
    *("recommendation_id", "section_id", "paragraph", "key_phrase", "supports"),
    *("note_en", "note_zh_hans", "position"),
)
LINK_COLUMNS = ("recommendation_id", "city_id", "basis", "note_en", "note_zh_hans")
#: What ``Batch`` fills.
WRITTEN = (Recommendation, Recommendation.terms.through, CityLink, Coverage, Evidence, EntryVersion, SearchText)


def has_real_content() -> bool:
    """Whether there are entries that this module did not make."""
    return Recommendation.objects.exclude(report__slug__startswith=f"{SLUG}-").exists()


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


@dataclass(slots=True)
class Batch:
    """The rows of some entries, a list a table."""

    entries: Rows = field(default_factory=list)
    terms: Rows = field(default_factory=list)
    links: Rows = field(default_factory=list)
    coverage: Rows = field(default_factory=list)
    evidence: Rows = field(default_factory=list)
    versions: Rows = field(default_factory=list)
    searched: Rows = field(default_factory=list)

    def write(self) -> None:
        insert_rows(Recommendation, ENTRY_COLUMNS, self.entries)
        insert_rows(Recommendation.terms.through, ("recommendation_id", "term_id"), self.terms)
        insert_rows(CityLink, LINK_COLUMNS, self.links)
        insert_rows(Coverage, ("recommendation_id", "city_id", "basis"), self.coverage)
        insert_rows(Evidence, EVIDENCE_COLUMNS, self.evidence)
        insert_rows(EntryVersion, VERSION_COLUMNS, self.versions)
        insert_rows(SearchText, SEARCH_COLUMNS, self.searched)


def make_reference() -> tuple[list[Pillar], list[SourceSection]]:
    """Reports with their pillars and a source, all marked; cities and vocabularies as shipped where there are none."""
    for model, fixture in ((City, "cities"), (Vocabulary, "themes")):
        if not model.objects.exists():
            call_command("loaddata", fixture, verbosity=0)
    source = Source.objects.create(
        slug=f"{SLUG}-source", kind=Source.Kind.OTHER, language="en",
        title_en=f"{MARK[0]}Source that does not exist", title_zh_hans=f"{MARK[1]}并不存在的来源",
    )  # fmt: skip
    sections = [SourceSection.objects.create(source=source, code=f"X{n}") for n in range(1, 9)]
    note = (
        "Made up by a program for tests. Nothing in it was ever said.",
        "由程序为测试而编造，并无出处。",
    )
    pillars = []
    for r in range(1, REPORTS + 1):
        report = Report.objects.create(
            slug=f"{SLUG}-report-{r}", source=source,
            title_en=f"{MARK[0]}Report {r}", title_zh_hans=f"{MARK[1]}报告{r}",
            body_en="A program", body_zh_hans="一个程序", summary_en=note[0], summary_zh_hans=note[1],
            provenance_note_en=note[0], provenance_note_zh_hans=note[1],
        )  # fmt: skip
        for p in range(1, PILLARS + 1):
            name = (f"{MARK[0]}Pillar {r}.{p}", f"{MARK[1]}支柱{r}.{p}")
            pillars.append(
                Pillar.objects.create(
                    report=report, number=p, slug=f"{SLUG}-pillar-{r}-{p}",
                    name_en=name[0], name_zh_hans=name[1], short_name_en=name[0], short_name_zh_hans=name[1],
                )
            )  # fmt: skip
    return pillars, sections


class Stock:
    """What entries are put together from: each thing made once, with the terms and the JSON that follow from it."""

    def __init__(self, random: Random, entries: int) -> None:
        self.random = random
        writer = Writer(random)
        size = min(8_000, max(50, entries // 15))
        self.titles = [writer.sentence(random.randint(3, 6), mark=MARK) for _ in range(size)]
        self.title_keys = [(title_key(t.en, "en"), title_key(t.zh_hans, "zh-hans")) for t in self.titles]
        self.lines = [writer.sentence(random.randint(4, 12)) for _ in range(size)]
        adapt = connection.ops.adapt_datetimefield_value
        self.moments = [adapt(NEWEST - dt.timedelta(minutes=7 * n)) for n in range(5_000)]
        self.pillars, self.sections = make_reference()
        self.pillar_terms = [line(pillar.name_en, pillar.name_zh_hans).terms for pillar in self.pillars]
        self.reports = {report.pk: report.slug for report in Report.objects.all()}
        self.blank = [line("", "")] * len(TEXTS)
        #: How many texts beside title and summary an entry has: few reports fill every field of each.
        self.filled = [0, 0, 0, 1, 1, 2, 3, len(TEXTS) - 2]
        self.themes = self._themes(min(size, 2_000))
        self.places = self._places(min(size, 2_000))
        self.proofs = self._proofs(writer, min(size, 2_000))

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

    def entry(self, pk: int, number: int, batch: Batch) -> None:
        """Add the rows of one entry to ``batch``."""
        random = self.random
        chosen = min(int(random.expovariate(0.25)), len(self.pillars) - 1)
        pillar = self.pillars[chosen]
        pick = int(random.random() * len(self.titles))
        title = self.titles[pick]
        texts = [title, *random.choices(self.lines, k=1 + random.choice(self.filled))]
        texts += self.blank[len(texts) :]
        theme, place, proof = random.choice(self.themes), random.choice(self.places), random.choice(self.proofs)
        state = "draft" if random.random() < 0.02 else "published"
        basis = random.choices(BASES, [5, 3, 2])[0]
        status = STATUSES[min(int(random.expovariate(1)), len(STATUSES) - 1)]
        moment = self.moments[int(random.random() * len(self.moments))]
        public = moment if state == "published" else None
        slug = f"{SLUG}-{pk:08d}"
        both = [text for each in texts for text in (each.en, each.zh_hans)]
        batch.entries.append(
            (
                pk,
                pillar.report_id,
                pillar.pk,
                number,
                slug,
                basis,
                place.reach,
                state,
                status,
                moment,
                public,
                public,
                *both,
            )
        )
        batch.terms += [(pk, term) for term in theme.terms]
        batch.links += [(pk, city, said, "", "") for city, said in place.links]
        batch.coverage += [(pk, city, strongest) for city, strongest in place.covered]
        batch.evidence += [
            (pk, section, "¶1", phrase, "implied", "", "", position)
            for position, (section, phrase) in enumerate(proof.passages, start=1)
        ]
        document = self._document(
            pillar, number, slug, (basis, place.reach), texts, (theme.json, proof.json, place.json)
        )
        batch.versions.append((pk, 1, state, "made up", document, moment, public))
        rest = (theme.searched, proof.searched, self.pillar_terms[chosen], place.searched)
        body = joined(*(each.terms for each in texts[2:]), *rest)
        batch.searched.append((pk, title.terms, texts[1].terms, body, *self.title_keys[pick]))

    def _document(
        self, pillar: Pillar, number: int, slug: str, kind: tuple[str, str], texts: list[Line], lists: tuple[str, ...]
    ) -> str:
        """What ``snapshot`` would make of the entry, as JSON."""
        said = ", ".join(
            f'"{name}_en": {each.json_en}, "{name}_zh_hans": {each.json_zh_hans}'
            for name, each in zip(TEXTS, texts, strict=True)
        )
        return (
            f'{{"schema": 1, "report": "{self.reports[pillar.report_id]}", "number": {number}, "slug": "{slug}", '
            f'"pillar": "{pillar.slug}", "basis": "{kind[0]}", "reach": "{kind[1]}", "reviewed_on": null, '
            f'"texts": {{{said}}}, "terms": {lists[0]}, "related": [], "evidence": {lists[1]}, "cities": {lists[2]}}}'
        )


def _batches(stock: Stock, entries: int, first: int) -> Iterator[Batch]:
    batch = Batch()
    for pk in range(first, first + entries):
        stock.entry(pk, pk - first + 1, batch)
        if len(batch.entries) == BATCH:
            yield batch
            batch = Batch()
    yield batch


def make_world(*, entries: int, seed: int) -> None:
    """Fill the database with a report's worth of ``entries``; the same for the same seed and size.

    One transaction, which counts as one change of everything.
    """
    # Every id below was read within this very transaction; looking each up again takes a third of the time.
    with (
        connection.constraint_checks_disabled(),
        changes.one_for_all(),
        fulltext.made_anew(),
        loading(WRITTEN),
    ):
        stock = Stock(Random(seed), entries)  # noqa: S311 - made-up data, the same for the same seed
        first = (Recommendation.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        for batch in _batches(stock, entries, first):
            batch.write()
        reset_sequences([Recommendation])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
