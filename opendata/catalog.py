"""The data sets of the site as a DCAT catalogue: one a report, with every form it is had in."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from common.conditional import named_by_content
from common.context import origin_of
from common.moments import written
from editions.models import Edition
from pillars.models import Report
from recommendations.export_files import FORMS, about
from recommendations.models import Recommendation

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"


@named_by_content
def catalog(request: HttpRequest) -> JsonResponse:
    """The catalogue as JSON-LD."""
    origin = origin_of(request)
    newest = dict(
        Recommendation.objects.published().order_by().values_list("report_id").annotate(newest=Max("changed_at"))
    )
    publisher = {"@id": f"{origin}/", "@type": "foaf:Agent", "foaf:name": about()["title"]}
    whole = {
        "@context": CONTEXT,
        "@id": f"{origin}{reverse('catalog')}",
        "@type": "dcat:Catalog",
        "dct:title": _text(about()["title"], "en"),
        "dct:description": _text(about()["provenance"], "en"),
        "dct:publisher": publisher,
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
        "dct:language": ["en", "zh-Hans"],
        "dct:publisher": {"@id": f"{origin}/"},
        "dct:license": {"@id": LICENCE_URL},
        "dcat:landingPage": {"@id": f"{origin}{report.get_absolute_url()}"},
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": kind,
                "dcat:mediaType": form.content_type.partition(";")[0],
                "dct:license": {"@id": LICENCE_URL},
                "dcat:downloadURL": {
                    "@id": f"{origin}{reverse(f'recommendations:export_{kind}')}?report={report.slug}"
                },
            }
            for kind, form in FORMS.items()
        ],
    }
    if newest:
        found["dct:modified"] = {"@value": written(newest), "@type": "xsd:dateTime"}
    if report.source and report.source.url:
        found["dct:source"] = {"@id": report.source.url}
    return found


def _edition(edition: Edition, origin: str) -> dict[str, Any]:
    """What was frozen on a day as a data set of its own, every file with its checksum."""
    address = f"{origin}{edition.get_absolute_url()}"
    files = edition.facts["files"]
    return {
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:title": _text(f"{about()['title']}, {edition.name}", "en"),
        "dct:identifier": edition.name,
        "dct:issued": {"@value": written(edition.frozen_at), "@type": "xsd:dateTime"},
        "dct:language": ["en", "zh-Hans"],
        "dct:publisher": {"@id": f"{origin}/"},
        "dct:license": {"@id": LICENCE_URL},
        "dcat:landingPage": {"@id": address},
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": file["name"],
                "dcat:mediaType": file["content_type"].partition(";")[0],
                "dcat:byteSize": file["size"],
                "dct:license": {"@id": LICENCE_URL},
                "dcat:downloadURL": {"@id": f"{address}{file['name']}"},
                "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": file["sha256"]},
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
