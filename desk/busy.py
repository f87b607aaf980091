"""What an editor is told while the database is held by somebody's large write: nothing is lost, send it again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static

from common.middleware import is_desk
from common.translation import HTML_LANG, site_language
from staff.kept import Kept

logger = logging.getLogger(__name__)

#: Seconds after which it may be tried again.
RETRY_AFTER = 10


class BusyDatabaseMiddleware:
    """At the desk, answers a request that the database did not take in time with a page that sends it once more.

    SQLite has one writer at a time; a second one waits (``timeout`` of the database's settings), then is refused.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page, for what the database refused; ``None`` leaves anything else to Django."""
        if not (isinstance(exception, OperationalError) and is_desk(request)):
            return None
        logger.warning("the database did not take %s %s: %s", request.method, request.path, exception)
        stylesheet = ""
        with suppress(ValueError):  # no manifest of static files
            stylesheet = static("css/kb.css")
        kept = Kept.of(request)
        context = {
            "stylesheet": stylesheet,
            "page_lang": HTML_LANG[site_language()],
            "fields": kept.fields if kept else [],
            "can_send": kept is not None and not kept.lacks,
        }
        # Not through the templates of the desk: they ask the database, which may be the very thing that is wrong.
        response = render(request, "desk/busy.html", context, status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        response["Cache-Control"] = "private, no-store"
        return response
