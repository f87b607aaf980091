"""What changed since a version of the content: enough to keep a copy of the published recommendations exact.

Pages are cut by id, and all pages of one answer lead to the version that stood when the first was asked for. What
changes meanwhile is told again by the next question, so that nothing is left out.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from api.asking import Asked, as_json
from api.entries import FIELDS, tell
from api.items import Teller
from api.problems import Problem
from api.resting import entries_on, lists_of
from common import changes
from common.context import origin_of
from recommendations.filters import plain
from recommendations.models import Recommendation

SIGNER = signing.Signer(salt="api.changes")
#: Of more entries than this nobody looks up whether readers ever saw one.
MOST_LOOKED_AT = 500
#: How many marks there are: a column takes numbers of both signs, a version writes them without one.
MARKS = 2**64


def version_of(state: changes.State | None) -> str | None:
    """``state`` as programs get to see it; they give it back as it is."""
    return f"{state.epoch.hex}.{state.number}.{state.mark % MARKS:016x}" if state else None


def _state(version: str) -> changes.State | None:
    """The state that ``version`` names; ``None`` for what is no version."""
    match = re.fullmatch(r"([0-9a-f]{32})\.([0-9]{1,18})(?:\.([0-9a-f]{16}))?", version)
    if not match:
        return None
    mark = int(match[3] or "0", 16)  # versions had none once; no state is any of theirs
    return changes.State(uuid.UUID(match[1]), int(match[2]), mark - MARKS if mark >= MARKS // 2 else mark)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is in an answer of several pages: it leads to ``target``, and ids up to ``last`` are told."""

    target: str
    last: int

    def written(self, since: str) -> str:
        return SIGNER.sign_object([since, self.target, self.last], compress=True)

    @classmethod
    def read(cls, cursor: str, since: str) -> Place:
        """Raises ``Problem`` for a cursor that was not given out for ``since``."""
        try:
            asked, target, last = SIGNER.unsign_object(cursor)
        except signing.BadSignature:
            asked = None
        if asked != since:
            raise Problem("bad-cursor", [_("This is not a cursor that was given out here; start without one.")])
        return cls(target, last)


def answer(request: HttpRequest) -> HttpResponse:
    """The recommendations that changed after ``since=``, and the ids of those that readers no longer see.

    Without ``since=`` it names the version to begin from.
    """
    asked, since = Asked(request, FIELDS, beside=("since",)), request.GET.get("since", "")
    known = _state(since)
    said = _("“%(value)s” is not a version; give back the one that was answered last.")
    asked.refuse([said % {"value": plain(since)[:80]}] if since and not known else [])
    found = changes.since(known) if known else None
    concerned = entries_on(found.things) if found and found.things is not None else None
    if found is None or concerned is None:
        return _anew(found.state if found else changes.current())
    target = version_of(found.state)
    place = Place.read(asked.cursor, since) if asked.cursor else Place(str(target), 0)
    ids = sorted(pk for pk in concerned | found.named | _naming(found.named) if pk > place.last)
    page = ids[: asked.size]
    entries = list(Recommendation.objects.published().filter(pk__in=page).for_list().order_by("pk"))
    cursor = Place(place.target, page[-1]).written(since) if len(ids) > len(page) else None
    told = tell(entries, Teller(asked.words, origin_of(request)))
    return as_json(
        {
            "version": place.target,
            "is_reset": False,
            "lists": lists_of(found.things or (), with_entries=_are_seen(found.named)),
            "changed": [asked.chosen(item) for item in told],
            "deleted": sorted(set(page) - {entry.pk for entry in entries} - _never_seen(page)),
            "next": asked.next_url(cursor, [("since", since)]),
        }
    )


def _naming(ids: frozenset[int]) -> set[int]:
    """The entries that name one of these as related: what is told of them has its slug."""
    named = Recommendation.related.through.objects.filter(to_recommendation__in=ids)
    return set(named.values_list("from_recommendation", flat=True))


def _are_seen(ids: frozenset[int]) -> bool:
    """Whether readers see or saw any of these entries; of very many that is taken for granted."""
    return len(ids) > MOST_LOOKED_AT or bool(ids - _never_seen(ids))


def _never_seen(ids: Collection[int]) -> set[int]:
    """Drafts and pending edits: what happens to them is no news to readers.

    An entry without any version was written past the actions and may have been seen: its id is told, which costs a
    copy that never had it nothing.
    """
    known = Recommendation.objects.filter(pk__in=ids)
    unversioned = Q(versions__isnull=True, working_copy_of__isnull=True)
    seen = known.filter(Q(published_at__isnull=False) | Q(versions__public_from__isnull=False) | unversioned)
    return set(known.exclude(pk__in=seen.values("pk")).values_list("pk", flat=True))


def _anew(state: changes.State | None) -> HttpResponse:
    """The answer where the difference is everything: at the start, and after what cannot be told one by one."""
    nothing: dict[str, Any] = {"lists": [], "changed": [], "deleted": [], "next": None}
    return as_json({"version": version_of(state) or "", "is_reset": True, **nothing})
