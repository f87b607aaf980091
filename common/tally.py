"""Counts by a closed list: every choice in its order, the zeros too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Tally:
    """How many have one value of a closed list."""

    value: str
    label: str | Promise
    count: int


def tally(model: type[Model], field: str, counted: Iterable[tuple[str, int]]) -> list[Tally]:
    """The choices of ``field`` of ``model`` with the sums of the pairs (value, number) in ``counted``."""
    sums: Counter[str] = Counter()
    for value, number in counted:
        sums[value] += number
    choices: Any = model._meta.get_field(field).flatchoices  # type: ignore[union-attr]
    return [Tally(value, label, sums[value]) for value, label in choices]


def pointing_at(model: type[Model], name: str) -> Any:
    """The query set of all that points at ``model`` under the related name ``name``.

    Rooms below reach what lies above them through this, never by import.
    """
    related: Any = model._meta.get_field(name).related_model
    return related._default_manager.all()
