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
    None, "", " ", "x", "a-b", "A B", "é", "¶1", "2026-11-24", "2026-13-01", "x" * 500, "other", "stated", "province",
    0, 1, -1, 40_000, 99_999_999, 3_000_000_000, 2.5, 200.5, -500, True, [], ["a"], [1], {}, "http://localhost/", NUL,
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
        elif re.search("expected|longer|is none of|missing", refusal) and value != NUL:
            assert not field.is_valid(value), (value, refusal)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_of_the_format(path):
    told = [json.loads(line) for line in path.read_text().splitlines()]
    assert [error.message for error in Draft202012Validator(schema()).iter_errors(told)] == []
    assert all(Draft202012Validator(schema()).is_valid(row) for row in (*told[:3], *rows(80)))
    assert not Draft202012Validator(schema()).is_valid({**told[-1], "status": "adopted"})


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
