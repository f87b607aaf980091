"""The facets of the filter grammar, as declared objects: their values, what choosing some means, and the counts.

A facet answers by the ORM. ``recommendations.answers`` is the door a faster index comes in by.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Model, Q, TextChoices
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from cities.models import Area, City, Membership
from common.slugs import current_slugs
from pillars.models import Pillar, Report
from recommendations.choices import Basis, Reach, Status
from recommendations.models import Coverage, Evidence, Recommendation
from recommendations.querysets import RecommendationQuerySet
from sources.models import Source
from themes.models import Term, Vocabulary

Label = str | Promise
Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet."""

    slug: str
    label: Label
    pk: int | None = None
    hue: int | None = None

    @property
    def key(self) -> int | str:
        """What stands for it in the database."""
        return self.slug if self.pk is None else self.pk


@dataclass(frozen=True, slots=True)
class Link:
    """How the database ties entries to the values of a facet.

    ``model`` has a row for each tie, with the entry in its column ``entry`` (``pk`` where it is the entry itself) and
    the key of the value in ``value``. ``path`` is the same column as it is reached from an entry. ``only`` are
    conditions on the tie, as seen from either end.
    """

    model: type[Model]
    entry: str
    value: str
    path: str
    only: tuple[tuple[str, str, Any], ...] = ()

    @property
    def prefix(self) -> str:
        """What a lookup of the entry starts with, from a row of ``model``."""
        return "" if self.entry == "pk" else f"{self.entry}__"

    @property
    def conditions(self) -> Q:
        return Q(**{here: wanted for here, _path, wanted in self.only})

    def conditions_from(self, prefix: str) -> Q:
        """The same from a row that reaches the entry by ``prefix``."""
        return Q(**{f"{prefix}{path}": wanted for _here, path, wanted in self.only})


class Mode(StrEnum):
    """How the values of one parameter are meant: ``instrument=a``, ``instrument.all=a``, ``instrument.not=a``."""

    ANY = ""
    ALL = ".all"
    NOT = ".not"


class Facet:
    """A facet of the grammar, with a parameter for each mode. Between parameters and facets it is *all of*."""

    #: The model whose slugs are its values, for names that have changed; none for closed lists.
    model: type[Model] | None = None
    #: Whether its values are places, which the province-wide entries have besides their own.
    is_place = False
    #: Whether an entry has a value for a reason (the basis of its coverage).
    has_reasons = False

    def __init__(self, name: str, label: Label, question: Label = "") -> None:
        self.name = name
        self.label = label
        self.question = question
        #: How its values look, as far as it does not depend on the filter; kept as long as the facet itself is.
        self.looks: dict[object, str] = {}

    def parameter(self, mode: Mode) -> str:
        return f"{self.name}{mode}"

    @property
    def parameters(self) -> list[str]:
        """All its parameters: a vocabulary's slug has no full stop, so none is another facet's name."""
        return [self.parameter(mode) for mode in Mode]

    @cached_property
    def options(self) -> list[Option]:
        """Its values in order, read once for each facet object."""
        return list(self._options())

    def _options(self) -> Iterable[Option]:
        raise NotImplementedError

    def moved(self, slugs: Collection[str]) -> dict[str, str]:
        """Which of ``slugs`` are former names of its values, each with the name it has now."""
        return current_slugs(self.model, slugs) if self.model and slugs else {}

    def pks(self, slugs: Collection[str]) -> list[int]:
        return [option.pk for option in self.options if option.slug in slugs and option.pk is not None]

    def condition(self, slugs: Collection[str], *, include_province: bool) -> Q:
        """Entries that have any of ``slugs``."""
        raise NotImplementedError

    def counts(self, entries: RecommendationQuerySet, *, include_province: bool) -> Counts:
        """Slug → how many of ``entries`` have it, zeros included."""
        raise NotImplementedError

    def pairs(self, entries: RecommendationQuerySet) -> Iterable[tuple[int, str]]:
        """(entry id, slug) for each value that each of ``entries`` has, each pair once."""
        raise NotImplementedError

    @property
    def link(self) -> Link:
        raise NotImplementedError

    def _by_pk(self, counted: Iterable[tuple[int, int]]) -> Counts:
        number = dict(counted)
        return {option.slug: number.get(option.pk or 0, 0) for option in self.options}


