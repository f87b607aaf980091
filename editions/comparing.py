"""What changed from one edition to another, or to today. An entry is known by its id, whatever its slug."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from editions.models import Edition
from editions.records import Data, Record, digest_of, loaded, read
from recommendations.choices import Status
from recommendations.describing import Change, Names, exchanged, told
from recommendations.models import Recommendation
from recommendations.snapshot import differences

#: Records told in full on one page; of more, their number is.
MAX_TOLD = 100
#: So many entries of today are read whole to be compared; of more, those that were touched since.
MAX_READ = 2_000
BATCH = 200

Marks = dict[int, str]


class Side(Protocol):
    """One end of a comparison: the digest of every record by the entry's id, and records by ids."""

    def marks(self, other: Marks) -> Marks: ...
    def records(self, ids: Collection[int]) -> dict[int, Data]: ...


class Frozen:
    """An edition as one end."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition

    def marks(self, other: Marks) -> Marks:
        rows = self.edition.records().values_list("entry", "digest").iterator()
        return {entry: digest for entry, digest in rows if entry is not None}

    def records(self, ids: Collection[int]) -> dict[int, Data]:
        bodies = self.edition.records().filter(entry__in=ids).values_list("body", flat=True)
        found = (read(bytes(body)) for body in bodies)
        return {data["id"]: data for data in found}


class Today:
    """What readers see now as the other end of what was frozen at ``since``."""

    def __init__(self, since: dt.datetime) -> None:
        self.since = since

    def marks(self, other: Marks) -> Marks:
        published = Recommendation.objects.published()
        ids = list(published.order_by().values_list("pk", flat=True))
        wanted = ids
        if len(ids) > MAX_READ:
            heard = Q(updates__recorded_at__gt=self.since)
            touched = published.filter(Q(changed_at__gt=self.since) | heard).order_by().values_list("pk", flat=True)
            wanted = sorted(set(touched) | (set(ids) - other.keys()))
        found = {pk: other[pk] for pk in ids if pk in other}
        for start in range(0, len(wanted), BATCH):
            part = self.records(wanted[start : start + BATCH])
            found |= {pk: digest_of(data) for pk, data in part.items()}
        return found

    def records(self, ids: Collection[int]) -> dict[int, Data]:
        return {data["id"]: data for data in loaded(Recommendation.objects.published().filter(pk__in=ids))}


@dataclass(frozen=True, slots=True)
class Altered:
    """A record that both ends have and tell differently."""

    before: Record
    after: Record
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came, what went, what changed; the numbers count all of it, the lists hold the first of each."""

    added: list[Record]
    removed: list[Record]
    altered: list[Altered]
    added_count: int
    removed_count: int
    altered_count: int
    same_count: int

    @property
    def is_cut(self) -> bool:
        return max(self.added_count, self.removed_count, self.altered_count) > MAX_TOLD

    @property
    def is_same(self) -> bool:
        return not (self.added_count or self.removed_count or self.altered_count)


def compare(before: Side, after: Side) -> Comparison:
    """Everything that is told otherwise in ``after`` than in ``before``."""
    old = before.marks({})
    new = after.marks(old)
    came, went = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    both = old.keys() & new.keys()
    other = sorted(pk for pk in both if old[pk] != new[pk])
    gone = before.records([*went[:MAX_TOLD], *other[:MAX_TOLD]])
    here = after.records([*came[:MAX_TOLD], *other[:MAX_TOLD]])
    names = Names(data["document"] for data in [*gone.values(), *here.values()])
    pairs = [(gone[pk], here[pk]) for pk in other[:MAX_TOLD] if pk in gone and pk in here]
    return Comparison(
        added=_in_order(here[pk] for pk in came[:MAX_TOLD] if pk in here),
        removed=_in_order(gone[pk] for pk in went[:MAX_TOLD] if pk in gone),
        altered=sorted((_altered(*pair, names) for pair in pairs), key=lambda each: _place(each.after)),
        added_count=len(came),
        removed_count=len(went),
        altered_count=len(other),
        same_count=len(both) - len(other),
    )


def _altered(before: Data, after: Data, names: Names) -> Altered:
    return Altered(Record(before), Record(after), changes_in(before, after, names))


def changes_in(before: Data, after: Data, names: Names) -> list[Change]:
    """How one record tells an entry otherwise than another, in words; its status comes first."""
    found: list[Change] = []
    if before["status"] != after["status"]:
        label: str | Promise = _("Status")
        found.append(exchanged(label, str(Status(before["status"]).label), str(Status(after["status"]).label)))
    return found + told(differences(before["document"], after["document"]), names)


def _place(record: Record) -> tuple[str, int]:
    return record.document["report"], record.number


def _in_order(found: Iterable[Data]) -> list[Record]:
    return sorted((Record(data) for data in found), key=_place)
