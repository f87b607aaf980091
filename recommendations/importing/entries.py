"""Entries with their evidence and city links: which one a row tells of, what it says, and by which road it goes in.

New entries go in a batch at a time (``recommendations.importing.adding``), changed ones by the actions of the desk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from recommendations import actions
from recommendations.choices import State
from recommendations.importing.adding import New, add_entries
from recommendations.importing.kinds import KINDS, BadRow
from recommendations.importing.names import Here, Names
from recommendations.importing.reading import Row
from recommendations.importing.things import Things
from recommendations.models import EntryVersion, Recommendation
from recommendations.readiness import NEEDED_EVIDENCE, NEEDED_TEXTS
from recommendations.snapshot import SCHEMA, TEXT_COLUMNS, Document, apply, snapshot

NOTES = ("note_en", "note_zh_hans")
_EMPTY: Document = {"reviewed_on": None, "terms": [], "related": [], "evidence": [], "cities": []}


@dataclass(slots=True)
class Told:
    """One entry as the file tells it: its rows and fields; then what it comes to here."""

    rows: list[Row]
    values: dict[str, Any]
    problem: str = ""
    here: Here | None = None
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
        self.names = Names(things)
        self.words: set[str] = set()

    def put_in(self, batch: list[Told], *, is_last_round: bool) -> Outcome:
        """Put a batch in, in the transaction it is called in.

        An entry that names related ones which are not there yet goes in without them and is among the ``waiting``;
        in the last round it is among the rejects.
        """
        actions.hold_names()
        outcome = Outcome()
        self.names.find(batch, is_again=is_last_round)
        present = _present([told.here.pk for told in batch if told.here])
        self._describe(batch, present)
        new = []
        for told in batch:
            try:
                if told.problem:
                    raise BadRow(told.problem)
                if told.here is None:
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
        if new:
            self._add(new)
        outcome.new = len(new)
        return outcome

    # What it says

    def _describe(self, batch: list[Told], present: dict[int, Document]) -> None:
        """Make the document of each: what a version would keep of it."""
        for told in batch:
            try:
                if not told.problem:
                    told.document = self._document(told, present)
                    if told.here is None:
                        self._refuse_unready(told)
            except BadRow as reason:
                told.problem = str(reason)
        related = {slug for told in batch for slug in told.document.get("related", ())}
        there = {told.document["slug"] for told in batch if not told.problem}
        there |= set(Recommendation.objects.filter(slug__in=related - there).values_list("slug", flat=True))
        for told in batch:
            wanted = told.document.get("related", ())
            told.missing_related = [slug for slug in wanted if slug not in there]
            if told.missing_related:
                told.document["related"] = [slug for slug in wanted if slug in there]

    def _document(self, told: Told, present: dict[int, Document]) -> Document:
        """What the row says; of an entry that is here, what it leaves out stays as it is."""
        values, things = told.values, self.things
        before = _EMPTY
        if told.here is not None:
            before = present.get(told.here.pk) or snapshot(Recommendation.objects.get(pk=told.here.pk))
        else:
            _refuse_incomplete(values)
        said: Document = {
            name: values.get(name, before.get(name)) for name in ("pillar", "basis", "reach", "terms", "related")
        }
        pillar = things.get("pillar", said["pillar"])
        if pillar.report.slug != values["report"]:
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

    def _refuse_unready(self, told: Told) -> None:
        """Raise ``BadRow`` where readers would lack something; a draft may."""
        texts = told.document["texts"]
        missing = [str(said) for column, said in NEEDED_TEXTS.items() if not texts[column].strip()]
        missing += [] if told.document["evidence"] else [str(NEEDED_EVIDENCE)]
        if missing and not self.as_drafts:
            raise BadRow(f"cannot be published without {', '.join(missing)}; as a draft it can wait")

    # Entries there are

    def _update(self, told: Told, present: dict[int, Document], outcome: Outcome) -> None:
        """Have an entry that is here say what the file says, by the road an edit of it takes."""
        assert told.here is not None  # noqa: S101 - for the type checker: only entries that are here come here
        is_same = present.get(told.here.pk) == told.document
        if is_same and (self.as_drafts or told.here.state in {State.PUBLISHED, State.ARCHIVED}):
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
        add_entries(
            [New(told.document, told.values.get("reviewed_on")) for told in new],
            self.things,
            state=State.DRAFT if self.as_drafts else State.PUBLISHED,
            reason=self.reason,
            at=self.at,
            words=self.words,
        )


def _refuse_incomplete(values: dict[str, Any]) -> None:
    for name in KINDS["recommendation"].required:
        if name not in values:
            raise BadRow(f"{name}: missing")


def _day(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None


def _present(ids: Iterable[int]) -> dict[int, Document]:
    """Entry id → what it says now: the version readers see, or the newest where they see none."""
    versions = EntryVersion.objects.filter(entry__in=ids).order_by("number")
    found: dict[int, tuple[bool, Document]] = {}
    for entry, document, since, until in versions.values_list("entry_id", "document", "public_from", "public_until"):
        is_public = since is not None and until is None
        if is_public or not found.get(entry, (False, {}))[0]:
            found[entry] = (is_public, document)
    return {entry: document for entry, (_is_public, document) in found.items()}
