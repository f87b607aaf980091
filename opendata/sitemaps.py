"""The sitemap: every page in both languages, dated only where the data say when it changed last."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from cities.models import Area, City
from common.conditional import named_by_content
from editions.models import Edition
from opendata.dating import Dates
from pillars.models import Pillar, Report
from recommendations.models import Recommendation
from sources.models import Source
from themes.models import Term

#: Addresses of one file; a longer map is an index of files.
LIMIT = 10_000


class _Site(Sitemap):
    """What all parts have: both languages, each naming the other, under the public address of the site."""

    i18n = alternates = x_default = True
    limit = LIMIT

    @cached_property
    def dates(self) -> Dates:
        return Dates()

    def get_urls(self, page: Any = 1, site: Any = None, protocol: str | None = None) -> Any:
        public = urlsplit(settings.SITE_URL)
        if public.netloc:
            site, protocol = SimpleNamespace(domain=public.netloc), public.scheme
        return super().get_urls(page=page, site=site, protocol=protocol)


#: The pages on what programs can have.
_DATA = ("api_docs:docs", "editions:list", "embed:code")


class Pages(_Site):
    """The pages that are there whatever the data; nothing dates them."""

    def items(self) -> list[str]:
        names = ["recommendations:home", "recommendations:browse", "pillars:list", "cities:list", "progress:index"]
        return [*names, "themes:index", "themes:glossary", "sources:list", "common:about", *_DATA]

    def location(self, item: str) -> str:
        return reverse(item)


class Things(_Site):
    """The pages of pillars, reports, cities, areas, themes and sources; pillars and themes dated by what is on them."""

    def items(self) -> list[Any]:
        terms = Term.objects.select_related("vocabulary").order_by("pk")
        others = (model._default_manager.order_by("pk") for model in (Report, Pillar, City, Area, Source))
        return [thing for found in (*others, terms) for thing in found]

    def lastmod(self, item: Any) -> dt.datetime | None:
        if isinstance(item, Pillar):
            return self.dates.pillar(item)
        return self.dates.term(item) if isinstance(item, Term) else None


class Entries(_Site):
    """The entries that readers see, dated by all that is on their pages."""

    def items(self) -> Any:
        return Recommendation.objects.published().order_by("pk")

    def lastmod(self, item: Any) -> dt.datetime | None:
        return self.dates.entry(item)


class Editions(_Site):
    """The pages of editions. They tell what changed since as well, so that the day of freezing does not date them."""

    def items(self) -> Any:
        return Edition.objects.newest_first()


PARTS = {"pages": Pages, "things": Things, "entries": Entries, "editions": Editions}


@named_by_content
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """The whole map, or the index of its files where it is long."""
    parts: dict[str, Any] = {name: part() for name, part in PARTS.items()}
    parts["things"].dates = parts["entries"].dates  # what they rest on is read once
    if all(part.paginator.num_pages == 1 for part in parts.values()):
        return views.sitemap(request, parts)
    return views.index(request, parts, sitemap_url_name="sitemap_part")


#: One file of a long map.
part = named_by_content(views.sitemap)
