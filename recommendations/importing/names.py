"""Which entry a row tells of: by its number in its report, or by its slug; and what a new one is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from common.models import FormerSlug
from recommendations import actions
from recommendations.importing.kinds import BadRow
from recommendations.importing.things import Things
from recommendations.models import Recommendation


@dataclass(frozen=True, slots=True)
class Here:
    """An entry that is here already."""

    pk: int
    slug: str
    number: int
    report: str
    state: str


class Named(Protocol):
    """What a row says, under ``values``; ``problem`` where it cannot be used."""

    values: dict[str, Any]
    problem: str
    here: Here | None


class Names:
    """Finds the entries of a file, and refuses to tell of one twice."""

    def __init__(self, things: Things) -> None:
        self.things = things
        self.told: dict[str, set[int]] = defaultdict(set)
        self.last: dict[str, int] = {}
        #: The last number that the file itself gives to a report's entries: numbers made here come after it.
        self.highest: dict[str, int] = {}

    def find(self, batch: Sequence[Named], *, is_again: bool = False) -> None:
        """Say which entry each is, and give new ones their number and slug; ``is_again`` for rows that came before."""
        for row in batch:
            if row.values.get("slug") is None and not row.values.get("number") and not row.problem:
                row.problem = "number or slug: one of them says which entry it is"
        by_slug, by_number = self._here(batch)
        taken = self._taken(batch)
        for row in batch:
            try:
                if not row.problem:
                    self._identify(row, by_slug, by_number, taken)
                    if not is_again:
                        self._refuse_twice(row)
            except BadRow as reason:
                row.problem = str(reason)

    def _here(self, batch: Sequence[Named]) -> tuple[dict[str, Here], dict[tuple[str, int], Here]]:
        """The entries that rows name, by slug and by report and number."""
        numbers: dict[str, set[int]] = defaultdict(set)
        for row in batch:
            if row.values.get("number") and row.values.get("report"):
                numbers[row.values["report"]].add(row.values["number"])
        entries = Recommendation.objects.entries()
        slugs = {row.values.get("slug") for row in batch} - {None}
        wanted = [entries.filter(slug__in=slugs)]
        wanted += [entries.filter(report__slug=report, number__in=found) for report, found in numbers.items()]
        columns = ("pk", "slug", "number", "report__slug", "state")
        found = {here[0]: Here(*here) for part in wanted for here in part.values_list(*columns)}
        return (
            {here.slug: here for here in found.values()},
            {(here.report, here.number): here for here in found.values()},
        )

    def _taken(self, batch: Sequence[Named]) -> dict[str, str]:
        """Slugs that no new entry may have → why: of those that rows name, or that their titles would give."""
        asked = {row.values.get("slug") or _slug_of(row) for row in batch} - {None, ""}
        taken = dict.fromkeys(former_slugs(asked), "is what another entry used to be called")
        rows = Recommendation.objects.filter(slug__in=asked).values_list("slug", "number")
        return taken | {slug: f"is taken by number {number}" for slug, number in rows if slug}

    def _identify(
        self,
        row: Named,
        by_slug: dict[str, Here],
        by_number: dict[tuple[str, int], Here],
        taken: dict[str, str],
    ) -> None:
        values = row.values
        number, slug, report = values.get("number"), values.get("slug"), values.get("report")
        if report is not None:
            self.things.get("report", report)
        here = by_number.get((report or "", number)) if number and report else by_slug.get(slug or "")
        if here is not None:
            if report and here.report != report:
                raise BadRow(f"slug: “{slug}” is an entry of another report")
            if number and number != here.number:
                raise BadRow(f"number: “{slug}” is number {here.number} here")
            if slug and slug != here.slug:
                raise BadRow(f"slug: number {number} is “{here.slug}” here; an address is changed at the desk")
            row.here = here
            values |= {"report": here.report, "number": here.number, "slug": here.slug}
            return
        if report is None:
            raise BadRow("report: missing")
        if slug in taken:
            raise BadRow(f"slug: “{slug}” {taken[slug]}")
        self._name(row, taken)

    def _name(self, row: Named, taken: dict[str, str]) -> None:
        """Give a new entry the number and the slug that its row leaves out."""
        values = row.values
        report = values["report"]
        if not values.get("number"):
            if report not in self.last:
                pk = self.things.get("report", report).pk
                self.last[report] = max(actions.next_number(report_id=pk) - 1, self.highest.get(report, 0))
            self.last[report] += 1
            values["number"] = self.last[report]
        if not values.get("slug"):
            slug = _slug_of(row)
            values["slug"] = slug if slug and slug not in taken else f"{report}-{values['number']}"
        taken[values["slug"]] = f"is taken by number {values['number']}"

    def _refuse_twice(self, row: Named) -> None:
        numbers, number = self.told[row.values["report"]], row.values["number"]
        if number in numbers:
            raise BadRow("the same entry stands in this file more than once")
        numbers.add(number)


def former_slugs(slugs: set[Any]) -> set[str]:
    """Those of ``slugs`` that an entry used to be called, whose old addresses lead there."""
    rows = FormerSlug.objects.for_model(Recommendation).filter(slug__in=slugs)
    owners = Recommendation.objects.filter(pk__in=rows.values("object_id")).values("pk")
    return set(rows.filter(object_id__in=owners).values_list("slug", flat=True))


def _slug_of(row: Named) -> str:
    return actions.slug_of_title(row.values.get("title_en") or "")
