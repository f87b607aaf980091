"""What a page says of itself to programs: schema.org for search engines, Dublin Core and citation tags for libraries.

The author named is this site, as in every citation: the words of an entry are its editors', not those of the body
whose report they read. Nothing here is worked out anew: it is what the page shows, in other words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cities.models import City, Region
from common.moments import written
from common.site import site_name
from common.translation import HTML_LANG, Text, site_language
from opendata.catalog import LICENCE_URL
from pillars.models import Report
from recommendations import citations
from recommendations.choices import Reach
from recommendations.export_files import FORMS, about
from recommendations.models import EntryVersion, Recommendation
from recommendations.models.entry import TEXTS
from sources.models import Source

Node = dict[str, Any]


def entry_graph(entry: Recommendation, version: EntryVersion | None, origin: str) -> Node:
    """``entry`` (loaded ``for_detail``) as a creative work that cites its sources, and the way to its page."""
    return graph(_work(entry, version, origin), breadcrumbs(origin, _way_to(entry)))


def report_graph(report: Report, origin: str) -> Node:
    """Our reading of ``report`` as a data set with every form it is had in, and the way to its page."""
    way = [*start(), (_("Pillars"), reverse("pillars:list")), (report.title, report.get_absolute_url())]
    return graph(_dataset(report, origin), breadcrumbs(origin, way))


def graph(*nodes: Node) -> Node:
    """``nodes`` as one document."""
    return {"@context": "https://schema.org", "@graph": list(nodes)}


def site_node(origin: str) -> Node:
    """The site as who wrote and published it."""
    return {"@type": "Organization", "@id": f"{origin}/#site", "name": site_name(), "url": f"{origin}/"}


def breadcrumbs(origin: str, way: Iterable[tuple[str, str]]) -> Node:
    """The pages from the front page to this one: name and path of each."""
    items = [
        {"@type": "ListItem", "position": place, "name": str(name), "item": f"{origin}{path}"}
        for place, (name, path) in enumerate(way, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def start() -> list[tuple[str, str]]:
    """Where every way begins."""
    return [(_("Home"), reverse("recommendations:home"))]


def _way_to(entry: Recommendation) -> list[tuple[str, str]]:
    return [
        *start(),
        (_("Recommendations"), reverse("recommendations:browse")),
        (entry.pillar.short_name, entry.pillar.get_absolute_url()),
        (f"{entry.number}. {entry.title}", entry.get_absolute_url()),
    ]


def told(node: Node) -> Node:
    """``node`` without what is not known."""
    return {name: value for name, value in node.items() if value not in (None, "", [])}


# One entry


def _work(entry: Recommendation, version: EntryVersion | None, origin: str) -> Node:
    address = f"{origin}{entry.get_absolute_url()}"
    texts = [getattr(entry, name) for name in TEXTS]
    return told(
        {
            "@type": "CreativeWork",
            "@id": address,
            "url": address,
            "name": f"{entry.number}. {entry.title}",
            "abstract": str(entry.summary),
            "text": "\n\n".join(str(text) for text in texts[2:] if text),
            "inLanguage": sorted({HTML_LANG[text.lang] for text in texts if text}),
            "identifier": entry.slug,
            "position": entry.number,
            "genre": citations.note(entry, version),
            "creditText": citations.plain(entry, version, address),
            "version": version.number if version else None,
            "datePublished": written(entry.published_at) if entry.published_at else None,
            "dateModified": written(entry.changed_at) if entry.changed_at else None,
            "license": LICENCE_URL,
            "isAccessibleForFree": True,
            "author": site_node(origin),
            "publisher": {"@id": f"{origin}/#site"},
            "isPartOf": _report_link(entry.report, origin),
            "about": [_term(term, origin) for term in entry.terms.all()],
            "citation": list(_cited(entry, origin)),
            "spatialCoverage": list(_places(entry, origin)),
            "encoding": _file(origin, reverse("recommendations:markdown", args=[entry.slug]), FORMS["md"].content_type),
        }
    )


def _report_link(report: Report, origin: str) -> Node:
    return {"@type": "Dataset", "@id": f"{origin}{report.get_absolute_url()}", "name": str(report.title)}


def _term(term: Any, origin: str) -> Node:
    return {
        "@type": "DefinedTerm",
        "name": str(term.label),
        "url": f"{origin}{term.get_absolute_url()}",
        "inDefinedTermSet": str(term.vocabulary.name),
    }


def _cited(entry: Recommendation, origin: str) -> Iterable[Node]:
    """Each source the evidence rests on, with the phrases that point to its passages."""
    passages: dict[int, list[Any]] = {}
    for item in entry.evidence.all():
        passages.setdefault(item.section.source_id, []).append(item)
    for found in passages.values():
        source = found[0].section.source
        quoted = [
            {"@type": "Quotation", "text": item.key_phrase, "position": item.locator, "inLanguage": source.language}
            for item in found
        ]
        yield _source(source, origin) | {"hasPart": quoted}


def _source(source: Source, origin: str) -> Node:
    publisher = {"@type": "Organization", "name": str(source.publisher)} if source.publisher else None
    return told(
        {
            "@type": "CreativeWork",
            "@id": f"{origin}{source.get_absolute_url()}",
            "name": str(source.title),
            "url": source.url or f"{origin}{source.get_absolute_url()}",
            "inLanguage": source.language,
            "publisher": publisher,
            "datePublished": source.published_on.isoformat() if source.published_on else None,
        }
    )


def _places(entry: Recommendation, origin: str) -> Iterable[Node]:
    """The cities it touches; of an entry that applies everywhere, the regions of the territory."""
    if entry.reach == Reach.PROVINCE:
        for region in Region.objects.filter(is_outside=False).order_by("pk"):
            yield {"@type": "Place", "name": str(region.name)}
    for row in entry.coverage.all():
        yield _city(row.city, origin)


def _city(city: City, origin: str) -> Node:
    place: Node = {"@type": "City", "name": str(city.name), "url": f"{origin}{city.get_absolute_url()}"}
    if city.latitude is not None and city.longitude is not None:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": city.latitude, "longitude": city.longitude}
    return place


# One report


def _dataset(report: Report, origin: str) -> Node:
    address = f"{origin}{report.get_absolute_url()}"
    entries = Recommendation.objects.published().filter(report=report).order_by()
    newest = entries.aggregate(newest=Max("changed_at"))["newest"]
    said = about()
    return told(
        {
            "@type": "Dataset",
            "@id": address,
            "url": address,
            "name": str(report.title),
            "description": str(report.provenance_note or said["provenance"]),
            "inLanguage": list(HTML_LANG.values()),
            "license": LICENCE_URL,
            "isAccessibleForFree": True,
            "creator": site_node(origin),
            "publisher": {"@id": f"{origin}/#site"},
            "dateModified": written(newest) if newest else None,
            "isBasedOn": _source(report.source, origin) if report.source else None,
            "includedInDataCatalog": {"@type": "DataCatalog", "url": f"{origin}{reverse('catalog')}"},
            "distribution": [
                _file(
                    origin, f"{reverse(f'recommendations:export_{kind}')}?report={report.slug}", form.content_type,
                    "DataDownload",
                )
                for kind, form in FORMS.items()
            ],
        }
    )  # fmt: skip


def _file(origin: str, path: str, content_type: str, kind: str = "MediaObject") -> Node:
    return {"@type": kind, "contentUrl": f"{origin}{path}", "encodingFormat": content_type.partition(";")[0]}


# For libraries


def entry_tags(entry: Recommendation, version: EntryVersion | None, origin: str) -> list[tuple[str, str]]:
    """(Name, content) of Dublin Core's and of the citation tags that Zotero and Google Scholar read.

    Issued and modified are the days of what the block of data says: first published, and changed last.
    """
    address = f"{origin}{entry.get_absolute_url()}"
    title, site = f"{entry.number}. {entry.title}", site_name()
    language = HTML_LANG[entry.title.lang if isinstance(entry.title, Text) else site_language()]
    issued, modified = (timezone.localdate(at) if at else None for at in (entry.published_at, entry.changed_at))
    subjects = [str(term.label) for term in entry.terms.all()]
    sources = [node["url"] for node in _cited(entry, origin)]
    tags = [
        ("DCTERMS.title", title),
        ("DCTERMS.creator", site),
        ("DCTERMS.publisher", site),
        ("DCTERMS.type", "Text"),
        ("DCTERMS.language", language),
        ("DCTERMS.identifier", address),
        ("DCTERMS.abstract", str(entry.summary)),
        ("DCTERMS.description", citations.note(entry, version)),
        ("DCTERMS.license", LICENCE_URL),
        ("DCTERMS.isPartOf", f"{origin}{entry.report.get_absolute_url()}"),
        ("citation_title", title),
        ("citation_author", site),
        ("citation_publisher", site),
        ("citation_language", language),
        ("citation_public_url", address),
        ("citation_abstract", str(entry.summary)),
    ]
    if issued:
        tags += [("DCTERMS.issued", issued.isoformat()), ("citation_publication_date", f"{issued:%Y/%m/%d}")]
    if modified:
        tags.append(("DCTERMS.modified", modified.isoformat()))
    tags += [("DCTERMS.references", url) for url in sources]
    tags += [("DCTERMS.subject", subject) for subject in subjects]
    return [*tags, *(("citation_keywords", subject) for subject in subjects)]
