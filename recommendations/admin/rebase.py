"""Fits a form that was typed against an earlier state of an entry to the entry as it is now.

Words are never touched. Rows of evidence and city links carry the ids they had when the form was opened; where
someone removed, replaced or added rows since, the form could otherwise not be saved again.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict

from recommendations.models import CityLink, Evidence, Recommendation

Row = dict[str, str]

#: What makes two rows the same one, whatever their ids.
IDENTITY = {"evidence": ("section", "paragraph", "key_phrase"), "city_links": ("city",)}


def rebase(posted: QueryDict, entry: Recommendation, *, keep_name: bool) -> None:
    """Change ``posted`` in place. Number and slug become the present ones unless they were typed and may be kept."""
    for name in ("number", "slug"):
        value = getattr(entry, name)
        if value is not None and not (keep_name and name in posted):
            posted[name] = str(value)
    evidence = Evidence.objects.filter(recommendation=entry).in_order()
    _rebase_rows(posted, "evidence", entry, [_evidence_row(row) for row in evidence])
    links = CityLink.objects.filter(recommendation=entry).order_by("pk")
    _rebase_rows(posted, "city_links", entry, [_link_row(row) for row in links])


def _evidence_row(row: Evidence) -> Row:
    return {
        "id": str(row.pk),
        "section": str(row.section_id),
        "paragraph": row.paragraph,
        "key_phrase": row.key_phrase,
        "supports": row.supports,
        "note_en": row.note_en,
        "note_zh_hans": row.note_zh_hans,
        "position": str(row.position),
    }


def _link_row(row: CityLink) -> Row:
    return {
        "id": str(row.pk),
        "city": str(row.city_id),
        "basis": row.basis,
        "note_en": row.note_en,
        "note_zh_hans": row.note_zh_hans,
    }


def _typed_rows(posted: QueryDict, prefix: str) -> list[Row]:
    """The rows of a form, without those left empty."""
    rows: dict[int, Row] = {}
    for key in list(posted):
        index, _, name = key.removeprefix(f"{prefix}-").partition("-")
        if key.startswith(f"{prefix}-") and index.isdigit() and name:
            rows.setdefault(int(index), {})[name] = str(posted[key])
    identity = IDENTITY[prefix]
    return [row for _, row in sorted(rows.items()) if row.get("id") or any(row.get(name) for name in identity)]


def _rebase_rows(posted: QueryDict, prefix: str, entry: Recommendation, present: list[Row]) -> None:
    if f"{prefix}-TOTAL_FORMS" not in posted:
        return
    kept, added = _match(_typed_rows(posted, prefix), present, IDENTITY[prefix])
    for key in [key for key in posted if key.startswith(f"{prefix}-") and not key.endswith("_FORMS")]:
        del posted[key]
    for index, row in enumerate([*kept, *added]):
        for name, value in row.items():
            posted[f"{prefix}-{index}-{name}"] = value
        posted[f"{prefix}-{index}-recommendation"] = str(entry.pk)
    posted[f"{prefix}-TOTAL_FORMS"] = str(len(kept) + len(added))
    posted[f"{prefix}-INITIAL_FORMS"] = str(len(kept))


def _match(typed: Iterable[Row], present: list[Row], identity: tuple[str, ...]) -> tuple[list[Row], list[Row]]:
    """Rows that are there (as typed, or as someone else left them), and typed rows that are not there."""
    by_id = {row["id"]: row for row in present}
    by_identity = {tuple(row[name] for name in identity): row for row in present}
    kept: dict[str, Row] = {}
    added: list[Row] = []
    for row in sorted(typed, key=lambda row: row.get("id", "") not in by_id):  # ids first; they leave no doubt
        same = by_id.get(row.get("id", "")) or by_identity.get(tuple(row.get(name, "") for name in identity))
        if same and same["id"] not in kept:
            kept[same["id"]] = row | {"id": same["id"]}
        elif "DELETE" not in row:
            added.append(row | {"id": ""})
    return [kept.get(row["id"], row) for row in present], added
