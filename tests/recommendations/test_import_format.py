"""The format is what the program reads: the schema, the page on it and the examples tell the same."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator, FormatChecker

from bench._report import rows
from recommendations.importing.kinds import CHECKS, KINDS, BadRow
from recommendations.importing.schema import schema, written

DOCS = settings.BASE_DIR / "docs"
PAGE = (DOCS / "import-format.md").read_text()
EXAMPLES = sorted((settings.BASE_DIR / "fixtures" / "examples").glob("*.jsonl"))
FIELDS = [(kind, name) for kind, checks in CHECKS.items() for name in checks]
#: JSON can write it and no database can keep it; no schema says so.
NUL = "nul\0"
VALUES: list[Any] = [
    None, "", " ", "x", "q", "export", "a-b", "A B", "é", "¶1", "b2 ", "2026-11-24", "2026-13-01", "20261124",
    "2026-W01-1", "x" * 500, "other", "stated", "province", "a b c d e f g h", "a b c d e f g h i", "http://",
    "http://localhost/", "ftp://a.org/x y", "mailto:a@b.org", 1.0, 0, 1, -1, 40_000, 99_999_999, 3_000_000_000, 2.5,
    200.5, -500, True, [], ["a"], [1], {}, NUL,
]  # fmt: skip


def refusal_of(kind, name, value):
    try:
        CHECKS[kind][name](value)
    except BadRow as reason:
        return str(reason)
    return ""


def test_the_schema_that_is_kept_is_the_one_the_program_reads_by():
    assert (DOCS / "import-format.schema.json").read_text() == written(), "run manage.py write_import_schema"
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_the_schema_takes_whatever_the_reader_takes_and_refuses_what_is_no_such_value(kind, name):
    field = Draft202012Validator(schema()["$defs"][kind]["properties"][name], format_checker=FormatChecker())
    for value in VALUES:
        refusal = refusal_of(kind, name, value)
        if not refusal:
            assert field.is_valid(value), value
        elif value != NUL:
            assert not field.is_valid(value), (value, refusal)


def test_a_day_that_cannot_be_is_refused_which_no_schema_can_say():
    assert "in the future" in refusal_of("recommendation", "reviewed_on", "2131-01-01")
    assert "too early" in refusal_of("source", "retrieved_on", "1800-01-01")
    assert refusal_of("source", "published_on", "1776-03-09") == ""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_of_the_format(path):
    told = [json.loads(line) for line in path.read_text().splitlines()]
    assert [error.message for error in Draft202012Validator(schema()).iter_errors(told)] == []
    assert all(Draft202012Validator(schema()).is_valid(row) for row in (*told[:3], *rows(80)))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"kind": "source", "slug": "s", "note_en": 1}, "1 is not of type 'string'"),
        ({"kind": "vocabulary", "slug": "q"}, "'q' should not be valid under"),
        ({"kind": "report", "title_en": "R"}, "'slug' is a required property"),
        ({"kind": "cities", "slug": "s"}, "'cities' is not one of"),
        ({"kind": "recommendation", "slug": "s", "status": "adopted"}, "'status' was unexpected"),
        ("a text", "'a text' is not of type 'object'"),
    ],
)
def test_the_schema_says_what_is_wrong_with_a_row(row, said):
    [error] = Draft202012Validator(schema()).iter_errors([row])
    assert said in error.message


def test_the_page_names_every_field_of_every_kind_and_its_example_is_of_the_format():
    parts = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", PAGE, re.S | re.M))
    assert list(parts) == list(KINDS)
    for name, text in parts.items():
        cells = re.findall(r"`(\w+)`( \*)?", " ".join(re.findall(r"^\| (`.*?) \|", text, re.M)))
        assert {field for field, _star in cells} == set(KINDS[name].names), name
        assert {field for field, star in cells if star} == set(KINDS[name].required), name
    [example] = re.findall(r"```json\n(.*?)```", PAGE, re.S)
    told = [json.loads(line) for line in example.splitlines()]
    assert [error.message for error in Draft202012Validator(schema()).iter_errors(told)] == []
