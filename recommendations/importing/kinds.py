"""What a file may hold: the kinds of rows with their fields, read off the models."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

from cities.models import Area, City, Membership, Region
from common.lines import one_line_end, shortened
from pillars.models import Pillar, Report
from recommendations.models import CityLink, Evidence, Recommendation
from recommendations.models.entry import MAX_NUMBER, RESERVED_SLUGS, SLUG
from sources.models import Source, SourceSection
from themes.models import GlossaryEntry, Term, Vocabulary

#: The one way of writing a date; the standard has more.
DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: The most a whole number may be, by what the databases keep.
MOST: dict[type[models.Field[Any, Any]], int] = {
    models.PositiveSmallIntegerField: 32_767,
    models.PositiveIntegerField: 2_147_483_647,
}

#: The version of the format; a file may name it in a first row ``{"kind": "format", "version": 1}``.
VERSION = 1


class BadRow(Exception):
    """A row that cannot go in, and why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row. ``keys`` say which thing it is; ``refs`` name other things: field → kind of the thing."""

    name: str
    model: type[models.Model]
    keys: tuple[str, ...]
    fields: tuple[str, ...]
    refs: dict[str, str] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.refs, *self.fields, *self.lists)


def _both(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{suffix}" for name in names for suffix in ("en", "zh_hans"))


_KINDS = (
    Kind(
        "source", Source, ("slug",),
        ("slug", "kind_of", *_both("title", "publisher"), "url", "language", "published_on",
         "retrieved_on", *_both("note")),
        required=("slug", "kind_of", "title_en", "language"),
    ),
    Kind("section", SourceSection, ("source", "code"), ("code", *_both("title"), "heading"),
        {"source": "source"}, required=("source", "code")),
    Kind(
        "report", Report, ("slug",),
        ("slug", *_both("title", "body", "summary", "provenance_note"), "stated_total", "published_on"),
        {"source": "source"}, required=("slug", "title_en", "body_en"),
    ),
    Kind(
        "pillar", Pillar, ("slug",), ("number", "slug", *_both("name", "short_name", "summary", "question")),
        {"report": "report"}, required=("report", "number", "slug", "name_en", "short_name_en"),
    ),
    Kind("region", Region, ("slug",), ("slug", *_both("name"), "is_outside"), required=("slug", "name_en")),
    Kind(
        "city", City, ("slug",),
        ("slug", "code", *_both("name"), "full_name_zh_hans", "tile_row", "tile_col", "latitude",
         "longitude", "geonames_id"),
        {"region": "region"}, ("neighbours",), required=("slug", "name_en", "region"),
    ),
    Kind("area", Area, ("slug",), ("slug", "kind_of", *_both("name")), required=("slug", "kind_of", "name_en")),
    Kind(
        "membership", Membership, ("area", "city"), ("role", "extent", *_both("note")),
        {"area": "area", "city": "city"}, required=("area", "city", "role", "extent"),
    ),
    Kind(
        "vocabulary", Vocabulary, ("slug",), ("slug", "position", *_both("name", "question")),
        required=("slug", "name_en")
    ),
    Kind(
        "term", Term, ("vocabulary", "slug"), ("slug", *_both("label", "definition")), {"vocabulary": "vocabulary"},
        required=("vocabulary", "slug", "label_en"),
    ),
    Kind(
        "word", GlossaryEntry, ("slug",), ("slug", *_both("term", "definition")),
        required=("slug", "term_en", "definition_en"),
    ),
    Kind(
        "recommendation", Recommendation, ("report", "number"),
        (
            "number", "slug", *_both("title", "summary", "problem", "action", "outcome", "measure"),
            "basis", "reach", "reviewed_on",
        ),
        {"report": "report", "pillar": "pillar"}, ("terms", "related"), required=("report", "pillar", "basis", "reach"),
    ),
    Kind(
        "evidence", Evidence, (), ("paragraph", "key_phrase", "supports", *_both("note")),
        {"source": "source", "section": "section"}, required=("source", "section", "paragraph",
        "key_phrase", "supports"),
    ),
    Kind("city_link", CityLink, (), ("basis", *_both("note")), {"city": "city"}, required=("city", "basis")),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _KINDS}

#: Rows of these kinds belong to the entry above them; in JSON they may also stand in a list of the entry itself.
PARTS = {"evidence": "evidence", "cities": "city_link"}


def column(kind: Kind, name: str) -> models.Field[Any, Any]:
    """The model's field behind a field of the format; ``kind`` already says what kind of row it is."""
    found = kind.model._meta.get_field("kind" if name == "kind_of" else name)
    assert isinstance(found, models.Field)  # noqa: S101 - for the type checker: no relation is among the fields
    return found


Check = Callable[[Any], Any]


