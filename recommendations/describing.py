"""What changed between two versions of an entry, in words: texts word by word, lists thing by thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cities.models import City
from common.translation import COLUMN_SUFFIX, Text, site_language
from pillars.models import Pillar, Report
from recommendations.choices import Basis, LinkBasis, Reach
from recommendations.entry_page import FIELD_LABELS
from recommendations.models import Recommendation
from recommendations.snapshot import Difference, Document
from recommendations.wording import Piece, wording
from sources.models import Source
from themes.models import Term

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


@dataclass(frozen=True, slots=True)
class Detail:
    """What a row says of its thing, word by word: what it supports, a note in one of the languages."""

    label: Label
    pieces: list[Piece]
    language: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A term, a city, a passage: its name, of a passage the phrase that points there, and what is said of it."""

    label: Label
    phrase: Label = ""
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One part that changed: a text word by word (``pieces``, in ``language``), or things that came and went."""

    label: Label
    pieces: list[Piece]
    language: str
    added: list[Thing]
    removed: list[Thing]
    changed: list[Thing]


class Names:
    """What the slugs in documents stand for, now, in the language in force; a slug of what is gone stands for itself.

    Entries that are not public are left out unless ``is_for_staff``: a reader is not told that they exist.
    """

    def __init__(self, documents: Iterable[Document], *, is_for_staff: bool = False) -> None:
        self.documents = list(documents)
        self.is_for_staff = is_for_staff

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
        told = Recommendation.objects.entries() if self.is_for_staff else Recommendation.objects.published()
        found = told.filter(slug__in=slugs)
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

    def thing(self, part: str, row: Any, details: tuple[Detail, ...] = ()) -> Thing | None:
        """One row of a list in words; none where it is not for readers."""
        if part == "terms":
            return Thing(self.terms.get(row, row))
        if part == "related":
            return Thing(self.entries[row]) if row in self.entries else None
        if part == "cities":
            city = self.cities.get(row["city"], row["city"])
            return Thing(_in_brackets(city, LinkBasis(row["basis"]).label), details=details)
        source = self.sources.get(row["source"])
        title = source.title if source else row["source"]
        return Thing(
            f"{title}{pgettext('citation', ', ')}{row['section']} {row['paragraph']}",
            Text(row["key_phrase"], self.language_of(row["source"])),
            details,
        )

    def language_of(self, source: str) -> str:
        """The language that a source is written in, and so the phrases from it."""
        found = self.sources.get(source)
        return "zh-hans" if found and found.language.startswith("zh") else "en"


def describe(difference: Difference, names: Names) -> Change | None:
    """``difference`` in words; none where nothing of it is for those whom ``names`` is for."""
    part, _dot, column = difference.name.partition(".")
    if part == "texts":
        name, _underscore, suffix = column.partition("_")
        language = suffix.replace("_", "-")
        label = in_language_named(FIELD_LABELS[name], language)
        return Change(label, wording(difference.before, difference.after), language, [], [], [])
    if part in {"terms", "related", "cities", "evidence"}:
        pairs: tuple[list[tuple[Any, Any]], ...] = (
            [({}, row) for row in difference.added],
            [(row, {}) for row in difference.removed],
            difference.changed,
        )
        lists = [
            [thing for once, now in rows if (thing := names.thing(part, now or once, _details(part, once, now, names)))]
            for rows in pairs
        ]
        return Change(LABELS[part], [], "", *lists) if any(lists) else None
    known = names.values.get(part, {})
    now, once = (str(known.get(v, v)) if v else "" for v in (difference.after, difference.before))
    return exchanged(LABELS[part], once, now)


#: Part → what its rows say beside what they are about, where that is one of a few values: its name, and the values'.
_CHOICES: dict[str, tuple[str, Label, dict[str, Label]]] = {
    "evidence": ("supports", gettext_lazy("Supports"), dict(Basis.choices)),
    "cities": ("basis", gettext_lazy("Basis"), dict(LinkBasis.choices)),
}


def _details(part: str, once: Any, now: Any, names: Names) -> tuple[Detail, ...]:
    """What two rows about one thing say otherwise; everything where there is only one of them."""
    if part not in _CHOICES:
        return ()
    column, label, values = _CHOICES[part]
    found = list(_moved(once, now, names)) if part == "evidence" and once and now else []
    if once.get(column) != now.get(column):
        before, after = (str(values[row[column]]) if row else "" for row in (once, now))
        found.append(Detail(label, wording(before, after), site_language()))
    for language in COLUMN_SUFFIX:
        before, after = (row.get(f"note_{language.replace('-', '_')}", "") for row in (once, now))
        if before != after:
            note = in_language_named(_("Note"), language)
            found.append(Detail(note, wording(before, after), language))
    return tuple(found)


def _moved(once: Any, now: Any, names: Names) -> Iterator[Detail]:
    """Of one passage, the locator and the phrase where they are other ones."""
    places = [f"{row['section']} {row['paragraph']}" for row in (once, now)]
    if places[0] != places[1]:
        yield Detail(_("Locator"), wording(*places), site_language())
    if once["key_phrase"] != now["key_phrase"]:
        yield Detail(_("Key phrase"), wording(once["key_phrase"], now["key_phrase"]), names.language_of(now["source"]))


def told(found: Iterable[Difference], names: Names) -> list[Change]:
    """The differences that are for those whom ``names`` is for, in words."""
    return [change for difference in found if (change := describe(difference, names))]


def exchanged(label: Label, once: str, now: str) -> Change:
    """One value in the place of another; either may be empty."""
    return Change(label, [], "", [Thing(now)] if now else [], [Thing(once)] if once else [], [])


def in_language_named(name: Label, language: str) -> str:
    """``name`` with the language of its text: “Title (English)”."""
    return _in_brackets(name, _("Chinese") if language == "zh-hans" else _("English"))


def _in_brackets(name: Label, said: Label) -> str:
    return f"{name}{pgettext('bracket', ' (')}{said}{pgettext('bracket', ')')}"
