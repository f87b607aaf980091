"""The lists of what recommendations rest on: one declaration each, one way to answer for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from api import schemas
from api.asking import Asked, Item, as_json
from api.cursors import Keyed
from api.items import Teller
from api.problems import nothing_there
from cities.models import Area, City, Membership
from common.context import origin_of
from common.slugs import SlugMoved, get_by_slug
from pillars.models import Pillar, Report
from progress.models import Checkpoint
from recommendations.models import Recommendation
from sources.models import Source, SourceSection
from themes.models import GlossaryEntry, Term, Vocabulary


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the API: its rows in their order, and how one of them is told."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    tell: Callable[[Teller, Any], Item]
    schema: type[schemas.Item]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.schema.model_fields)


def _cities() -> QuerySet[City]:
    memberships = Membership.objects.select_related("area").order_by("area_id", "pk")
    return (
        City.objects.select_related("region")
        .prefetch_related("neighbours", Prefetch("memberships", memberships))
        .in_order()
    )


def _areas() -> QuerySet[Area]:
    memberships = Membership.objects.select_related("city").order_by("city_id", "pk")
    return Area.objects.prefetch_related(Prefetch("memberships", memberships)).in_order()


def _sources() -> QuerySet[Source]:
    return Source.objects.prefetch_related(Prefetch("sections", SourceSection.objects.in_order())).order_by("pk")


def _checkpoints() -> QuerySet[Checkpoint]:
    entries = Recommendation.objects.published().in_order()
    return Checkpoint.objects.prefetch_related(Prefetch("recommendations", entries)).in_order()


def _vocabularies() -> QuerySet[Vocabulary]:
    return Vocabulary.objects.prefetch_related(Prefetch("terms", Term.objects.order_by("pk"))).in_order()


REPORTS = Listing(
    "reports", lambda: Report.objects.select_related("source").in_order(), Teller.report, schemas.ReportItem
)
PILLARS = Listing(
    "pillars", lambda: Pillar.objects.select_related("report").in_order(), Teller.pillar, schemas.PillarItem
)
CITIES = Listing("cities", _cities, Teller.city, schemas.CityItem)
AREAS = Listing("areas", _areas, Teller.area, schemas.AreaItem)
VOCABULARIES = Listing("vocabularies", _vocabularies, Teller.vocabulary, schemas.VocabularyItem)
TERMS = Listing("terms", lambda: Term.objects.select_related("vocabulary").in_order(), Teller.term, schemas.TermItem)
SOURCES = Listing("sources", _sources, Teller.source, schemas.SourceItem)
CHECKPOINTS = Listing("checkpoints", _checkpoints, Teller.checkpoint, schemas.CheckpointItem)
GLOSSARY = Listing(
    "glossary", lambda: GlossaryEntry.objects.order_by("pk"), Teller.glossary_entry, schemas.GlossaryItem
)

LISTINGS = (REPORTS, PILLARS, CITIES, AREAS, VOCABULARIES, TERMS, SOURCES, CHECKPOINTS, GLOSSARY)


def answer_list(request: HttpRequest, listing: Listing) -> HttpResponse:
    """A page of ``listing`` in the envelope of every list."""
    asked = Asked(request, listing.fields)
    asked.refuse()
    rows = listing.rows()
    page, cursor = asked.rows(rows, listing.name)
    teller = Teller(asked.words, origin_of(request))
    first = Keyed.of(rows).place_of(page[0]) if asked.cursor and page else 1
    told = [_numbered(listing.tell(teller, row), place) for place, row in enumerate(page, first)]
    results = [asked.chosen(item) for item in told]
    return as_json({"count": rows.count(), "facets": [], "results": results, "next": asked.next_url(cursor)})


def answer_one(
    request: HttpRequest, listing: Listing, slug: str, rows: QuerySet[Any] | None = None
) -> HttpResponse | HttpResponsePermanentRedirect:
    """The one of ``listing`` (or of ``rows``, a part of it) that has ``slug``, or had it once."""
    asked = Asked(request, listing.fields, is_list=False)
    asked.refuse()
    thing = find(request, listing.rows() if rows is None else rows, slug)
    if isinstance(thing, HttpResponsePermanentRedirect):
        return thing
    item = listing.tell(Teller(asked.words, origin_of(request)), thing)
    return as_json(asked.chosen(_numbered(item, Keyed.of(listing.rows()).place_of(thing))))


def _numbered(item: Item, place: int) -> Item:
    """``item`` with its place in its list for a number, where it has none of its own."""
    return {"slug": item["slug"], "number": place, **item}


def find(request: HttpRequest, rows: QuerySet[Any], slug: str) -> Any:
    """The row with ``slug``, or the way to it where it had that name once. Raises ``Problem`` where there is none."""
    try:
        return get_by_slug(rows, slug)
    except SlugMoved as moved:
        return moved_to(request, request.path.removesuffix(f"{slug}/") + f"{moved}/")
    except Http404:
        raise nothing_there(request.path) from None


def moved_to(request: HttpRequest, path: str, query: str | None = None) -> HttpResponsePermanentRedirect:
    """The same question at ``path``."""
    query = request.META.get("QUERY_STRING", "") if query is None else query
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
