"""Entries with their evidence and city links: new ones a batch at a time, changed ones by the actions of the desk."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q

from common.bulk import insert_rows
from common.models import FormerSlug
from recommendations import actions, derive
from recommendations.choices import State
from recommendations.importing.kinds import BadRow
from recommendations.importing.reading import Row
from recommendations.importing.things import Things
from recommendations.models import CityLink, EntryVersion, Evidence, Recommendation
from recommendations.readiness import NEEDED_EVIDENCE, NEEDED_TEXTS
from recommendations.snapshot import SCHEMA, TEXT_COLUMNS, Document, apply, snapshot

NOTES = ("note_en", "note_zh_hans")
_NEW_STATE = {False: State.PUBLISHED, True: State.DRAFT}


@dataclass(slots=True)
class Told:
    """One entry as the file tells it: its rows, its fields, its parts; then what it comes to here."""

    rows: list[Row]
    values: dict[str, Any]
    evidence: list[dict[str, Any]] = field(default_factory=list)
    cities: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""
    here: Recommendation | None = None
    document: Document = field(default_factory=dict)
    missing_related: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What became of a batch."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejects: list[tuple[Told, str]] = field(default_factory=list)
    waiting: list[Told] = field(default_factory=list)


class Entries:
    """Puts batches of entries in. ``as_drafts`` leaves what readers see as it is."""

    def __init__(self, things: Things, *, reason: str, as_drafts: bool, at: dt.datetime) -> None:
        self.things, self.reason, self.as_drafts, self.at = things, reason, as_drafts, at

    def put_in(self, batch: list[Told], *, is_last_round: bool) -> Outcome:
        """Put a batch in, in the transaction it is called in.

        An entry that names related ones which are not there yet goes in without them and is among the ``waiting``;
        in the last round it is among the rejects.
        """
        actions.hold_names()
        outcome = Outcome()
        self._find(batch)
        self._describe(batch)
        new: list[Told] = []
        present = self._present([told.here for told in batch if told.here])
        for told in batch:
            try:
                if told.problem:
                    raise BadRow(told.problem)
                if told.here is None:
                    self._refuse_unready(told)
                    new.append(told)
                else:
                    self._update(told, present, outcome)
            except BadRow as reason:
                outcome.rejects.append((told, str(reason)))
                continue
            if told.missing_related and is_last_round:
                outcome.rejects.append((told, f"related: no entry “{told.missing_related[0]}”; all else went in"))
            elif told.missing_related:
                outcome.waiting.append(told)
        self._add(new)
        outcome.new += len(new)
        return outcome

    # Which entry it is

    def _find(self, batch: list[Told]) -> None:
        """Say which entry each is, and give new ones their number and slug."""
        slugs = {told.values.get("slug") for told in batch} - {None}
        numbers: dict[str, set[int]] = {}
        for told in batch:
            if told.values.get("number"):
                numbers.setdefault(told.values["report"], set()).add(told.values["number"])
        wanted = Q(slug__in=slugs)
        for report, found in numbers.items():
            wanted |= Q(report__slug=report, number__in=found)
        rows = list(Recommendation.objects.entries().filter(wanted).select_related("report", "pillar"))
        by_slug = {row.slug: row for row in rows}
        by_number = {(row.report.slug, row.number): row for row in rows}
        former = self._former(slugs)
        last: dict[str, int] = {}
        taken: set[Any] = set()
        for told in batch:
            try:
                self._identify(told, by_slug, by_number, former, last)
                name = (told.values["report"], told.values["number"])
                if taken & {name, told.values["slug"]}:
                    raise BadRow("the same entry stands in this file more than once")
                taken |= {name, told.values["slug"]}
            except BadRow as reason:
                told.problem = told.problem or str(reason)

    def _former(self, slugs: set[Any]) -> set[str]:
        rows = FormerSlug.objects.for_model(Recommendation).filter(slug__in=slugs)
        owners = Recommendation.objects.filter(pk__in=rows.values("object_id")).values("pk")
        return set(rows.filter(object_id__in=owners).values_list("slug", flat=True))

    def _identify(self, told: Told, by_slug: Any, by_number: Any, former: set[str], last: dict[str, int]) -> None:
        values = told.values
        report = self.things.get("report", values["report"])
        number, slug = values.get("number"), values.get("slug")
        if not number and not slug:
            raise BadRow("number or slug: one of them says which entry it is")
        told.here = by_number.get((report.slug, number)) if number else by_slug.get(slug)
        if told.here is not None:
            if told.here.report_id != report.pk:
                raise BadRow(f"slug: “{slug}” is an entry of another report")
            if slug and slug != told.here.slug:
                raise BadRow(f"slug: number {number} is “{told.here.slug}” here; an address is changed at the desk")
            values["number"], values["slug"] = told.here.number, told.here.slug
            return
        if slug in by_slug:
            raise BadRow(f"slug: “{slug}” is taken by number {by_slug[slug].number}")
        if slug in former:
            raise BadRow(f"slug: “{slug}” is what another entry used to be called")
        self._name_new(values, report, last)

    def _name_new(self, values: dict[str, Any], report: Any, last: dict[str, int]) -> None:
        """Give a new entry the number and the slug that its row leaves out; ``last`` keeps count by report."""
        if not values.get("number"):
            if report.slug not in last:
                last[report.slug] = actions.next_number(report_id=report.pk) - 1
            last[report.slug] += 1
            values["number"] = last[report.slug]
        if not values.get("slug"):
            title = values.get("title_en") or ""
            values["slug"] = actions.free_slug(title=title, report_slug=report.slug, number=values["number"])

    # What it says

    def _describe(self, batch: list[Told]) -> None:
        """Make the document of each: what a version would keep of it."""
        related = {slug for told in batch for slug in told.values.get("related", ())}
        there = set(Recommendation.objects.filter(slug__in=related).values_list("slug", flat=True))
        there |= {told.values.get("slug") for told in batch if not told.problem}
        for told in batch:
            try:
                if not told.problem:
                    told.document = self._document(told, there)
            except BadRow as reason:
                told.problem = str(reason)

    def _document(self, told: Told, there: set[Any]) -> Document:
        values = told.values
        pillar = self.things.get("pillar", values["pillar"])
        if pillar.report.slug != values["report"]:
            raise BadRow("pillar: belongs to another report")
        for pair in values.get("terms", ()):
            self.things.get("term", *pair.split("/", 1))
        evidence = [_evidence(row) for row in told.evidence]
        for row in evidence:
            self.things.get("section", row["source"], row["section"])
        keys = {(row["source"], row["section"], row["paragraph"], row["key_phrase"]) for row in evidence}
        cities = sorted((_link(row) for row in told.cities), key=lambda row: str(row["city"]))
        for row in cities:
            self.things.get("city", row["city"])
        if len(keys) < len(evidence) or len({row["city"] for row in cities}) < len(cities):
            raise BadRow("the same passage or city stands under it twice")
        related = values.get("related", [])
        told.missing_related = [slug for slug in related if slug not in there]
        reviewed = values.get("reviewed_on")
        return {
            "schema": SCHEMA, "report": values["report"], "number": values["number"], "slug": values["slug"],
            "pillar": pillar.slug, "basis": values["basis"], "reach": values["reach"],
            "reviewed_on": reviewed.isoformat() if reviewed else None,
            "texts": {column: values.get(column, "") for column in TEXT_COLUMNS},
            "terms": values.get("terms", []), "related": [slug for slug in related if slug in there],
            "evidence": evidence, "cities": cities,
        }  # fmt: skip

    def _refuse_unready(self, told: Told) -> None:
        """Raise ``BadRow`` where readers would lack something; a draft may."""
        texts = told.document["texts"]
        missing = [str(said) for column, said in NEEDED_TEXTS.items() if not texts[column].strip()]
        missing += [] if told.evidence else [str(NEEDED_EVIDENCE)]
        if missing and not self.as_drafts:
            raise BadRow(f"cannot be published without {', '.join(missing)}; as a draft it can wait")

    # Entries there are

    def _present(self, entries: list[Recommendation]) -> dict[int, Document]:
        """Entry id → what it says now: the version readers see, or the newest where they see none."""
        versions = EntryVersion.objects.filter(entry__in=entries).order_by("number")
        found: dict[int, tuple[bool, Document]] = {}
        for entry, document, since, until in versions.values_list(
            "entry_id", "document", "public_from", "public_until"
        ):
            is_public = since is not None and until is None
            if is_public or not found.get(entry, (False, {}))[0]:
                found[entry] = (is_public, document)
        return {entry: document for entry, (_is_public, document) in found.items()}

    def _update(self, told: Told, present: dict[int, Document], outcome: Outcome) -> None:
        """Have an entry that is here say what the file says, by the road an edit of it takes."""
        assert told.here is not None  # noqa: S101 - for the type checker: only entries that are here come here
        is_same = present.get(told.here.pk) == told.document
        if is_same and (told.here.state == State.PUBLISHED or self.as_drafts or told.here.state == State.ARCHIVED):
            outcome.unchanged += 1
            return
        entry = actions.hold(entry_id=told.here.pk)
        if entry is None or entry.state == State.ARCHIVED:
            raise BadRow("is archived here; what becomes of it is decided at the desk")
        self._refuse_unready(told)
        pending = Recommendation.objects.filter(working_copy_of=entry).first()
        if pending is not None:
            if self.as_drafts and snapshot(pending) == told.document:
                outcome.unchanged += 1
                return
            raise BadRow("a pending edit of it waits at the desk, and is not overwritten")
        said: dict[str, Any] = {"reason": self.reason, "at": self.at}
        if self.as_drafts and entry.state == State.PUBLISHED:
            actions.keep_as_working_copy(entry=entry, document=told.document, **said)
        else:
            apply(told.document, entry)
            (actions.keep_draft if self.as_drafts else actions.publish)(entry=entry, **said)
        outcome.changed += 1

    # New entries

    def _add(self, new: list[Told]) -> None:
        """Add new entries with all that follows from them, a table at a time."""
        if not new:
            return
        state = _NEW_STATE[self.as_drafts]
        moment = None if self.as_drafts else self.at
        entries = [self._entry(told, state, moment) for told in new]
        Recommendation.objects.bulk_create(entries)
        at = connection.ops.adapt_datetimefield_value(self.at)
        ids = {entry.slug: entry.pk for entry in entries}
        elsewhere = {slug for told in new for slug in told.document["related"]} - ids.keys()
        ids |= dict(Recommendation.objects.filter(slug__in=elsewhere).values_list("slug", "pk"))
        terms, related, evidence, links, versions = [], [], [], [], []
        for entry, told in zip(entries, new, strict=True):
            said, pk = told.document, entry.pk
            terms += [(pk, term.pk) for term in entry.terms.all()]
            related += [(pk, ids[slug]) for slug in said["related"]]
            evidence += [
                (pk, e.section_id, e.paragraph, e.key_phrase, e.supports, e.note_en, e.note_zh_hans, e.position)
                for e in entry.evidence.all()
            ]
            links += [(pk, c.city_id, c.basis, c.note_en, c.note_zh_hans) for c in entry.city_links.all()]
            document = json.dumps(said, ensure_ascii=False)
            versions.append((pk, 1, state.value, self.reason, document, at, None if self.as_drafts else at))
        insert_rows(Recommendation.terms.through, ("recommendation_id", "term_id"), terms)
        insert_rows(Recommendation.related.through, ("from_recommendation_id", "to_recommendation_id"), related)
        insert_rows(
            Evidence,
            ("recommendation_id", "section_id", "paragraph", "key_phrase", "supports", *NOTES, "position"),
            evidence,
        )
        insert_rows(CityLink, ("recommendation_id", "city_id", "basis", *NOTES), links)
        insert_rows(
            EntryVersion, ("entry_id", "number", "state", "reason", "document", "created_at", "public_from"), versions
        )
        derive.write_for(entries, derive.area_cities(), {city.pk: city for city in self.things.of("city").values()})

    def _entry(self, told: Told, state: State, moment: dt.datetime | None) -> Recommendation:
        """The row of a new entry, its parts loaded as a query would have loaded them."""
        said = told.document
        entry = Recommendation(
            report=self.things.get("report", said["report"]), pillar=self.things.get("pillar", said["pillar"]),
            number=said["number"], slug=said["slug"], basis=said["basis"], reach=said["reach"], state=state,
            reviewed_on=told.values.get("reviewed_on"), created_at=self.at, published_at=moment, changed_at=moment,
            **said["texts"],
        )  # fmt: skip
        evidence = [
            Evidence(
                section=self.things.get("section", row["source"], row["section"]), position=position,
                **{name: row[name] for name in ("paragraph", "key_phrase", "supports", *NOTES)},
            )
            for position, row in enumerate(said["evidence"], start=1)
        ]  # fmt: skip
        links = [
            CityLink(city=self.things.get("city", row["city"]), **{n: row[n] for n in ("basis", *NOTES)})
            for row in said["cities"]
        ]
        terms = [self.things.get("term", *pair.split("/", 1)) for pair in said["terms"]]
        terms.sort(key=self._term_rank)
        entry._prefetched_objects_cache = {"terms": terms, "evidence": evidence, "city_links": links}  # type: ignore[attr-defined]
        return entry

    def _term_rank(self, term: Any) -> tuple[Any, ...]:
        return (term.vocabulary.position, term.vocabulary_id, term.pk)


def _evidence(row: dict[str, Any]) -> dict[str, Any]:
    names = ("source", "section", "paragraph", "key_phrase", "supports")
    return {name: row[name] for name in names} | {name: row.get(name, "") for name in NOTES}


def _link(row: dict[str, Any]) -> dict[str, Any]:
    return {"city": row["city"], "basis": row["basis"]} | {name: row.get(name, "") for name in NOTES}
