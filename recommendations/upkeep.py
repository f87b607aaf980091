"""Which entries have to be derived anew after a change of what they are derived from."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models

from cities.models import Area, City
from pillars.models import Pillar
from recommendations import derive
from recommendations.choices import Reach
from recommendations.models import Coverage, Recommendation
from recommendations.querysets import RecommendationQuerySet
from themes.models import Term, Vocabulary


def affected(model: type[models.Model], ids: Collection[int] | None) -> RecommendationQuerySet:
    """The entries whose coverage or search text follows from these objects; all entries where ids are unknown."""
    entries = Recommendation.objects.all()
    if ids is None:
        return entries
    tagged = Recommendation.terms.through.objects
    if model is Pillar:
        return entries.filter(pillar__in=ids)
    if model is Term:
        return entries.filter(pk__in=tagged.filter(term__in=ids).values("recommendation"))
    if model is Vocabulary:
        return entries.filter(pk__in=tagged.filter(term__vocabulary__in=ids).values("recommendation"))
    if model is City:
        return entries.filter(pk__in=Coverage.objects.filter(city__in=ids).values("recommendation"))
    if model is Area:
        # Of these alone: any other entry names its cities itself.
        return entries.filter(reach__in=[Reach.METROPOLITAN, Reach.BAY_AREA])
    return entries.none()


def rederive(model: type[models.Model], ids: Collection[int] | None) -> None:
    """Make the derived rows of the affected entries anew."""
    derive.refresh(affected(model, ids))
