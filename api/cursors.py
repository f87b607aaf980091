"""Where a reader of a list is: after which row, by the very values the list is sorted by.

A list that is edited meanwhile neither skips nor repeats a row that stays where it is, as one counted by offsets
would. A cursor is signed, so that what comes back is what was given out, and belongs to one question.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _

from api.problems import Problem

#: Without the time of signing: the same page has the same cursor, so that it is the same answer.
SIGNER = signing.Signer(salt="api.cursor")
KEY = "sort_key_"


@dataclass(frozen=True, slots=True)
class Keyed:
    """A query set whose own order is written out as columns ``sort_key_0``, ``sort_key_1`` and so on."""

    rows: QuerySet[Any]
    is_descending: tuple[bool, ...]

    @classmethod
    def of(cls, ordered: QuerySet[Any]) -> Keyed:
        """``ordered`` ends, as every order here does, in a unique field."""
        keys: dict[str, Any] = {}
        descending = []
        for place, given in enumerate(ordered.query.order_by):
            if isinstance(given, OrderBy):
                expression, is_descending = given.expression, given.descending
            else:
                expression, is_descending = F(str(given).removeprefix("-")), str(given).startswith("-")
            keys[f"{KEY}{place}"] = expression
            descending.append(is_descending)
        return cls(ordered.annotate(**keys), tuple(descending))

    def values_of(self, row: Model) -> list[Any]:
        """What ``row`` is sorted by; empty where it is gone meanwhile."""
        names = [f"{KEY}{place}" for place in range(len(self.is_descending))]
        return list(self.rows.filter(pk=row.pk).values_list(*names).first() or ())

    def after(self, values: Sequence[Any]) -> QuerySet[Any]:
        """The rows that come after one with these values."""
        beyond, same = Q(), Q()
        for place, (value, is_descending) in enumerate(zip(values, self.is_descending, strict=True)):
            beyond |= same & Q(**{f"{KEY}{place}__{'lt' if is_descending else 'gt'}": value})
            same &= Q(**{f"{KEY}{place}": value})
        return self.rows.filter(beyond)

    def place_of(self, row: Model) -> int:
        """Where ``row`` stands among all rows, from 1."""
        return self.rows.count() - self.after(self.values_of(row)).count()


def write(values: Sequence[Any], scope: str) -> str:
    """A cursor to what comes after ``values`` in the list that ``scope`` describes."""
    return SIGNER.sign_object([_digest(scope), [_plain(value) for value in values]], compress=True)


def read(cursor: str, scope: str) -> list[Any]:
    """The values in ``cursor``. Raises ``Problem`` for one that was not given out for this very list."""
    try:
        digest, values = SIGNER.unsign_object(cursor)
    except signing.BadSignature:
        raise Problem("bad-cursor", [_("This is not a cursor that was given out here; start without one.")]) from None
    if digest != _digest(scope):
        said = _("This cursor is of another question; the filter, the order and the language must stay the same.")
        raise Problem("bad-cursor", [said])
    return [_typed(value) for value in values]


def _digest(scope: str) -> str:
    return hashlib.sha256(scope.encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return {"moment": value.isoformat()}
    return {"bytes": bytes(value).hex()} if isinstance(value, bytes | memoryview) else value


def _typed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return dt.datetime.fromisoformat(value["moment"]) if "moment" in value else bytes.fromhex(value["bytes"])
