"""What a document says, as rows of the tables it is kept in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from recommendations.derive import Facts
from recommendations.importing.things import Things
from recommendations.models import CityLink, Coverage, EntryVersion, Evidence, Recommendation, SearchText
from recommendations.snapshot import Document

Terms: type[models.Model] = Recommendation.terms.through
Related: type[models.Model] = Recommendation.related.through

WRITTEN: tuple[type[models.Model], ...] = (
    Recommendation, Terms, Related, Evidence, CityLink, EntryVersion, Coverage, SearchText,
)  # fmt: skip
TERM_COLUMNS = ("recommendation_id", "term_id")
RELATED_COLUMNS = ("from_recommendation_id", "to_recommendation_id")
PASSAGE = ("paragraph", "key_phrase", "supports", "note_en", "note_zh_hans")
EVIDENCE_COLUMNS = ("recommendation_id", "section_id", *PASSAGE, "position")
LINK = ("basis", "note_en", "note_zh_hans")
CITY_COLUMNS = ("recommendation_id", "city_id", *LINK)
VERSION_COLUMNS = (
    *("entry_id", "number", "base_id", "state", "step", "reason", "document", "created_at", "public_from"),
)

Cells = tuple[Any, ...]


def facts_of(said: Document, pk: int, things: Things) -> Facts:
    """What follows is made of this; terms in the order of ``TermQuerySet.in_order``."""
    terms = [things.get("term", *pair.split("/", 1)) for pair in said["terms"]]
    terms.sort(key=lambda term: (term.vocabulary.position, term.vocabulary_id, term.pk))
    return Facts(
        pk=pk,
        reach=said["reach"],
        texts=said["texts"],
        links=[(things.get("city", row["city"]).pk, row["basis"]) for row in said["cities"]],
        terms=terms,
        phrases=[row["key_phrase"] for row in said["evidence"]],
        pillar=things.get("pillar", said["pillar"]) if said["pillar"] else None,
    )


def evidence_rows(said: Document, pk: int, things: Things) -> Iterator[Cells]:
    """The passages of the entry ``pk``, in order."""
    for position, row in enumerate(said["evidence"], start=1):
        section = things.get("section", row["source"], row["section"])
        yield (pk, section.pk, *(row[name] for name in PASSAGE), position)


def city_rows(said: Document, pk: int, things: Things) -> Iterator[Cells]:
    """The cities the entry ``pk`` is linked to."""
    for row in said["cities"]:
        yield (pk, things.get("city", row["city"]).pk, *(row[name] for name in LINK))
