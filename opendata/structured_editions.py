"""What the pages of an edition say of themselves to programs: a data set that does not change, and its records.

As everywhere, the author named is this site. What is said of a record is what was frozen, not what is so today.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.moments import written
from common.site import site_name
from common.translation import HTML_LANG, Text, site_language
from editions.models import Edition
from editions.records import Record
from opendata.catalog import LICENCE_URL
from opendata.structured import Node, breadcrumbs, graph, site_node, start, told
from recommendations.export_files import about

Tags = list[tuple[str, str]]


def edition_graph(edition: Edition, citation: str, origin: str) -> Node:
    """``edition`` as a data set with every file and its checksum, and the way to its page."""
    return graph(_dataset(edition, citation, origin), breadcrumbs(origin, _way_to(edition)))


def record_graph(edition: Edition, record: Record, citation: str, origin: str) -> Node:
    """One record as the work it was on the day of ``edition``, and the way to its page."""
    way = [*_way_to(edition), (f"{record.number}. {record.title}", _path(edition, record))]
    return graph(_work(edition, record, citation, origin), breadcrumbs(origin, way))


def _way_to(edition: Edition) -> list[tuple[str, str]]:
    return [*start(), (_("Editions"), reverse("editions:list")), (edition.name, edition.get_absolute_url())]


def _path(edition: Edition, record: Record) -> str:
    return reverse("editions:entry", args=[edition.name, record.slug])


def _dataset(edition: Edition, citation: str, origin: str) -> Node:
    address = f"{origin}{edition.get_absolute_url()}"
    return told(
        {
            "@type": "Dataset",
            "@id": address,
            "url": address,
            "name": _title(edition),
            "description": about()["provenance"],
            "version": edition.name,
            "identifier": f"sha256:{edition.digest}",
            "datePublished": written(edition.frozen_at),
            "inLanguage": list(HTML_LANG.values()),
            "license": LICENCE_URL,
            "isAccessibleForFree": True,
            "author": site_node(origin),
            "creator": {"@id": f"{origin}/#site"},
            "publisher": {"@id": f"{origin}/#site"},
            "creditText": citation,
            "includedInDataCatalog": {"@type": "DataCatalog", "url": f"{origin}{reverse('catalog')}"},
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": file["name"],
                    "contentUrl": f"{origin}{reverse('editions:file', args=[edition.name, file['name']])}",
                    "encodingFormat": file["content_type"].partition(";")[0],
                    "contentSize": f"{file['size']} B",
                    "sha256": file["sha256"],
                }
                for file in edition.facts["files"]
            ],
        }
    )


def _title(edition: Edition) -> str:
    return _("%(site)s, edition %(name)s") % {"site": site_name(), "name": edition.name}


def _work(edition: Edition, record: Record, citation: str, origin: str) -> Node:
    address = f"{origin}{_path(edition, record)}"
    texts = [record.title, record.summary, *(text for _label, text in record.parts)]
    return told(
        {
            "@type": "CreativeWork",
            "@id": address,
            "url": address,
            "name": f"{record.number}. {record.title}",
            "abstract": str(record.summary),
            "text": "\n\n".join(str(text) for text in texts[2:]),
            "inLanguage": sorted({HTML_LANG[text.lang] for text in texts if text}),
            "identifier": record.slug,
            "position": record.number,
            "version": record.version,
            "creditText": citation,
            "datePublished": written(edition.frozen_at),
            "license": LICENCE_URL,
            "isAccessibleForFree": True,
            "author": site_node(origin),
            "publisher": {"@id": f"{origin}/#site"},
            "isPartOf": {
                "@type": "Dataset", "@id": f"{origin}{edition.get_absolute_url()}", "name": _title(edition),
            },
            "about": [str(term) for _vocabulary, terms in record.terms for term in terms],
            "citation": [
                told({"@type": "CreativeWork", "name": str(item["source"]), "url": item["url"]})
                for item in record.evidence
            ],
            "spatialCoverage": [
                {"@type": "City", "name": str(city)} for _basis, cities in record.cities for city in cities
            ],
        }
    )  # fmt: skip


def edition_tags(edition: Edition, origin: str) -> Tags:
    """(Name, content) of Dublin Core's and of the citation tags, of a whole edition."""
    address = f"{origin}{edition.get_absolute_url()}"
    described = [
        ("DCTERMS.type", "Dataset"),
        ("DCTERMS.description", about()["provenance"]),
        *(("DCTERMS.language", tag) for tag in HTML_LANG.values()),
    ]
    return [*_shared(edition, _title(edition), address, HTML_LANG[site_language()]), *described]


def record_tags(edition: Edition, record: Record, origin: str) -> Tags:
    """The same of one record; the address it has on the site today is what it is a version of."""
    language = record.title.lang if isinstance(record.title, Text) else site_language()
    tags = _shared(
        edition, f"{record.number}. {record.title}", f"{origin}{_path(edition, record)}", HTML_LANG[language]
    )
    today = reverse("recommendations:detail", args=[record.slug])
    subjects = [str(term) for _vocabulary, terms in record.terms for term in terms]
    return [
        *tags,
        ("DCTERMS.type", "Text"),
        ("DCTERMS.language", HTML_LANG[language]),
        ("DCTERMS.abstract", str(record.summary)),
        ("DCTERMS.isPartOf", f"{origin}{edition.get_absolute_url()}"),
        ("DCTERMS.isVersionOf", f"{origin}{today}"),
        ("citation_abstract", str(record.summary)),
        *(("DCTERMS.references", item["url"]) for item in record.evidence if item["url"]),
        *(("DCTERMS.subject", subject) for subject in subjects),
        *(("citation_keywords", subject) for subject in subjects),
    ]


def _shared(edition: Edition, title: str, address: str, language: str) -> Tags:
    day = timezone.localdate(edition.frozen_at)
    site = site_name()
    found: dict[str, Any] = {
        "DCTERMS.title": title,
        "DCTERMS.creator": site,
        "DCTERMS.publisher": site,
        "DCTERMS.identifier": address,
        "DCTERMS.issued": day.isoformat(),
        "DCTERMS.license": LICENCE_URL,
        "citation_title": title,
        "citation_author": site,
        "citation_publisher": site,
        "citation_publication_date": f"{day:%Y/%m/%d}",
        "citation_language": language,
        "citation_public_url": address,
    }
    return list(found.items())
