"""A filter's result for other sites to frame: a list, a matrix or the map, and the page that gives the code for it.

It is the one page that may be framed. It sets no cookie and runs no script; its links open the site itself beside the
page that frames it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override

from cities.models import City
from common.conditional import named_by_content
from common.context import origin_of
from common.site import site_name
from common.tilemap import TileMap
from recommendations.export_files import about
from recommendations.facets import Label
from recommendations.reading import Pairs, Reading
from recommendations.views import redirect_moved

MAP = "map"
#: What can be framed: ``view=`` (a list without it), its name, and how many pixels high the frame begins.
VIEWS: tuple[tuple[str, Label, int], ...] = (
    ("", gettext_lazy("List"), 640),
    ("matrix", gettext_lazy("Matrix"), 720),
    (MAP, gettext_lazy("Map"), 640),
)
#: The policy of every page, but that any site may frame this one, which has no script and no form.
POLICY: dict[str, Any] = {
    **settings.SECURE_CSP,
    "frame-ancestors": ["*"],
    "script-src": [CSP.NONE],
    "connect-src": [CSP.NONE],
    "form-action": [CSP.NONE],
}


class Leading:
    """A city that leads to the list behind its number on the map."""

    def __init__(self, city: City, url: str) -> None:
        self._city, self._url = city, url

    def __getattr__(self, name: str) -> Any:
        return getattr(self._city, name)

    def get_absolute_url(self) -> str:
        return self._url


@xframe_options_exempt
@csp_override(POLICY)
@named_by_content
def recommendations(request: HttpRequest) -> HttpResponse:
    """The filter in the address as a light page."""
    reading, is_map = _reading(request.GET)
    if reading.filterset.moved:
        return redirect_moved(request, reading.filterset)
    context = {
        "reading": reading,
        "tilemap": _tilemap(reading) if is_map else None,
        "provenance": about()["provenance"],
        "licence": about()["licence"],
        "full_url": reading.url,
    }
    return render(request, "recommendations/embed.html", context)


@named_by_content
def code(request: HttpRequest) -> HttpResponse:
    """What to paste into another site for the filter in the address, and what it does there."""
    reading, _is_map = _reading(request.GET)
    if reading.filterset.moved:
        return redirect_moved(request, reading.filterset)
    context = {"reading": reading, "snippets": list(_snippets(reading, origin_of(request)))}
    return render(request, "recommendations/embed_code.html", context)


def _reading(given: QueryDict) -> tuple[Reading, bool]:
    """What browse would show, and whether it is wanted as a map, which browse has not."""
    data = given.copy()
    is_map = data.get("view") == MAP
    if is_map:
        del data["view"]
    return Reading(data), is_map


def _tilemap(reading: Reading) -> TileMap:
    """The cities with how many entries touch each. A choice of cities does not narrow it, as beside every value."""
    facet = next(facet for facet in reading.filterset.facets if facet.name == "city")
    found = reading.answers.counts(facet)
    cities = list(City.objects.select_related("region").in_order())
    counts = {city.pk: found.get(city.slug, 0) for city in cities}
    return TileMap.build((Leading(c, reading.alone_url("city", c.slug)) for c in cities), counts=counts)


@dataclass(frozen=True, slots=True)
class Snippet:
    """The code for one form: what to paste, and the address that it frames."""

    key: str
    label: Label
    url: str
    text: SafeString


def _snippets(reading: Reading, origin: str) -> Iterator[Snippet]:
    for view, label, height in VIEWS:
        pairs: Pairs = list(reading.filterset.parameters)
        if view:
            pairs.append(("view", view))
        if view == "matrix" and reading.matrix:
            pairs += reading.matrix.parameters
        path = reverse("embed:recommendations")
        url = f"{path}?{urlencode(pairs)}" if pairs else path
        title = _("%(site)s: recommendations") % {"site": site_name()}
        text = format_html(
            '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy"></iframe>',
            f"{origin}{url}",
            title,
            height,
        )
        yield Snippet(view or "list", label, url, text)
