"""The schema is valid, kept in the repository, and what the documentation shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from recommendations.models import Recommendation
from tests.api.asking import ITEMS, ROOT, ask
from tests.factories import make_vocabulary
from tests.html import fetch, text_of

pytestmark = pytest.mark.django_db

KEPT = Path(settings.BASE_DIR) / "docs" / "openapi.json"


@pytest.mark.usefixtures("content")
def test_a_change_of_the_schema_is_a_decision():
    """Where it is meant: ``manage.py write_openapi``, with the 32 in the database."""
    assert json.loads(KEPT.read_text()) == ask("schema/")


@pytest.mark.usefixtures("content")
def test_the_schema_is_valid_and_the_command_writes_it(tmp_path):
    path = tmp_path / "openapi.json"
    call_command("write_openapi", str(path), verbosity=0)
    schema = json.loads(path.read_text())
    assert schema["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(schema).validate()
    assert path.read_text() == KEPT.read_text()


def test_a_new_vocabulary_is_a_new_parameter():
    make_vocabulary(slug="horizon")
    names = [p["name"] for p in ask("schema/")["paths"][f"{ROOT}recommendations/"]["get"]["parameters"]]
    assert "horizon" in names
    assert "instrument" not in names


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_the_documentation_alone_leads_to_the_data(prefix):
    page = fetch(Client(), f"{prefix}{ROOT}docs/")
    command = text_of(page.all("pre")[0])
    [url] = re.findall(r"^curl '(http://testserver/api/v1/[^']+)'$", command)
    assert url in page.hrefs
    answer = ask(url)
    talent = Recommendation.objects.published().filter(pillar__slug="talent").in_order()
    assert [item["title"] for item in answer["results"]] == [entry.title_zh_hans for entry in talent]
    assert all(item["evidence"] for item in answer["results"])
    assert answer["next"] is None
    shown = json.loads(text_of(page.all("pre")[1]))
    assert shown == {"count": answer["count"], "results": answer["results"][:1]}
    text = page.main_text
    schema = ask("schema/")
    for path, found in schema["paths"].items():
        assert path in text
        assert all(parameter["name"] in text for parameter in found["get"]["parameters"])
    assert all(name in text for name in schema["components"]["schemas"])
    assert {f"#shape-{shape.__name__}" for shape in ITEMS.values()} <= set(page.hrefs)
