"""Which rows of an import its page shows: under which tab each stands, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.choices import State
from recommendations.models import Import, ImportRow
from recommendations.spreadsheet import work
from recommendations.spreadsheet.undoing import with_pending

Outcome, Road = ImportRow.Outcome, ImportRow.Road
#: Of entries that are archived: those that come out of the archive, and those that stay as they are.
ARCHIVED = Q(road=Road.RESTORE) | Q(outcome=Outcome.UNCHANGED, entry__state=State.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Tab:
    """Some rows of an import, under one name."""

    name: str
    label: str | Promise
    count: int
    rows: QuerySet[ImportRow]


def tabs_of(sheet: Import) -> list[Tab]:
    """All tabs there may be, in order; what was written is shown without the rows that changed nothing."""
    every = ImportRow.objects.filter(sheet=sheet)
    noted, archived = every.exclude(notes=[]), every.filter(ARCHIVED)
    restored = archived.filter(road=Road.RESTORE).count()
    unchanged = every.filter(outcome=Outcome.UNCHANGED).exclude(entry__state=State.ARCHIVED)
    is_preview = sheet.state in work.SHOWN
    among = archived.count()
    return [
        Tab("rejected", _("Rejected"), sheet.rejected, every.filter(outcome=Outcome.REJECTED)),
        Tab("changed", _("Changed"), sheet.changed - restored, every.filter(outcome=Outcome.CHANGED).exclude(ARCHIVED)),
        Tab("new", _("New"), sheet.created, every.filter(outcome=Outcome.NEW)),
        Tab("archived", _("Archived") if is_preview else _("Taken out of the archive"), among, archived),
        Tab("noted", _("Not taken over"), noted.count(), noted),
        Tab("unchanged", _("Unchanged"), sheet.unchanged - (among - restored) if is_preview else 0, unchanged),
        Tab("left-out", _("Left out"), 0, every.filter(outcome=Outcome.LEFT_OUT)),
    ]


def chosen(tabs: list[Tab], asked: str) -> Tab:
    """The tab that is asked for, or else the first that has rows."""
    first = next((tab for tab in tabs if tab.count), tabs[1])
    return next((tab for tab in tabs if tab.name == asked), first)


def in_order(tab: Tab) -> QuerySet[ImportRow]:
    """The rows of a tab as they are shown: those first that were changed meanwhile, then by their place in the file."""
    return with_pending(tab.rows).select_related("entry").order_by("-is_overtaken", "line")
