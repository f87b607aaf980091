"""A filter's whole result as a table: one row an entry, columns named as the fields."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from common.moments import written
from common.site import site_slug
from common.translation import HTML_LANG, language_named, site_language
from recommendations.choices import CoverageBasis
from recommendations.filters import RecommendationFilterSet, plain
from recommendations.index.answers import answers_for
from recommendations.models import Recommendation
from recommendations.parameters import repeated
from recommendations.snapshot import TEXT_COLUMNS
from themes.models import Vocabulary

#: Rows read at a time, so that memory does not grow with the result.
BATCH = 500
#: What makes a spreadsheet take a text for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
_FORMULA = re.compile(rf"\s*[{re.escape(''.join(FORMULA_STARTS))}]")
#: Excel reads a file as UTF-8 only where it starts with this mark.
BYTE_ORDER_MARK = "\ufeff"


def harmless(value: Any) -> str:
    """``value`` as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


_WRITER = csv.writer(_Echo())


def csv_line(cells: Iterable[Any]) -> str:
    """One line of a spreadsheet's text, every cell harmless."""
    return plain_csv_line([harmless(cell) for cell in cells])


def plain_csv_line(cells: Iterable[str]) -> str:
    """The same of cells that are harmless already, or guarded by a rule of their own."""
    return str(_WRITER.writerow(cells))


#: Columns that every file keeps, whatever is chosen: what a row is, how it came about, and what may be done with it.
KEPT = ("slug", "provenance", "licence")
#: The parameters of a file beside those of its filter.
WISHES = ("columns", "lang")
#: What ``lang`` may say → the endings of the text columns that stay.
LANGUAGES = {"both": ("en", "zh_hans"), "en": ("en",), "zh-Hans": ("zh_hans",)}
LICENCE = "CC BY 4.0"


