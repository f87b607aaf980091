"""What became of the entries, counted and listed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pillars.models import Pillar
from pillars.overview import PillarSummary, summaries
from progress.models import Update, UpdateEffect
from recommendations.models import Recommendation

#: Entries listed one by one; the rest is a step away in the list that can be filtered.
MAX_LISTED = 200
#: Updates shown, the newest first.
MAX_UPDATES = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry and the newest update that concerns it, if there is one."""

    entry: Recommendation
    update: Update | None


@dataclass(frozen=True, slots=True)
class PillarStandings:
    summary: PillarSummary
    rows: list[Standing]


def standings() -> list[PillarStandings]:
    """The entries under their pillars, each with what was last heard of it; up to ``MAX_LISTED`` of them."""
    entries = Recommendation.public_set().first(MAX_LISTED)
    effects = UpdateEffect.objects.public().filter(recommendation__in=[entry.pk for entry in entries])
    newest: dict[int, Update] = {}
    for effect in effects.newest_first():
        newest.setdefault(effect.recommendation_id, effect.update)
    by_pillar: dict[int, list[Standing]] = defaultdict(list)
    for entry in entries:
        by_pillar[entry.pillar_id or 0].append(Standing(entry, newest.get(entry.pk)))
    cards = summaries(Pillar.objects.select_related("report").in_order())
    return [PillarStandings(card, by_pillar[card.pillar.pk]) for card in cards]
