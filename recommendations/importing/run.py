"""One import from the first row to the last: batches, what was rejected, what came of it."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched, groupby
from pathlib import Path
from typing import Any, TextIO

from django.db import transaction

from recommendations.importing.encoding import opened
from recommendations.importing.entries import Entries, Outcome, Told
from recommendations.importing.kinds import KINDS, PARTS, BadRow, checked, refuse_without
from recommendations.importing.reading import Row, rows_of
from recommendations.importing.rejects import Rejects
from recommendations.importing.survey import look_through
from recommendations.importing.things import Things, put_in
from recommendations.models import Recommendation

#: Entries, or other things, put in by one transaction: all that a kill can cost.
BATCH = 1_000


@dataclass(slots=True)
class Report:
    """What came of an import; ``done`` counts by kind and outcome."""

    rows: int = 0
    rejected: int = 0
    done: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, kind: str, counts: dict[str, int]) -> None:
        found = self.done.setdefault(kind, {"new": 0, "changed": 0, "unchanged": 0})
        for outcome, number in counts.items():
            found[outcome] += number

    @property
    def writes(self) -> int:
        """How many things were made or changed."""
        return sum(counts["new"] + counts["changed"] for counts in self.done.values())


class Undone(Exception):
    """Raised inside the transaction of a rehearsal, or of an import that must be whole and is not."""


class Import:
    """Puts one file in.

    ``say`` is called with the rows that are done and how many there are; 0 of these while the file is looked through.
    """

    def __init__(
        self,
        path: Path,
        rejects: Rejects,
        *,
        as_drafts: bool,
        is_same_territory: bool = False,
        at: dt.datetime,
        say: Callable[[int, int], None],
    ) -> None:
        self.path, self.rejects, self.say = path, rejects, say
        self.is_same_territory = is_same_territory
        self.reports: set[str] = set()  # that the file has told of so far
        self.things = Things()
        self.entries = Entries(self.things, reason=f"imported from {path.name}"[:300], as_drafts=as_drafts, at=at)
        self.report = Report()
        self.total = 0

    def run(self) -> Report:
        """Put in what can be; raises ``Unreadable``, mostly before anything is, where the file cannot be read."""
        survey = look_through(self.path, self.say)
        self.total = survey.rows
        self.entries.expect(survey)
        try:
            with opened(self.path) as file, tempfile.TemporaryFile("w+", encoding="ascii") as later:
                self._round(self._groups(self._rows(file)), later)
                later.seek(0)
                self._last_round(later)
        finally:
            self.rejects.put_in_order()
        return self.report

    def _rows(self, file: TextIO) -> Iterator[Row]:
        for number, row in enumerate(rows_of(self.path, file)):
            if number == 0 and row.data.get("kind") == "format":
                self._count(1)
            else:
                yield row

    def _count(self, rows: int) -> None:
        """So many more rows are done, for good or as a rehearsal."""
        self.report.rows += rows
        self.say(self.report.rows, max(self.total, self.report.rows))

    def _last_round(self, later: TextIO) -> None:
        """Change the entries that waited for others to be in, and give back those that waited in vain."""
        reasons = self.entries.give_up()

        def waiting() -> Iterator[Row]:
            for text in later:
                slug, line, data = json.loads(text)
                if not slug:
                    yield Row(line, data)
                elif slug in reasons:
                    self._reject([Row(line, data)], reasons[slug])

        self._round(self._groups(waiting()), None)

    def _groups(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Each entry's row with those of its parts; every other row alone."""
        group: list[Row] = []
        for row in rows:
            if group and row.data.get("kind") in PARTS.values():
                group.append(row)
                continue
            if group:
                yield group
                group = []
            if row.data.get("kind") == "recommendation" and not row.problem:
                group = [row]
            else:
                yield [row]
        if group:
            yield group

    def _round(self, groups: Iterator[list[Row]], later: TextIO | None) -> None:
        for kind, found in groupby(groups, key=lambda group: str(group[0].data.get("kind"))):
            for batch in batched(found, BATCH):
                if kind == "recommendation":
                    self._put_entries(batch, later)
                else:
                    self._put_things(kind, batch)
                    self._count(len(batch))

    def _put_things(self, kind: str, batch: Sequence[list[Row]]) -> None:
        good = []
        for [row] in batch:
            try:
                thing = _thing(row, kind)
                self._refuse_second_territory(kind, thing)
                good.append((row, thing))
            except BadRow as reason:
                self._reject([row], str(reason))
        if not good:
            return
        with transaction.atomic():
            done, rejects = put_in(KINDS[kind], good, self.things)
        self.report.add(kind, done)
        for row, said in rejects:
            self._reject([row], said)

    def _refuse_second_territory(self, kind: str, thing: dict[str, Any]) -> None:
        """Raises ``BadRow`` where entries for a whole territory, or all its areas, would count in another one too."""
        if kind == "report":
            self.reports.add(thing["slug"])
        if self.is_same_territory or kind not in {"region", "area"} or thing.get("is_outside"):
            return
        is_new = (thing["slug"],) not in self.things.of(kind)
        if is_new and Recommendation.objects.exclude(report__slug__in=self.reports).exists():
            raise BadRow(
                "slug: entries of another report are here, and those for its whole territory or all its areas would "
                "count here too: give another territory a site of its own, mark its regions is_outside, or say "
                "--same-territory"
            )

    def _put_entries(self, batch: Sequence[list[Row]], later: TextIO | None) -> None:
        """``later`` keeps the rows that are looked at again when all are read; ``None`` when they are."""
        told = []
        for rows in batch:
            try:
                told.append(_told(rows))
            except BadRow as reason:
                self._reject(rows, str(reason))
        outcome = Outcome()
        if told:
            with transaction.atomic():
                outcome = self.entries.put_in(told, is_last_round=later is None)
        counts = {"new": outcome.new, "changed": outcome.changed, "unchanged": outcome.unchanged}
        self.report.add("recommendation", counts)
        for each, said in outcome.rejects:
            self._reject(each.rows, said)
        if later is not None:
            _keep_rows(outcome, later)
        waiting = sum(len(each.rows) for each in outcome.waiting)
        self._count(sum(map(len, batch)) - waiting)

    def _reject(self, rows: list[Row], reason: str) -> None:
        """An entry goes in with its parts or not at all, so all its rows are given back."""
        for row in rows:
            self.rejects.add(row.line, reason, row.data)
        self.report.rejected += len(rows)


