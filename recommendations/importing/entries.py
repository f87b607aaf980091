"""Entries with their evidence and city links: which one a row tells of, what it says, and by which road it goes in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from common.lines import shortened
from recommendations import actions
from recommendations.choices import State
from recommendations.importing.adding import New, add_entries, ids_of
from recommendations.importing.changing import change_entries, link, unsay
from recommendations.importing.coming import Coming
from recommendations.importing.kinds import KINDS, BadRow, refuse_without
from recommendations.importing.names import Here, Names
from recommendations.importing.reading import Row
from recommendations.importing.standing import Standing, hold
from recommendations.importing.survey import Survey
from recommendations.importing.things import Things
from recommendations.models import Recommendation
from recommendations.readiness import needs
from recommendations.snapshot import SCHEMA, TEXT_COLUMNS, Document

NOTES = ("note_en", "note_zh_hans")
_EMPTY: Document = {"reviewed_on": None, "terms": [], "related": [], "evidence": [], "cities": []}


@dataclass(slots=True)
class Told:
    """One entry as the file tells it: its rows and fields; then what it comes to here.

    Of those it names as related, ``coming`` stand below it in the file, and ``missing`` nowhere.
    """

    rows: list[Row]
    values: dict[str, Any]
    problem: str = ""
    here: Here | None = None
    document: Document = field(default_factory=dict)
    coming: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What became of a batch.

    ``waiting`` were left for the last round. ``linked_later`` are in, and get links when what they name is.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejects: list[tuple[Told, str]] = field(default_factory=list)
    waiting: list[Told] = field(default_factory=list)
    linked_later: list[Told] = field(default_factory=list)


class Entries:
    """Puts batches of entries in. ``as_drafts`` leaves what readers see as it is."""

    def __init__(self, things: Things, *, reason: str, as_drafts: bool, at: dt.datetime) -> None:
        self.things, self.reason, self.as_drafts, self.at = things, reason, as_drafts, at
        self.survey = Survey()
        self.names = Names(things)
        self.coming = Coming()
        self.words: set[str] = set()

    def expect(self, survey: Survey) -> None:
        """What a first reading found in the file."""
        self.survey = survey
        self.names.highest = survey.highest

    def put_in(self, batch: list[Told], *, is_last_round: bool = False) -> Outcome:
        """Put a batch in, in the transaction it is called in.

        A new entry has its version with all links at once, and the links themselves as soon as both ends are there.
        One that is here and is to be linked to what comes is changed in the last round, when all others are in.
        """
        actions.hold_names()
        outcome = Outcome()
        self.names.find(batch, is_again=is_last_round)
        standing = hold(told.here.pk for told in batch if told.here and not told.problem)
        self._describe(batch, standing, set() if is_last_round else self.survey.coming)
        new: list[Told] = []
        changed: list[tuple[Standing, Document]] = []
        links: list[tuple[int, str]] = []
        for told in batch:
            try:
                if told.problem:
                    raise BadRow(told.problem)
                if told.here is None:
                    new.append(told)
                    outcome.new += 1
                else:
                    self._meet(told, standing[told.here.pk], outcome, changed, links)
            except BadRow as reason:
                outcome.rejects.append((told, str(reason)))
                continue
            is_waiting = bool(outcome.waiting) and outcome.waiting[-1] is told
            if told.missing and not is_waiting:
                outcome.rejects.append((told, never_came(told.missing)))
        self._add(new, outcome)
        self._change(changed)
        self._link(links)
        outcome.changed += len(changed)
        return outcome

    def give_up(self) -> dict[str, str]:
        """Of entries that are in, take out of their versions what never came; returns slug → what to say of it."""
        left = self.coming.left()
        unsay(left, self.reason)
        slugs = Recommendation.objects.filter(pk__in=left).values_list("pk", "slug")
        return {str(slug): never_came(left[pk]) for pk, slug in slugs}

    # What it says

    def _describe(self, batch: list[Told], standing: dict[int, Standing], coming: set[str]) -> None:
        """Make the document of each: what a version would keep of it."""
        for told in batch:
            try:
                if not told.problem:
                    told.document = self._document(told, standing)
                    if told.document["slug"] in told.document["related"]:
                        raise BadRow("related: an entry is not related to itself")
                    if told.here is None:
                        self._refuse_unready(Recommendation(), told.document)
            except BadRow as reason:
                told.problem = str(reason)
        related = {slug for told in batch for slug in told.document.get("related", ())}
        there = {told.document["slug"] for told in batch if not told.problem}
        there |= ids_of(related - there).keys()
        for told in batch:
            absent = [slug for slug in told.document.get("related", ()) if slug not in there]
            told.coming = [slug for slug in absent if slug in coming]
            told.missing = [slug for slug in absent if slug not in coming]
            if told.missing:
                wanted = told.document["related"]
                told.document["related"] = [slug for slug in wanted if slug not in told.missing]

    def _document(self, told: Told, standing: dict[int, Standing]) -> Document:
        """What the row says; of an entry that is here, what it leaves out stays as it is."""
        values, things = told.values, self.things
        before = _EMPTY
        if told.here is not None:
            if told.here.pk not in standing:
                raise BadRow("the entry was removed meanwhile")
            before = standing[told.here.pk].now
        else:
            refuse_without(KINDS["recommendation"].required, values)
        said: Document = {
            name: values.get(name, before.get(name)) for name in ("pillar", "basis", "reach", "terms", "related")
        }
        if said["pillar"] and things.get("pillar", said["pillar"]).report.slug != values["report"]:
            raise BadRow("pillar: belongs to another report")
        for pair in said["terms"]:
            things.get("term", *pair.split("/", 1))
        texts = before.get("texts", {})
        return {
            "schema": SCHEMA, "report": values["report"], "number": values["number"], "slug": values["slug"],
            "pillar": said["pillar"], "basis": said["basis"], "reach": said["reach"],
            "reviewed_on": _day(values["reviewed_on"]) if "reviewed_on" in values else before["reviewed_on"],
            "texts": {column: values.get(column, texts.get(column, "")) for column in TEXT_COLUMNS},
            "terms": said["terms"], "related": said["related"],
            "evidence": self._evidence(values["evidence"]) if "evidence" in values else before["evidence"],
            "cities": self._cities(values["cities"]) if "cities" in values else before["cities"],
        }  # fmt: skip

    def _evidence(self, rows: list[dict[str, Any]]) -> list[Document]:
        names = ("source", "section", "paragraph", "key_phrase", "supports")
        found = [{n: row[n] for n in names} | {n: row.get(n, "") for n in NOTES} for row in rows]
        for row in found:
            self.things.get("section", row["source"], row["section"])
        if len({tuple(row[n] for n in names[:4]) for row in found}) < len(found):
            raise BadRow("evidence: the same passage stands under it twice")
        return found

    def _cities(self, rows: list[dict[str, Any]]) -> list[Document]:
        found = [{"city": row["city"], "basis": row["basis"]} | {n: row.get(n, "") for n in NOTES} for row in rows]
        for row in found:
            self.things.get("city", row["city"])
        if len({row["city"] for row in found}) < len(found):
            raise BadRow("cities: the same city stands under it twice")
        return sorted(found, key=lambda row: str(row["city"]))

    def _refuse_unready(self, entry: Recommendation, said: Document) -> None:
        """Raise ``BadRow`` where readers would lack something; a draft may."""
        missing = [] if self.as_drafts else [str(need.line) for need in needs(entry, said) if not need.is_met]
        if missing:
            raise BadRow(f"cannot be published without {', '.join(missing)}; as a draft it can wait")

    # Entries there are

    def _meet(
        self,
        told: Told,
        standing: Standing,
        outcome: Outcome,
        changed: list[tuple[Standing, Document]],
        links: list[tuple[int, str]],
    ) -> None:
        """Decide what becomes of an entry that is here; raises ``BadRow`` where it may not be changed."""
        said, entry = told.document, standing.entry
        is_settled = self.as_drafts or entry.state in {State.PUBLISHED, State.ARCHIVED}
        if is_settled and self._is_said(told, standing):
            # Its version tells of these links since an import that was stopped, or they are still to come.
            absent = [slug for slug in said["related"] if slug not in standing.related]
            links += [(entry.pk, slug) for slug in absent if slug not in told.coming]
            self.coming.wait(entry.pk, told.coming)
            outcome.linked_later += [told] if told.coming else []
            outcome.unchanged += 1
            return
        if entry.state == State.ARCHIVED:
            raise BadRow("is archived here; what becomes of it is decided at the desk")
        if told.coming:
            outcome.waiting.append(told)
            return
        self._refuse_unready(entry, said)
        if standing.pending is None:
            changed.append((standing, said))
        elif self.as_drafts and standing.pending == said:
            outcome.unchanged += 1
        else:
            raise BadRow("a pending edit of it waits at the desk, and is not overwritten")

    def _is_said(self, told: Told, standing: Standing) -> bool:
        """Whether the entry is as told, or its version is and only links are not there yet."""
        if standing.now == told.document:
            return True
        return standing.said == told.document == {**standing.now, "related": told.document["related"]}

    # Writing

    def _add(self, new: list[Told], outcome: Outcome) -> None:
        if not new:
            return
        add_entries(
            [New(told.document, told.values.get("reviewed_on")) for told in new],
            self.things,
            state=State.DRAFT if self.as_drafts else State.PUBLISHED,
            reason=self.reason,
            at=self.at,
            words=self.words,
            coming=self.coming,
        )
        outcome.linked_later += [told for told in new if told.coming]

    def _change(self, changed: list[tuple[Standing, Document]]) -> None:
        if changed:
            signed: dict[str, Any] = {"reason": self.reason, "at": self.at}
            change_entries(changed, self.things, as_drafts=self.as_drafts, words=self.words, **signed)

    def _link(self, links: list[tuple[int, str]]) -> None:
        if links:
            ids = ids_of(slug for _pk, slug in links)
            link((pk, ids[slug]) for pk, slug in links)


def never_came(slugs: list[str]) -> str:
    """Why an entry is given back that is in all the same."""
    return f"related: no entry “{shortened(slugs[0])}”; all else went in"


def _day(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None
