"""New entries, a batch at a time, a table at a time: what the actions of the desk would write of each."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import connection

from common import changes
from common.bulk import insert_rows
from recommendations import derive
from recommendations.choices import State, Status, Step
from recommendations.importing import tables
from recommendations.importing.coming import Coming
from recommendations.importing.things import Things
from recommendations.models import CityLink, EntryVersion, Evidence, Recommendation
from recommendations.proofs import refresh_proofs
from recommendations.snapshot import TEXT_COLUMNS, Document

ENTRY_COLUMNS = (
    *("report_id", "pillar_id", "number", "slug", "basis", "reach", "state", "status"),
    *("reviewed_on", "created_at", "published_at", "changed_at"),
    *TEXT_COLUMNS,
)


@dataclass(frozen=True, slots=True)
class New:
    """A new entry: the document of its first version, and the day in it as a date."""

    document: Document
    reviewed_on: dt.date | None


def add_entries(
    new: Sequence[New],
    things: Things,
    *,
    state: State,
    reason: str,
    at: dt.datetime,
    words: set[str],
    coming: Coming | None = None,
) -> dict[str, int]:
    """Add entries with all that follows from them; ``words`` are known to be remembered, those of these are added.

    What they name is there; of related entries those that are not wait in ``coming``, as do others for these. Nobody
    else adds any meanwhile (``hold_names``). Returns the ids of the new entries by slug.
    """
    moment = connection.ops.adapt_datetimefield_value(at)
    seen = moment if state == State.PUBLISHED else None
    step = Step.PUBLISHED if state == State.PUBLISHED else Step.SAVED
    documents = [row.document for row in new]
    with changes.named_at_once(tables.WRITTEN) as logged:
        insert_rows(Recommendation, ENTRY_COLUMNS, [_entry(row, things, state, moment, seen) for row in new])
        ids = ids_of(chain.from_iterable((said["slug"], *said["related"]) for said in documents))
        made = {str(said["slug"]): ids[said["slug"]] for said in documents}
        links = _links(documents, ids, made, coming)
        logged.extend({*made.values(), *chain.from_iterable(links)})  # who is named as related counts as changed
        facts = [tables.facts_of(said, ids[said["slug"]], things) for said in documents]
        _insert_parts(documents, facts, links, things)
        refresh_proofs(made.values())
        versions = (
            (made[said["slug"]], 1, None, state.value, step.value, reason, as_json(said), moment, seen)
            for said in documents
        )
        insert_rows(EntryVersion, tables.VERSION_COLUMNS, versions)
        cities = {city.pk: city for city in things.of("city").values()}
        derive.write_for(facts, derive.area_cities(), cities, words)
    return made


def as_json(said: Document) -> str:
    """A document as a version keeps it."""
    return json.dumps(said, ensure_ascii=False)


def ids_of(slugs: Iterable[str]) -> dict[str, int]:
    """Slug → id, of the entries there are."""
    found = Recommendation.objects.filter(slug__in=set(slugs)).values_list("slug", "pk")
    return {str(slug): pk for slug, pk in found}


def _entry(row: New, things: Things, state: State, moment: Any, seen: Any) -> tuple[Any, ...]:
    said = row.document
    reviewed = connection.ops.adapt_datefield_value(row.reviewed_on) if row.reviewed_on else None
    return (
        things.get("report", said["report"]).pk, things.get("pillar", said["pillar"]).pk,
        said["number"], said["slug"], said["basis"], said["reach"], state.value, Status.NO_FOLLOW_UP_FOUND.value,
        reviewed, moment, seen, seen,
        *(said["texts"][column] for column in TEXT_COLUMNS),
    )  # fmt: skip


def _links(
    documents: Sequence[Document], ids: Mapping[str, int], made: Mapping[str, int], coming: Coming | None
) -> list[tuple[int, int]]:
    """Pairs of entries that are linked now that these are there."""
    links = coming.arrive(made) if coming else []
    for said in documents:
        pk = made[said["slug"]]
        links += [(pk, ids[slug]) for slug in said["related"] if slug in ids]
        if coming:
            coming.wait(pk, (slug for slug in said["related"] if slug not in ids))
    return links


def _insert_parts(
    documents: Sequence[Document], facts: Sequence[derive.Facts], links: list[tuple[int, int]], things: Things
) -> None:
    """What entries are tied to: terms, related entries, passages, cities."""
    both = [(said, fact.pk) for said, fact in zip(documents, facts, strict=True)]
    insert_rows(tables.Terms, tables.TERM_COLUMNS, ((fact.pk, term.pk) for fact in facts for term in fact.terms))
    insert_rows(tables.Related, tables.RELATED_COLUMNS, links)
    passages = (row for said, pk in both for row in tables.evidence_rows(said, pk, things))
    insert_rows(Evidence, tables.EVIDENCE_COLUMNS, passages)
    cities = (row for said, pk in both for row in tables.city_rows(said, pk, things))
    insert_rows(CityLink, tables.CITY_COLUMNS, cities)
