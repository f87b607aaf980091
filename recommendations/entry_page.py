"""What one entry's page shows beside the entry itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cities.models import City
from recommendations.choices import CoverageBasis, State
from recommendations.models import EntryVersion, Recommendation
from recommendations.models.entry import TEXTS
from themes.models import Term, Vocabulary

#: The headings an entry's texts stand under.
FIELD_LABELS = {
    "title": gettext_lazy("Title"),
    "summary": gettext_lazy("Summary"),
    "problem": gettext_lazy("Problem"),
    "action": gettext_lazy("What would be done"),
    "outcome": gettext_lazy("What success would look like"),
    "measure": gettext_lazy("How to follow it"),
}

#: How many shared terms a reason names.
MAX_SHARED = 3


@dataclass(frozen=True, slots=True)
class Touched:
    """The cities an entry touches for one and the same reason."""

    basis: str
    label: str | Promise
    cities: list[City]


@dataclass(frozen=True, slots=True)
class RelatedEntry:
    entry: Recommendation
    reasons: list[str]


def touched_cities(entry: Recommendation) -> list[Touched]:
    """The cities of ``entry`` by reason, the strongest first; its coverage is loaded."""
    by_basis: dict[str, list[City]] = defaultdict(list)
    for row in entry.coverage.all():
        by_basis[row.basis].append(row.city)
    return [Touched(basis, label, by_basis[basis]) for basis, label in CoverageBasis.choices if by_basis[basis]]


def city_marks(entry: Recommendation) -> dict[int, str]:
    """City id → how the small map marks it: ``on`` where linked by name or reading, ``cov`` where covered."""
    linked = {CoverageBasis.NAMED, CoverageBasis.EDITORIAL}
    return {row.city_id: "on" if row.basis in linked else "cov" for row in entry.coverage.all()}


def terms_by_vocabulary(entry: Recommendation) -> list[tuple[Vocabulary, list[Term]]]:
    """The terms of ``entry`` under their vocabularies, in order."""
    grouped: dict[int, tuple[Vocabulary, list[Term]]] = {}
    for term in entry.terms.all():
        grouped.setdefault(term.vocabulary_id, (term.vocabulary, []))[1].append(term)
    return list(grouped.values())


def related_entries(entry: Recommendation) -> list[RelatedEntry]:
    """What the editors relate ``entry`` to, each with what the two share."""
    own = {term.pk for term in entry.terms.all()}
    return [RelatedEntry(other, _reasons(entry, other, own)) for other in entry.related.all()]


def _reasons(entry: Recommendation, other: Recommendation, own_terms: set[int]) -> list[str]:
    reasons = [_("Same pillar")] if entry.pillar_id == other.pillar_id else []
    shared = [term.label for term in other.terms.all() if term.pk in own_terms]
    reasons += [_("both: %(term)s") % {"term": label} for label in shared[:MAX_SHARED]]
    return reasons or [_("Chosen by the editors")]


def untranslated_fields(entry: Recommendation) -> list[str]:
    """The parts of ``entry`` that the reader's language lacks, so that the other is shown."""
    return [str(FIELD_LABELS[name]) for name in TEXTS if getattr(entry, name).is_fallback]


def notice(entry: Recommendation) -> str:
    """What a page must say of an entry that readers do not see; empty for a public one."""
    return {
        State.DRAFT.value: _("Draft: only signed-in staff see this page."),
        State.IN_REVIEW.value: _("In review: only signed-in staff see this page."),
        State.ARCHIVED.value: _("Archived: readers no longer see this page; signed-in staff do."),
    }.get(entry.state, "")


def citation(entry: Recommendation, version: EntryVersion | None, address: str) -> str:
    """How to cite ``entry`` as it stands: number, title, site, version, review date and address."""
    parts = [_("“%(number)s. %(title)s”, Guangdong 32") % {"number": entry.number, "title": entry.title}]
    if version:
        parts.append(_("version %(number)s") % {"number": version.number})
    if entry.reviewed_on:
        parts.append(_("reviewed %(date)s") % {"date": date_format(entry.reviewed_on)})
    parts.append(_("an editorial reading, basis: %(basis)s") % {"basis": entry.get_basis_display().lower()})
    return f"{pgettext('citation', ', ').join(parts)}{pgettext('citation', '. ')}{address}"
