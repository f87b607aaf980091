"""What every address of the API has in common: who may ask how, in which language, how often, and what has changed."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from api import language
from api.limits import Limiter, Standing
from api.problems import MEDIA_TYPE, Problem
from common.addresses import MAX_ADDRESS, is_too_long
from common.context import client_of
from recommendations.index.keeping import keeper

METHODS = ("GET", "HEAD", "OPTIONS")
JSON = "application/json"
#: What a page of another site may read of an answer; the rest of these headers any page may read anyway.
EXPOSED = "Content-Language, ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
PREFLIGHT = {
    "Allow": ", ".join(METHODS),
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

_limiter = Limiter()

View = Callable[..., HttpResponse]


def door(view: View) -> View:
    """``view``, reached by GET alone and answered as the API answers; its ``Problem`` becomes a response."""

    @csrf_exempt  # nothing can be changed here, and a method that is refused must say so as a problem
    @functools.wraps(view)
    def through(request: HttpRequest, **kwargs: str) -> HttpResponse:
        words = language.asked_for(request)
        with translation.override(words.site_language):
            # What a browser asks before it asks is no request of its reader's.
            standing = None if request.method == "OPTIONS" else _standing(request)
            try:
                _admit(request, standing)
                response = _answer(view, request, words, kwargs)
            except Problem as problem:
                response = problem.response(request)
            response["Content-Language"] = words.header
            patch_vary_headers(response, ("Accept-Language",))
            return _dressed(response, standing)

    return through


def _standing(request: HttpRequest) -> Standing | None:
    limit = settings.API_REQUESTS_PER_MINUTE
    return _limiter.take(client_of(request), limit, time.monotonic()) if limit else None


def _admit(request: HttpRequest, standing: Standing | None) -> None:
    """Raises ``Problem`` for who asks too often, too much, to change something, or for something other than JSON."""
    if standing and standing.is_over:
        said = _("%(limit)s requests a minute are answered; ask again in %(seconds)s seconds.") % {
            "limit": standing.limit,
            "seconds": standing.reset,
        }
        raise Problem("too-many-requests", [said], headers={"Retry-After": str(standing.reset)})
    if is_too_long(request):
        said = _("An address may have %(limit)s characters.") % {"limit": MAX_ADDRESS}
        raise Problem("address-too-long", [said])
    if request.method not in METHODS:
        said = _("The API answers %(methods)s.") % {"methods": ", ".join(METHODS)}
        raise Problem("method-not-allowed", [said], headers={"Allow": ", ".join(METHODS)})
    if not request.get_preferred_type([JSON, MEDIA_TYPE]):
        raise Problem("not-acceptable", [_("The API answers in %(type)s.") % {"type": JSON}])


def _answer(view: View, request: HttpRequest, words: language.Words, kwargs: dict[str, str]) -> HttpResponse:
    """What ``view`` answers, or that nothing has changed since it was last read."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=PREFLIGHT)
    if said := language.problems_of(request):
        raise Problem("unknown-value", said)
    request.words = words  # type: ignore[attr-defined]
    method, request.method = request.method, "GET"  # a HEAD is answered as the GET; the server leaves the body out
    try:
        with keeper.one_state():  # rows, counts and facets of one answer agree, whoever writes meanwhile
            response = view(request, **kwargs)
    finally:
        request.method = method
    if response.status_code != 200:
        return response
    etag = f'"{hashlib.sha256(words.header.encode() + response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response


def _dressed(response: HttpResponse, standing: Standing | None) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = EXPOSED
    response["Link"] = f'<{LICENCE}>; rel="license"'
    for name, value in (standing.headers if standing else {}).items():
        response[name] = value
    return response
