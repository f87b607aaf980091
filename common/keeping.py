"""What entries rest on keeps every version it had: who changed it, when, and what.

Entries themselves do not: a version of an entry is one document (``recommendations.snapshot``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from simple_history.models import HistoricalRecords

#: Changes that a page of history shows.
MAX_SHOWN = 200


class KeptApart(models.Model):
    """Past versions are no content: no reader sees them, no dump of content holds them."""

    is_content = False

    class Meta:
        abstract = True


def kept() -> Any:
    """For a model: ``history = kept()`` keeps every version that is saved or deleted from then on."""
    return HistoricalRecords(bases=[KeptApart])


def keeps_history(model: type[models.Model]) -> bool:
    """Whether ``model`` keeps its versions."""
    return hasattr(model._meta, "simple_history_manager_attribute")


def keep_first(things: Iterable[models.Model]) -> None:
    """Before things are changed for the first time: what they say now is kept, whatever road it came by."""
    for thing in things:
        model: Any = type(thing)
        if keeps_history(model) and not model.history.filter(**{model._meta.pk.attname: thing.pk}).exists():
            former = model._base_manager.filter(pk=thing.pk).first()
            if former is not None:
                model.history.bulk_history_create([former], default_change_reason=_("As it was before."))


@dataclass(frozen=True, slots=True)
class Past:
    """One change of a thing or of one of its parts; ``fields`` are (name, before, after)."""

    record: Any
    what: str
    part: str
    fields: list[tuple[str, str, str]]


def past_of(thing: models.Model, parts: Iterable[tuple[type[models.Model], str]]) -> list[Past]:
    """The changes of ``thing``, the newest first; ``parts`` are models with the column that points at it."""
    model: Any = type(thing)
    rows = list(_records(model, model._meta.pk.attname, thing.pk))
    for part, column in parts:
        if keeps_history(part):
            rows += _records(part, column, thing.pk)
    rows.sort(key=lambda row: (row.history_date, row.history_id))
    last: dict[tuple[type, int], Any] = {}
    found = []
    for row in rows:
        key = (type(row), row.instance.pk)
        of_part = "" if row.instance_type is model else str(row.instance_type._meta.verbose_name)
        found.append(Past(row, row.get_history_type_display(), of_part, _fields(row, last.get(key))))
        last[key] = row
    return found[::-1][:MAX_SHOWN]


def _records(model: Any, column: str, pk: Any) -> Any:
    return model.history.filter(**{column: pk}).select_related("history_user")


def _fields(row: Any, before: Any) -> list[tuple[str, str, str]]:
    """What ``row`` says otherwise than the record before it; nothing for the first."""
    if before is None:
        return []
    delta = row.diff_against(before, foreign_keys_are_objs=True)
    names = {field.name: str(field.verbose_name) for field in row.tracked_fields}
    return [(names[change.field], _told(change.old), _told(change.new)) for change in delta.changes]


def _told(value: Any) -> str:
    return "–" if value in (None, "") else str(value)
