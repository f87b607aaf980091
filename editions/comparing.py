"""What changed from one edition to another, or to today. An entry is known by its id, whatever its slug."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any, Protocol

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from editions.models import Edition
from editions.naming import KeptNames, Key, names_in, renamed
from editions.records import Data, Record, digest_of, loaded, read
from recommendations.choices import Status
from recommendations.describing import Change, Names, exchanged, told
from recommendations.models import Recommendation
from recommendations.snapshot import Difference, differences

#: Records told in full on one page; of more, their number is.
MAX_TOLD = 100
#: So many entries of today are read whole to be compared; of more, those that were touched since.
MAX_READ = 2_000
BATCH = 200

Marks = dict[int, str]
Called = dict[Key, Data]


class Side(Protocol):
    """One end of a comparison: the digest and the slug of every record by the entry's id, and records by ids.

    ``called`` is what all of its records call things; ``None`` where they are too many to be read.
    """

    def marks(self, other: Marks) -> Marks: ...
    def slugs(self) -> dict[int, str]: ...
    def records(self, ids: Collection[int]) -> dict[int, Data]: ...
    def called(self) -> Called | None: ...


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

    def slugs(self) -> dict[int, str]:
        return {entry: slug for entry, slug in self.edition.records().values_list("entry", "slug") if entry}

    def called(self) -> Called | None:
        if self.edition.entry_count > MAX_READ:
            return None
        bodies = self.edition.records().values_list("body", flat=True).iterator(chunk_size=BATCH)
        return dict(name for body in bodies for name in names_in(read(bytes(body))))


class Today:
    """What readers see now as the other end of what was frozen at ``since``."""

    def __init__(self, since: dt.datetime) -> None:
        self.since = since
        self._called: Called = {}

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
            self._called |= dict(name for data in part.values() for name in names_in(data))
            found |= {pk: digest_of(data) for pk, data in part.items()}
        return found

    def records(self, ids: Collection[int]) -> dict[int, Data]:
        return {data["id"]: data for data in loaded(Recommendation.objects.published().filter(pk__in=ids))}

    def slugs(self) -> dict[int, str]:
        return _slugs_now()

    def called(self) -> Called | None:
        """Of the records that ``marks`` read, which are all there are where they are not too many."""
        return self._called if Recommendation.objects.published().count() <= MAX_READ else None


@dataclass(frozen=True, slots=True)
class Altered:
    """A record that both ends have and tell differently."""

    before: Record
    after: Record
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came, what went, what changed; the numbers count all of it, the lists hold the first of each.

    ``renamed`` are the things that entries are told with, of other names now; ``None`` where that was not looked at.
    """

    added: list[Record]
    removed: list[Record]
    altered: list[Altered]
    renamed: list[Change] | None
    added_count: int
    removed_count: int
    altered_count: int
    same_count: int

    @property
    def is_cut(self) -> bool:
        return max(self.added_count, self.removed_count, self.altered_count) > MAX_TOLD

    @property
    def is_same(self) -> bool:
        return not (self.added_count or self.removed_count or self.altered_count or self.renamed)


def compare(before: Side, after: Side) -> Comparison:
    """Everything that is told otherwise in ``after`` than in ``before``."""
    old = before.marks({})
    new = after.marks(old)
    came, went = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    both = old.keys() & new.keys()
    moved = _moved(before.slugs(), after.slugs())
    other = sorted(pk for pk in both if old[pk] != new[pk])
    other = list(_otherwise(before, after, other, moved)) if moved else other
    gone = before.records([*went[:MAX_TOLD], *other[:MAX_TOLD]])
    here = after.records([*came[:MAX_TOLD], *other[:MAX_TOLD]])
    names = KeptNames([*gone.values(), *here.values()])
    pairs = [(gone[pk], here[pk]) for pk in other[:MAX_TOLD] if pk in gone and pk in here]
    return Comparison(
        added=_in_order(here[pk] for pk in came[:MAX_TOLD] if pk in here),
        removed=_in_order(gone[pk] for pk in went[:MAX_TOLD] if pk in gone),
        altered=sorted((_altered(*pair, names, moved) for pair in pairs), key=lambda each: _place(each.after)),
        renamed=_renamed(before, after),
        added_count=len(came),
        removed_count=len(went),
        altered_count=len(other),
        same_count=len(both) - len(other),
    )


def _slugs_now(**only: Any) -> dict[int, str]:
    found = Recommendation.objects.published().filter(**only).order_by().values_list("pk", "slug")
    return {pk: slug for pk, slug in found if slug}


def _moved(old: dict[int, str], new: dict[int, str]) -> dict[str, str]:
    """Former slug → the one it has after, of entries that both ends have."""
    return {slug: new[pk] for pk, slug in old.items() if pk in new and new[pk] != slug}


def _otherwise(before: Side, after: Side, ids: list[int], moved: dict[str, str]) -> Iterator[int]:
    """Which of ``ids`` are told otherwise, and not only with the new slug of what they are related to."""
    for part in batched(ids, BATCH):
        old, new = before.records(part), after.records(part)
        yield from (pk for pk in part if pk in old and pk in new and differ(old[pk], new[pk], moved))


def differ(before: Data, after: Data, moved: dict[str, str]) -> bool:
    """Whether two records of an entry say something else; an entry they are related to is itself by any slug."""
    return before["status"] != after["status"] or bool(_differences(before, after, moved))


def _differences(before: Data, after: Data, moved: dict[str, str]) -> list[Difference]:
    document = before["document"]
    related = sorted(moved.get(slug, slug) for slug in document["related"])
    return differences(document | {"related": related}, after["document"])


def _renamed(before: Side, after: Side) -> list[Change] | None:
    old, new = before.called(), after.called()
    return None if old is None or new is None else renamed(old, new)


def _altered(before: Data, after: Data, names: Names, moved: dict[str, str]) -> Altered:
    return Altered(Record(before), Record(after), changes_in(before, after, names, moved))


def changes_in(before: Data, after: Data, names: Names, moved: dict[str, str]) -> list[Change]:
    """How one record tells an entry otherwise than another, in words; its status comes first."""
    found: list[Change] = []
    if before["status"] != after["status"]:
        label: str | Promise = _("Status")
        found.append(exchanged(label, str(Status(before["status"]).label), str(Status(after["status"]).label)))
    return found + told(_differences(before, after, moved), names)


@dataclass(frozen=True, slots=True)
class Since:
    """How one record of an edition is told today: whether otherwise, and in which words, names of things included."""

    is_changed: bool
    changes: list[Change]

    @classmethod
    def of(cls, edition: Edition, then: Data, now: Data) -> Since:
        related = edition.records().filter(slug__in=then["document"]["related"])
        slugs = {entry: slug for entry, slug in related.values_list("entry", "slug") if entry}
        moved = _moved(slugs, _slugs_now(pk__in=list(slugs)))
        names = renamed(dict(names_in(then)), dict(names_in(now)))
        if not differ(then, now, moved):
            return cls(bool(names), names)
        return cls(True, changes_in(then, now, KeptNames([then, now]), moved) + names)


def _place(record: Record) -> tuple[str, int]:
    return record.document["report"], record.number


def _in_order(found: Iterable[Data]) -> list[Record]:
    return sorted((Record(data) for data in found), key=_place)
