"""The format as a JSON Schema, made of the same declarations that the reader checks by."""

from __future__ import annotations

import json
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from recommendations.importing.kinds import KINDS, PARTS, VERSION, Kind, column
from recommendations.models.entry import MAX_NUMBER, SLUG

Schema = dict[str, Any]


def schema() -> Schema:
    """The schema of one row, or of an array of rows: JSON Lines holds the one on each line, JSON the other."""
    kinds = {kind.name: _row(kind) for kind in KINDS.values()}
    head = {"kind": {"const": "format"}, "version": {"const": VERSION}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A report to be put in with import_report, version {VERSION} of the format",
        "anyOf": [{"$ref": "#/$defs/row"}, {"type": "array", "items": {"$ref": "#/$defs/row"}}],
        "$defs": {
            "row": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in ("format", *kinds)]},
            "format": _object(head, ["kind", "version"]),
            **kinds,
            **{f"{kind}_part": _part(KINDS[kind]) for kind in PARTS.values()},
        },
    }


def written() -> str:
    """The text of ``docs/import-format.schema.json``."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _row(kind: Kind) -> Schema:
    found = _object({"kind": {"const": kind.name}, **_fields(kind)}, ["kind", *kind.required])
    if kind.name == "recommendation":
        found["properties"] |= {
            name: {"type": "array", "items": {"$ref": f"#/$defs/{part}_part"}} for name, part in PARTS.items()
        }
        # Of an entry that is there already a row may tell a part; that a new one lacks nothing is seen as it goes in.
        found["required"] = ["kind"]
        found["anyOf"] = [{"required": ["slug"]}, {"required": ["number"]}]
    return found


def _part(kind: Kind) -> Schema:
    """What stands in a list of an entry need not say its kind."""
    return _object({"kind": {"const": kind.name}, **_fields(kind)}, list(kind.required))


def _fields(kind: Kind) -> Schema:
    return {name: _field(kind, name) for name in kind.names}


def _field(kind: Kind, name: str) -> Schema:
    if name in kind.lists:
        return {"type": "array", "items": {"type": "string"}}
    if name in kind.refs:
        return {"type": "string", "minLength": 1} if name in kind.required else {"type": ["string", "null"]}
    if kind.name == "recommendation" and name == "slug":
        return {"type": ["string", "null"], "maxLength": 120, "pattern": f"^({SLUG.pattern})?$"}
    if kind.name == "recommendation" and name == "number":
        return {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_NUMBER}
    return _value(column(kind, name), is_needed=name in kind.required)


def _value(said: models.Field[Any, Any], *, is_needed: bool) -> Schema:
    if isinstance(said, models.DateField):
        return {"anyOf": [{"type": "null"}, {"const": ""}, {"type": "string", "format": "date"}]}
    if isinstance(said, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(said, (models.IntegerField, models.FloatField)):
        return _number(said)
    return _text(said, is_needed=is_needed)


def _number(said: models.Field[Any, Any]) -> Schema:
    kind = "number" if isinstance(said, models.FloatField) else "integer"
    found: Schema = {"type": [kind, "null"] if said.null else kind}
    if kind == "integer":
        return found | {"minimum": 0}
    for validator in said.validators:
        if isinstance(validator, MinValueValidator):
            found["minimum"] = validator.limit_value
        elif isinstance(validator, MaxValueValidator):
            found["maximum"] = validator.limit_value
    return found


def _text(said: models.Field[Any, Any], *, is_needed: bool) -> Schema:
    found: Schema = {"type": "string"}
    if said.flatchoices:
        return found | {"enum": [*(value for value, _label in said.flatchoices), *([] if is_needed else [""])]}
    if said.max_length:
        found["maxLength"] = said.max_length
    if is_needed:
        found["pattern"] = r"\S"
    patterns = [_pattern(v) for v in said.validators if isinstance(v, RegexValidator) and not _is_url(said)]
    if patterns and is_needed:
        found["pattern"] = patterns[0].replace(r"\Z", "$")
    return found


def _pattern(validator: Any) -> str:
    return str(validator.regex.pattern)


def _is_url(said: models.Field[Any, Any]) -> bool:
    return isinstance(said, models.URLField)
