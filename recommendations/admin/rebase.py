"""Fits a form that was typed against an earlier version of an entry to the entry as it is now.

What its editor wrote stays as written. What they had not touched takes the present value: saving the form again
must not undo what someone else saved meanwhile. Rows of evidence and city links carry the ids they had when the
form was opened; where rows were removed, replaced or added since, the form could otherwise not be saved again.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict

from cities.models import City
from common.lines import plain
from pillars.models import Pillar
from recommendations.models import CityLink, Evidence, Recommendation
from recommendations.snapshot import TEXT_COLUMNS, Document
from sources.models import SourceSection
from themes.models import Term

Row = dict[str, str]

#: What an entry is known by.
NAMES = ("number", "slug")
#: Fields that are sets: what two editors made of one is joined.
SETS = ("terms", "related")
#: What makes two rows the same one, whatever their ids; and the rest of what a row says.
IDENTITY = {"evidence": ("section", "paragraph", "key_phrase"), "city_links": ("city",)}
REST = {"evidence": ("supports", "note_en", "note_zh_hans"), "city_links": ("basis", "note_en", "note_zh_hans")}


def rebase(posted: QueryDict, entry: Recommendation, *, base: Document | None, keep_name: bool) -> None:
    """Change ``posted`` in place. ``base`` is what the form was opened with, where that is known.

    Number and slug become the present ones unless they were typed and may be kept.
    """
    for name in NAMES:
        value = getattr(entry, name)
        is_typed = name in posted and not (base and posted[name] == str(base[name]))
        if value is not None and not (keep_name and is_typed):
            posted[name] = str(value)
    if base:
        _take_untouched_fields(posted, entry, base)
    for prefix in ROWS:
        if f"{prefix}-TOTAL_FORMS" in posted:
            put_rows(posted, prefix, entry, rows_typed(posted, prefix), base)


# Fields --------------------------------------------------------------------------------------------------------


def _take_untouched_fields(posted: QueryDict, entry: Recommendation, base: Document) -> None:
    present = present_values(entry)
    for name, values in _values_then(base).items():
        typed = [value.replace("/", "-") if name == "reviewed_on" else value for value in posted.getlist(name)]
        is_untouched = sorted(plain(value) for value in typed) == sorted(plain(value) for value in values)
        if is_untouched and (name in posted or name in SETS):
            posted.setlist(name, present[name])
        elif name in SETS:
            posted.setlist(name, joined_set(name, typed, entry, base))


def joined_set(name: str, typed: list[str], entry: Recommendation, base: Document) -> list[str]:
    """What ``entry`` has now in the field ``name``, with what was typed added and what was taken away gone."""
    then, now = set(_values_then(base)[name]), present_values(entry)[name]
    gone, added = then - set(typed), [value for value in typed if value not in then and value not in now]
    return [*(value for value in now if value not in gone), *added]


def present_values(entry: Recommendation) -> dict[str, list[str]]:
    """Field → the values that the form of ``entry`` shows for it now."""
    present = {name: [getattr(entry, name)] for name in (*TEXT_COLUMNS, "basis", "reach")}
    present |= {name: [str(getattr(entry, name) or "")] for name in NAMES}
    present["pillar"] = [str(entry.pillar_id or "")]
    present["reviewed_on"] = [entry.reviewed_on.isoformat() if entry.reviewed_on else ""]
    present["terms"] = [str(pk) for pk in entry.terms.values_list("pk", flat=True)]
    present["related"] = [str(pk) for pk in entry.related.values_list("pk", flat=True)]
    return present


def _values_then(base: Document) -> dict[str, list[str]]:
    """Field → the values a form showed for it."""
    values = {name: [base["texts"][name]] for name in TEXT_COLUMNS}
    values |= {name: [base[name] or ""] for name in ("basis", "reach", "reviewed_on")}
    pillars = Pillar.objects.filter(slug=base["pillar"]).values_list("pk", flat=True)
    values["pillar"] = [str(pk) for pk in pillars] or [""]
    terms = Term.objects.values_list("pk", "vocabulary__slug", "slug")
    values["terms"] = [str(pk) for pk, vocabulary, slug in terms if f"{vocabulary}/{slug}" in set(base["terms"])]
    related = Recommendation.objects.filter(slug__in=base["related"])
    values["related"] = [str(pk) for pk in related.values_list("pk", flat=True)]
    return values


# Rows ----------------------------------------------------------------------------------------------------------


def _row(row: Evidence | CityLink, prefix: str) -> Row:
    """A stored row as a form shows it."""
    if isinstance(row, Evidence):
        typed = {"section": str(row.section_id), "position": str(row.position)}
    else:
        typed = {"city": str(row.city_id)}
    names = [name for name in (*IDENTITY[prefix], *REST[prefix]) if name not in typed]
    return {"id": str(row.pk), **typed, **{name: getattr(row, name) for name in names}}


def _says(row: Row, prefix: str) -> tuple[str, ...]:
    return tuple(plain(row.get(name, "")) for name in (*IDENTITY[prefix], *REST[prefix]))


def _evidence_then(base: Document) -> set[tuple[str, ...]]:
    rows = SourceSection.objects.values_list("pk", "source__slug", "code")
    section = {(source, code): str(pk) for pk, source, code in rows}
    found = (row | {"section": section.get((row["source"], row["section"]), "")} for row in base["evidence"])
    return {_says(row, "evidence") for row in found}


def _links_then(base: Document) -> set[tuple[str, ...]]:
    city = {slug: str(pk) for pk, slug in City.objects.values_list("pk", "slug")}
    return {_says(row | {"city": city.get(row["city"], "")}, "city_links") for row in base["cities"]}


def _present_rows(entry: Recommendation, prefix: str) -> list[Row]:
    if prefix == "evidence":
        return [_row(row, prefix) for row in Evidence.objects.filter(recommendation=entry).in_order()]
    return [_row(row, prefix) for row in CityLink.objects.filter(recommendation=entry).order_by("pk")]


#: Prefix of a form's rows → those that a document has, as they are compared.
ROWS = {"evidence": _evidence_then, "city_links": _links_then}


def rows_typed(posted: QueryDict, prefix: str) -> list[Row]:
    """The rows of a form, without those left empty."""
    rows: dict[int, Row] = {}
    for key in list(posted):
        index, _, name = key.removeprefix(f"{prefix}-").partition("-")
        if key.startswith(f"{prefix}-") and index.isdigit() and name:
            rows.setdefault(int(index), {})[name] = str(posted[key])
    telling = (*IDENTITY[prefix], "note_en", "note_zh_hans")
    return [row for _, row in sorted(rows.items()) if row.get("id") or any(row.get(name) for name in telling)]


def put_rows(posted: QueryDict, prefix: str, entry: Recommendation, typed: list[Row], base: Document | None) -> None:
    """Have ``posted`` hold the rows that ``entry`` has now, with ``typed`` in their place or beside them.

    A row its editor left as it was in ``base`` follows what became of it; if that is nothing, it goes.
    """
    then = ROWS[prefix](base) if base else set()
    own = [row for row in typed if "DELETE" in row or _says(row, prefix) not in then]
    kept, added = _match(own, _present_rows(entry, prefix), IDENTITY[prefix])
    for key in [key for key in posted if key.startswith(f"{prefix}-") and not key.endswith("_FORMS")]:
        del posted[key]
    for index, row in enumerate([*kept, *added]):
        for name, value in row.items():
            posted[f"{prefix}-{index}-{name}"] = value
        posted[f"{prefix}-{index}-recommendation"] = str(entry.pk)
    posted[f"{prefix}-TOTAL_FORMS"] = str(len(kept) + len(added))
    posted[f"{prefix}-INITIAL_FORMS"] = str(len(kept))


def _match(own: Iterable[Row], present: list[Row], identity: tuple[str, ...]) -> tuple[list[Row], list[Row]]:
    """Rows that are there, as their editor or else someone before wrote them; and rows that are not there."""
    by_id = {row["id"]: row for row in present}
    by_identity = {tuple(row[name] for name in identity): row for row in present}
    kept: dict[str, Row] = {}
    added: list[Row] = []
    for row in sorted(own, key=lambda row: row.get("id", "") not in by_id):  # ids first; they leave no doubt
        same = by_id.get(row.get("id", "")) or by_identity.get(tuple(row.get(name, "") for name in identity))
        if same and same["id"] not in kept:
            kept[same["id"]] = row | {"id": same["id"]}
        elif "DELETE" not in row:
            added.append(row | {"id": ""})
    return [kept.get(row["id"], row) for row in present], added
