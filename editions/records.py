"""One entry as an edition keeps it: all that its page needs, in both languages, without another table.

A record has ``id``, ``slug``, ``number``, ``version``, ``status``, ``published_at``, ``changed_at``, ``path``, the
``document`` of the entry's one serializer, and ``names``: what the slugs in the document were called on that day.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from common.moments import written
from common.translation import COLUMN_SUFFIX, Text, in_language, site_language
from recommendations.choices import Basis, CoverageBasis, Reach, Status
from recommendations.entry_page import FIELD_LABELS
from recommendations.models import EntryVersion, Recommendation
from recommendations.models.entry import TEXTS
from recommendations.querysets import RecommendationQuerySet
from recommendations.snapshot import snapshot_as_loaded

Data = dict[str, Any]
Label = str | Promise


def as_json(value: Any) -> str:
    """``value`` in the one spelling that digests are made of."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(body: bytes) -> Data:
    """A piece of the records' file as the record it is."""
    data: Data = json.loads(body.lstrip(b",\n"))
    return data


def _pair(owner: Any, name: str) -> Data:
    """``name`` of ``owner`` in both languages."""
    return {suffix: getattr(owner, f"{name}_{suffix}") for suffix in COLUMN_SUFFIX.values()}


def record(entry: Recommendation, version: int | None) -> Data:
    """``entry`` (loaded ``for_detail``, so that of what it is related to only published entries are named)."""
    with translation.override("en"):
        path = entry.get_absolute_url()
    return {
        "id": entry.pk,
        "slug": entry.slug,
        "number": entry.number,
        "version": version,
        "status": entry.status,
        "published_at": written(entry.published_at) if entry.published_at else None,
        "changed_at": written(entry.changed_at) if entry.changed_at else None,
        "path": path,
        "document": snapshot_as_loaded(entry),
        "names": {
            "report": _pair(entry.report, "title") | {"slug": entry.report.slug},
            "body": _pair(entry.report, "body"),
            "pillar": _pair(entry.pillar, "name") | {"number": entry.pillar.number},
            "terms": [
                {
                    "slug": f"{term.vocabulary.slug}/{term.slug}",
                    "vocabulary": _pair(term.vocabulary, "name"),
                    "label": _pair(term, "label"),
                }
                for term in entry.terms.all()
            ],
            "cities": [
                _pair(row.city, "name") | {"slug": row.city.slug, "basis": row.basis} for row in entry.coverage.all()
            ],
            "evidence": [
                _pair(item.section.source, "title")
                | {"locator": item.locator, "url": item.section.source.url, "language": item.section.source.language}
                for item in entry.evidence.all()
            ],
            "related": [{"slug": other.slug} | _pair(other, "title") for other in entry.related.all()],
        },
    }


def digest_of(data: Data) -> str:
    """What stands for what a record says: its document and its status."""
    return sha256(as_json([data["document"], data["status"]]).encode()).hexdigest()


def versions_of(entries: list[Recommendation]) -> dict[int, int]:
    """Entry → the number of the version that is public."""
    found = EntryVersion.objects.filter(entry__in=[entry.pk for entry in entries]).public_now()
    return dict(found.values_list("entry_id", "number"))


def loaded(entries: RecommendationQuerySet) -> list[Data]:
    """The records of ``entries`` as they are now."""
    found = list(entries.for_detail().in_order())
    versions = versions_of(found)
    return [record(entry, versions.get(entry.pk)) for entry in found]


class Record:
    """A record as a page shows it, in the language in force."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.document: Data = data["document"]
        self.names: Data = data["names"]
        self.slug: str = data["slug"]
        self.number: int = data["number"]
        self.version: int | None = data["version"]

    @property
    def title(self) -> Text:
        return self._text("title")

    @property
    def summary(self) -> Text:
        return self._text("summary")

    def _text(self, name: str) -> Text:
        return either({suffix: self.document["texts"][f"{name}_{suffix}"] for suffix in COLUMN_SUFFIX.values()})

    @property
    def parts(self) -> list[tuple[Label, Text]]:
        """The texts under their headings."""
        found = ((FIELD_LABELS[name], self._text(name)) for name in TEXTS[2:])
        return [(label, text) for label, text in found if text]

    @property
    def evidence(self) -> list[Data]:
        rows = zip(self.document["evidence"], self.names["evidence"], strict=True)
        return [
            {
                "key_phrase": row["key_phrase"],
                "supports": Basis(row["supports"]).label,
                "note": either({suffix: row[f"note_{suffix}"] for suffix in COLUMN_SUFFIX.values()}),
                "source": either(named),
                "locator": named["locator"],
                "url": named["url"],
                "language": named["language"],
            }
            for row, named in rows
        ]

    @property
    def pillar(self) -> Text:
        return either(self.names["pillar"])

    @property
    def hue(self) -> int:
        """As ``Pillar.hue``."""
        return int((self.names["pillar"]["number"] - 1) % 4 + 1)

    @property
    def report(self) -> Text:
        return either(self.names["report"])

    @property
    def basis(self) -> Basis:
        return Basis(self.document["basis"])

    @property
    def basis_label(self) -> Label:
        return self.basis.label

    @property
    def reach_label(self) -> Label:
        return Reach(self.document["reach"]).label

    @property
    def status_label(self) -> Label:
        return Status(self.data["status"]).label

    @property
    def reviewed_on(self) -> str:
        return self.document["reviewed_on"] or ""

    @property
    def terms(self) -> list[tuple[Text, list[Text]]]:
        """The terms under their vocabularies, in the order they were kept."""
        found: dict[str, tuple[Text, list[Text]]] = {}
        for term in self.names["terms"]:
            vocabulary = either(term["vocabulary"])
            found.setdefault(str(vocabulary), (vocabulary, []))[1].append(either(term["label"]))
        return list(found.values())

    @property
    def cities(self) -> list[tuple[Label, list[Text]]]:
        """The cities by the reason why they are touched, the strongest first."""
        found = [
            (label, [either(city) for city in self.names["cities"] if city["basis"] == basis])
            for basis, label in CoverageBasis.choices
        ]
        return [(label, cities) for label, cities in found if cities]

    @property
    def related(self) -> list[tuple[str, Text]]:
        return [(row["slug"], either(row)) for row in self.names["related"]]


def either(pair: Data) -> Text:
    """A text in the language in force, or in the other one where it has none."""
    return in_language(_Columns(pair), "text", site_language())


class _Columns:
    """A pair of texts as the columns of a row, for the one rule of falling back."""

    def __init__(self, pair: Data) -> None:
        self.text_en, self.text_zh_hans = pair["en"], pair["zh_hans"]
