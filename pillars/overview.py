"""Pillars with what stands under them, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
    """The set of the published recommendations, reached from below."""
    return pointing_at(Pillar, "recommendations").model.public_set()


def summaries(pillars: Iterable[Pillar]) -> list[PillarSummary]:
    """Each of ``pillars`` with its counts, three questions for all of them."""
    entries, model = published_entries(), pointing_at(Pillar, "recommendations").model
    spread = {column: entries.cross("pillar", column) for column in ("basis", "status", "reach")}

    def of(pillar: Pillar, column: str) -> list[Tally]:
        counted = ((value, number) for (pk, value), number in spread[column].items() if pk == pillar.pk)
        return tally(model, column, counted)

    found = []
    for pillar in pillars:
        bases = of(pillar, "basis")
        count = sum(basis.count for basis in bases)
        found.append(PillarSummary(pillar, count, bases, of(pillar, "status"), of(pillar, "reach")))
    return found


def together(parts: Iterable[list[Tally]]) -> list[Tally]:
    """Several tallies of the same list as one."""
    return [Tally(same[0].value, same[0].label, sum(t.count for t in same)) for same in zip(*parts, strict=True)]
