"""What things were called in a record: for telling its slugs in words, and for telling which names have changed.

A record keeps the names of its day. What is told of two records takes the later one's name of a thing, and today's only
where neither has any: the words of an edition do not change with the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from common.translation import COLUMN_SUFFIX, Text
from editions.records import Data, either
from recommendations.describing import Change, Label, Names, in_language_named
from recommendations.wording import wording

#: What a thing with a name is → what that is called, in the order changes of names are told.
KINDS: dict[str, str | Promise] = {
    "report": _("Report"),
    "body": _("Issuing body"),
    "pillar": _("Pillar"),
    "vocabulary": _("Vocabulary"),
    "term": _("Theme"),
    "city": _("City"),
    "source": _("Source"),
}

#: A kind and a slug.
Key = tuple[str, str]


def names_in(record: Data) -> Iterator[tuple[Key, Data]]:
    """Everything that ``record`` calls by a name, with the pair of it. What has no slug there is left out."""
    document, names = record["document"], record["names"]
    yield ("report", document["report"]), names["report"]
    yield ("body", document["report"]), names["body"]
    yield ("pillar", document["pillar"]), names["pillar"]
    for term in names["terms"]:
        if slug := term.get("slug"):
            yield ("term", slug), term["label"]
            yield ("vocabulary", slug.partition("/")[0]), term["vocabulary"]
    yield from ((("city", city["slug"]), city) for city in names["cities"] if city.get("slug"))
    for row, named in zip(document["evidence"], names["evidence"], strict=True):
        yield ("source", row["source"]), named


def renamed(before: dict[Key, Data], after: dict[Key, Data]) -> list[Change]:
    """What is called otherwise in ``after``, word by word, each language by itself."""
    order = list(KINDS)
    found = []
    for key in sorted(before.keys() & after.keys(), key=lambda key: (order.index(key[0]), key[1])):
        for language, suffix in COLUMN_SUFFIX.items():
            once, now = before[key][suffix], after[key][suffix]
            if once != now:
                label = in_language_named(KINDS[key[0]], language)
                found.append(Change(label, wording(once, now), language, [], [], []))
    return found


@dataclass(frozen=True, slots=True)
class KeptSource:
    """As much of a source as its passages are told with."""

    title: Text
    language: str


class KeptNames(Names):
    """What the slugs in ``records`` stand for: as they say, the later ones first; else as it is now.

    What a record relates its entry to was public then, and is named whether or not it still is.
    """

    def __init__(self, records: Iterable[Data]) -> None:
        self.records = list(records)
        super().__init__(record["document"] for record in self.records)

    def _kept(self, kind: str) -> dict[str, Label]:
        found = (pair for record in self.records for pair in names_in(record))
        return {slug: either(named) for (of, slug), named in found if of == kind}

    @cached_property
    def terms(self) -> dict[str, Label]:
        return super().terms | self._kept("term")

    @cached_property
    def cities(self) -> dict[str, Label]:
        return super().cities | self._kept("city")

    @cached_property
    def sources(self) -> dict[str, Any]:
        kept = {
            row["source"]: KeptSource(either(named), named["language"])
            for record in self.records
            for row, named in zip(record["document"]["evidence"], record["names"]["evidence"], strict=True)
        }
        return super().sources | kept

    @cached_property
    def entries(self) -> dict[str, Label]:
        kept = {row["slug"]: either(row) for record in self.records for row in record["names"]["related"]}
        return super().entries | kept

    @cached_property
    def values(self) -> dict[str, dict[str, Label]]:
        found = super().values
        return found | {part: found[part] | self._kept(part) for part in ("report", "pillar")}
