"""The data sets of the site as a DCAT catalogue: one a report, with every form it is had in."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from common.conditional import named_by_content
from common.context import origin_of
from common.moments import written
from editions.contents import said_in_both
from editions.models import Edition
from pillars.models import Report
from recommendations.export_files import FORMS
from recommendations.models import Recommendation

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcat:byteSize": {"@type": "xsd:nonNegativeInteger"},
    "spdx:checksumValue": {"@type": "xsd:hexBinary"},
}
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
#: The two languages, as the Publications Office of the EU names them, which DCAT-AP asks for.
LANGUAGES = [{"@id": f"http://publications.europa.eu/resource/authority/language/{code}"} for code in ("ENG", "ZHO")]
#: What IANA has registered of the types of our files. The others have a name and no address of their own.
REGISTERED = {
    "text/csv", "text/html", "text/markdown", "application/json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@named_by_content
def catalog(request: HttpRequest) -> JsonResponse:
    """The catalogue as JSON-LD."""
    origin, site = origin_of(request), said_in_both()
    newest = dict(
        Recommendation.objects.published().order_by().values_list("report_id").annotate(newest=Max("changed_at"))
    )
    publisher = {
        "@id": f"{origin}/#site",
        "@type": "foaf:Agent",
        "foaf:name": [_text(said["title"], language) for language, said in site.items()],
        "foaf:homepage": {"@id": f"{origin}/"},
    }
    whole = {
        "@context": CONTEXT,
        "@id": f"{origin}{reverse('catalog')}",
        "@type": "dcat:Catalog",
        "dct:title": [_text(said["title"], language) for language, said in site.items()],
        "dct:description": [_text(said["provenance"], language) for language, said in site.items()],
        "dct:publisher": publisher,
        "dct:language": LANGUAGES,
        "dct:license": {"@id": LICENCE_URL},
        "dcat:dataset": [
            *(_dataset(report, newest.get(report.pk), origin) for report in Report.objects.in_order()),
            *(_edition(edition, origin) for edition in Edition.objects.newest_first()),
        ],
        "dcat:service": [_service(origin)],
    }
    return JsonResponse(whole, content_type="application/ld+json", json_dumps_params={"ensure_ascii": False})


def _text(value: str, language: str) -> dict[str, str]:
    return {"@value": value, "@language": language}


def _dataset(report: Report, newest: Any, origin: str) -> dict[str, Any]:
    """Our reading of ``report`` as a data set; its date is that of the newest change readers see."""
    titles = [_text(t, lang) for t, lang in ((report.title_en, "en"), (report.title_zh_hans, "zh-Hans")) if t]
    notes = ((report.provenance_note_en, "en"), (report.provenance_note_zh_hans, "zh-Hans"))
    found: dict[str, Any] = {
        "@id": f"{origin}{report.get_absolute_url()}",
        "@type": "dcat:Dataset",
        "dct:title": titles,
        "dct:description": [_text(text, lang) for text, lang in notes if text],
        "dct:language": LANGUAGES,
        "dct:publisher": {"@id": f"{origin}/#site"},
        "dct:license": {"@id": LICENCE_URL},
        "dcat:landingPage": {"@id": f"{origin}{report.get_absolute_url()}"},
        "dcat:distribution": [
            _distribution(
                kind, form.content_type, f"{origin}{reverse(f'recommendations:export_{kind}')}?report={report.slug}"
            )
            for kind, form in FORMS.items()
        ],
    }
    if newest:
        found["dct:modified"] = {"@value": written(newest), "@type": "xsd:dateTime"}
    if report.source and report.source.url:
        found["dct:source"] = {"@id": report.source.url}
    return found


def _distribution(title: str, content_type: str, address: str) -> dict[str, Any]:
    """A file; its type by the address IANA has for it, by its name where there is none."""
    media_type = content_type.partition(";")[0]
    found: dict[str, Any] = {
        "@type": "dcat:Distribution",
        "dct:title": title,
        "dct:format": {"@type": "dct:MediaTypeOrExtent", "rdfs:label": title.rpartition(".")[2].upper()},
        "dct:license": {"@id": LICENCE_URL},
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
    }
    is_registered = media_type in REGISTERED
    found["dcat:mediaType"] = (
        {"@id": f"https://www.iana.org/assignments/media-types/{media_type}"}
        if is_registered
        else {"@type": "dct:MediaType", "rdfs:label": media_type}
    )
    return found


def _edition(edition: Edition, origin: str) -> dict[str, Any]:
    """What was frozen on a day as a data set of its own, every file with its checksum."""
    address = f"{origin}{edition.get_absolute_url()}"
    files, told = edition.facts["files"], edition.facts["about"]
    return {
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:title": [_text(f"{said['title']}, {edition.name}", language) for language, said in told.items()],
        "dct:description": [_text(said["provenance"], language) for language, said in told.items()],
        "dct:identifier": edition.name,
        "dct:issued": {"@value": written(edition.frozen_at), "@type": "xsd:dateTime"},
        "dct:language": LANGUAGES,
        "dct:publisher": {"@id": f"{origin}/#site"},
        "dct:license": {"@id": LICENCE_URL},
        "dcat:landingPage": {"@id": address},
        "dcat:distribution": [
            _distribution(file["name"], file["content_type"], f"{address}{file['name']}")
            | {
                "dcat:byteSize": file["size"],
                "spdx:checksum": {
                    "@type": "spdx:Checksum",
                    "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                    "spdx:checksumValue": file["sha256"],
                },
            }
            for file in files
        ],
    }


def _service(origin: str) -> dict[str, Any]:
    """The API, with the schema that describes it."""
    return {
        "@id": f"{origin}{reverse('api:start')}",
        "@type": "dcat:DataService",
        "dct:title": _text("API", "en"),
        "dct:license": {"@id": LICENCE_URL},
        "dcat:endpointURL": {"@id": f"{origin}{reverse('api:start')}"},
        "dcat:endpointDescription": {"@id": f"{origin}{reverse('api:schema')}"},
        "dcat:landingPage": {"@id": f"{origin}{reverse('api_docs:docs')}"},
        "dcat:servesDataset": [{"@id": f"{origin}{report.get_absolute_url()}"} for report in Report.objects.in_order()],
    }
