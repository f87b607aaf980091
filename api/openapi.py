"""The schema of the API: what the operations say of themselves, with the parameters and answers all of them share."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_noop

from api import schemas
from api.asking import DEFAULT_SIZE, MAX_SIZE, NAMES, as_json, refuse_strange
from api.language import WANTED
from api.problems import MEDIA_TYPE
from api.v1 import api
from common.site import site_name
from recommendations.facets import ChoiceFacet, Mode, all_facets
from recommendations.filters import SORT_KEYS
from recommendations.query import MAX_QUERY_CHARACTERS

Schema = dict[str, Any]
#: Name, what is said of it, and the type of a parameter.
Parameter = tuple[str, str, Schema]

LANG: Parameter = (
    "lang",
    gettext_noop(
        "The language of the texts; “both” gives each text as an object. Without it, Accept-Language decides. What has "
        "no text in that language is shown in the other one and named in “fallback”. “zh” and “zh-CN” mean zh-Hans."
    ),
    {"type": "string", "enum": list(WANTED)},
)
FIELDS = gettext_noop(
    "The fields to answer with, separated by commas. What names an item comes always: slug and number, the id of a "
    "recommendation, the vocabulary of a term."
)
SIZE: Parameter = (
    "per_page",
    gettext_noop("How many to a page."),
    {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE},
)
CURSOR: Parameter = (
    "cursor",
    gettext_noop("Where the page begins: as “next” of the page before says. It belongs to one question."),
    {"type": "string"},
)
SEARCH: Parameter = (
    "q",
    gettext_noop(
        "Words to search for, in either language; every one must be found, or a word that means the same. Words in "
        "“quotes” stand side by side, as typed; a minus before a word leaves out what has it. A word that nothing has "
        "finds nothing, and “suggestion” names a nearer one."
    ),
    {"type": "string", "maxLength": MAX_QUERY_CHARACTERS},
)
INCLUDE: Parameter = (
    "include",
    gettext_noop("“province” adds the province-wide recommendations to those of a city or an area."),
    {"type": "string", "enum": ["province"]},
)
SORT: Parameter = (
    "sort",
    gettext_noop(
        "The order: by number, best match first, newest change first, or title (Chinese by pinyin). A leading minus "
        "turns it round. Without it: best match where there are words, else by number."
    ),
    {"type": "string", "enum": [f"{sign}{key}" for key in SORT_KEYS for sign in ("", "-")]},
)
SINCE: Parameter = (
    "since",
    gettext_noop("The version you have, as an earlier answer named it; without it, where to begin."),
    {"type": "string"},
)
FACETS = {
    Mode.ANY: gettext_noop("Only those with any of these values. The values are in “facets” of every answer."),
    Mode.ALL: gettext_noop("Only those with all of these values."),
    Mode.NOT: gettext_noop("Only those with none of these values."),
}

#: Headers of answers, with what they say.
HEADERS = {
    "ETag": gettext_noop("Names this very answer."),
    "Location": gettext_noop("The address with the name it has now."),
    "RateLimit-Policy": gettext_noop("How many requests are answered in how many seconds."),
    "RateLimit": gettext_noop("How many requests are left (r), and for how many seconds more (t)."),
}
EVERYWHERE = ("RateLimit-Policy", "RateLimit")
#: Status → what it means, of those that are problems.
PROBLEMS = {
    400: gettext_noop(
        "A value or a parameter that is not known or is given more than once, or a cursor of another question; each is "
        "named."
    ),
    404: gettext_noop("There is nothing of that name."),
    406: gettext_noop("The request accepts no JSON."),
    410: gettext_noop("It is no longer published."),
    414: gettext_noop("The address is too long. Above 8,190 characters the server in front says so in its own words."),
    429: gettext_noop("Too many requests; Retry-After says in how many seconds to ask again."),
}
MOVED = gettext_noop("A name in the address has changed; Location has the one it has now.")
UNCHANGED = gettext_noop("Nothing has changed since the answer with that ETag.")


def build() -> Schema:
    """The whole schema as OpenAPI 3.1, in English; its filters are those of the vocabularies there are."""
    raw = api.get_openapi_schema(path_prefix="api/v1/")
    schema: Schema = json.loads(json.dumps(raw))
    with translation.override("en"):
        schema["info"]["title"] = site_name()
    schema["info"]["license"] = {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"}
    schema["servers"] = [{"url": "/"}]
    components = schema["components"]
    shapes = components["schemas"]
    shapes["ProblemDetails"] = schemas.ProblemDetails.model_json_schema()
    components["headers"] = {name: _header(said) for name, said in HEADERS.items()}
    components["responses"] = {f"Problem{status}": _problem(said) for status, said in PROBLEMS.items()}
    for path, methods in schema["paths"].items():
        _complete(path, methods["get"], shapes)
    for name, found in shapes.items():
        if name.endswith(("Item", "Detail")):
            found["required"] = [field for field in found["required"] if field in NAMES]
    return schema


def _complete(path: str, operation: Schema, shapes: Schema) -> None:
    """Adds to the ``operation`` at ``path`` what its function reads and answers besides."""
    is_one = "{" in path
    operation["parameters"] += [_parameter(*found) for found in _parameters(operation["operationId"], is_one=is_one)]
    if fields := _fields_of(operation, shapes):
        # Between commas in one value, as a list without "explode" is written.
        given = _parameter("fields", FIELDS, {"type": "array", "items": {"type": "string", "enum": fields}})
        operation["parameters"].append(given | {"style": "form", "explode": False})
    responses = operation["responses"]
    responses["200"]["headers"] = _headers("ETag")
    responses["304"] = {"description": UNCHANGED, "headers": _headers("ETag")}
    if is_one or operation["operationId"] == "recommendations":
        responses["301"] = {"description": MOVED, "headers": _headers("Location")}
    for status in PROBLEMS:
        if {404: is_one, 410: operation["operationId"] == "recommendation"}.get(status, True):
            responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _parameters(operation: str, *, is_one: bool) -> list[Parameter]:
    if operation == "start":
        return [LANG]
    if is_one:
        return [LANG]
    shared = [LANG, SIZE, CURSOR]
    if operation == "recommendations":
        return [SEARCH, *_facets(), INCLUDE, SORT, *shared]
    return [SINCE, *shared] if operation == "changes" else shared


def _fields_of(operation: Schema, shapes: Schema) -> list[str]:
    """The fields of what ``operation`` answers with, of each item; none where they cannot be chosen."""
    if operation["operationId"] == "start":
        return []
    answer = shapes[operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    listed = answer["properties"].get("results") or answer["properties"].get("changed")
    item = shapes[listed["items"]["$ref"].rpartition("/")[2]] if listed else answer
    return list(item["properties"])


def _facets() -> list[Parameter]:
    found: list[Parameter] = []
    for facet in all_facets():
        values = [option.slug for option in facet.options] if isinstance(facet, ChoiceFacet) else []
        items = {"type": "string", **({"enum": values} if values else {})}
        found += [(facet.parameter(mode), said, {"type": "array", "items": items}) for mode, said in FACETS.items()]
    return found


def _parameter(name: str, said: str, schema: Schema) -> Schema:
    return {"in": "query", "name": name, "required": False, "description": said, "schema": schema}


def _header(said: str) -> Schema:
    return {"description": said, "schema": {"type": "string"}}


def _headers(*more: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*more, *EVERYWHERE)}


def _problem(said: str) -> Schema:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {"description": said, "content": content, "headers": _headers()}


def schema_view(request: HttpRequest) -> Any:
    """The schema itself."""
    refuse_strange(request, "lang")
    return as_json(build())


def written() -> str:
    """The schema as ``docs/openapi.json`` keeps it."""
    return json.dumps(build(), indent=2, ensure_ascii=False) + "\n"