def columns(vocabularies: Iterable[str]) -> list[str]:
    """The names of all columns, in order."""
    return [
        *("report", "number", "slug", "pillar", "basis", "reach", "status"),
        *TEXT_COLUMNS,
        *vocabularies,
        *(f"cities_{basis.replace('-', '_')}" for basis in CoverageBasis.values),
        *("evidence", "reviewed_on", "changed_at", "url", "provenance", "licence"),
    ]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file holds of each entry. ``problems`` are the parts of the wish that cannot be had, a sentence each.

    ``language`` is one that ``lang`` may name; empty where nothing was asked for.
    """

    vocabularies: list[str]
    columns: list[str]
    language: str
    problems: list[str]

    @classmethod
    def read(cls, data: QueryDict, *, is_table: bool = True) -> Shape:
        """From ``columns`` (names, repeated or between commas) and ``lang`` (en, zh-Hans or both).

        A file that is no table has no columns to choose from, and its texts are in one language.
        """
        vocabularies = list(Vocabulary.objects.in_order().values_list("slug", flat=True))
        known = columns(vocabularies)
        wanted = [name for part in data.getlist("columns") for name in part.split(",") if name]
        line = _("“%(value)s” is not a column of this file.")
        problems = [line % {"value": plain(name)[:80]} for name in dict.fromkeys(wanted) if name not in known]
        problems += repeated(data, ["lang"])
        if wanted and not is_table:
            problems = [_("This kind of file has no columns to choose from; leave “columns” out.")]
        given = data.get("lang", "")
        language = language_named(given)
        if given and (not language or (language == "both" and not is_table)):
            table = _("“%(value)s” is not a language of this file; choose en, zh-Hans or both.")
            other = _("“%(value)s” is not a language of this file, which is in one; choose en or zh-Hans.")
            problems.append((table if is_table else other) % {"value": plain(given)[:80]})
        endings = LANGUAGES.get(language, LANGUAGES["both"])
        kept = [name for name in known if name not in TEXT_COLUMNS or name.endswith(endings)]
        chosen = [name for name in kept if not wanted or name in wanted or name in KEPT]
        line = _("“%(value)s” is in another language than “lang” asks for; leave one of the two out.")
        lost = [name for name in dict.fromkeys(wanted) if name in known and name not in kept]
        problems += [line % {"value": name} for name in lost if is_table]
        return cls(vocabularies, chosen, language, problems)

    @property
    def site_language(self) -> str:
        """The language of a file that is in one: the one asked for, else that of the address."""
        return self.language.lower() if self.language in HTML_LANG.values() else site_language()


def values(entry: Recommendation, shape: Shape, origin: str) -> dict[str, Any]:
    """Column → what ``entry`` has there: text, number, date, moment, or a list. ``entry`` is loaded ``for_list``."""
    found: dict[str, Any] = {name: [] for name in shape.vocabularies}
    found |= {f"cities_{basis.replace('-', '_')}": [] for basis in CoverageBasis.values}
    for term in entry.terms.all():
        found.setdefault(term.vocabulary.slug, []).append(term.slug)
    for covered in entry.coverage.all():
        found[f"cities_{covered.basis.replace('-', '_')}"].append(covered.city.slug)
    found |= {column: getattr(entry, column) for column in TEXT_COLUMNS}
    found |= {
        "report": entry.report.slug,
        "number": entry.number,
        "slug": entry.slug,
        "pillar": entry.pillar.slug,
        "basis": entry.basis,
        "reach": entry.reach,
        "status": entry.status,
        "evidence": [f"{e.section.source.slug} {e.locator}: {e.key_phrase}" for e in entry.evidence.all()],
        "reviewed_on": entry.reviewed_on,
        "changed_at": entry.changed_at,
        "url": f"{origin}{entry.get_absolute_url()}",
        "provenance": str(entry.get_basis().meaning),
        "licence": LICENCE,
    }
    return {name: found[name] for name in shape.columns}


def in_words(value: Any) -> str:
    """A value as one text; several stand between semicolons."""
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, dt.datetime):
        return written(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)


def batches(filterset: RecommendationFilterSet) -> Iterator[list[Recommendation]]:
    """What ``filterset`` leaves in its order, ``BATCH`` at a time.

    A change meanwhile neither skips nor repeats a row: whoever answers knows the ids as they were at the beginning.
    """
    answers, start = answers_for(filterset), 0
    while part := answers.ids(start, start + BATCH):
        start += BATCH
        loaded = {entry.pk: entry for entry in Recommendation.objects.filter(pk__in=part).for_list()}
        yield [loaded[pk] for pk in part if pk in loaded]
        let_go(loaded.values())


def let_go(entries: Iterable[Recommendation]) -> None:
    """Drop what was loaded with ``entries``: it points back at them, and would wait for the collector of cycles."""
    for entry in entries:
        vars(entry).pop("_prefetched_objects_cache", None)


def rows(filterset: RecommendationFilterSet, shape: Shape, origin: str) -> Iterator[dict[str, Any]]:
    """The values of every entry of ``filterset``; ``origin`` is the site's scheme and host.

    What the site says of an entry, and which of its pages it names, is in the language of the file.
    """
    for part in batches(filterset):
        with translation.override(shape.site_language):
            made = [values(entry, shape, origin) for entry in part]
        yield from made


def csv_lines(filterset: RecommendationFilterSet, shape: Shape, origin: str) -> Iterator[str]:
    """The lines of a CSV file with every entry of ``filterset``."""
    yield BYTE_ORDER_MARK + str(_WRITER.writerow(shape.columns))
    for row in rows(filterset, shape, origin):
        yield csv_line(in_words(value) for value in row.values())


def file_name(extension: str) -> str:
    """What a saved export is called."""
    return f"{site_slug()}-recommendations.{extension}"


def matrix_file_name() -> str:
    """What a saved matrix is called."""
    return f"{site_slug()}-matrix.csv"
