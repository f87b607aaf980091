"""What became of the recommendations."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pillars.overview import together
from progress.models import Checkpoint, Update
from progress.overview import MAX_LISTED, MAX_UPDATES, standings


def index(request: HttpRequest) -> HttpResponse:
    """The checkpoints ahead, the updates there are, and the status of every entry."""
    pillars = standings()
    statuses = together(row.summary.statuses for row in pillars)
    total = sum(tally.count for tally in statuses)
    updates = Update.objects.published()
    context = {
        "checkpoints": list(Checkpoint.objects.in_order().with_entries()),
        "updates": list(updates.newest_first().with_effects()[:MAX_UPDATES]),
        "update_count": updates.count(),
        "pillars": pillars,
        "statuses": statuses,
        "total": total,
        "followed": total - sum(t.count for t in statuses if t.value == "no-follow-up-found"),
        "max_listed": MAX_LISTED,
    }
    return render(request, "progress/index.html", context)
