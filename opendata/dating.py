"""When the pages of entries, pillars and themes changed last: exactly, or not said at all.

A page is dated by the newest change of what it shows. What may or may not have changed it, for the data do not keep
that so finely, leaves it without a date until it is known to have changed again: a map that says the wrong day has
programs pass a change by, or come for nothing. Other pages count what is on the whole site and are not dated.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

from django.db.models import Count, Max, Model
from django.utils import timezone

from cities.models import Area, City, Membership
from opendata.telling import Moment, Moments, Told, add, made_or_gone, newest, of_all, renamed, retold, told
from pillars.models import Pillar, Report
from pillars.views import MAX_LISTED
from progress.models import Checkpoint, Update, UpdateEffect
from recommendations.choices import State
from recommendations.models import Recommendation
from sources.models import Source, SourceSection
from themes.models import GlossaryEntry, Term, Vocabulary

#: Model → the way to it from an entry whose page names it.
NAMED_ON_ENTRY: dict[type[Model], str] = {
    Report: "report",
    Pillar: "pillar",
    Term: "terms",
    Vocabulary: "terms__vocabulary",
    City: "coverage__city",
    Source: "evidence__section__source",
    SourceSection: "evidence__section",
}
#: Model → the way to it from an entry that names it in a list of whole entries.
NAMED_ON_CARD: dict[type[Model], str] = {Term: "terms", City: "city_links__city"}


class Dates:
    """The dates of one map; what they rest on is read once, and little where nothing was edited."""

    def entry(self, entry: Recommendation) -> Moment | None:
        """When the page of ``entry``, a published one, changed last."""
        if self._told is None:
            return None
        near = self._near(entry)
        known = newest(entry.changed_at, self._on_entry.get(entry.pk), near)
        doubts = [self._doubt_of_all, self._told.renumbered, self._doubts.get(entry.pk)]
        if entry.pk in self._on_map:
            doubts += [self._cities_changed, self._areas_changed]
        return _certain(known, doubts)

    def pillar(self, pillar: Pillar) -> Moment | None:
        """When the page of ``pillar`` changed last."""
        known = newest(self._pillars.get(pillar.pk), self._left(pillar.slug), self._reports.get(pillar.report_id))
        return self._of_list("pillar", pillar.pk, known, [self._pillars_changed])

    def term(self, term: Term) -> Moment | None:
        """When the page of ``term`` changed last."""
        known = newest(
            self._terms.get(term.pk),
            self._vocabularies.get(term.vocabulary_id),
            self._left(f"{term.vocabulary.slug}/{term.slug}"),
        )
        others = [self._pillars_changed, self._regrouped]  # each pillar and its size are told
        return self._of_list("terms", term.pk, known, others)

    # Lists of entries

    def _of_list(self, way: str, pk: int, known: Moment | None, doubts: list[Moment | None]) -> Moment | None:
        if self._told is None or self._sizes(way).get(pk, 0) > MAX_LISTED:
            return None
        known = newest(known, self._cards(way).get(pk))
        return _certain(known, [*doubts, self._doubt_of_all, self._updates_changed, self._statuses(way).get(pk)])

    def _sizes(self, way: str) -> dict[int, int]:
        return self._kept(f"sizes {way}", lambda: dict(_published().values_list(way).annotate(Count("pk"))))

    def _cards(self, way: str) -> Moments:
        """What is at the end of ``way`` → when a card on its page changed, came or went."""

        def read() -> Moments:
            found: Moments = {}
            came = _published().values_list(way).annotate(Max("published_at"))
            went = _once_seen().exclude(state=State.PUBLISHED).values_list(way).annotate(Max("changed_at"))
            for pk, moment in (*came, *went):
                add(found, pk, moment)
            for moments in (self._told.carded if self._told else {}, _on(NAMED_ON_CARD)):
                for part in _parts(sorted(moments)):
                    for pk, group in _published().filter(pk__in=part).values_list("pk", way):
                        add(found, group, moments[pk])
            return found

        return self._kept(f"cards {way}", read)

    def _statuses(self, way: str) -> Moments:
        """What is at the end of ``way`` → when an update last said a status, which may be the one it was."""
        rows = _published().filter(update_effects__update__is_published=True).exclude(update_effects__status="")
        counted = rows.values_list(way).annotate(Max("update_effects__update__recorded_at"))
        return self._kept(f"statuses {way}", lambda: {pk: at for pk, at in counted if pk is not None})

    # One entry

    def _near(self, entry: Recommendation) -> Moment | None:
        """When what stands before or after ``entry`` was last called otherwise, came or went."""
        place = bisect_left(self._order, (entry.report_id, entry.number or 0, entry.pk))
        found: list[Moment | None] = []
        for step in (-1, 1):
            at = place + step
            while 0 <= at < len(self._order):
                pk = self._order[at][2]
                found.append(self._gone.get(pk) or self._named.get(pk))
                if pk not in self._gone:
                    break
                at += step
        return newest(*found)

    @cached_property
    def _rows(self) -> list[tuple[int, int, int, str, Moment, Moment | None]]:
        columns = ("report_id", "number", "pk", "state", "published_at", "changed_at")
        return list(_once_seen().exclude(number=None).values_list(*columns))

    @cached_property
    def _order(self) -> list[tuple[int, int, int]]:
        """Report, number and id of what readers see or saw, as entries follow one another."""
        return sorted(row[:3] for row in self._rows)

    @cached_property
    def _gone(self) -> Moments:
        return {row[2]: row[5] for row in self._rows if row[3] != State.PUBLISHED and row[5]}

    @cached_property
    def _named(self) -> Moments:
        first = {row[2]: row[4] for row in self._rows}
        return first | (self._told.named if self._told else {})

    @cached_property
    def _on_entry(self) -> Moments:
        """Entry → when something that its page names, an update on it or what it is beside was told otherwise."""
        found = _on(NAMED_ON_ENTRY)
        heard = _published().filter(updates__is_published=True)
        for pk, moment in heard.values_list("pk").annotate(Max("updates__recorded_at")):
            add(found, pk, moment)
        updates = {pk: at for pk, at in retold(Update).items() if pk in self._updates_seen}
        for way, moments in (("updates", updates), ("checkpoints", retold(Checkpoint))):
            for pk, moment in _with(way, moments):
                add(found, pk, moment)
        effects = _history(UpdateEffect).filter(update_id__in=self._updates_seen)
        for pk, moment in effects.values_list("recommendation_id").annotate(Max("history_date")):
            add(found, pk, moment)
        for pk, other in self._related:
            add(found, pk, self._gone.get(other) or self._named.get(other))
        return found

    @cached_property
    def _updates_seen(self) -> set[int]:
        """The updates that readers see or may have seen."""
        seen = _history(Update).filter(is_published=True).values_list("id", flat=True)
        return {*seen, *Update.objects.published().values_list("pk", flat=True)}

    @cached_property
    def _related(self) -> list[tuple[int, int]]:
        return list(_published().filter(related__isnull=False).values_list("pk", "related"))

    @cached_property
    def _doubts(self) -> Moments:
        """Entry → when what it shares with a related one may have changed."""
        found: Moments = {}
        shared = self._told.shared if self._told else {}
        for pk, other in self._related:
            add(found, pk, shared.get(other))
        return found

    @cached_property
    def _on_map(self) -> set[int]:
        """The entries whose page has a map, which every city is on."""
        return set(_published().filter(coverage__isnull=False).values_list("pk", flat=True)) if self._has_map else set()

    @property
    def _has_map(self) -> bool:
        return bool(self._cities_changed or self._areas_changed)

    # What may have changed any page

    @cached_property
    def _doubt_of_all(self) -> Moment | None:
        """When a word was explained otherwise, a step of the source changed, or a thing was taken away."""
        told_anew = [*retold(GlossaryEntry).values(), *retold(Checkpoint).values()]
        gone = [made_or_gone(model) for model in (Term, Vocabulary, Source, SourceSection, Checkpoint, Update, Pillar)]
        return newest(of_all(told_anew), made_or_gone(GlossaryEntry, made=True), *gone)

    @cached_property
    def _updates_changed(self) -> Moment | None:
        """When an update was last changed, which may have changed how many entries have a status."""
        effects = _history(UpdateEffect).filter(history_type__in="~-").aggregate(at=Max("history_date"))
        return newest(of_all(retold(Update).values()), effects["at"])

    @cached_property
    def _pillars_changed(self) -> Moment | None:
        return newest(of_all(renamed(Pillar).values()), made_or_gone(Pillar, made=True))

    @cached_property
    def _cities_changed(self) -> Moment | None:
        return newest(of_all(retold(City).values()), made_or_gone(City, made=True))

    @cached_property
    def _areas_changed(self) -> Moment | None:
        changed = [*retold(Area).values(), *retold(Membership).values()]
        return newest(of_all(changed), *(made_or_gone(model, made=True) for model in (Area, Membership)))

    @cached_property
    def _regrouped(self) -> Moment | None:
        """When an entry last came, went, or moved to another pillar."""
        firsts = of_all([row[4] for row in self._rows])
        return newest(firsts, of_all(self._gone.values()), self._told.regrouped if self._told else None)

    # What is read once

    @cached_property
    def _told(self) -> Told | None:
        return told()

    @cached_property
    def _pillars(self) -> Moments:
        return retold(Pillar)

    @cached_property
    def _reports(self) -> Moments:
        return renamed(Report)

    @cached_property
    def _terms(self) -> Moments:
        return retold(Term)

    @cached_property
    def _vocabularies(self) -> Moments:
        return renamed(Vocabulary)

    def _left(self, group: str) -> Moment | None:
        return self._told.left.get(group) if self._told else None

    def _kept(self, name: str, read: Any) -> Any:
        kept: dict[str, Any] = self.__dict__.setdefault("_parts", {})
        if name not in kept:
            kept[name] = read()
        return kept[name]


def _history(model: type[Model]) -> Any:
    return model.history.order_by()  # type: ignore[attr-defined]


def _published() -> Any:
    return Recommendation.objects.published().order_by()


def _once_seen() -> Any:
    """What readers see or once saw."""
    return Recommendation.objects.entries().filter(published_at__isnull=False).order_by()


def _on(ways: dict[type[Model], str]) -> Moments:
    """Entry → when something at the end of one of ``ways`` was last named otherwise."""
    found: Moments = {}
    for model, way in ways.items():
        for pk, moment in _with(way, renamed(model)):
            add(found, pk, moment)
    return found


def _with(way: str, moments: Moments) -> Iterable[tuple[int, Moment]]:
    """Each published entry with the moment of each thing at the end of ``way`` that has one."""
    for part in _parts(sorted(moments)):
        rows = _published().filter(**{f"{way}__in": part}).values_list("pk", way)
        yield from ((pk, moments[thing]) for pk, thing in rows if thing in moments)


def _parts(pks: list[int], size: int = 500) -> Iterable[list[int]]:
    return (pks[start : start + size] for start in range(0, len(pks), size))


def _certain(known: Moment | None, doubts: Collection[Moment | None]) -> Moment | None:
    """``known``, unless something later may have changed the page as well. A map says days, so that days count."""
    if known is None or any(doubt and timezone.localdate(doubt) > timezone.localdate(known) for doubt in doubts):
        return None
    return known
