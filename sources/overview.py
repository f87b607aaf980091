"""A source passage by passage, with the entries that rest on each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from common.tally import pointing_at
from sources.models import Source, SourceSection

#: Citations shown passage by passage; the rest is a step away in the list that can be filtered.
MAX_CITATIONS = 1_000


@dataclass
class Passage:
    """A paragraph or bullet of a section: the entries and checkpoints that cite it."""

    locator: str
    entries: list[Any] = field(default_factory=list)
    checkpoints: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Section:
    """A section and how many different entries cite its own text; it may consist of parts, S3 of S3.1 and S3.2."""

    section: SourceSection
    count: int
    passages: list[Passage]
    has_parts: bool


@dataclass(frozen=True, slots=True)
class SourceCount:
    source: Source
    count: int


def published_entries() -> Any:
    """The set of the published recommendations, reached from below."""
    rows = pointing_at(SourceSection, "evidence_citations")
    entries: Any = rows.model._meta.get_field("recommendation").related_model
    return entries.public_set()


def sources() -> list[SourceCount]:
    """Every source with how many entries rest on it."""
    numbers = published_entries().counts("source")
    return [SourceCount(source, numbers.get(source.pk, 0)) for source in Source.objects.in_order()]


def entry_count(source: Source) -> int:
    """How many entries rest on ``source``."""
    return int(published_entries().having("source", source.pk).count())


def sections(source: Source) -> list[Section]:
    """The sections of ``source`` in its order, each with its passages; as many queries however many there are."""
    entries = published_entries().having("source", source.pk)
    numbers = entries.counts("section")
    # Each of these cites the source at least once.
    first = entries.ids(MAX_CITATIONS)
    cited = pointing_at(SourceSection, "evidence_citations").filter(section__source=source, recommendation__in=first)
    passages: dict[int, dict[str, Passage]] = defaultdict(dict)
    order = ("recommendation__report_id", "recommendation__number", "pk")
    for row in cited.select_related("section", "recommendation__pillar").order_by(*order)[:MAX_CITATIONS]:
        entries = passages[row.section_id].setdefault(row.paragraph, Passage(row.locator)).entries
        if row.recommendation not in entries[-1:]:
            entries.append(row.recommendation)
    steps = pointing_at(SourceSection, "checkpoint_citations").filter(section__source=source)
    for step in steps.in_order()[:MAX_CITATIONS]:
        passages[step.section_id].setdefault(step.paragraph, Passage(step.locator)).checkpoints.append(step)
    listed = list(source.sections.select_related("source").in_order())
    wholes = {section.code.rpartition(".")[0] for section in listed}
    return [
        Section(
            section, numbers.get(section.pk, 0), [found[p] for p in sorted(found, key=_place)], section.code in wholes
        )
        for section in listed
        for found in [passages[section.pk]]
    ]


def _place(paragraph: str) -> tuple[bool, int]:
    """Paragraphs in their order, then bullets in theirs."""
    return paragraph.startswith("b"), int(paragraph[1:])
