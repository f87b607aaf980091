"""What entries rest on keeps every version it had: who changed it, when, and what.

Entries themselves do not: a version of an entry is one document (``recommendations.snapshot``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from simple_history.models import HistoricalRecords

#: Models with the column by which each points at what it is a part of.
Parts = Iterable[tuple[Any, str]]
#: Changes that a page of history shows.
MAX_SHOWN = 200
#: The reason of the record that ``keep_first`` makes, in one language whoever made it.
AS_IT_WAS = gettext_noop("As it was before.")


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
                former._history_user = None  # who changes it now did not make it
                model.history.bulk_history_create([former], default_change_reason=AS_IT_WAS)


@dataclass(frozen=True, slots=True)
class Past:
    """One change of a thing or of one of its parts; ``fields`` are (name, before, after).

    ``is_first`` where it is no change, but how the thing was before the first one.
    """

    record: Any
    what: str
    part: str
    fields: list[tuple[str, str, str]]
    is_first: bool


def past_of(thing: models.Model, parts: Parts) -> list[Past]:
    """The changes of ``thing``, the newest first; ``parts`` are models with the column that points at it."""
    rows = sorted(_records_of(thing, parts), key=lambda row: (row.history_date, row.history_id))
    last: dict[tuple[type, int], Any] = {}
    found = []
    for row in rows:
        key = (type(row), row.instance.pk)
        of_part = "" if row.instance_type is type(thing) else str(row.instance_type._meta.verbose_name)
        is_first = row.history_change_reason == AS_IT_WAS
        what = _("Loaded") if is_first else row.get_history_type_display()
        found.append(Past(row, what, of_part, _fields(row, last.get(key)), is_first))
        last[key] = row
    return found[::-1][:MAX_SHOWN]


def newest_of(thing: models.Model, parts: Parts) -> Any:
    """The record of the newest change of ``thing`` or of one of its parts; ``None`` where none is kept."""
    rows = (row for row in _records_of(thing, parts) if row.history_change_reason != AS_IT_WAS)
    return max(rows, key=lambda row: (row.history_date, row.history_id), default=None)


def changes_kept(model: type[models.Model], limit: int) -> list[Any]:
    """The records of the newest changes of things of ``model``, whosever they are."""
    kept: Any = model
    records = kept.history.exclude(history_change_reason=AS_IT_WAS)
    return list(records.select_related("history_user").order_by("-history_date", "-history_id")[:limit])


def _records_of(thing: models.Model, parts: Parts) -> list[Any]:
    model: Any = type(thing)
    rows: list[Any] = []
    for kind, column in ((model, model._meta.pk.attname), *parts):
        if keeps_history(kind):
            rows += kind.history.filter(**{column: thing.pk}).select_related("history_user")
    return rows


def _fields(row: Any, before: Any) -> list[tuple[str, str, str]]:
    """What ``row`` says otherwise than the record before it; nothing for the first."""
    if before is None:
        return []
    delta = row.diff_against(before, foreign_keys_are_objs=True)
    names = {field.name: str(field.verbose_name) for field in row.tracked_fields}
    return [(names[change.field], _told(change.old), _told(change.new)) for change in delta.changes]


def _told(value: Any) -> str:
    return "–" if value in (None, "") else str(value)
