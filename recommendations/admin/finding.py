"""What the desk finds entries by beside their names: all that they say, and all that their pending copies say."""

from __future__ import annotations

from django.db.models import Case, Q, Value, When

from recommendations import fulltext
from recommendations.models import Recommendation
from recommendations.models.entry import TEXT_COLUMNS
from recommendations.query import MAX_QUERY_WORDS, parse
from recommendations.querysets import RecommendationQuerySet

#: Where a pending copy says something: it has no place in the full-text index, which is for readers.
SAID = (*TEXT_COLUMNS, "evidence__key_phrase", "evidence__note_en", "evidence__note_zh_hans")


def named_first(text: str) -> Case:
    """Sorts those that ``text`` names before those that only say it."""
    named = Q(title_en__icontains=text) | Q(title_zh_hans__icontains=text) | Q(slug__icontains=text)
    return Case(When(named, then=Value(0)), default=Value(1))


def pending_saying(text: str) -> RecommendationQuerySet:
    """Pending copies in which each word of ``text`` stands somewhere. There are few: they are read through."""
    found = Recommendation.objects.filter(working_copy_of__isnull=False)
    for word in text.replace('"', " ").split()[:MAX_QUERY_WORDS]:
        said = Q()
        for column in SAID:
            said |= Q(**{f"{column}__icontains": word})
        found = found.filter(pk__in=Recommendation.objects.filter(said, working_copy_of__isnull=False).values("pk"))
    return found


def saying(text: str) -> Q:
    """Entries that say ``text``, or whose pending copy does."""
    query = parse(text)
    found = Q(pk__in=pending_saying(text).values("working_copy_of"))
    return found | fulltext.matching(query) if query.wanted else found
