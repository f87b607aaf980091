"""A number or a slug typed into the search box leads straight to its entry."""

from __future__ import annotations

import re

from django.http import QueryDict

from recommendations.filters import plain
from recommendations.models import Recommendation
from recommendations.querysets import RecommendationQuerySet
from recommendations.tokens import fold

_NUMBER = re.compile(r"#? ?(\d{1,6})")
#: With a hyphen in it: a slug of one word is a word someone may look for.
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


def target(data: QueryDict, entries: RecommendationQuerySet) -> Recommendation | None:
    """The one entry of ``entries`` whose number (``17``, ``#17``) or slug is all that ``data`` asks for.

    None where there is any other filter, no such entry, or one of that number in each of two reports: then it is
    searched for like any word, as it is between quotes.
    """
    if any(value for name, values in data.lists() if name != "q" for value in values):
        return None
    text = fold(plain(data.get("q", "")[:200]))
    if number := _NUMBER.fullmatch(text):
        found = list(entries.filter(number=int(number[1])).order_by("pk")[:2])
        return found[0] if len(found) == 1 else None
    return entries.filter(slug=text).first() if _SLUG.fullmatch(text) else None
