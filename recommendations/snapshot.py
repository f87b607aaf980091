"""The one serializer of an entry: what a version keeps, and what makes an entry of it again.

Schema 1 of the document: ``schema``, ``report``, ``number``, ``slug``, ``pillar`` (empty where a draft has none),
``basis``, ``reach``,
``reviewed_on`` (ISO date or null), ``texts`` (column → text), ``terms`` (``vocabulary/term``, sorted),
``related`` (slugs, sorted), ``evidence`` (source, section, paragraph, key_phrase, supports, note_en,
note_zh_hans; in order) and ``cities`` (city, basis, note_en, note_zh_hans; sorted by city). The status is
not in it: it is derived from updates, which are not part of an entry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from cities.models import City
from common.lines import one_line_end
from pillars.models import Pillar
from recommendations.models import CityLink, Evidence, Recommendation
from recommendations.models.entry import TEXT_COLUMNS as TEXT_COLUMNS
from sources.models import SourceSection
from themes.models import Term

SCHEMA = 1

Document = dict[str, Any]


def snapshot(entry: Recommendation) -> Document:
    """The whole of ``entry`` as one JSON document, read anew; of a working copy, under the name of its original."""
    return _document(
        entry,
        terms=entry.terms.select_related("vocabulary"),
        related=entry.related.all(),
        evidence=Evidence.objects.filter(recommendation=entry).in_order(),
        cities=CityLink.objects.filter(recommendation=entry).select_related("city"),
    )


def empty_document(report: str) -> Document:
    """A document that says nothing yet."""
    return {
        "schema": SCHEMA, "report": report, "number": None, "slug": "", "pillar": "", "basis": "", "reach": "",
        "reviewed_on": None, "texts": dict.fromkeys(TEXT_COLUMNS, ""), "terms": [], "related": [], "evidence": [],
        "cities": [],
    }  # fmt: skip


def snapshot_as_loaded(entry: Recommendation) -> Document:
    """The same document of what is loaded with ``entry``, for many at a time; of ``related``, what was loaded of it."""
    return _document(
        entry,
        terms=entry.terms.all(),
        related=entry.related.all(),
        evidence=entry.evidence.all(),
        cities=entry.city_links.all(),
    )


def _document(
    entry: Recommendation,
    *,
    terms: Iterable[Term],
    related: Iterable[Recommendation],
    evidence: Iterable[Evidence],
    cities: Iterable[CityLink],
) -> Document:
    original = entry.original
    return {
        "schema": SCHEMA,
        "report": entry.report.slug,
        "number": original.number,
        "slug": original.slug,
        "pillar": entry.pillar.slug if entry.pillar_id else "",
        "basis": entry.basis,
        "reach": entry.reach,
        "reviewed_on": entry.reviewed_on.isoformat() if entry.reviewed_on else None,
        "texts": {column: getattr(entry, column) for column in TEXT_COLUMNS},
        "terms": sorted(f"{term.vocabulary.slug}/{term.slug}" for term in terms),
        "related": sorted(other.slug for other in related if other.slug),
        "evidence": [
            {
                "source": passage.section.source.slug,
                "section": passage.section.code,
                "paragraph": passage.paragraph,
                "key_phrase": passage.key_phrase,
                "supports": passage.supports,
                "note_en": passage.note_en,
                "note_zh_hans": passage.note_zh_hans,
            }
            for passage in evidence
        ],
        "cities": [
            {
                "city": link.city.slug,
                "basis": link.basis,
                "note_en": link.note_en,
                "note_zh_hans": link.note_zh_hans,
            }
            for link in sorted(cities, key=lambda link: link.city.slug)
        ],
    }


#: What an entry is called: no document takes that from it.
NAME = ("report", "number", "slug")


def restored(document: Document, present: Document) -> Document:
    """What an entry that says ``present`` says once ``document`` was applied to it."""
    return document | {name: present[name] for name in NAME}


def apply(document: Document, entry: Recommendation) -> None:
    """Make ``entry`` (a saved row) say what ``document`` says; its own number and slug stay as they are.

    Raises ``ValueError`` for a document of another schema, ``DoesNotExist`` where it names something that
    is no longer there; nothing is changed then.
    """
    if document.get("schema") != SCHEMA:
        raise ValueError(f"document of schema {document.get('schema')!r}; this reads schema {SCHEMA}")
    with transaction.atomic():
        # A draft may lack one; the column takes that, whatever its type says.
        entry.pillar = Pillar.objects.get(slug=document["pillar"]) if document["pillar"] else None  # type: ignore[assignment]
        entry.basis = document["basis"]
        entry.reach = document["reach"]
        reviewed = document["reviewed_on"]
        entry.reviewed_on = dt.date.fromisoformat(reviewed) if reviewed else None
        for column in TEXT_COLUMNS:
            setattr(entry, column, document["texts"][column])
        entry.save()
        present = snapshot(entry)
        # What stands there already is left alone: it keeps its rows, and most changes are of a text or two.
        for part, write in _LISTS.items():
            if present[part] != document[part]:
                write(entry, document[part])


def _write_terms(entry: Recommendation, pairs: list[str]) -> None:
    slugs = {pair.split("/", 1)[1] for pair in pairs}
    found = {
        f"{term.vocabulary.slug}/{term.slug}": term
        for term in Term.objects.filter(slug__in=slugs).select_related("vocabulary")
    }
    entry.terms.set([found.get(pair) or Term.objects.get_by_natural_key(*pair.split("/", 1)) for pair in pairs])


def _write_related(entry: Recommendation, slugs: list[str]) -> None:
    found = {other.slug: other for other in Recommendation.objects.filter(slug__in=slugs)}
    entry.related.set([found.get(slug) or Recommendation.objects.get(slug=slug) for slug in slugs])


def _write_evidence(entry: Recommendation, rows: list[Document]) -> None:
    entry.evidence.all().delete()
    for position, row in enumerate(rows, start=1):
        fields = {name: row[name] for name in ("paragraph", "key_phrase", "supports", "note_en", "note_zh_hans")}
        section = SourceSection.objects.get_by_natural_key(row["source"], row["section"])
        Evidence.objects.create(recommendation=entry, section=section, position=position, **fields)


def _write_cities(entry: Recommendation, rows: list[Document]) -> None:
    entry.city_links.all().delete()
    for row in rows:
        fields = {name: row[name] for name in ("basis", "note_en", "note_zh_hans")}
        CityLink.objects.create(recommendation=entry, city=City.objects.get(slug=row["city"]), **fields)


#: Part of a document → what has an entry say that.
_LISTS: dict[str, Callable[[Recommendation, list[Any]], None]] = {
    "terms": _write_terms,
    "related": _write_related,
    "evidence": _write_evidence,
    "cities": _write_cities,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of an entry that two documents tell differently.

    ``name`` is the key in the document, ``texts.<column>`` for a text. A plain value has ``before`` and ``after``.
    Of a list, ``added`` and ``removed`` hold its rows, and ``changed`` pairs of rows about the same thing.
    """

    name: str
    before: Any = None
    after: Any = None
    added: list[Any] = field(default_factory=list)
    removed: list[Any] = field(default_factory=list)
    changed: list[tuple[Any, Any]] = field(default_factory=list)


