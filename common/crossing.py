"""What a program in a page of any other site may fetch: files that are the same for everybody.

Nobody's sign-in travels with such a request, so that nothing is shown that a stranger would not see.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

#: What a page of another site may read of an answer beside its body and what any page may read anyway.
EXPOSED = "Content-Disposition, Content-Language, ETag"
METHODS = "GET, HEAD, OPTIONS"
PREFLIGHT = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def open_to_all[Answer: HttpResponseBase](view: Callable[..., Answer]) -> Callable[..., HttpResponseBase]:
    """``view``, whose answers, refusals included, a page of any site may read; and what its browser asks before."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asks = request.method == "OPTIONS"
        response = HttpResponse(status=204, headers=PREFLIGHT) if asks else view(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = EXPOSED
        return response

    return answer
