"""What the API says where it cannot answer: problem details as RFC 9457 has them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.context import origin_of

MEDIA_TYPE = "application/problem+json"
#: What every ``type`` begins with: the same on each host and in each language. It names a kind, and leads nowhere.
TYPES = "tag:guangdong32,2026:problems"

#: Kind → its status and title. The kind is the last part of the problem's ``type``, and an anchor of the documentation.
KINDS = {
    "unknown-value": (400, gettext_noop("A value is not known")),
    "unknown-parameter": (400, gettext_noop("A parameter is not known")),
    "repeated-parameter": (400, gettext_noop("A parameter is given more than once")),
    "bad-cursor": (400, gettext_noop("The cursor cannot be used")),
    "not-found": (404, gettext_noop("There is nothing at this address")),
    "gone": (410, gettext_noop("This is no longer published")),
    "method-not-allowed": (405, gettext_noop("This can only be read")),
    "not-acceptable": (406, gettext_noop("Only JSON is served here")),
    "address-too-long": (414, gettext_noop("The address is too long")),
    "too-many-requests": (429, gettext_noop("Too many requests")),
}


class Problem(Exception):
    """Raised to answer with a problem of ``kind``; ``errors`` are sentences, one for each thing that is wrong."""

    def __init__(self, kind: str, errors: Iterable[str], *, headers: dict[str, str] | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.errors = list(errors)
        self.headers = headers or {}

    def response(self, request: HttpRequest) -> HttpResponse:
        status, title = KINDS[self.kind]
        body = {
            "type": f"{TYPES}#{self.kind}",
            "title": _(title),
            "status": status,
            "detail": " ".join(self.errors),
            "errors": self.errors,
            "documentation_url": f"{origin_of(request)}{reverse('api_docs:docs')}#{self.kind}",
        }
        content = json.dumps(body, ensure_ascii=False)
        return HttpResponse(content, status=status, content_type=MEDIA_TYPE, headers=self.headers)


def withdrawn(number: int | None) -> Problem:
    """The problem of an entry that readers once saw and no longer do."""
    line = _("Recommendation %(number)s is no longer published: its editors have withdrawn it.")
    return Problem("gone", [line % {"number": number}])


def nothing_there(path: str) -> Problem:
    """The problem of an address that leads nowhere."""
    return Problem("not-found", [_("There is nothing at %(path)s.") % {"path": path}])
