"""What two editors made of one entry: part by part what it was, what was saved meanwhile, what the second one typed.

The form always shows what saving it would write. A choice puts other words in the form and saves nothing; the words
that make room are carried along in the page, so that they can be put back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import cached_property

from common.numbers import whole_number
from recommendations.admin import typed
from recommendations.describing import Change, Label, Names, Thing, describe
from recommendations.models import EntryVersion, Recommendation
from recommendations.snapshot import Difference, Document, differences, snapshot, with_change

#: The fields that carry a conflict from one answer to the next, and the one that a choice is posted in.
BASE, TYPED, TAKE = "conflict_base", "conflict_typed", "_take"
#: Stands for every part in a choice.
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Part:
    """One part that was saved otherwise meanwhile. ``mine`` is empty where its editor had left it as it was."""

    name: str
    label: Label
    language: str
    was: str
    was_things: list[Thing]
    theirs: Change
    mine: Change | None
    is_same: bool
    holds_theirs: bool
    can_choose: bool

    @property
    def is_joined(self) -> bool:
        """Whether the form holds the rows of both, not one text in the place of the other."""
        return self.name in typed.JOINED

    @property
    def is_contested(self) -> bool:
        """Whether both changed it, and not to the same."""
        return self.mine is not None and not self.is_same


def base_told(posted: QueryDict) -> int | None:
    """The number of the version that the form was opened with, where a conflict was shown already."""
    return whole_number(posted.get(BASE, ""))


class Conflict:
    """``base`` is what the form was opened with, ``posted`` what was sent; ``shown`` what the form was fitted to."""

    def __init__(self, entry: Recommendation, base: EntryVersion, posted: QueryDict, *, shown: Document) -> None:
        self.entry, self.base, self.shown = entry, base, typed.plained(shown)
        self.theirs, self.before = typed.plained(snapshot(entry)), typed.plained(base.document)
        kept = typed.unpacked(posted.get(TYPED, ""))
        said = typed.document_of(posted, shown)
        held = {one.name for one in differences(self.shown, said)}
        #: What the editor typed for each part that was saved otherwise: of those given up, what had been typed.
        self.typed: typed.Raw = {
            part.name: kept[part.name] if part.name in kept and part.name not in held else typed.raw(posted, part.name)
            for part in differences(self.before, self.theirs)
            if part.name in {*typed.FIELDS, *typed.PREFIXES}
        }
        self.posted = posted

    def fit(self, posted: QueryDict) -> None:
        """``posted`` is what the form shows from now on."""
        self.posted = posted

    def take(self, choice: str) -> None:
        """Put in the form what ``choice`` says: ``theirs:<part>`` or ``mine:<part>``, or all of them."""
        whose, _colon, name = choice.partition(":")
        for part in self.parts:
            if part.can_choose and name in {part.name, EVERY}:
                if whose == "theirs":
                    typed.put_present(self.posted, part.name, self.entry, base=self.before)
                elif whose == "mine":
                    typed.put(self.posted, part.name, self.typed[part.name], self.entry, base=self.before)
        self.__dict__.pop("parts", None)

    @cached_property
    def parts(self) -> list[Part]:
        """Every part that was saved otherwise meanwhile."""
        mine = self._mine()
        now = typed.document_of(self.posted, self.theirs)
        names = Names([self.before, self.theirs, mine], is_for_staff=True)
        own = {one.name: one for one in differences(self.before, mine)}
        apart = {one.name for one in differences(self.theirs, mine)}
        held = {one.name for one in differences(self.theirs, now)}
        return [
            self._part(one, change, own.get(one.name), names, is_same=one.name not in apart, is_held=one.name in held)
            for one in differences(self.before, self.theirs)
            if (change := describe(one, names))
        ]

    def _part(
        self, one: Difference, theirs: Change, own: Difference | None, names: Names, *, is_same: bool, is_held: bool
    ) -> Part:
        mine = describe(own, names) if own else None
        is_list = isinstance(self.before.get(one.name), list)
        found = [names.thing(one.name, row) for row in self.before[one.name]] if is_list else []
        return Part(
            name=one.name,
            label=theirs.label,
            language=theirs.language,
            was="" if is_list else str(one.before or ""),
            was_things=[thing for thing in found if thing] or theirs.removed,
            theirs=theirs,
            mine=mine,
            is_same=is_same,
            holds_theirs=not is_held,
            can_choose=mine is not None and not is_same and one.name in self.typed,
        )

    def _mine(self) -> Document:
        """What the editor typed, whatever the form shows by now."""
        posted = self.posted.copy()
        for part, values in self.typed.items():
            if part in typed.FIELDS:
                posted.setlist(typed.FIELDS[part], values)
            else:
                typed.set_rows(posted, part, values)
        said = typed.document_of(posted, self.before)
        # The form holds what both made of a list: of that, only what differs from what it was fitted to is theirs.
        own = {
            part: with_change(part, self.before[part], before=self.shown[part], after=said[part])
            for part in typed.JOINED
        }
        return {**said, **own}

    @property
    def contested(self) -> list[Part]:
        return [part for part in self.parts if part.is_contested]

    @property
    def hidden(self) -> dict[str, Any]:
        """Name → value of the fields that carry this conflict along."""
        return {BASE: self.base.number, TYPED: typed.packed(self.typed)}
