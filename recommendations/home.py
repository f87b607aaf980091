"""The front page: what this is, and the ways in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cities.overview import Overview, areas_with_members
from common.tally import pointing_at
from pillars.models import Pillar, Report
from pillars.overview import MAX_SQUARES, PillarSummary, summaries, together
from recommendations.models import Recommendation
from recommendations.timeline import latest_changes, latest_updates
from themes.models import Term

#: Up to so many entries stand on the front page as a square each.
MAX_LEDGER = 200
#: Themes offered beside the search.
MAX_THEMES = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A pillar's line of the ledger."""

    summary: PillarSummary
    entries: list[Recommendation]


def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    cards = summaries(Pillar.objects.select_related("report").in_order())
    total = sum(card.count for card in cards)
    overview = Overview()
    context = {
        "reports": list(Report.objects.in_order().select_related("source")),
        "cards": cards,
        "total": total,
        "bases": together(card.bases for card in cards),
        "ledger": ledger(cards) if total <= MAX_LEDGER else [],
        "overview": overview,
        "areas": areas_with_members(),
        "themes": common_themes(),
        "checkpoints": list(pointing_at(Recommendation, "checkpoints").in_order()),
        "updates": latest_updates(),
        "changes": latest_changes(),
        "max_squares": MAX_SQUARES,
    }
    return render(request, "recommendations/home.html", context)


def ledger(cards: list[PillarSummary]) -> list[Row]:
    """Every published entry under its pillar, in order."""
    by_pillar: dict[int, list[Recommendation]] = defaultdict(list)
    for entry in Recommendation.objects.published().in_order():
        by_pillar[entry.pillar_id or 0].append(entry)
    return [Row(card, by_pillar[card.pillar.pk]) for card in cards if by_pillar[card.pillar.pk]]


def common_themes() -> list[Term]:
    """The terms of the first vocabulary that most published entries have."""
    counts = Recommendation.public_set().counts("term")
    terms = Term.objects.select_related("vocabulary").order_by("vocabulary__position", "vocabulary_id")
    used = [term for term in terms if counts.get(term.pk)]
    first = [term for term in used if term.vocabulary_id == used[0].vocabulary_id]
    return sorted(first, key=lambda term: (-counts[term.pk], term.pk))[:MAX_THEMES]
