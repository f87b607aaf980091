"""What changed last: versions of entries, their status, and everything that keeps its history."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.admin import DeskAdmin
from common.keeping import changes_kept, keeps_history
from common.retold import retold
from progress.models import StatusChange
from recommendations.choices import Step
from recommendations.models import EntryVersion, Recommendation

#: Changes named one by one.
MAX_RECENT = 10


@dataclass(frozen=True, slots=True)
class Recent:
    """One change of ``thing``, told at ``url`` (empty where it is gone).

    ``who`` says “loaded” where nobody at the desk did it, and nothing where ``step`` says so already.
    """

    at: dt.datetime
    thing: str
    kind: str
    url: str
    step: str
    who: str
    reason: str = ""


def recent_changes(may_see: Callable[[type[Model]], bool]) -> list[Recent]:
    """The newest changes of what ``may_see`` says yes to; as many queries however much there is."""
    found: list[Recent] = []
    if may_see(EntryVersion):
        found += [*_versions(), *_statuses()]
    for model, column, of in _kept():
        if may_see(of):
            found += _records(model, column, of)
    return sorted(found, key=lambda one: one.at, reverse=True)[:MAX_RECENT]


def own_acts(user: Any, most: int = MAX_RECENT) -> list[LogEntry]:
    """What ``user`` did last at the desk, each thing as it is called now, in the language in force."""
    acts = list(LogEntry.objects.filter(user=user).select_related("content_type").order_by("-action_time")[:most])
    ids: dict[Any, set[Any]] = defaultdict(set)
    for act in acts:
        ids[act.content_type and act.content_type.model_class()].add(act.object_id)
    for model, some in ids.items():
        found = model._base_manager.in_bulk(some) if model else {}
        for act in acts:
            thing = {str(pk): thing for pk, thing in found.items()}.get(act.object_id or "")
            if thing is not None:
                act.object_repr = str(thing)
    return acts


def _versions() -> Iterator[Recent]:
    versions = EntryVersion.objects.select_related("entry", "author").defer("document")
    for version in versions.order_by("-created_at", "-pk")[:MAX_RECENT]:
        number = _("version %(number)s") % {"number": version.number}
        yield Recent(
            at=version.created_at,
            thing=str(version.entry),
            kind=str(Recommendation._meta.verbose_name),
            url=_history(Recommendation, version.entry_id),
            step=f"{number}{pgettext('list', ': ')}{version.get_step_display() or version.get_state_display()}",
            who="" if version.step == Step.LOADED else _who(version.author),
            reason="" if version.step == Step.LOADED else retold(version.reason),
        )


def _statuses() -> Iterator[Recent]:
    for change in StatusChange.objects.newest_first().select_related("entry", "update", "author")[:MAX_RECENT]:
        yield Recent(
            at=change.at,
            thing=str(change.entry),
            kind=str(Recommendation._meta.verbose_name),
            url=_history(Recommendation, change.entry_id),
            step=_("status: %(before)s → %(after)s")
            % {"before": change.get_before_display(), "after": change.get_after_display()},
            who=_who(change.author),
            reason=str(change.update or ""),
        )


def _kept() -> Iterator[tuple[Any, str, type[Model]]]:
    """Each model that keeps its history, with the column that names the thing whose page tells it, and its model."""
    for model, found in admin.site._registry.items():
        if not isinstance(found, DeskAdmin) or not keeps_history(model):
            continue
        yield model, model._meta.pk.attname, model
        for part, column in found.parts():
            if keeps_history(part) and part not in admin.site._registry:
                yield part, column, model


def _records(model: Any, column: str, of: type[Model]) -> Iterator[Recent]:
    for record in changes_kept(model, MAX_RECENT):
        is_gone = record.history_type == "-" and model is of
        yield Recent(
            at=record.history_date,
            thing=str(record.instance),
            kind=str(model._meta.verbose_name),
            url="" if is_gone else _history(of, getattr(record, column)),
            step=str(record.get_history_type_display()),
            who=_who(record.history_user),
            reason=retold(record.history_change_reason or ""),
        )


def _who(user: Any) -> str:
    return str(user) if user else _("loaded")


def _history(model: type[Model], pk: int) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_history", args=[pk])
