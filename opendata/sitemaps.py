"""The sitemap: every page in both languages, dated only where the data say when it changed last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, overload
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
from recommendations.answers import Rows
from recommendations.models import Recommendation
from sources.models import Source
from themes.models import Term

#: Addresses of one file; a longer map is an index of files. More would take longer than a second to write.
LIMIT = 2_000


class _Addresses(Sequence[tuple[Any, str]]):
    """Each thing in each language, read only for the file at hand."""

    def __init__(self, things: Sequence[Any], languages: list[str]) -> None:
        self.things, self.languages = things, languages

    def __len__(self) -> int:
        return len(self.things) * len(self.languages)

    @overload
    def __getitem__(self, key: int) -> tuple[Any, str]: ...
    @overload
    def __getitem__(self, key: slice) -> list[tuple[Any, str]]: ...
    def __getitem__(self, key: int | slice) -> tuple[Any, str] | list[tuple[Any, str]]:
        if isinstance(key, int):
            return self[key : key + 1][0]
        start, stop, _step = key.indices(len(self))
        several = len(self.languages)
        first = start // several
        found = [(thing, code) for thing in self.things[first : -(-stop // several)] for code in self.languages]
        return found[start - first * several : stop - first * several]


class _Site(Sitemap):
    """What all parts have: both languages, each naming the other, under the public address of the site."""

    i18n = alternates = x_default = True
    limit = LIMIT

    @cached_property
    def dates(self) -> Dates:
        return Dates()

    def _items(self) -> Sequence[tuple[Any, str]]:
        things: Any = self.items()
        return _Addresses(things, [code for code, _name in settings.LANGUAGES])

    def get_latest_lastmod(self) -> None:
        """An index does not date its files: some pages in them have no date."""

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

    def items(self) -> Rows:
        entries = Recommendation.public_set()
        return Rows(entries.by_id, entries.count())

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
