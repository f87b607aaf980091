"""Addresses of the API. They have no language of their own; ``config.urls`` puts them under /api/v1/."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path, resolve

from api.door import door
from api.lists import moved_to
from api.openapi import schema_view
from api.problems import nothing_there
from api.v1 import api

ELSEWHERE = "api_elsewhere"


def _through_the_door(pattern: URLPattern) -> URLPattern:
    return URLPattern(pattern.pattern, door(pattern.callback), pattern.default_args, pattern.name)


def elsewhere(request: HttpRequest) -> HttpResponse:
    """An address that is none; with a slash at its end it may be one."""
    if not request.path_info.endswith("/") and resolve(f"{request.path_info}/").url_name != ELSEWHERE:
        return moved_to(request, f"{request.path}/")
    raise nothing_there(request.path)


_found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]

app_name = "api"
urlpatterns = [*(_through_the_door(pattern) for pattern in _found), path("schema/", door(schema_view), name="schema")]
#: After everything else: what is left under /api/.
last_pattern = re_path(r"^api/(?!v1/docs/$)", door(elsewhere), name=ELSEWHERE)
