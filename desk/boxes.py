"""What the desk counts: each box is a number with the list behind it, for those who may see that list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cities.models import City
from common.admin import DeskAdmin
from common.kept import KeptByState
from common.translation import untranslated
from desk.recent import Recent, own_acts, recent_changes
from progress.models import Update
from recommendations.attention import REASONS, untranslated_entries
from recommendations.models import Import, Recommendation

#: Imports named one by one.
MAX_IMPORTS = 5
#: Entries that wait, named one by one.
MAX_WAITING = 8
_numbers = KeptByState()


@dataclass(frozen=True, slots=True)
class Box:
    """``count`` things, listed at ``url``; ``is_urgent`` where the number should be nought."""

    name: str
    label: str | Promise
    count: int
    url: str
    is_urgent: bool = False


class Desk:
    """The desk of the user of ``request``: what may be seen, and no more. As many queries whatever there is.

    Numbers of entries are counted once in each state of the content: of a million, each takes a while.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.today: dt.date = timezone.localdate()

    def _may_see(self, model: type[Model]) -> bool:
        found = _admin_of(model)
        return found is not None and found.has_view_permission(self.request)

    @property
    def boxes(self) -> list[Box]:
        """Every number, in the order of what is to be done first."""
        return [*self._of_entries(), *self._of_updates(), *self._of_cities(), *self._of_translations()]

    @property
    def imports(self) -> list[Import]:
        """The newest spreadsheets brought in, and what became of them."""
        if not self._may_see(Import):
            return []
        return list(Import.objects.order_by("-created_at", "-pk")[:MAX_IMPORTS])

    def _of_entries(self) -> Iterator[Box]:
        if not self._may_see(Recommendation):
            return
        listed = _list_of(Recommendation)
        entries = Recommendation.objects.entries()
        for name, (label, narrow) in REASONS.items():
            key = (name, self.request.user.pk, self.today)
            count = _numbers.get(key, narrow(entries, self.request.user, self.today).count)
            is_urgent = name in {"broken-evidence", "schedule-failed"}
            yield Box(name, label, count, f"{listed}?needs={name}", is_urgent)

    def _of_updates(self) -> Iterator[Box]:
        if self._may_see(Update):
            count = Update.objects.filter(waits_for_review=True).count()
            yield Box(
                "updates", _("Updates waiting for review"), count, f"{_list_of(Update)}?waits_for_review__exact=1"
            )

    def _of_cities(self) -> Iterator[Box]:
        if self._may_see(City):
            count = City.objects.unlinked().count()
            yield Box("unlinked-cities", _("Cities no entry links to"), count, f"{_list_of(City)}?linked=no")

    def _of_translations(self) -> Iterator[Box]:
        """One box a kind of thing that lacks a text in one language; entries always have theirs."""
        for model, found in admin.site._registry.items():
            if not isinstance(found, DeskAdmin) or not found.has_view_permission(self.request):
                continue
            missing = untranslated(model)
            if missing is None:
                continue
            if model is Recommendation:
                count = _numbers.get("untranslated", untranslated_entries(Recommendation.objects.entries()).count)
            else:
                count = model._default_manager.filter(missing).count()
            if count or model is Recommendation:
                label = _("Missing translations: %(kind)s") % {"kind": model._meta.verbose_name_plural}
                yield Box(
                    f"untranslated-{model._meta.model_name}", label, count, f"{_list_of(model)}?translation=missing"
                )

    @property
    def recent(self) -> list[Recent]:
        """What changed last, whatever it is and whosever doing, of what may be seen."""
        return recent_changes(self._may_see)

    @property
    def own_acts(self) -> list[LogEntry]:
        """What the reader did last, in the language of the page."""
        return own_acts(self.request.user)

    @property
    def waiting(self) -> list[Recommendation]:
        """What waits for review, the longest first; a working copy where that is what waits."""
        if not self._may_see(Recommendation):
            return []
        rows = Recommendation.objects.filter(state="in-review").select_related("working_copy_of", "pillar")
        ordered = rows.order_by("created_at", "pk")
        pks = _numbers.get("waiting", lambda: list(ordered.values_list("pk", flat=True)[:MAX_WAITING]))
        return list(ordered.filter(pk__in=pks))


def _admin_of(model: type[Model]) -> ModelAdmin[Any] | None:
    return admin.site._registry.get(model)


def _list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