class ChoiceFacet(Facet):
    """A closed list kept in a column."""

    def __init__(self, name: str, label: Label, choices: type[TextChoices]) -> None:
        super().__init__(name, label)
        self.choices = choices

    def _options(self) -> Iterable[Option]:
        return (Option(value, label) for value, label in self.choices.choices)

    def condition(self, slugs: Collection[str], *, include_province: bool) -> Q:
        return Q(**{f"{self.name}__in": list(slugs)})

    def counts(self, entries: RecommendationQuerySet, *, include_province: bool) -> Counts:
        rows: Any = entries.order_by().values_list(self.name).annotate(Count("pk"))
        number = dict(rows)
        return {option.slug: number.get(option.slug, 0) for option in self.options}

    def pairs(self, entries: RecommendationQuerySet) -> Iterable[tuple[int, str]]:
        return entries.order_by().values_list("pk", self.name)

    @property
    def link(self) -> Link:
        return Link(Recommendation, "pk", self.name, self.name)


class ForeignKeyFacet(Facet):
    """A thing every entry has one of: its report, its pillar."""

    def condition(self, slugs: Collection[str], *, include_province: bool) -> Q:
        return Q(**{f"{self.name}__in": self.pks(slugs)})

    def counts(self, entries: RecommendationQuerySet, *, include_province: bool) -> Counts:
        rows: Any = entries.order_by().values_list(f"{self.name}_id").annotate(Count("pk"))
        return self._by_pk(rows)

    def pairs(self, entries: RecommendationQuerySet) -> Iterable[tuple[int, str]]:
        return entries.order_by().values_list("pk", f"{self.name}__slug")

    @property
    def link(self) -> Link:
        return Link(Recommendation, "pk", f"{self.name}_id", f"{self.name}_id")


class ReportFacet(ForeignKeyFacet):
    model = Report

    def _options(self) -> Iterable[Option]:
        return (Option(report.slug, report.title, report.pk) for report in Report.objects.in_order())


class PillarFacet(ForeignKeyFacet):
    model = Pillar

    def _options(self) -> Iterable[Option]:
        return (Option(p.slug, p.name, p.pk, p.hue) for p in Pillar.objects.in_order())


class CityFacet(Facet):
    """Cities an entry touches, by its coverage; the province-wide ones too where asked."""

    model = City
    is_place = True
    has_reasons = True

    def _options(self) -> Iterable[Option]:
        return (Option(city.slug, city.name, city.pk) for city in City.objects.in_order())

    def condition(self, slugs: Collection[str], *, include_province: bool) -> Q:
        covered = Coverage.objects.filter(city__in=self.pks(slugs))
        return _or_province(Q(pk__in=covered.values("recommendation")), include_province=include_province)

    def counts(self, entries: RecommendationQuerySet, *, include_province: bool) -> Counts:
        apart, everywhere = _province_apart(entries, include_province=include_province)
        rows = Coverage.objects.filter(recommendation__in=apart.order_by().values("pk")).values_list("city_id")
        return _add(self._by_pk(rows.annotate(Count("pk")).order_by()), everywhere)

    def pairs(self, entries: RecommendationQuerySet) -> Iterable[tuple[int, str]]:
        covered = Coverage.objects.filter(recommendation__in=entries.order_by().values("pk"))
        return covered.order_by().values_list("recommendation_id", "city__slug")

    @property
    def link(self) -> Link:
        return Link(Coverage, "recommendation", "city_id", "coverage__city_id")


class AreaFacet(Facet):
    """Areas of which an entry touches at least one full or partial member."""

    model = Area
    is_place = True

    def _options(self) -> Iterable[Option]:
        return (Option(area.slug, area.name, area.pk) for area in Area.objects.in_order())

    def condition(self, slugs: Collection[str], *, include_province: bool) -> Q:
        members = Membership.objects.covering().filter(area__in=self.pks(slugs)).values("city")
        covered = Coverage.objects.filter(city__in=members)
        return _or_province(Q(pk__in=covered.values("recommendation")), include_province=include_province)

    def counts(self, entries: RecommendationQuerySet, *, include_province: bool) -> Counts:
        apart, everywhere = _province_apart(entries, include_province=include_province)
        rows = (
            Membership.objects.covering()
            .filter(city__coverage__recommendation__in=apart.order_by().values("pk"))
            .values_list("area_id")
            .annotate(Count("city__coverage__recommendation", distinct=True))
            .order_by()
        )
        return _add(self._by_pk(rows), everywhere)

    def pairs(self, entries: RecommendationQuerySet) -> Iterable[tuple[int, str]]:
        members = Membership.objects.covering().filter(
            city__coverage__recommendation__in=entries.order_by().values("pk")
        )
        return members.order_by().values_list("city__coverage__recommendation_id", "area__slug").distinct()

    @property
    def link(self) -> Link:
        value, extent = "city__memberships__area_id", "city__memberships__extent__in"
        only = ((extent, f"coverage__{extent}", Membership.COVERING),)
        return Link(Coverage, "recommendation", value, f"coverage__{value}", only)


