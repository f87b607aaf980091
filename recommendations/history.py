"""What readers once saw of an entry: its public versions, and what changed from each to the next.

Drafts and pending edits are versions too; they are not read here. Of the reason an editor noted only the kind of
change is shown, because a note may name people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy, pgettext

from cities.models import City
from common.context import LANGUAGE_NAMES
from common.slugs import SlugMoved, get_by_slug, redirect_to_slug
from common.translation import Text
from pillars.models import Pillar, Report
from recommendations.choices import Basis, LinkBasis, Reach
from recommendations.entry_page import FIELD_LABELS
from recommendations.models import EntryVersion, Recommendation
from recommendations.snapshot import Difference, Document, differences
from recommendations.wording import Piece, wording
from sources.models import Source
from themes.models import Term

#: So many versions are shown, the newest; the first of them stands as it was.
MAX_VERSIONS = 50

Label = str | Promise

LABELS: dict[str, Label] = {
    "report": gettext_lazy("Report"),
    "number": gettext_lazy("Number"),
    "slug": gettext_lazy("Address"),
    "pillar": gettext_lazy("Pillar"),
    "basis": gettext_lazy("Basis"),
    "reach": gettext_lazy("Reach"),
    "reviewed_on": gettext_lazy("Reviewed"),
    "terms": gettext_lazy("Themes"),
    "cities": gettext_lazy("Cities"),
    "evidence": gettext_lazy("Evidence"),
    "related": gettext_lazy("Related"),
}
#: Kind of change, by the parts that make it; what is in none is a change of classification.
KINDS: tuple[tuple[str, Label], ...] = (
    ("texts", gettext_lazy("Wording changed")),
    ("evidence", gettext_lazy("Evidence changed")),
    ("cities", gettext_lazy("Cities changed")),
    ("reviewed_on", gettext_lazy("Looked through again")),
)
CLASSIFIED = gettext_lazy("Classification changed")


@dataclass(frozen=True, slots=True)
class Thing:
    """A term, a city, a passage: its name, and of a passage the phrase that points there."""

    label: Label
    phrase: Label = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One part that changed: a text word by word (``pieces``, in ``language``), or things that came and went."""

    label: Label
    pieces: list[Piece]
    language: str
    added: list[Thing]
    removed: list[Thing]
    changed: list[Thing]


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


class Names:
    """What the slugs in documents stand for, now, in the language in force; a slug of what is gone stands for itself.

    Entries that are not public are left out: a reader is not told that they exist.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = list(documents)

    @cached_property
    def terms(self) -> dict[str, Label]:
        return {f"{t.vocabulary.slug}/{t.slug}": t.label for t in Term.objects.select_related("vocabulary")}

    @cached_property
    def cities(self) -> dict[str, Label]:
        return {city.slug: city.name for city in City.objects.all()}

    @cached_property
    def sources(self) -> dict[str, Source]:
        return {source.slug: source for source in Source.objects.all()}

    @cached_property
    def entries(self) -> dict[str, Label]:
        slugs = {slug for document in self.documents for slug in document["related"]}
        found = Recommendation.objects.published().filter(slug__in=slugs)
        return {entry.slug or "": entry.title for entry in found}

    @cached_property
    def values(self) -> dict[str, dict[str, Label]]:
        """Part → slug → name, for parts with one value."""
        return {
            "pillar": {pillar.slug: pillar.name for pillar in Pillar.objects.all()},
            "report": {report.slug: report.title for report in Report.objects.all()},
            "basis": dict(Basis.choices),
            "reach": dict(Reach.choices),
        }

    def thing(self, part: str, row: Any) -> Thing | None:
        """One row of a list in words; none where it is not for readers."""
        if part == "terms":
            return Thing(self.terms.get(row, row))
        if part == "related":
            return Thing(self.entries[row]) if row in self.entries else None
        if part == "cities":
            return Thing(_in_brackets(self.cities.get(row["city"], row["city"]), LinkBasis(row["basis"]).label))
        source = self.sources.get(row["source"])
        language = "zh-hans" if source and source.language.startswith("zh") else "en"
        title = source.title if source else row["source"]
        return Thing(
            f"{title}{pgettext('citation', ', ')}{row['section']} {row['paragraph']}", Text(row["key_phrase"], language)
        )


class History:
    """The public versions of ``entry``, the newest first."""

    def __init__(self, entry: Recommendation) -> None:
        found = EntryVersion.objects.filter(entry=entry).ever_public().order_by("-public_from", "-number")
        self.versions = list(found[: MAX_VERSIONS + 1])
        self.names = Names(version.document for version in self.versions)

    @property
    def is_cut(self) -> bool:
        return len(self.versions) > MAX_VERSIONS

    @cached_property
    def past(self) -> list[Past]:
        shown = self.versions[:MAX_VERSIONS]
        before: list[EntryVersion | None] = [*self.versions[1:], None]
        return [self._past(version, former) for version, former in zip(shown, before, strict=False)]

    def _past(self, version: EntryVersion, former: EntryVersion | None) -> Past:
        found = differences(former.document, version.document) if former else []
        began: Any = version.public_from
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


def told(found: Iterable[Difference], names: Names) -> list[Change]:
    """The differences that are for readers, in words."""
    return [change for difference in found if (change := _change(difference, names))]


def _change(difference: Difference, names: Names) -> Change | None:
    part, _dot, column = difference.name.partition(".")
    if part == "texts":
        name, _underscore, suffix = column.partition("_")
        language = suffix.replace("_", "-")
        label = f"{FIELD_LABELS[name]} ({LANGUAGE_NAMES[language]})"
        return Change(label, wording(difference.before, difference.after), language, [], [], [])
    if part in {"terms", "related", "cities", "evidence"}:
        after = [row for _before, row in difference.changed]
        lists = [
            [thing for row in rows if (thing := names.thing(part, row))]
            for rows in (difference.added, difference.removed, after)
        ]
        return Change(LABELS[part], [], "", *lists) if any(lists) else None
    known = names.values.get(part, {})
    now, once = (str(known.get(v, v)) if v else "" for v in (difference.after, difference.before))
    return exchanged(LABELS[part], once, now)


def exchanged(label: Label, once: str, now: str) -> Change:
    """One value in the place of another; either may be empty."""
    return Change(label, [], "", [Thing(now)] if now else [], [Thing(once)] if once else [], [])


def _in_brackets(name: Label, said: Label) -> str:
    return f"{name}{pgettext('bracket', ' (')}{said}{pgettext('bracket', ')')}"


def _kinds(found: list[Difference]) -> list[Label]:
    parts = {difference.name.partition(".")[0] for difference in found}
    kinds = [label for part, label in KINDS if part in parts]
    return kinds + ([CLASSIFIED] if parts - {part for part, _label in KINDS} else [])


def history(request: HttpRequest, slug: str) -> HttpResponse:
    """What readers saw of one entry, version by version."""
    try:
        entry = get_by_slug(Recommendation.objects.published().select_related("pillar"), slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    return render(request, "recommendations/history.html", {"entry": entry, "history": History(entry)})
