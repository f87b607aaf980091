"""All that is kept of entries, to hold one database against another.

As a program, over the database that DATABASE_URL names: prints JSON, a digest of the rows of each model.
"""

from __future__ import annotations

import hashlib
import json
import random
from itertools import pairwise

#: When a thing was written: of two imports never the same.
MOMENTS = {"created_at", "published_at", "changed_at", "public_from", "public_until"}


def kept():
    """The models that an import of entries writes."""
    from recommendations.importing.adding import WRITTEN
    from recommendations.models import SearchWord

    return (*WRITTEN, SearchWord)


def rows_of(model, without=frozenset()):
    """Every row of ``model`` as text, entries by their slugs, without the ids that a database gives."""
    from recommendations.models import Recommendation

    columns = []
    for field in model._meta.concrete_fields:
        if field.related_model is Recommendation:
            columns.append(f"{field.name}__slug")
        elif not field.primary_key and field.name not in without:
            columns.append(field.attname)
    for row in model.objects.values_list(*columns).iterator():
        yield repr([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row])


def found_by_words(count=25):
    """What the index finds for words that are in it, alone and after one another: (field, slugs) of each."""
    from recommendations import fulltext
    from recommendations.fulltext import FIELDS
    from recommendations.models import Recommendation, SearchText
    from recommendations.tokens import Phrase, is_han

    slugs = dict(Recommendation.objects.values_list("pk", "slug"))
    texts = SearchText.objects.order_by("recommendation__number").values_list("title", "body")[:200]
    lines = [line.split(" ") for row in texts for line in row]
    # A phrase asks for pairs of characters as one run, so that two of them after one another cannot be asked for.
    strange = {term for line in lines for term in line if term == fulltext.GAP or (len(term) > 1 and is_han(term))}
    pairs = sorted({pair for line in lines for pair in pairwise(line) if strange.isdisjoint(pair)})
    singles = sorted({(term,) for line in lines for term in line if term != fulltext.GAP})
    pick = random.Random(7)  # noqa: S311 - which words are asked for
    asked = [pick.choice(found) for found in (singles, pairs) for _ in range(count)]
    found = {terms: fulltext.standing(Phrase(terms), *FIELDS) for terms in asked}
    return [(terms, field, sorted(slugs[pk] for pk in ids)) for terms, by in found.items() for field, ids in by.items()]


def everything():
    return {model.__name__: sorted(rows_of(model)) for model in kept()} | {"words": found_by_words()}


def logged():
    """The entries that the log names, by slug."""
    from common.models import ContentChange
    from recommendations.models import Recommendation

    slugs = dict(Recommendation.objects.values_list("pk", "slug"))
    return {slugs.get(pk, pk) for pk in ContentChange.objects.exclude(entry=-1).values_list("entry", flat=True)}


def lacking():
    """Entries without what follows from them."""
    from django.db.models import Count, Q

    from recommendations.models import Recommendation

    counted = Recommendation.objects.annotate(made=Count("versions", distinct=True), said=Count("evidence"))
    return sorted(counted.filter(Q(search_text=None) | ~Q(made=1) | Q(said=0)).values_list("slug", flat=True))


def digests():
    found = {}
    for model in kept():
        rows = sorted(hashlib.sha1(row.encode()).hexdigest() for row in rows_of(model, MOMENTS))  # noqa: S324
        found[model.__name__] = [len(rows), hashlib.sha256("".join(rows).encode()).hexdigest()]
    words = json.dumps(found_by_words(), ensure_ascii=False)
    return found | {"words": hashlib.sha256(words.encode()).hexdigest()}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps({"digests": digests(), "lacking": lacking(), "logged": len(logged() - {0})}))  # noqa: T201
