"""Links by which someone without an account sees an entry that readers do not see yet: signed, and good for a while."""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import EntryVersion, Recommendation
from recommendations.previewing import preview_context

_SALT = "recommendations.shared"
#: How long a link is good for.
LIFETIME = dt.timedelta(days=7)


def token_for(entry: Recommendation) -> str:
    """What the address of a preview of ``entry`` ends in; made anew it is good for as long again.

    It knows the newest version there was: what was published since is no text to be shared, even once withdrawn.
    """
    return signing.dumps([entry.pk, EntryVersion.objects.newest_number(entry)], salt=_SALT)


def expires_at(made_at: dt.datetime) -> dt.datetime:
    """Until when a link that was made at ``made_at`` is good."""
    return made_at + LIFETIME


@require_safe
def shared_preview(request: HttpRequest, token: str) -> HttpResponse:
    """An entry as readers would see it, for whoever has the link; not found by machines, not kept, without a cookie."""
    try:
        pk, newest = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return _apart(render(request, "recommendations/preview_over.html", status=410))
    entry = Recommendation.objects.for_detail().select_related("working_copy_of").filter(pk=pk).first()
    if entry is None:  # the copy was published or discarded
        return _apart(render(request, "recommendations/preview_over.html", status=410))
    if entry.is_public:
        return redirect(entry.get_absolute_url())
    if EntryVersion.objects.ever_public().filter(entry=entry, number__gt=newest).exists():  # and withdrawn since
        return _apart(render(request, "recommendations/preview_over.html", status=410))
    context = preview_context(request, entry) | {
        "notice": _("Preview of a text that is not published, for review only. Please do not pass it on."),
        "is_preview": True,
    }
    return _apart(render(request, "recommendations/detail.html", context))


def _apart(response: HttpResponse) -> HttpResponse:
    """``response``, to be indexed by no machine, kept by no cache, and told to no other site."""
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
