"""What is said of the parts of a filter that cannot be applied: a page leaves them out, files and programs refuse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from recommendations.facets import Label
from recommendations.parameters import MAX_ALL_OF, MAX_NAMED, SORT_KEYS, plain
from recommendations.query import MAX_QUERY_CHARACTERS, MAX_QUERY_WORDS, Query

#: How much of what was asked for is repeated in a sentence.
MAX_SHOWN = 80


class LeftOut:
    """The sentences of a page, which applies the rest."""

    def values(self, facet: Label, unknown: Sequence[str], all_of: int) -> Iterable[str]:
        """Of the values of ``facet`` that do not exist, and of ``all_of`` that are to hold at once."""
        for value in unknown[:MAX_NAMED]:
            yield self.value % {"value": plain(value)[:MAX_SHOWN], "facet": facet}
        if len(unknown) > MAX_NAMED:
            yield self.more_values % {"count": len(unknown) - MAX_NAMED, "facet": facet}
        if all_of > MAX_ALL_OF:
            yield self.too_many % {"limit": MAX_ALL_OF, "facet": facet}

    def words(self, data: QueryDict) -> Iterable[str]:
        """Of ``sort`` and ``include``."""
        sort, include = data.get("sort", ""), data.get("include", "")
        if sort and sort.removeprefix("-") not in SORT_KEYS:
            yield self.sort % {"value": plain(sort)[:MAX_SHOWN], "known": ", ".join(SORT_KEYS)}
        if include not in {"", "province"}:
            said = _("“%(value)s” cannot be included; only “province” can.")
            yield said % {"value": plain(include)[:MAX_SHOWN]}

    def query(self, text: str, typed: Query) -> Iterable[str]:
        """Of ``q``: ``text``, of which as much as can be was read as ``typed``."""
        if len(text) > MAX_QUERY_CHARACTERS:
            yield self.too_long % {"limit": MAX_QUERY_CHARACTERS}
        if text.strip() and not typed:
            said = _("“%(value)s” has no word to search for.")
            yield said % {"value": plain(text[:MAX_QUERY_CHARACTERS])[:MAX_SHOWN]}
        if typed.dropped:
            yield self.too_many_words % {"limit": MAX_QUERY_WORDS}

    @property
    def value(self) -> str:
        return _("“%(value)s” is not a value of %(facet)s; it was left out.")

    @property
    def more_values(self) -> str:
        return _("%(count)s more unknown values of %(facet)s were left out.")

    @property
    def too_many(self) -> str:
        return _("Only the first %(limit)s values of %(facet)s were all asked for.")

    @property
    def sort(self) -> str:
        return _("“%(value)s” is not a way to sort; sorted as usual.")

    @property
    def too_long(self) -> str:
        return _("Only the first %(limit)s characters were searched.")

    @property
    def too_many_words(self) -> str:
        return _("Only the first %(limit)s words were searched.")


class Refused(LeftOut):
    """The sentences of whoever answers exactly what is asked, or not at all."""

    @property
    def value(self) -> str:
        return _("“%(value)s” is not a value of %(facet)s.")

    @property
    def more_values(self) -> str:
        return _("%(count)s more values of %(facet)s are not known.")

    @property
    def too_many(self) -> str:
        return _("At most %(limit)s values of %(facet)s can be asked for to hold at once.")

    @property
    def sort(self) -> str:
        return _("“%(value)s” is not a way to sort; choose from %(known)s, with a minus to turn it round.")

    @property
    def too_long(self) -> str:
        return _("“q” can have at most %(limit)s characters.")

    @property
    def too_many_words(self) -> str:
        return _("At most %(limit)s words can be searched for.")
