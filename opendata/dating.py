"""When the pages of what entries rest on changed last, as far as the data say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Model, Q

from cities.models import Area, City
from common.keeping import keeps_history
from pillars.models import Pillar, Report
from recommendations.choices import Reach
from recommendations.models import Recommendation
from recommendations.querysets import RecommendationQuerySet
from sources.models import Source
from themes.models import Term

#: Model → the way to it from the entries that its pages show.
WAYS: dict[type[Model], str] = {
    Report: "report",
    Pillar: "pillar",
    City: "coverage__city",
    Area: "coverage__city__memberships__area",
    Term: "terms",
    Source: "evidence__section__source",
}
#: Their pages show the entries that apply everywhere besides.
PLACES = (City, Area)
HEARD = Max("updates__recorded_at", filter=Q(updates__is_published=True))

Moments = dict[int, dt.datetime]


def changed_at(model: type[Model]) -> Moments:
    """Id of a ``model`` → the newest moment that its page is known to have changed.

    That is when an entry on it changed or was withdrawn, an update on one was recorded, or the thing itself was changed
    at the desk. Nothing dates what is on no entry; an entry that moved on dates only the page it moved to.
    """
    rows = _seen().order_by().values_list(WAYS[model]).annotate(changed=Max("changed_at"), heard=HEARD)
    found = _newest((pk, moment) for pk, *moments in rows for moment in moments)
    if keeps_history(model):
        history: Any = model.history  # type: ignore[attr-defined]
        own = history.order_by().values_list(model._meta.pk.attname).annotate(newest=Max("history_date"))
        found = _newest([*found.items(), *own])
    everywhere = _everywhere() if model in PLACES else None
    if everywhere:
        pks = model._default_manager.values_list("pk", flat=True)
        found = _newest([*found.items(), *((pk, everywhere) for pk in pks)])
    return found


def _seen() -> RecommendationQuerySet:
    """What readers see or once saw."""
    return Recommendation.objects.entries().filter(published_at__isnull=False)


def _everywhere() -> dt.datetime | None:
    """The newest change of an entry that applies everywhere."""
    moments = _seen().filter(reach=Reach.PROVINCE).aggregate(Max("changed_at"), heard=HEARD).values()
    return max(filter(None, moments), default=None)


def _newest(moments: Iterable[tuple[int | None, dt.datetime | None]]) -> Moments:
    found: Moments = {}
    for pk, moment in moments:
        if pk is not None and moment is not None:
            found[pk] = max(moment, found.get(pk, moment))
    return found
