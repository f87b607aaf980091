"""Views whose pages are kept, as bytes, for as long as the content stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from common.context import origin_of
from common.translation import site_language
from recommendations.index.keeping import keeper
from recommendations.index.pages import Page

View = Callable[[HttpRequest], HttpResponse]


def is_part(request: HttpRequest) -> bool:
    """Whether a script asks for a part of the page to put in its place."""
    return getattr(request, "htmx", False) and not request.htmx.history_restore_request  # type: ignore[attr-defined]


def stored(view: View) -> View:
    """Have ``view`` asked once for each state of the content, language and address, by readers without a session.

    What it shows must follow from these, the date, and whether a script asks for a part of it.
    """

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        index = keeper.current()
        if index is None or request.method != "GET" or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return view(request)
        address = origin_of(request), request.get_full_path()
        key = (site_language(), timezone.localdate(), address, bool(is_part(request)))
        page = index.pages.get(key)
        if page is not None:
            return HttpResponse(page.body, headers=dict(page.headers))
        response = view(request)
        if response.status_code == 200:
            index.pages.keep(key, Page(response.content, tuple(response.items())))
        return response

    return answer
