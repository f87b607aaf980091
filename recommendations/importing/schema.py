"""The format as a JSON Schema, made of the same declarations that the reader checks by."""

from __future__ import annotations

import json
import re
from typing import Any

from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
    URLValidator,
)
from django.db import models

from common.grammar import RESERVED_PARAMETERS
from recommendations.importing.kinds import DATE, KINDS, MOST, PARTS, VERSION, Kind, column
from recommendations.models.entry import MAX_NUMBER, RESERVED_SLUGS, SLUG
from sources.models import MAX_PHRASE_WORDS, validate_key_phrase
from themes.models import validate_not_reserved

Schema = dict[str, Any]


def schema() -> Schema:
    """The schema of one row, or of an array of rows: JSON Lines holds the one on each line, JSON the other.

    What a row has to be follows from its kind, so that a validator says what is wrong with it as one of that kind.
    """
    kinds = {kind.name: _row(kind) for kind in KINDS.values()}
    head = {"kind": {"const": "format"}, "version": {"const": VERSION}}
    rows = {"format": _object(head, ["kind", "version"]), **kinds}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A report to be put in with import_report, version {VERSION} of the format",
        "if": {"type": "array"},
        "then": {"items": {"$ref": "#/$defs/row"}},
        "else": {"$ref": "#/$defs/row"},
        "$defs": {
            "row": {
                "type": "object",
                "properties": {"kind": {"enum": list(rows)}},
                "required": ["kind"],
                "allOf": [{"if": _is(name), "then": {"$ref": f"#/$defs/{name}"}} for name in rows],
            },
            **rows,
            **{f"{kind}_part": _part(KINDS[kind]) for kind in PARTS.values()},
        },
    }


def _is(name: str) -> Schema:
    return {"type": "object", "properties": {"kind": {"const": name}}, "required": ["kind"]}


def written() -> str:
    """The text of ``docs/import-format.schema.json``."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _row(kind: Kind) -> Schema:
    """Of a thing that is there already a row may tell a part; that a new one lacks nothing is seen as it goes in."""
    is_part = kind.name in PARTS.values()
    found = _object(
        {"kind": {"const": kind.name}, **_fields(kind)}, ["kind", *(kind.required if is_part else kind.keys)]
    )
    if kind.name == "recommendation":
        found["properties"] |= {
            name: {"type": "array", "items": {"$ref": f"#/$defs/{part}_part"}} for name, part in PARTS.items()
        }
        found["required"] = ["kind"]
        found["anyOf"] = [{"required": ["slug"]}, {"required": ["number"]}]
    also = [name for name in kind.required if name not in found["required"]]
    return found | ({"description": f"A new one has also: {', '.join(also)}."} if also else {})


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
        pattern = {"type": ["string", "null"], "maxLength": 120, "pattern": f"^({SLUG.pattern})?$"}
        return pattern | {"not": {"enum": list(RESERVED_SLUGS)}}
    if kind.name == "recommendation" and name == "number":
        return {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_NUMBER}
    return _value(column(kind, name), is_needed=name in kind.required)


def _value(said: models.Field[Any, Any], *, is_needed: bool) -> Schema:
    if isinstance(said, models.DateField):
        date = {"type": "string", "format": "date", "pattern": f"^{DATE.pattern}$"}
        return {"anyOf": [{"type": "null"}, {"const": ""}, date]}
    if isinstance(said, models.BooleanField):
        return {"type": "boolean"}
    if isinstance(said, (models.IntegerField, models.FloatField)):
        return _number(said)
    return _text(said, is_needed=is_needed)


def _number(said: models.Field[Any, Any]) -> Schema:
    kind = "number" if isinstance(said, models.FloatField) else "integer"
    found: Schema = {"type": [kind, "null"] if said.null else kind}
    if kind == "integer":
        return found | {"minimum": 0, "maximum": MOST[type(said)]}
    for validator in said.validators:
        if isinstance(validator, MinValueValidator):
            found["minimum"] = validator.limit_value
        elif isinstance(validator, MaxValueValidator):
            found["maximum"] = validator.limit_value
        else:
            raise TypeError(f"no schema says what {validator!r} does")
    return found


def _text(said: models.Field[Any, Any], *, is_needed: bool) -> Schema:
    found: Schema = {"type": "string"}
    if said.flatchoices:
        return found | {"enum": [*(value for value, _label in said.flatchoices), *([] if is_needed else [""])]}
    if said.max_length:
        found["maxLength"] = said.max_length
    if is_needed:
        found["pattern"] = r"\S"
    for validator in said.validators:
        if not isinstance(validator, MaxLengthValidator):
            found |= _rule(validator, is_needed=is_needed)
    return found


def _rule(validator: Any, *, is_needed: bool) -> Schema:
    """What a validator of a text asks for. Raises ``TypeError`` for one that is not known here."""
    if validator == validate_not_reserved:
        return {"not": {"enum": sorted(RESERVED_PARAMETERS)}}
    if validator == validate_key_phrase:
        pattern = rf"^\s*\S+(\s+\S+){{0,{MAX_PHRASE_WORDS - 1}}}\s*$"
    elif isinstance(validator, URLValidator):
        pattern = r"^([Hh][Tt]|[Ff])[Tt][Pp][Ss]?://\S+$"
    elif isinstance(validator, RegexValidator):
        pattern = re.compile(validator.regex).pattern.replace(r"\Z", "$")
    else:
        raise TypeError(f"no schema says what {validator!r} does")
    return {"pattern": pattern if is_needed else rf"^\s*$|{pattern}"}
