"""The documentation of the API as a page of the site: everything on it is read from the schema and from the data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from api import openapi
from api.asking import MAX_SIZE
from api.entries import tell
from api.items import Teller
from api.language import Words
from api.problems import KINDS
from common.conditional import named_by_content
from common.context import origin_of
from pillars.models import Pillar
from recommendations.facets import all_facets
from recommendations.menus import FILES
from recommendations.models import Recommendation
from recommendations.querysets import RecommendationQuerySet

Schema = dict[str, Any]

HAN = re.compile(r"[\u3400-\u9fff]")
#: So many values of a filter are named one by one.
MAX_VALUES = 30
#: What the example asks for, of each recommendation.
EXAMPLE_FIELDS = ("title", "evidence")
EXAMPLE_LANGUAGE = "zh-hans"


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a part of an answer; ``shape`` is the name of an object that is described on its own."""

    name: str
    kind: str
    said: str
    shape: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    path: str
    url: str
    summary: str
    said: str
    parameters: list[Field]
    shape: str


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an example and the language of the words in it."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Example:
    """One call that does something useful, with the beginning of what it answers now."""

    pillar: Pillar
    url: str
    count: int
    lines: list[Line]


@named_by_content
def documentation(request: HttpRequest) -> HttpResponse:
    """How to use the API, for someone who has nothing but this page."""
    schema, origin = openapi.build(), origin_of(request)
    context = {
        "said": _(schema["info"]["description"]),
        "origin": origin,
        "example": example(origin),
        "operations": [_operation(path, found["get"], origin) for path, found in schema["paths"].items()],
        "shapes": list(_shapes(schema)),
        "files": [(name, reverse(f"recommendations:export_{kind}")) for kind, name, _label in FILES],
        "problems": [(kind, status, _(title)) for kind, (status, title) in KINDS.items()],
        "limit": settings.API_REQUESTS_PER_MINUTE,
        "max_size": MAX_SIZE,
    }
    return render(request, "api/documentation.html", context)


def example(origin: str) -> Example | None:
    """The recommendations of a pillar in Chinese with their evidence; none while nothing is published.

    It is of the first report, and there of the pillar with the fewest: one call has them all if any does.
    """
    published = Recommendation.public_set()
    counted = published.counts("pillar")
    if not counted:
        return None
    report = Pillar.objects.filter(pk__in=counted).order_by("report__pk").values_list("report", flat=True)[0]
    of_first = Pillar.objects.filter(pk__in=counted, report=report)
    pillar = min(of_first, key=lambda pillar: (counted[pillar.pk], pillar.pk))
    number = counted[pillar.pk]
    entries = published.having("pillar", pillar.pk).first(1, RecommendationQuerySet.for_list)
    [item] = tell(entries, Teller(Words(EXAMPLE_LANGUAGE), origin))
    shown = {name: item[name] for name in ("id", "slug", "number", *EXAMPLE_FIELDS)}
    query = {"pillar": pillar.slug, "lang": "zh-Hans", "fields": ",".join(EXAMPLE_FIELDS), "per_page": MAX_SIZE}
    url = f"{origin}/api/v1/recommendations/?{urlencode(query, safe=',')}"
    return Example(pillar, url, number, _lines({"count": number, "results": [shown]}))


def _lines(body: Any) -> list[Line]:
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return [Line(line, "zh-Hans" if HAN.search(line) else "en") for line in text.splitlines()]


def _operation(path: str, found: Schema, origin: str) -> Operation:
    content = found["responses"]["200"]["content"]["application/json"]["schema"]
    values = _values() if found["operationId"] == "recommendations" else {}
    parameters = [
        _field(given["name"], given["schema"] | {"description": given.get("description", "")}, values)
        for given in found["parameters"]
    ]
    return Operation(
        anchor=found["operationId"].replace("_", "-"),
        path=path,
        url="" if "{" in path else f"{origin}{path}",
        summary=_(found["summary"]),
        said=_(found["description"]) if found.get("description") else "",
        parameters=parameters,
        shape=_shape_of(content),
    )


def _values() -> dict[str, list[str]]:
    """Facet → its values, where they are few enough to read."""
    found = {facet.name: [option.slug for option in facet.options] for facet in all_facets()}
    return {name: slugs for name, slugs in found.items() if len(slugs) <= MAX_VALUES}


def _shapes(schema: Schema) -> Iterator[Shape]:
    """Every object of the answers, each after the first one that it is a part of."""
    found = schema["components"]["schemas"]
    contents = [one["get"]["responses"]["200"]["content"]["application/json"] for one in schema["paths"].values()]
    todo = ["ProblemDetails", *reversed([_shape_of(content["schema"]) for content in contents])]
    told = set()
    while todo:
        name = todo.pop()
        if name in told:
            continue
        told.add(name)
        shape = Shape(name, [_field(field, one) for field, one in found[name]["properties"].items()])
        todo += [field.shape for field in reversed(shape.fields) if field.shape]
        yield shape


def _field(name: str, schema: Schema, values: dict[str, list[str]] | None = None) -> Field:
    said = schema.get("description", "")
    choices = (values or {}).get(name) or schema.get("enum") or schema.get("items", {}).get("enum") or ()
    return Field(name, _kind(schema), _(said) if said else "", _shape_of(schema), tuple(map(str, choices)))


def _shape_of(schema: Schema) -> str:
    """The name of the object that ``schema`` is, or is a list of."""
    found = [schema, schema.get("items", {}), *schema.get("anyOf", [])]
    return next((str(one["$ref"]).rpartition("/")[2] for one in found if "$ref" in one), "")


def _kind(schema: Schema) -> str:
    """The type of a value, as a program writes it."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        inner = _kind(schema["items"])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    return str(schema.get("format") or schema.get("type", "object"))
