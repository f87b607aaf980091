"""New entries, a batch at a time, a table at a time: what the actions of the desk would write of each."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from common import changes
from common.bulk import insert_rows
from recommendations import derive
from recommendations.choices import State, Status, Step
from recommendations.importing.things import Things
from recommendations.models import CityLink, Coverage, EntryVersion, Evidence, Recommendation, SearchText
from recommendations.snapshot import TEXT_COLUMNS, Document

WRITTEN: tuple[type[models.Model], ...] = (
    Recommendation, Recommendation.terms.through, Recommendation.related.through, Evidence, CityLink, EntryVersion,
    Coverage, SearchText,
)  # fmt: skip
ENTRY_COLUMNS = (
    *("report_id", "pillar_id", "number", "slug", "basis", "reach", "state", "status"),
    *("reviewed_on", "created_at", "published_at", "changed_at"),
    *TEXT_COLUMNS,
)
PASSAGE = ("paragraph", "key_phrase", "supports", "note_en", "note_zh_hans")
LINK = ("basis", "note_en", "note_zh_hans")
VERSION_COLUMNS = ("entry_id", "number", "state", "step", "reason", "document", "created_at", "public_from")


@dataclass(frozen=True, slots=True)
class New:
    """A new entry: the document of its first version, and the day in it as a date."""

    document: Document
    reviewed_on: dt.date | None


def add_entries(
    new: Sequence[New], things: Things, *, state: State, reason: str, at: dt.datetime, words: set[str]
) -> None:
    """Add entries with all that follows from them; ``words`` are known to be remembered, those of these are added.

    What they name is there, related entries here or among them; nobody else adds any meanwhile (``hold_names``).
    """
    moment = connection.ops.adapt_datetimefield_value(at)
    seen = moment if state == State.PUBLISHED else None
    with changes.named_at_once(WRITTEN) as logged:
        insert_rows(Recommendation, ENTRY_COLUMNS, [_entry(row, things, state, moment, seen) for row in new])
        documents = [row.document for row in new]
        ids = _ids(documents)
        logged.extend(ids.values())  # what is named as related counts as changed, as by any other road
        facts = [_facts(said, ids[said["slug"]], things) for said in documents]
        _insert_links(documents, facts, ids, things)
        step = Step.PUBLISHED if state == State.PUBLISHED else Step.SAVED
        insert_rows(
            EntryVersion,
            VERSION_COLUMNS,
            (
                (
                    ids[said["slug"]],
                    1,
                    state.value,
                    step.value,
                    reason,
                    json.dumps(said, ensure_ascii=False),
                    moment,
                    seen,
                )
                for said in documents
            ),
        )
        cities = {city.pk: city for city in things.of("city").values()}
        derive.write_for(facts, derive.area_cities(), cities, words)


def _entry(row: New, things: Things, state: State, moment: Any, seen: Any) -> tuple[Any, ...]:
    said = row.document
    reviewed = connection.ops.adapt_datefield_value(row.reviewed_on) if row.reviewed_on else None
    return (
        things.get("report", said["report"]).pk, things.get("pillar", said["pillar"]).pk,
        said["number"], said["slug"], said["basis"], said["reach"], state.value, Status.NO_FOLLOW_UP_FOUND.value,
        reviewed, moment, seen, seen,
        *(said["texts"][column] for column in TEXT_COLUMNS),
    )  # fmt: skip


def _ids(documents: Iterable[Document]) -> dict[str, int]:
    """Slug → id, of the entries and of those they name as related."""
    slugs = {slug for said in documents for slug in (said["slug"], *said["related"])}
    return {str(slug): pk for slug, pk in Recommendation.objects.filter(slug__in=slugs).values_list("slug", "pk")}


def _facts(said: Document, pk: int, things: Things) -> derive.Facts:
    """What follows is made of this; terms in the order of ``TermQuerySet.in_order``."""
    terms = [things.get("term", *pair.split("/", 1)) for pair in said["terms"]]
    terms.sort(key=lambda term: (term.vocabulary.position, term.vocabulary_id, term.pk))
    return derive.Facts(
        pk=pk,
        reach=said["reach"],
        texts=said["texts"],
        links=[(things.get("city", row["city"]).pk, row["basis"]) for row in said["cities"]],
        terms=terms,
        phrases=[row["key_phrase"] for row in said["evidence"]],
        pillar=things.get("pillar", said["pillar"]),
    )


def _insert_links(
    documents: Sequence[Document], facts: Sequence[derive.Facts], ids: Mapping[str, int], things: Things
) -> None:
    """What entries are tied to: terms, related entries, passages, cities."""
    both = list(zip(documents, facts, strict=True))
    terms = ((fact.pk, term.pk) for fact in facts for term in fact.terms)
    insert_rows(Recommendation.terms.through, ("recommendation_id", "term_id"), terms)
    related = ((fact.pk, ids[slug]) for said, fact in both for slug in said["related"])
    insert_rows(Recommendation.related.through, ("from_recommendation_id", "to_recommendation_id"), related)
    passages = (
        (
            fact.pk,
            things.get("section", row["source"], row["section"]).pk,
            *(row[name] for name in PASSAGE),
            position,
        )
        for said, fact in both
        for position, row in enumerate(said["evidence"], start=1)
    )
    insert_rows(Evidence, ("recommendation_id", "section_id", *PASSAGE, "position"), passages)
    cities = (
        (fact.pk, city, *(row[name] for name in LINK))
        for said, fact in both
        for row, (city, _basis) in zip(said["cities"], fact.links, strict=True)
    )
    insert_rows(CityLink, ("recommendation_id", "city_id", *LINK), cities)
