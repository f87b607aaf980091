"""Atom feeds: the updates, and the new and changed entries of any filter, in the language of the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.conditional import named_by_content
from common.context import origin_of
from common.site import site_name
from common.translation import HTML_LANG, site_language
from progress.models import Update, UpdateEffect
from recommendations.answers import Rows
from recommendations.index.keeping import keeper
from recommendations.parameters import plain, unknown_parameters
from recommendations.reading import Reading
from recommendations.views import redirect_moved, refuse

Pairs = Sequence[tuple[str, str]]

ATOM = "application/atom+xml; charset=utf-8"
#: Entries of one page of a feed; the rest is on the pages it names (RFC 5005).
PAGE_SIZE = 100
#: What a feed without entries says of its age: a date must stand there, and nothing dates it.
NO_DATE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Generator(Atom1Feed):
    """Django's own, with the pages of a long feed, and an age that is the data's."""

    content_type = ATOM

    def latest_post_date(self) -> dt.datetime:
        dates = [item["updateddate"] for item in self.items if item["updateddate"]]
        return max(dates, default=NO_DATE)

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        for rel, url in self.feed["pages"].items():
            handler.addQuickElement("link", None, {"rel": rel, "href": url})


class _Site(Feed):
    """What all feeds have: absolute addresses, language, author, licence. The object is the request."""

    feed_type = Generator
    feed_copyright = "CC BY 4.0"
    #: The page that lists what is in it.
    list_name: str

    @property
    def language(self) -> str:  # type: ignore[override]
        return HTML_LANG[site_language()]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.origin = origin_of(request)
        return request

    def author_name(self) -> str:
        return site_name()

    def feed_url(self, request: HttpRequest) -> str:
        return self.address(request)

    def feed_guid(self, request: HttpRequest) -> str:
        """The same for every page of a feed, however its address was written."""
        return self.address(request)

    def address(self, request: HttpRequest, pairs: Pairs = ()) -> str:
        """This feed with the parameters ``pairs``."""
        return f"{self.origin}{request.path}{f'?{urlencode(pairs)}' if pairs else ''}"

    def feed_extra_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        return {"pages": {}}

    def item_title(self, item: Any) -> str:
        return plain(str(item))

    def item_description(self, item: Any) -> str:
        return escape(plain(item.summary))  # the reader takes it for HTML

    def item_guid(self, item: Any) -> str:
        """What names ``item`` for good, in one language: its place in the list, for its own address has its slug."""
        return f"{self.origin}{reverse(self.list_name)}#id-{item.pk}"

    def item_link(self, item: Any) -> str:
        return f"{self.origin}{item.get_absolute_url()}"


class UpdateFeed(_Site):
    """The published updates, what was published or corrected last first: an event long past is news to who follows."""

    list_name = "progress:index"

    def title(self) -> str:
        return _("Updates: what became of the recommendations")

    def subtitle(self) -> str:
        return _("Dated, sourced events; what was published or corrected last comes first.")

    def link(self, request: HttpRequest) -> str:
        return f"{self.origin}{reverse('progress:index')}"

    def items(self, request: HttpRequest) -> Any:
        return Update.objects.published().newly_told().with_effects()[:PAGE_SIZE]

    def item_description(self, item: Update) -> str:
        """What happened, and to which recommendations: a feed is read without its page."""
        lines = [item.summary, *(self._said_of(effect) for effect in item.effects.all())]
        return "<br>".join(escape(plain(line)) for line in lines if line)

    @staticmethod
    def _said_of(effect: UpdateEffect) -> str:
        named = {"recommendation": effect.recommendation, "status": effect.get_status_display()}
        if effect.status:
            return _("Recommendation %(recommendation)s – now: %(status)s") % named
        return _("Recommendation %(recommendation)s") % named

    def item_categories(self, item: Update) -> list[str]:
        return list(dict.fromkeys(str(effect.get_status_display()) for effect in item.effects.all() if effect.status))

    def item_pubdate(self, item: Update) -> dt.datetime:
        return timezone.localtime(item.recorded_at)

    def item_updateddate(self, item: Any) -> dt.datetime:
        return timezone.localtime(item.told_at)


class EntryFeed(_Site):
    """The entries of the filter in the address, the newest change first."""

    list_name = "recommendations:browse"

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        super().get_object(request)
        found = Rows(self.reading.answers.newest, self.reading.total)
        self.page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        return request

    def title(self) -> str:
        name = _("Recommendations: new and changed")
        of = pgettext("list", ", ").join(str(chip.value_label) for chip in self.reading.chips)
        return f"{name} – {of}" if of else name

    def subtitle(self) -> str:
        return _("New and changed recommendations, the newest first.")

    def link(self, request: HttpRequest) -> str:
        return f"{self.origin}{reverse('recommendations:browse')}{self.reading.entry_query}"

    def feed_guid(self, request: HttpRequest) -> str:
        return self.address(request, self._pairs)

    def feed_url(self, request: HttpRequest) -> str:
        return self._page_url(request, self.page.number)

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        """The filter in one spelling; a feed has an order of its own."""
        return sorted(pair for pair in self.reading.filterset.parameters if pair[0] != "sort")

    def feed_extra_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        near = {}
        if self.page.has_next():
            near["next"] = self.page.next_page_number()
        if self.page.has_previous():
            near["previous"] = self.page.previous_page_number()
        return {"pages": {rel: self._page_url(request, number) for rel, number in near.items()}}

    def _page_url(self, request: HttpRequest, number: int) -> str:
        return self.address(request, [*self._pairs, *([("page", str(number))] if number > 1 else [])])

    def items(self, request: HttpRequest) -> Any:
        return self.page.object_list

    def item_pubdate(self, item: Any) -> dt.datetime | None:
        return timezone.localtime(item.published_at) if item.published_at else None

    def item_updateddate(self, item: Any) -> dt.datetime | None:
        return timezone.localtime(item.changed_at or item.created_at)

    def item_categories(self, item: Any) -> list[str]:
        return [item.pillar.short_name, item.get_basis_display()]


@named_by_content
@keeper.one_state()
def updates(request: HttpRequest) -> HttpResponse:
    """The feed of updates. It has no parameters: with a filter it would be something else than asked for."""
    if strange := unknown_parameters(request.GET, ()):
        return refuse(strange)
    return UpdateFeed()(request)


@named_by_content
@keeper.one_state()
def recommendations(request: HttpRequest) -> HttpResponse:
    """The feed of a filter. As with any file, what cannot be applied is refused: it cannot say what was left out."""
    reading = Reading(request.GET, is_exact=True)
    filterset = reading.filterset
    if filterset.moved:
        return redirect_moved(request, filterset)
    if filterset.problems:
        return refuse(filterset.problems)
    return EntryFeed(reading)(request)
