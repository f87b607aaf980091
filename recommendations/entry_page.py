"""What one entry's page shows beside the entry itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cities.models import City
from recommendations.choices import CoverageBasis, State
from recommendations.models import Recommendation
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
    own = _Shared(entry)
    return [RelatedEntry(other, own.reasons(other)) for other in entry.related.all()]


class _Shared:
    """What an entry can share with another: its pillar, terms, cities it is linked to, and checkpoints."""

    def __init__(self, entry: Recommendation) -> None:
        self.entry = entry
        self.terms = {term.pk for term in entry.terms.all()}
        self.cities = set(_linked_cities(entry))
        # A checkpoint that every entry waits for tells no two of them apart.
        total = Recommendation.public_set().count()
        own = entry.checkpoints.values("pk")
        steps = entry.checkpoints.model._default_manager.filter(pk__in=own).annotate(Count("recommendations"))
        some = steps.filter(recommendations__count__lt=total)
        self.checkpoints = set(some.values_list("pk", flat=True))

    def reasons(self, other: Recommendation) -> list[str]:
        """Why ``other`` is beside the entry, one short line each."""
        reasons = [_("Same pillar")] if self.entry.pillar_id == other.pillar_id else []
        shared = [term.label for term in other.terms.all() if term.pk in self.terms]
        reasons += [_("both: %(term)s") % {"term": label} for label in shared[:MAX_SHARED]]
        cities = [city.name for city in _linked_cities(other) if city in self.cities]
        reasons += [_("both in %(city)s") % {"city": name} for name in cities[:MAX_SHARED]]
        steps = [checkpoint.title for checkpoint in other.checkpoints.all() if checkpoint.pk in self.checkpoints]
        reasons += [_("same checkpoint: %(title)s") % {"title": title} for title in steps[:MAX_SHARED]]
        return reasons or [_("Chosen by the editors")]


def _linked_cities(entry: Recommendation) -> list[City]:
    """The cities ``entry`` names or is read to be about; those it only covers say little of what it shares."""
    linked = {CoverageBasis.NAMED, CoverageBasis.EDITORIAL}
    return [row.city for row in entry.coverage.all() if row.basis in linked]


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