#: Which keys of a row say what it is about; what else it says of that may change.
ROW_KEYS = {"evidence": ("source", "section", "paragraph", "key_phrase"), "cities": ("city",)}
#: By which keys a row that is gone and one that is new are the same one, changed: its place, or else its phrase.
NEAR_KEYS = {"evidence": (("source", "section", "paragraph"), ("source", "key_phrase"))}


def differences(before: Document, after: Document) -> list[Difference]:
    """What ``after`` says otherwise than ``before``, in reading order; the order of a list's rows does not count.

    Raises ``ValueError`` for documents of another schema.
    """
    if not before.get("schema") == after.get("schema") == SCHEMA:
        raise ValueError(f"documents of schema {before.get('schema')!r} and {after.get('schema')!r}")
    values = [
        Difference(name, before[name], after[name])
        for name in ("report", "number", "slug", "pillar", "basis", "reach", "reviewed_on")
    ]
    # Another kind of line end is no other text: what was frozen may have those of a browser.
    old, new = ({c: one_line_end(said["texts"].get(c, "")) for c in TEXT_COLUMNS} for said in (before, after))
    texts = [Difference(f"texts.{c}", old[c], new[c]) for c in TEXT_COLUMNS]
    lists = [_rows_differ(name, before[name], after[name]) for name in ("terms", "cities", "evidence", "related")]
    return [d for d in values + texts if d.before != d.after] + [d for d in lists if d.added or d.removed or d.changed]


def with_change(name: str, rows: list[Any], *, before: list[Any], after: list[Any]) -> list[Any]:
    """``rows`` of the list ``name`` with what became of ``before`` in ``after`` done to them as well."""
    change = _rows_differ(name, before, after)
    new = [*change.added, *(row for _former, row in change.changed)]
    settled = {_about(name, row) for row in (*new, *change.removed, *(former for former, _row in change.changed))}
    return [*(row for row in rows if _about(name, row) not in settled), *new]


def _about(name: str, row: Any) -> Any:
    """What makes two rows of the list ``name`` the same one."""
    return tuple(row[key] for key in ROW_KEYS[name]) if name in ROW_KEYS else row


def _rows_differ(name: str, before: list[Any], after: list[Any]) -> Difference:
    old, new = {_about(name, row): row for row in before}, {_about(name, row): row for row in after}
    found = Difference(
        name,
        added=[row for key, row in new.items() if key not in old],
        removed=[row for key, row in old.items() if key not in new],
        changed=[(old[key], row) for key, row in new.items() if key in old and old[key] != row],
    )
    for near in NEAR_KEYS.get(name, ()):
        _pair(found, near)
    return found


def _pair(found: Difference, keys: tuple[str, ...]) -> None:
    """Of rows that are gone and new, have those that are alike in ``keys`` count as changed."""
    for row in list(found.added):
        former = next((one for one in found.removed if all(one[key] == row[key] for key in keys)), None)
        if former is not None:
            found.added.remove(row)
            found.removed.remove(former)
            found.changed.append((former, row))
