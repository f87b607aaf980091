"""A filter's whole result as a table: one row an entry, columns named as the fields."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from recommendations.choices import CoverageBasis
from recommendations.filters import RecommendationFilterSet
from recommendations.models import Recommendation
from recommendations.querysets import RecommendationQuerySet
from recommendations.snapshot import TEXT_COLUMNS
from themes.models import Vocabulary

#: Rows read at a time, so that memory does not grow with the result.
BATCH = 500
#: What makes a spreadsheet take a text for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
#: Excel reads a file as UTF-8 only where it starts with this mark.
BYTE_ORDER_MARK = "\ufeff"


def harmless(value: Any) -> str:
    """``value`` as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def columns(vocabularies: Iterable[str]) -> list[str]:
    """The names of the columns, in order."""
    return [
        *("report", "number", "slug", "pillar", "basis", "reach", "status"),
        *TEXT_COLUMNS,
        *vocabularies,
        *(f"cities_{basis.replace('-', '_')}" for basis in CoverageBasis.values),
        *("evidence", "reviewed_on", "changed_at", "url", "provenance", "licence"),
    ]


def row(entry: Recommendation, vocabularies: Iterable[str], origin: str) -> list[str]:
    """The cells of one entry; several values of one cell stand between semicolons."""
    terms: dict[str, list[str]] = {}
    for term in entry.terms.all():
        terms.setdefault(term.vocabulary.slug, []).append(term.slug)
    cities: dict[str, list[str]] = {}
    for covered in entry.coverage.all():
        cities.setdefault(covered.basis, []).append(covered.city.slug)
    evidence = [f"{e.section.source.slug} {e.locator}: {e.key_phrase}" for e in entry.evidence.all()]
    cells: list[Any] = [entry.report.slug, entry.number, entry.slug, entry.pillar.slug]
    cells += [entry.basis, entry.reach, entry.status]
    cells += [getattr(entry, column) for column in TEXT_COLUMNS]
    cells += ["; ".join(terms.get(slug, [])) for slug in vocabularies]
    cells += ["; ".join(cities.get(basis, [])) for basis in CoverageBasis.values]
    cells += ["; ".join(evidence), entry.reviewed_on, entry.changed_at and entry.changed_at.isoformat()]
    cells += [f"{origin}{entry.get_absolute_url()}", entry.get_basis().meaning, "CC BY 4.0"]
    return [harmless(cell) for cell in cells]


def _batches(found: RecommendationQuerySet) -> Iterator[Recommendation]:
    """``found`` in its order. Ids first, so that a change meanwhile neither skips nor repeats a row."""
    pks = list(found.values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        part = pks[start : start + BATCH]
        loaded = {entry.pk: entry for entry in Recommendation.objects.filter(pk__in=part).for_list()}
        yield from (loaded[pk] for pk in part if pk in loaded)


def csv_lines(filterset: RecommendationFilterSet, *, origin: str) -> Iterator[str]:
    """The lines of a CSV file with every entry of ``filterset``; ``origin`` is the site's scheme and host."""
    vocabularies = list(Vocabulary.objects.in_order().values_list("slug", flat=True))
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + str(writer.writerow(columns(vocabularies)))
    for entry in _batches(filterset.qs):
        yield str(writer.writerow(row(entry, vocabularies, origin)))


def file_name(extension: str) -> str:
    """What a saved export is called."""
    return _("guangdong-32-recommendations") + f".{extension}"


def matrix_file_name() -> str:
    """What a saved matrix is called."""
    return _("guangdong-32-matrix") + ".csv"
