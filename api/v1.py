"""The operations of version 1, each with what it answers. Parameters and problems are added by ``api.openapi``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from pydantic import create_model

from api import changes, entries, lists, schemas
from api.asking import as_json, refuse_strange
from api.lists import Listing
from api.problems import nothing_there
from common.changes import current
from common.context import origin_of
from themes.models import Vocabulary

api = NinjaAPI(
    version="1",
    description=gettext_noop(
        "Everything a reader of this site sees, for programs: read-only, without a key, as JSON. Texts exist in "
        "English and in Simplified Chinese. The content may be used under CC BY 4.0."
    ),
    urls_namespace="api",
    docs_url=None,  # the documentation is a page of the site (api.documentation): nothing from another host
    openapi_url=None,  # the schema is completed first (api.openapi)
)

#: What each list is, in the order the documentation tells them.
SUMMARIES: dict[str, tuple[str, str]] = {
    "reports": (gettext_noop("All reports"), gettext_noop("One report")),
    "pillars": (gettext_noop("All pillars"), gettext_noop("One pillar")),
    "cities": (gettext_noop("All cities"), gettext_noop("One city")),
    "areas": (gettext_noop("All areas that cities form together"), gettext_noop("One area")),
    "vocabularies": (gettext_noop("All vocabularies"), gettext_noop("One vocabulary")),
    "terms": (gettext_noop("The terms of all vocabularies"), gettext_noop("One term")),
    "sources": (gettext_noop("All sources"), gettext_noop("One source")),
    "checkpoints": (gettext_noop("All checkpoints: what the source says comes next"), gettext_noop("One checkpoint")),
    "glossary": (gettext_noop("All words of the glossary"), gettext_noop("One word of the glossary")),
}
MORE: dict[str, Any] = {"by_alias": True}


@api.get(
    "/",
    response=schemas.Start,
    operation_id="start",
    summary=gettext_noop("Where everything is"),
    description=gettext_noop("The addresses of all lists, and the version of the content."),
    **MORE,
)
def start(request: HttpRequest) -> HttpResponse:
    """The addresses of all lists, and the version of the content."""
    refuse_strange(request, "lang")
    origin = origin_of(request)
    names = ["recommendations", *SUMMARIES, "changes"]
    return as_json(
        {
            "lists": {name: f"{origin}{reverse(f'api:{name}')}" for name in names},
            "schema_url": f"{origin}{reverse('api:schema')}",
            "documentation_url": f"{origin}{reverse('api_docs:docs')}",
            "version": changes.version_of(current()),
        }
    )


@api.get(
    "/recommendations/",
    response=schemas.RecommendationList,
    operation_id="recommendations",
    url_name="recommendations",
    summary=gettext_noop("All recommendations, or those a filter leaves"),
    description=gettext_noop(
        "The filter is that of the site: repeat a parameter for any of its values; different parameters must all "
        "hold. Each facet comes with its values and how many recommendations would have them."
    ),
    **MORE,
)
def recommendations(request: HttpRequest) -> HttpResponse:
    """The list under a filter."""
    return entries.answer_list(request)


@api.get(
    "/recommendations/{slug:slug}/",
    response=schemas.RecommendationDetail,
    operation_id="recommendation",
    url_name="recommendation",
    summary=gettext_noop("One recommendation with its history, checkpoints and updates"),
    description=gettext_noop("By its slug; a slug it once had leads to it."),
    **MORE,
)
def recommendation(request: HttpRequest, slug: str) -> HttpResponse:
    """One entry."""
    return entries.answer_one(request, slug)


def _add(listing: Listing) -> None:
    """The two operations of ``listing``: all of it, and one of it."""
    envelope = create_model(
        f"{listing.schema.__name__.removesuffix('Item')}List",
        __base__=schemas.Envelope,
        results=(list[listing.schema], ...),  # type: ignore[name-defined]
    )
    every, one = SUMMARIES[listing.name]

    @api.get(
        f"/{listing.name}/",
        response=envelope,
        operation_id=listing.name,
        url_name=listing.name,
        summary=every,
        **MORE,
    )
    def whole(request: HttpRequest) -> HttpResponse:
        return lists.answer_list(request, listing)

    single = {"response": listing.schema, "operation_id": f"{listing.name}_one", "summary": one, **MORE}
    if listing is lists.TERMS:

        @api.get("/terms/{slug:vocabulary}/{slug:slug}/", url_name="terms_one", **single)
        def term(request: HttpRequest, vocabulary: str, slug: str) -> HttpResponse:
            if not Vocabulary.objects.filter(slug=vocabulary).exists():
                raise nothing_there(request.path)
            return lists.answer_one(request, listing, slug, listing.rows().filter(vocabulary__slug=vocabulary))
    else:

        @api.get(f"/{listing.name}/{{slug:slug}}/", url_name=f"{listing.name}_one", **single)
        def thing(request: HttpRequest, slug: str) -> HttpResponse:
            return lists.answer_one(request, listing, slug)


for _listing in lists.LISTINGS:
    _add(_listing)


@api.get(
    "/changes/",
    response=schemas.Changes,
    operation_id="changes",
    url_name="changes",
    summary=gettext_noop("What changed since a version"),
    description=gettext_noop(
        "Keeps a copy exact. Ask without since: it names the version to begin from. Fetch the lists. Then ask with "
        "since and that version, put what changed in its place, take away what was deleted, follow next to the end, "
        "and keep the new version for the next time. A name that changed comes with every recommendation that has "
        "it, and lists says which of the other lists to fetch anew: they name and count recommendations too. Where "
        "is_reset is true, fetch everything anew: after the database was restored to an earlier state or migrated, and "
        "where such a name concerns more than 5,000 recommendations."
    ),
    **MORE,
)
def changes_since(request: HttpRequest) -> HttpResponse:
    """The difference to a version."""
    return changes.answer(request)
