"""What stands in a form of an entry, part by part: read as a document, and put in the place of what stands there.

The parts are named as the differences of two documents are: ``texts.title_en``, ``pillar``, ``evidence`` …
"""

from __future__ import annotations

import json
from typing import Any
from unicodedata import normalize

from django.http import QueryDict

from cities.models import City
from common.lines import plain
from common.numbers import ID_DIGITS, whole_number
from pillars.models import Pillar
from recommendations.admin.rebase import NAMES, SETS, joined_set, present_values, put_rows, rows_typed
from recommendations.models import Recommendation
from recommendations.snapshot import TEXT_COLUMNS, Document
from sources.models import SourceSection
from themes.models import Term

#: Part → the field of the form, for parts with values; then for parts of rows, the prefix of their forms.
FIELDS = {
    **{f"texts.{column}": column for column in TEXT_COLUMNS},
    **{name: name for name in (*NAMES, "pillar", "basis", "reach", "reviewed_on", "terms", "related")},
}
PREFIXES = {"evidence": "evidence", "cities": "city_links"}

#: The parts that are lists: the form holds what both editors made of them.
JOINED = (*PREFIXES, *SETS)

#: Part → what a form sends for it: the values of a field, or rows.
Raw = dict[str, list[Any]]


def raw(posted: QueryDict, part: str) -> list[Any]:
    """What ``posted`` has for ``part``, as it was sent."""
    return rows_typed(posted, PREFIXES[part]) if part in PREFIXES else list(posted.getlist(FIELDS[part]))


def put(posted: QueryDict, part: str, values: list[Any], entry: Recommendation, *, base: Document) -> None:
    """Have ``posted`` say ``values`` for ``part``; rows are fitted to those that ``entry`` has now."""
    if part in PREFIXES:
        put_rows(posted, PREFIXES[part], entry, values, base)
    elif part in SETS:
        posted.setlist(part, joined_set(part, values, entry, base))
    else:
        posted.setlist(FIELDS[part], values)


def set_rows(posted: QueryDict, part: str, rows: list[dict[str, str]]) -> None:
    """Have ``posted`` hold ``rows`` for ``part``, as they were typed."""
    prefix = PREFIXES[part]
    for key in [key for key in posted if key.startswith(f"{prefix}-") and not key.endswith("_FORMS")]:
        del posted[key]
    for index, row in enumerate(rows):
        for name, value in row.items():
            posted[f"{prefix}-{index}-{name}"] = value


def put_present(posted: QueryDict, part: str, entry: Recommendation, *, base: Document) -> None:
    """Have ``posted`` say for ``part`` what ``entry`` says now."""
    if part in PREFIXES:
        put_rows(posted, PREFIXES[part], entry, [], base)
    else:
        posted.setlist(FIELDS[part], present_values(entry)[FIELDS[part]])


def packed(found: Raw) -> str:
    """Parts as text, for a hidden field."""
    return json.dumps(found, ensure_ascii=False)


def unpacked(text: str) -> Raw:
    """The same again. What no page of ours wrote is left out; what is in it is treated as what was typed."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {part: values for part, values in found.items() if _is_typed(part, values)}


def _is_typed(part: str, values: Any) -> bool:
    if not isinstance(values, list) or part not in {*FIELDS, *PREFIXES}:
        return False
    if part in FIELDS:
        return all(isinstance(value, str) for value in values)
    return all(
        isinstance(row, dict) and all(isinstance(cell, str) for pair in row.items() for cell in pair) for row in values
    )


# As a document -------------------------------------------------------------------------------------------------


def document_of(posted: QueryDict, like: Document) -> Document:
    """What ``posted`` says, as a document; what it has no field for is as in ``like``."""
    texts = {c: plain(str(posted[c])) if c in posted else like["texts"][c] for c in TEXT_COLUMNS}
    terms = Term.objects.filter(pk__in=_ids(posted, "terms")).values_list("vocabulary__slug", "slug")
    related = Recommendation.objects.filter(pk__in=_ids(posted, "related"), slug__isnull=False)
    pillar = Pillar.objects.filter(pk__in=_ids(posted, "pillar")).first()
    said = {
        **like,
        "texts": texts,
        "terms": sorted(f"{vocabulary}/{slug}" for vocabulary, slug in terms),
        "related": sorted(slug for slug in related.values_list("slug", flat=True) if slug),
        "evidence": _evidence(posted),
        "cities": _cities(posted),
        "pillar": pillar.slug if pillar else "",
        "reviewed_on": normalize("NFKC", str(posted.get("reviewed_on", ""))).strip().replace("/", "-") or None,
    }
    for name in ("basis", "reach", "slug"):
        said[name] = posted.get(name, like[name])
    number = whole_number(normalize("NFKC", str(posted.get("number", ""))).strip())
    said["number"] = like["number"] if number is None else number
    return said


def plained(document: Document) -> Document:
    """``document`` with its texts as ``document_of`` has them: browsers send other line ends than files have."""
    rows = {part: [{name: plain(value) for name, value in row.items()} for row in document[part]] for part in PREFIXES}
    return {**document, **rows, "texts": {column: plain(text) for column, text in document["texts"].items()}}


def _ids(posted: QueryDict, name: str) -> list[int]:
    return [int(value) for value in posted.getlist(name) if _is_id(value)]


def _is_id(value: str) -> bool:
    return whole_number(value, digits=ID_DIGITS) is not None


def _kept(posted: QueryDict, prefix: str, key: str) -> list[dict[str, str]]:
    rows = [row for row in rows_typed(posted, prefix) if "DELETE" not in row]
    return [{name: plain(value) for name, value in row.items()} for row in rows if _is_id(row.get(key, ""))]


def _evidence(posted: QueryDict) -> list[dict[str, str]]:
    rows = _kept(posted, "evidence", "section")
    sections = SourceSection.objects.filter(pk__in={int(row["section"]) for row in rows}).select_related("source")
    by_id = {str(section.pk): section for section in sections}
    names = ("paragraph", "key_phrase", "supports", "note_en", "note_zh_hans")
    return [
        {"source": found.source.slug, "section": found.code} | {name: row.get(name, "") for name in names}
        for row in rows
        if (found := by_id.get(row["section"]))
    ]


def _cities(posted: QueryDict) -> list[dict[str, str]]:
    rows = _kept(posted, "city_links", "city")
    slugs = dict(City.objects.filter(pk__in={int(row["city"]) for row in rows}).values_list("pk", "slug"))
    return [
        {"city": slugs[int(row["city"])]} | {name: row.get(name, "") for name in ("basis", "note_en", "note_zh_hans")}
        for row in rows
        if int(row["city"]) in slugs
    ]
