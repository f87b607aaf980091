"""Pillars with what stands under them, counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from common.tally import Tally, pointing_at, tally
from pillars.models import Pillar

#: As many entries are shown as a square each; more are shown as one bar.
MAX_SQUARES = 60


@dataclass(frozen=True, slots=True)
class PillarSummary:
    """A pillar and how its published entries are spread."""

    pillar: Pillar
    count: int
    bases: list[Tally]
    statuses: list[Tally]
    reaches: list[Tally]


def published_entries() -> Any:
    """The published recommendations, reached from below."""
    return pointing_at(Pillar, "recommendations").published()


def summaries(pillars: Iterable[Pillar]) -> list[PillarSummary]:
    """Each of ``pillars`` with its counts, by one query for all of them."""
    entries = published_entries()
    rows: dict[int, list[tuple[str, str, str, int]]] = defaultdict(list)
    counted = entries.order_by().values_list("pillar_id", "basis", "status", "reach").annotate(Count("pk"))
    for pillar_id, *row in counted:
        rows[pillar_id].append(tuple(row))
    return [
        PillarSummary(
            pillar=pillar,
            count=sum(row[3] for row in rows[pillar.pk]),
            bases=tally(entries.model, "basis", ((row[0], row[3]) for row in rows[pillar.pk])),
            statuses=tally(entries.model, "status", ((row[1], row[3]) for row in rows[pillar.pk])),
            reaches=tally(entries.model, "reach", ((row[2], row[3]) for row in rows[pillar.pk])),
        )
        for pillar in pillars
    ]


def together(parts: Iterable[list[Tally]]) -> list[Tally]:
    """Several tallies of the same list as one."""
    return [Tally(same[0].value, same[0].label, sum(t.count for t in same)) for same in zip(*parts, strict=True)]
