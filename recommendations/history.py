"""What readers once saw of an entry: its public versions, and what changed from each to the next.

Drafts and pending edits are versions too; they are not read here. Of the reason an editor noted only the kind of
change is shown, because a note may name people.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from recommendations.describing import Change, Label, Names, told
from recommendations.models import EntryVersion, Recommendation
from recommendations.snapshot import Difference, differences
from recommendations.withdrawn import Withdrawn, answers_moved_and_gone, get_entry

#: So many versions are shown, the newest; the first of them stands as it was.
MAX_VERSIONS = 50

#: Kind of change, by the parts that make it; what is in none is a change of classification.
KINDS: tuple[tuple[str, Label], ...] = (
    ("texts", gettext_lazy("Wording changed")),
    ("evidence", gettext_lazy("Evidence changed")),
    ("cities", gettext_lazy("Cities changed")),
    ("reviewed_on", gettext_lazy("Looked through again")),
)
CLASSIFIED = gettext_lazy("Classification changed")


@dataclass(frozen=True, slots=True)
class Past:
    """A public version: when readers saw it, and what it changed; ``gap_from`` is since when nothing was public."""

    number: int
    public_from: dt.datetime
    public_until: dt.datetime | None
    gap_from: dt.datetime | None
    is_first: bool
    kinds: list[Label]
    changes: list[Change]


class History:
    """The public versions of ``entry``, the newest first."""

    def __init__(self, entry: Recommendation) -> None:
        self.entry = entry
        found = EntryVersion.objects.filter(entry=entry).ever_public().order_by("-public_from", "-number")
        self.versions = list(found[: MAX_VERSIONS + 1])
        self.names = Names(version.document for version in self.versions)

    @property
    def is_cut(self) -> bool:
        return len(self.versions) > MAX_VERSIONS

    @cached_property
    def statuses(self) -> list[Any]:
        """The changes of its status while readers saw it, the newest first; without who made them."""
        changes = self.entry.status_changes.newest_first()[:MAX_VERSIONS]
        return [change for change in changes if self._was_seen(change.at)]

    def _was_seen(self, at: dt.datetime) -> bool:
        seen = ((version.public_from, version.public_until) for version in self.versions)
        return any(begin and begin <= at and (end is None or at < end) for begin, end in seen)

    @cached_property
    def past(self) -> list[Past]:
        shown = self.versions[:MAX_VERSIONS]
        before: list[EntryVersion | None] = [*self.versions[1:], None]
        return [self._past(version, former) for version, former in zip(shown, before, strict=False)]

    def _past(self, version: EntryVersion, former: EntryVersion | None) -> Past:
        found = differences(former.document, version.document) if former else []
        began = version.public_from or version.created_at
        ended = former.public_until if former else None
        return Past(
            number=version.number,
            public_from=began,
            public_until=version.public_until,
            gap_from=ended if ended and ended < began else None,
            is_first=former is None,
            kinds=_kinds(found),
            changes=told(found, self.names),
        )


def _kinds(found: list[Difference]) -> list[Label]:
    parts = {difference.name.partition(".")[0] for difference in found}
    kinds = [label for part, label in KINDS if part in parts]
    return kinds + ([CLASSIFIED] if parts - {part for part, _label in KINDS} else [])


@answers_moved_and_gone
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """What readers saw of one entry, version by version; also of one that was withdrawn since."""
    try:
        entry = get_entry(Recommendation.objects.published().select_related("pillar"), slug)
    except Withdrawn as withdrawn:
        entry = withdrawn.entry
    return render(request, "recommendations/history.html", {"entry": entry, "history": History(entry)})
