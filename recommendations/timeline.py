"""What the source announced of an entry and what happened since, as one line of events; and the latest of all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise

from common.tally import pointing_at
from recommendations.models import Recommendation

#: What is behind comes before what goes on, and that before what is ahead.
PHASES = {"done": 0, "ongoing": 1, "upcoming": 2}
#: Updates and changed entries named on the front page.
MAX_LATEST = 3
MAX_CHANGES = 5


@dataclass(frozen=True, slots=True)
class Event:
    """A checkpoint that the source announces, or an update; ``status`` is what an update leaves the entry in."""

    checkpoint: Any = None
    update: Any = None
    status: str | Promise = ""
    is_next: bool = False


def timeline(entry: Recommendation) -> list[Event]:
    """The checkpoints and published updates of ``entry``: behind by date (undated ones first), going on, ahead."""
    placed: list[tuple[tuple[int, dt.date, int], Event]] = []
    for place, step in enumerate(entry.checkpoints.in_order()):
        placed.append(((PHASES[step.state], step.date or dt.date.min, place), Event(checkpoint=step)))
    effects = list(entry.update_effects.public().newest_first())
    for place, effect in enumerate(reversed(effects), start=len(placed)):
        status = effect.get_status_display() if effect.status else ""
        placed.append(((0, effect.update.happened_on, place), Event(update=effect.update, status=status)))
    events = [event for _place, event in sorted(placed, key=lambda pair: pair[0])]
    ahead = next((n for n, e in enumerate(events) if e.checkpoint and e.checkpoint.state == "upcoming"), None)
    return [replace(event, is_next=n == ahead) for n, event in enumerate(events)]


def latest_updates() -> list[Any]:
    """The newest published updates."""
    return list(pointing_at(Recommendation, "updates").published().newest_first().with_effects()[:MAX_LATEST])


def latest_changes() -> list[Recommendation]:
    """The entries whose public text changed last."""
    return Recommendation.public_set().newest(MAX_CHANGES)