def _text(said: models.Field[Any, Any], name: str, is_needed: bool) -> Check:
    choices = frozenset(value for value, _label in said.flatchoices)
    limit = said.max_length
    validators = [v for v in said.validators if not isinstance(v, MaxLengthValidator)]

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise BadRow(f"{name}: a text is expected")
        if not _is_text(value):
            raise BadRow(f"{name}: a text in UTF-8 is expected")
        if limit and len(value) > limit:
            raise BadRow(f"{name}: longer than {limit} characters")
        if not value.strip():
            if is_needed:
                raise BadRow(f"{name}: missing")
        elif choices and value not in choices:
            raise BadRow(f"{name}: “{shortened(value)}” is none of {', '.join(sorted(choices))}")
        else:
            _validate(validators, name, value)
        return one_line_end(str(value))

    return check


def _validate(validators: list[Callable[[Any], None]], name: str, value: Any) -> None:
    """Raise ``BadRow`` with what the validators of a column say against ``value``."""
    try:
        for validator in validators:
            validator(value)
    except ValidationError as error:
        raise BadRow(f"{name}: {' '.join(error.messages)}") from error


def _is_text(value: Any) -> bool:
    """Whether it is text that every database can keep."""
    return isinstance(value, str) and "\0" not in value and _is_unicode(value)


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(said: models.Field[Any, Any], name: str) -> Check:
    whole = not isinstance(said, models.FloatField)

    def check(value: Any) -> float | int | None:
        if value is None and said.null:
            return None
        if whole and isinstance(value, float) and value.is_integer():
            value = int(value)  # to JSON 2.0 is the same number
        kinds = int if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise BadRow(f"{name}: a {'whole ' if whole else ''}number is expected")
        if whole and not 0 <= value <= MOST[type(said)]:
            raise BadRow(f"{name}: out of range")
        if not whole:
            _validate(list(said.validators), name, value)
        return value if whole else float(value)

    return check


def _date(said: models.Field[Any, Any], name: str) -> Check:
    validators = list(said.validators)

    def check(value: Any) -> dt.date | None:
        if value is None or value == "":
            return None
        try:
            if not DATE.fullmatch(value):
                raise ValueError
            day = dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            raise BadRow(f"{name}: a date is written 2026-11-24") from None
        _validate(validators, name, day)
        return day

    return check


def _switch(name: str) -> Check:
    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            raise BadRow(f"{name}: true or false is expected")
        return value

    return check


def _slugs(name: str) -> Check:
    def check(value: Any) -> list[str]:
        if (
            not isinstance(value, list)
            or not all(isinstance(each, str) for each in value)
            or not _is_unicode("".join(value))
        ):
            raise BadRow(f"{name}: a list of names is expected")
        return sorted(set(value))

    return check


def _name(name: str, is_needed: bool) -> Check:
    def check(value: Any) -> str | None:
        if (value is None or value == "") and not is_needed:
            return None
        if not isinstance(value, str) or not value or "\0" in value or not _is_unicode(value):
            raise BadRow(f"{name}: the name of a thing is expected")
        return value

    return check


def _entry_slug(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 120 or not SLUG.fullmatch(value):
        raise BadRow("slug: lower-case letters, digits and single hyphens are expected")
    if value in RESERVED_SLUGS:
        raise BadRow(f"slug: “{value}” is kept for the site itself")
    return value


def _entry_number(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_NUMBER:
        raise BadRow(f"number: between 1 and {MAX_NUMBER}")
    return value


def _check_of(kind: Kind, name: str) -> Check:
    if name in kind.lists:
        return _slugs(name)
    if name in kind.refs:
        return _name(name, name in kind.required)
    if kind.name == "recommendation" and name in {"slug", "number"}:
        return _entry_slug if name == "slug" else _entry_number
    said = column(kind, name)
    if isinstance(said, models.DateField):
        return _date(said, name)
    if isinstance(said, models.BooleanField):
        return _switch(name)
    if isinstance(said, (models.IntegerField, models.FloatField)):
        return _number(said, name)
    return _text(said, name, name in kind.required)


CHECKS: dict[str, dict[str, Check]] = {k.name: {name: _check_of(k, name) for name in k.names} for k in _KINDS}


def checked(kind: Kind, row: dict[str, Any], also: Collection[str] = (), *, is_whole: bool = True) -> dict[str, Any]:
    """The fields of ``row``, each as its column takes it, those in ``also`` left out.

    Raises ``BadRow`` where one cannot be used, or, of a row that has to be whole, where a required one is missing.
    """
    checks = CHECKS[kind.name]
    found = {}
    for name, value in row.items():
        if name == "kind" or name in also:
            continue
        if name == "status":
            raise BadRow("status: follows from the updates and is not imported")
        if name not in checks:
            raise BadRow(f"{name}: no field of a {kind.name}")
        found[name] = checks[name](value)
    refuse_without(kind.required if is_whole else (), found)
    return found


def refuse_without(names: Iterable[str], said: dict[str, Any]) -> None:
    """Raise ``BadRow`` where a row does not say one of ``names``."""
    for name in names:
        if said.get(name) is None:
            raise BadRow(f"{name}: missing")
