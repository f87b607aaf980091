"""What a cell may say where its column is of a list: for the notes of a workbook, and beside a cell to be mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from cities.models import City
from common.translation import site_language
from pillars.models import Pillar, Report
from recommendations.choices import Basis, LinkBasis, Reach
from recommendations.spreadsheet.columns import in_both
from sources.models import SourceSection
from themes.models import Term

#: A longer list stands in the notes of the template only.
MOST_LISTED = 200
#: Columns with one value of their list.
SINGLE = ("report", "pillar", "basis", "reach")


def allowed_values() -> Iterator[tuple[str, str, str, str]]:
    """Column, a value it may have, what that is called in English and in Chinese."""
    for choices, name in ((Basis, "basis"), (Reach, "reach"), (LinkBasis, "cities")):
        for choice in choices:
            yield (name, choice.value, *in_both(choice.label))
    for report in Report.objects.in_order():
        yield ("report", report.slug, report.title_en, report.title_zh_hans)
    for pillar in Pillar.objects.in_order():
        yield ("pillar", pillar.slug, pillar.name_en, pillar.name_zh_hans)
    for term in Term.objects.select_related("vocabulary").in_order():
        yield (term.vocabulary.slug, term.slug, term.label_en, term.label_zh_hans)
    for city in City.objects.order_by("pk"):
        yield ("cities", city.slug, city.name_en, city.name_zh_hans)
    for section in SourceSection.objects.select_related("source").in_order():
        yield ("evidence", f"{section.source.slug} | {section.code}", section.title_en, section.title_zh_hans)


class Lists:
    """Column → its values, each with what it is called in the language in force; read when one is asked for."""

    @cached_property
    def _every(self) -> dict[str, list[tuple[str, str]]]:
        found = defaultdict(list)
        for column, value, english, chinese in allowed_values():
            found[column].append((value, (chinese if site_language() == "zh-hans" else english) or english or chinese))
        found["evidence"] += [(value, label) for value, label in found["basis"]]
        return found

    def of(self, column: str) -> list[tuple[str, str]]:
        """The values of ``column``; none where it has no list, or one too long to be read."""
        values = self._every.get(column, [])
        return values if len(values) <= MOST_LISTED else []
