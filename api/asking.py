"""The parameters every list of the API takes: how many, from where, which fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from api import cursors
from api.language import Words
from api.problems import Problem
from common.context import origin_of
from recommendations.answers import Answers
from recommendations.filters import WORDS
from recommendations.parameters import MAX_NAMED, plain, repeated, unknown_parameters

DEFAULT_SIZE, MAX_SIZE = 20, 100
#: What an item always says of itself, whatever ``fields`` asks for.
NAMES = ("id", "slug", "number", "vocabulary")
#: The parameters of one item, and those that a list has besides.
ONE, PAGED = ("lang", "fields"), ("per_page", "cursor")
#: Those that take one value.
ONCE = ("lang", *PAGED, "since", *WORDS)

Item = dict[str, Any]


@dataclass(slots=True)
class Asked:
    """What ``request`` asks of a list (or, with ``is_list`` off, of one item) whose items have ``known`` fields."""

    request: HttpRequest
    known: tuple[str, ...]
    is_list: bool = True
    #: Parameters of this list beside those that all lists have.
    beside: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)
    size: int = DEFAULT_SIZE
    fields: frozenset[str] = frozenset()
    strange: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        own = {*ONE, *(PAGED if self.is_list else ()), *self.beside}
        self.strange = unknown_parameters(self.request.GET, own)
        self.repeated = repeated(self.request.GET, (name for name in ONCE if name in own))
        given = self.request.GET.get("per_page", "") if self.is_list else ""
        if re.fullmatch(r"[1-9][0-9]?|100", given):
            self.size = int(given)
        elif given:
            said = _("“%(value)s” is not a page size; choose a number from 1 to %(limit)s.")
            self.problems.append(said % {"value": plain(given)[:80], "limit": MAX_SIZE})
        names = [name.strip() for part in self.request.GET.getlist("fields") for name in part.split(",")]
        self.fields = frozenset(name for name in names if name)
        strange = sorted(self.fields - set(self.known))
        said = _("“%(value)s” is not a field; choose from %(known)s.")
        self.problems += [
            said % {"value": plain(name)[:80], "known": ", ".join(self.known)} for name in strange[:MAX_NAMED]
        ]

    @property
    def words(self) -> Words:
        return self.request.words  # type: ignore[attr-defined]

    @property
    def cursor(self) -> str:
        return self.request.GET.get("cursor", "")

    def refuse(self, problems: Iterable[str] = ()) -> None:
        """Raises ``Problem`` where anything asked for is not known."""
        unknown = [*problems, *self.problems]
        kinds = {"unknown-parameter": self.strange, "unknown-value": unknown, "repeated-parameter": self.repeated}
        if found := [kind for kind, said in kinds.items() if said]:
            raise Problem(found[0], [*self.strange, *unknown, *self.repeated])

    def chosen(self, item: Item) -> Item:
        """``item`` with the fields asked for."""
        if not self.fields:
            return item
        return {name: value for name, value in item.items() if name in self.fields or name in NAMES}

    def rows(self, ordered: QuerySet[Any], scope: str, quick: Answers | None = None) -> tuple[list[Any], str | None]:
        """A page of ``ordered``, and the cursor of the next one. ``quick`` may know the same sooner."""
        keyed, number = cursors.Keyed.of(ordered), self.size + 1
        found: list[Any] | None
        if self.cursor:
            values = cursors.read(self.cursor, scope)
            found = quick.after(values, number) if quick else None
            found = list(keyed.after(values)[:number]) if found is None else found
        else:
            found = quick.entries(0, number) if quick else list(ordered[:number])
        page = found[: self.size]
        for row in reversed(page if len(found) > self.size else []):
            known = quick.values_of(row.pk) if quick else None
            last = keyed.values_of(row) if known is None else known
            if last:  # one that is deleted this very moment has no values
                return page, cursors.write(last, scope)
        return page, None

    def next_url(self, cursor: str | None, pairs: Iterable[tuple[str, str]] = ()) -> str | None:
        """The whole address of the next page of the same question."""
        if cursor is None:
            return None
        own = [(name, value) for name in ("lang", "per_page") if (value := self.request.GET.get(name))]
        own += [("fields", ",".join(sorted(self.fields)))] if self.fields else []
        query = urlencode([*pairs, *own, ("cursor", cursor)])
        return f"{origin_of(self.request)}{self.request.path}?{query}"


def refuse_strange(request: HttpRequest, *known: str) -> None:
    """Raises ``Problem`` where ``request`` has a parameter other than ``known``."""
    if strange := unknown_parameters(request.GET, known):
        raise Problem("unknown-parameter", strange)


def as_json(body: Any) -> HttpResponse:
    """``body`` as the API writes it: readable text, not escapes."""
    content = json.dumps(body, ensure_ascii=False, cls=DjangoJSONEncoder)
    return HttpResponse(content, content_type="application/json")
