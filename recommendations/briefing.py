"""Everything that touches one city, grouped by how firmly, as one document to print or to take along.

It stands here and not with the cities, because it tells entries whole: what they say, what supports them, how to
cite them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cities.models import City
from common.context import origin_of
from common.slugs import SlugMoved, get_by_slug, redirect_to_slug
from common.translation import site_language
from recommendations import citations
from recommendations.briefing_word import CONTENT_TYPE, word_document
from recommendations.choices import CoverageBasis, Reach
from recommendations.models import EntryVersion, Recommendation
from recommendations.querysets import RecommendationQuerySet
from recommendations.sets import EntrySet
from sources.models import Source

#: So many entries of one group are told; the document says how many more there are.
MAX_TOLD = 40

PROVINCE = "province"

HEADINGS: dict[str, tuple[str | Promise, str | Promise]] = {
    CoverageBasis.NAMED: (
        gettext_lazy("Names this city"),
        gettext_lazy("The source names the city in the very passage the entry rests on."),
    ),
    CoverageBasis.EDITORIAL: (
        gettext_lazy("Our reading"),
        gettext_lazy("The source does not name the city here; we read the passage so."),
    ),
    CoverageBasis.METROPOLITAN: (
        gettext_lazy("Covers its metropolitan area"),
        gettext_lazy("These cover every metropolitan area, and the city is a member of one."),
    ),
    CoverageBasis.BAY_AREA: (
        gettext_lazy("Covers the Bay Area"),
        gettext_lazy("These cover the Bay Area, and the city is a part of it."),
    ),
    PROVINCE: (
        gettext_lazy("Province-wide only"),
        gettext_lazy("These apply in the city as everywhere in the province."),
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the briefing, and how to cite it."""

    entry: Recommendation
    citation: str


@dataclass(frozen=True, slots=True)
class Part:
    """The entries that concern the city for one reason; ``more`` are not told."""

    value: str
    heading: str | Promise
    meaning: str | Promise
    entries: list[Told]
    more: int

    @property
    def count(self) -> int:
        return len(self.entries) + self.more


@dataclass(frozen=True, slots=True)
class Briefing:
    """What concerns ``city``, as of ``made_on``; ``address`` is where the document is found."""

    city: City
    parts: list[Part]
    made_on: dt.date
    address: str
    provenance: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    @property
    def title(self) -> str:
        return _("City briefing: %(city)s") % {"city": self.city.name}

    @property
    def told(self) -> list[Told]:
        """Every entry of the document, in its order."""
        return [told for part in self.parts for told in part.entries]

    @property
    def touching(self) -> int:
        """How many entries touch the city itself."""
        return sum(part.count for part in self.parts if part.value != PROVINCE)

    @property
    def everywhere(self) -> int:
        """How many more apply there only as in the whole province."""
        return sum(part.count for part in self.parts if part.value == PROVINCE)


def compile_briefing(city: City, *, origin: str, address: str, made_on: dt.date) -> Briefing:
    """What concerns ``city``, in a number of queries that does not grow; ``origin`` is the site's scheme and host."""
    published = Recommendation.public_set()
    found = {basis: published.having("city reason", (city.pk, basis)) for basis in CoverageBasis.values}
    if not city.region.is_outside:
        found[PROVINCE] = published.having("reach", Reach.PROVINCE).without("city", city.pk)
    parts = [_part(value, entries, origin) for value, entries in found.items()]
    told = [each.entry for part in parts for each in part.entries]
    return Briefing(
        city=city,
        parts=[part for part in parts if part.entries],
        made_on=made_on,
        address=address,
        provenance=list(dict.fromkeys(e.report.provenance_note for e in told if e.report.provenance_note)),
        sources=_sources(told),
    )


def _part(value: str, entries: EntrySet, origin: str) -> Part:
    listed = entries.first(MAX_TOLD, RecommendationQuerySet.for_list)
    versions = EntryVersion.objects.filter(entry__in=[entry.pk for entry in listed]).public_now()
    public = {version.entry_id: version for version in versions}
    told = [
        Told(entry, citations.plain(entry, public.get(entry.pk), f"{origin}{entry.get_absolute_url()}"))
        for entry in listed
    ]
    more = entries.count() - len(listed) if len(listed) == MAX_TOLD else 0
    return Part(value, *HEADINGS[value], told, more)


def _sources(entries: Iterable[Recommendation]) -> list[Source]:
    """The sources that the evidence of ``entries`` cites, each once."""
    cited = {row.section.source.pk: row.section.source for entry in entries for row in entry.evidence.all()}
    return [cited[pk] for pk in sorted(cited)]


def _city(slug: str) -> Any:
    return get_by_slug(City.objects.select_related("region"), slug)


def _compiled(request: HttpRequest, city: City) -> Briefing:
    origin = origin_of(request)
    address = f"{origin}{city.get_absolute_url()}"
    return compile_briefing(city, origin=origin, address=address, made_on=timezone.localdate())


def briefing(request: HttpRequest, slug: str) -> HttpResponse:
    """The briefing on one city as a page that prints well."""
    try:
        city = _city(slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    return render(request, "recommendations/briefing.html", {"briefing": _compiled(request, city), "city": city})


def briefing_docx(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as a Word document."""
    try:
        city = _city(slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    response = HttpResponse(word_document(_compiled(request, city)), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{city.slug}-briefing-{site_language()}.docx"'
    return response