class SourceFacet(Facet):
    """Sources that an entry's evidence cites."""

    model = Source

    def _options(self) -> Iterable[Option]:
        return (Option(source.slug, source.title, source.pk) for source in Source.objects.order_by("pk"))

    def condition(self, slugs: Collection[str], *, include_province: bool) -> Q:
        citing = Evidence.objects.filter(section__source__in=self.pks(slugs))
        return Q(pk__in=citing.values("recommendation"))

    def counts(self, entries: RecommendationQuerySet, *, include_province: bool) -> Counts:
        rows = Evidence.objects.filter(recommendation__in=entries.order_by().values("pk"))
        counted: Any = rows.order_by().values_list("section__source_id")
        return self._by_pk(counted.annotate(Count("recommendation", distinct=True)))

    def pairs(self, entries: RecommendationQuerySet) -> Iterable[tuple[int, str]]:
        citing = Evidence.objects.filter(recommendation__in=entries.order_by().values("pk"))
        return citing.order_by().values_list("recommendation_id", "section__source__slug").distinct()

    @property
    def link(self) -> Link:
        return Link(Evidence, "recommendation", "section__source_id", "evidence__section__source_id")


class TermFacet(Facet):
    """The terms of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary, terms: list[Term]) -> None:
        super().__init__(vocabulary.slug, vocabulary.name, vocabulary.question)
        self.terms = terms

    def moved(self, slugs: Collection[str]) -> dict[str, str]:
        """Another vocabulary may have had a term of that name: only this one's own count."""
        return current_slugs(Term, slugs, among=[term.pk for term in self.terms]) if slugs else {}

    def _options(self) -> Iterable[Option]:
        return (Option(term.slug, term.label, term.pk) for term in self.terms)

    def condition(self, slugs: Collection[str], *, include_province: bool) -> Q:
        tagged = Recommendation.terms.through.objects.filter(term__in=self.pks(slugs))
        return Q(pk__in=tagged.values("recommendation"))

    def counts(self, entries: RecommendationQuerySet, *, include_province: bool) -> Counts:
        tagged = Recommendation.terms.through.objects.filter(
            term__in=[term.pk for term in self.terms], recommendation__in=entries.order_by().values("pk")
        )
        return self._by_pk(tagged.order_by().values_list("term_id").annotate(Count("recommendation_id")))

    def pairs(self, entries: RecommendationQuerySet) -> Iterable[tuple[int, str]]:
        tagged = Recommendation.terms.through.objects.filter(
            term__in=[term.pk for term in self.terms], recommendation__in=entries.order_by().values("pk")
        )
        return tagged.order_by().values_list("recommendation_id", "term__slug")

    @property
    def link(self) -> Link:
        return Link(Recommendation.terms.through, "recommendation", "term_id", "terms")


def _or_province(condition: Q, *, include_province: bool) -> Q:
    return condition | Q(reach=Reach.PROVINCE) if include_province else condition


def _province_apart(entries: RecommendationQuerySet, *, include_province: bool) -> tuple[RecommendationQuerySet, int]:
    """``entries`` to count by coverage, and how many more have every value: the province-wide ones, if included."""
    if not include_province:
        return entries, 0
    everywhere = entries.order_by().filter(reach=Reach.PROVINCE).count()
    return entries.exclude(reach=Reach.PROVINCE), everywhere


def _add(counts: Counts, everywhere: int) -> Counts:
    return {slug: count + everywhere for slug, count in counts.items()}


def all_facets() -> list[Facet]:
    """Every facet of the grammar in the order they stand on the page; a new vocabulary is a new facet."""
    vocabularies = Vocabulary.objects.in_order().prefetch_related("terms")
    return [
        PillarFacet("pillar", _("Pillar")),
        ChoiceFacet("basis", _("Basis"), Basis),
        ChoiceFacet("reach", _("Reach"), Reach),
        CityFacet("city", _("City")),
        AreaFacet("area", _("Metropolitan area or Bay Area")),
        *(
            TermFacet(vocabulary, sorted(vocabulary.terms.all(), key=lambda term: term.pk))
            for vocabulary in vocabularies
        ),
        ChoiceFacet("status", _("Status"), Status),
        SourceFacet("source", _("Source")),
        ReportFacet("report", _("Report")),
    ]
