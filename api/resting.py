"""What follows from a change of what entries rest on: which entries are told otherwise, and which other lists are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Model

from cities.models import Area, City, Membership, Region
from common.models import FormerSlug
from pillars.models import Pillar, Report
from progress.models import Checkpoint, Update
from recommendations.models import Recommendation
from sources.models import Source, SourceSection
from themes.models import GlossaryEntry, Term, Vocabulary, WordGroup

#: Of more entries than this nobody is told one by one: fetching them all anew is less work for both.
MOST = 5_000

#: Model → the way to it from an entry that is told otherwise with it (none where no entry is), and the other lists.
#: An entry that a thing was taken away from is told by the row that tied the two.
FOLLOWS: dict[type[Model], tuple[str, tuple[str, ...]]] = {
    Report: ("report", ("reports", "pillars")),
    Pillar: ("pillar", ("pillars",)),
    City: ("coverage__city", ("cities", "areas")),
    City.neighbours.through: ("", ("cities",)),
    Region: ("", ("cities",)),
    Area: ("", ("areas", "cities")),
    Membership: ("", ("areas", "cities")),
    Vocabulary: ("terms__vocabulary", ("vocabularies", "terms")),
    Term: ("terms", ("terms", "vocabularies")),
    Source: ("evidence__section__source", ("sources", "reports", "checkpoints")),
    SourceSection: ("evidence__section", ("sources", "checkpoints")),
    Checkpoint: ("checkpoints", ("checkpoints",)),
    Update: ("updates", ()),
    GlossaryEntry: ("", ("glossary",)),
    # What a thing was called before, and what is searched for beside a word, is told nowhere.
    FormerSlug: ("", ()),
    WordGroup: ("", ()),
}
#: The lists that count published entries or name some: whatever of one was written, they may say something else.
OF_ENTRIES = ("reports", "pillars", "cities", "areas", "terms", "sources", "checkpoints")
TABLES = {model._meta.db_table: follows for model, follows in FOLLOWS.items()}

Things = Iterable[tuple[str, int]]


def entries_on(things: Things) -> set[int] | None:
    """The ids of the entries that are told with ``things`` (tables with ids of rows); ``None`` for too many."""
    ids = defaultdict(list)
    for table, pk in things:
        if table not in TABLES:
            return None
        if way := TABLES[table][0]:
            ids[way].append(pk)
    found: set[int] = set()
    for way, pks in ids.items():
        if len(pks) > MOST:
            return None
        rows = Recommendation.objects.published().filter(**{f"{way}__in": pks}).order_by().distinct()
        found.update(rows.values_list("pk", flat=True)[: MOST + 1])
        if len(found) > MOST:
            return None
    return found


def lists_of(things: Things, *, with_entries: bool) -> list[str]:
    """The names of the lists, beside that of the recommendations, that may say something else.

    ``things`` were written, and with ``with_entries`` entries that readers see or saw.
    """
    own = {name for table, _pk in things for name in TABLES[table][1]}
    return sorted(own | set(OF_ENTRIES if with_entries else ()))
