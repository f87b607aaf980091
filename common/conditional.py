"""Answers that are asked for again for nothing: each is named by an ETag, and who has it already is told so.

No answer says when it was last modified. A date to the second cannot tell two changes within it apart, nor that
something was taken away: who asked by it alone could be told that nothing changed when something did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from common import changes
from common.context import origin_of
from common.site import site_name
from common.translation import site_language


def named_by_content[**P, Answer: HttpResponseBase](view: Callable[P, Answer]) -> Callable[P, Answer]:
    """``view``, whose whole answer is named by its bytes."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Answer:
        request: Any = args[0]
        response: Any = view(*args, **kwargs)
        if hasattr(response, "render") and not response.is_rendered:
            response.render()
        if response.status_code != 200 or response.streaming:
            return response
        return named(request, response, f'"{hashlib.sha256(response.content).hexdigest()[:32]}"')

    return answer


def named(request: HttpRequest, response: Any, etag: str) -> Any:
    """``response`` under the name ``etag``, or that whoever asks has it."""
    del response["Last-Modified"]
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def etag_of_state(request: HttpRequest) -> str | None:
    """The name of what the content as it is now answers at this address; ``None`` where no state of it is kept.

    It is weak: equal content under another state has another name. For answers too long to be made before they are
    sent, and asked for *before* they are read: what is written meanwhile is under a later name then. Another program
    may answer otherwise; ``migrate``, which belongs to its installation, begins another epoch.
    """
    state = changes.current()
    if state is None:
        return None
    asked = (request.get_full_path(), site_language(), origin_of(request), site_name())
    told = (state.epoch.hex, state.number, state.mark, *asked)
    return f'W/"{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"'