def _keep_rows(outcome: Outcome, later: TextIO) -> None:
    """Keep what the last round looks at: entries that wait for it, and by their slug those that may be given back."""
    found = [("", told) for told in outcome.waiting]
    found += [(told.document["slug"], told) for told in outcome.linked_later if not told.missing]  # else it is already
    for slug, told in found:
        for row in told.rows:
            later.write(json.dumps([slug, row.line, row.data]) + "\n")


def _thing(row: Row, kind: str) -> dict[str, Any]:
    """The fields of a row that tells of a thing entries rest on."""
    if row.problem:
        raise BadRow(row.problem)
    if kind in PARTS.values():
        raise BadRow(f"a row of kind {kind} stands under the entry it belongs to")
    if kind not in KINDS:
        raise BadRow(f"kind: {', '.join(KINDS)} are known")
    found = checked(KINDS[kind], row.data, is_whole=False)  # of one that is here, a row may tell a part
    refuse_without(KINDS[kind].keys, found)
    return found


def _told(rows: list[Row]) -> Told:
    """An entry and its parts, each field as its column takes it."""
    first = rows[0]
    values = checked(KINDS["recommendation"], first.data, also=PARTS, is_whole=False)
    for name, kind in PARTS.items():
        parts = first.data.get(name, [])
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise BadRow(f"{name}: a list of objects is expected")
        parts = parts + [row.data for row in rows[1:] if row.data["kind"] == kind]
        try:
            found = [checked(KINDS[kind], part) for part in parts]
        except BadRow as reason:
            raise BadRow(f"{name}: {reason}") from reason
        if parts or name in first.data:
            values[name] = found
    return Told(rows, values)
