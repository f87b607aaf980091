"""What a file has and no import reads: named above its preview, and told where it says something else than the site.

A file for readers has its evidence in words of its own, and what follows from other things; a file for editors has
where an entry stands. An editor who changes such a cell is told that nothing comes of it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

from common.lines import one_line_end, shortened
from recommendations.choices import Basis, CoverageBasis, State, Status
from recommendations.export import LICENCE
from recommendations.export_files import MAX_CELL
from recommendations.models import Coverage, ImportRow, Recommendation
from recommendations.spreadsheet.columns import OF_READERS, Columns, in_both, normal
from recommendations.spreadsheet.compact import unguard
from recommendations.spreadsheet.present import Present
from recommendations.spreadsheet.problems import problem

#: Among the cells of a row: those of columns that are known and not read.
ASIDE = "?aside"
#: Moments are written to the millisecond, and by some programs to the second.
SECOND = dt.timedelta(seconds=1)
#: What of a cell and of an entry a sentence shows.
SHOWN = 120
#: Column → basis of the cities in it, in a file for readers.
CITIES = {f"cities_{basis.replace('-', '_')}": basis for basis in CoverageBasis.values}
#: Entry and basis → slugs of cities.
Covered = dict[tuple[int, str], list[str]]


def left_aside(headers: list[str], mapping: dict[str, str], columns: Columns) -> dict[str, str]:
    """Place → column, of the headers that are known and not read."""
    aside = {place: columns.named(headers[int(place)]) for place, name in mapping.items() if not name}
    return {place: name for place, name in aside.items() if name}


def not_read(headers: list[str], mapping: dict[str, str] | None) -> list[str]:
    """The headers of what is not read, as the file writes them."""
    return [headers[int(place)] for place, name in (mapping or {}).items() if not name and headers[int(place)].strip()]


class Aside:
    """What some rows have in columns that are not read, against the entries as they are."""

    def __init__(self, rows: Iterable[ImportRow], entries: Collection[int], *, publishes: bool) -> None:
        """``entries`` are those that the rows are about; new ones are published where the import ``publishes``."""
        self._new = {"state": State.PUBLISHED if publishes else State.DRAFT, "status": Status.NO_FOLLOW_UP_FOUND}
        named = {name for row in rows for name in row.cells.get(ASIDE, {})}
        self._covered = _covered(entries) if named & CITIES.keys() else {}

    def notes(self, cells: dict[str, Any], here: Present | None) -> list[dict[str, Any]]:
        """What is told of one row: each cell that says something else than its entry, which stays."""
        found = []
        for name, cell in cells.get(ASIDE, {}).items():
            said = cell if isinstance(cell, str) else str(cell[1])
            if here is None:
                is_lost = name in LOST or (name in self._new and not _is_same(name, said, [self._new[name]]))
                found += [problem(name, "not-read-new", said=shortened(said, SHOWN))] if is_lost else []
                continue
            now = self._now(name, here)
            if now is not None and not _is_same(name, said, now):
                told = "; ".join(now) or "–"
                found.append(problem(name, "not-read", said=shortened(said, SHOWN), now=shortened(told, SHOWN)))
        return found

    def _now(self, name: str, here: Present) -> list[str] | None:
        """What an export would have there now; ``None`` for what is not compared."""
        if name in CITIES:
            return sorted(self._covered.get((here.entry.pk, CITIES[name]), []))
        return NOW[name](here) if name in NOW else None


def seen_by_readers(cells: dict[str, Any]) -> bool:
    """Whether a row is of a file for readers."""
    return not OF_READERS.isdisjoint(cells.get(ASIDE, {}))


def version_seen(cells: dict[str, Any], public: list[tuple[dt.datetime | None, int]]) -> int:
    """Which of the versions that were public (since when, number; in order) a row for readers was taken from.

    It is the newest where the row does not say when its entry was last changed.
    """
    said = moment_of(str(cells[ASIDE].get("changed_at", "")))
    if said is None:
        return public[-1][1]
    before = [number for since, number in public if since and since < said + SECOND]
    return before[-1] if before else public[0][1]


def _covered(entries: Collection[int]) -> Covered:
    found: Covered = defaultdict(list)
    rows = Coverage.objects.filter(recommendation__in=entries).values_list("recommendation", "basis", "city__slug")
    for entry, basis, city in rows:
        found[entry, basis].append(city)
    return found


def _moment(entry: Recommendation) -> list[str]:
    return [entry.changed_at.astimezone(dt.UTC).isoformat()] if entry.changed_at else []


#: Column → what an entry has there.
NOW: dict[str, Callable[[Present], list[str]]] = {
    "state": lambda here: [here.entry.state],
    "status": lambda here: [here.entry.status],
    "pending": lambda here: [here.copy.state] if here.copy else [],
    "evidence": lambda here: [
        f"{e.section.source.slug} {e.locator}: {e.key_phrase}" for e in here.entry.evidence.all()
    ],
    "changed_at": lambda here: _moment(here.entry),
    "url": lambda here: [here.entry.get_absolute_url()],
    "provenance": lambda here: [str(here.entry.get_basis().meaning)],
    "licence": lambda _here: [LICENCE],
}
#: What an entry that is not here yet would lose: it follows from nothing else.
LOST = {"evidence", "cities_named", "cities_editorial"}


def _is_same(name: str, said: str, now: list[str]) -> bool:
    """Whether a cell says ``now``, in whatever form, language and order a file of this site has it."""
    if name == "url":  # of another host, in the other language, or the formula of a link
        return any(address in said for address in now)
    if name == "changed_at":
        moment = moment_of(said)
        return bool(now) and moment is not None and abs(moment - dt.datetime.fromisoformat(now[0])) < SECOND
    if name in {"state", "status", "pending", "provenance"}:
        return normal(said) in {normal(each) for value in now for each in (value, *_in_words(name, value))}
    parts = _parts(unguard(said))
    if len(one_line_end(said)) >= MAX_CELL:  # a cell that was cut off
        return all(part in _parts("\n".join(now)) for part in parts[:-1])
    return sorted(parts) == sorted(_parts("\n".join(now)))


def _in_words(name: str, value: str) -> tuple[str, ...]:
    """What a value is called in either language."""
    if name == "provenance":
        return tuple(words for basis in Basis if str(basis.meaning) == value for words in in_both(basis.meaning))
    known = {**dict(State.choices), **dict(Status.choices)}
    return in_both(known[value]) if value in known else ()


def moment_of(said: str) -> dt.datetime | None:
    """The moment that a cell says, in UTC where it names no zone; none where it says no moment."""
    try:
        moment = dt.datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _parts(text: str) -> list[str]:
    """What stands between semicolons, or one a line."""
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
