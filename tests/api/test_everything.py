"""Whatever the schema allows, and much that it does not: no failure of ours, and no answer the schema does not know."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.api.asking import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

# What a value means is not in the schema: a filter by a name that does not exist is refused, and says so.
CONFORMANCE = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance"),
)


@pytest.fixture(autouse=True)
def _one_connection():
    """The server would close the connection after each request, and the content is in its transaction alone."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def ask_everything(examples):
    """Ask each operation so many things of both kinds: what its schema allows, and what it does not."""
    load_all_checks()
    checks = CHECKS.get_by_names(CONFORMANCE)
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}schema/", app=WSGIHandler())
    statuses = set()
    quick = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        for mode in GenerationMode:

            @quick
            @given(case=operation.as_strategy(generation_mode=mode))
            def conforms(case):
                statuses.add(case.call_and_validate(checks=checks, headers={"Accept-Encoding": "identity"}).status_code)

            conforms()
    return len(operations), statuses


def test_a_few_questions_of_every_kind_are_answered_as_the_schema_says():
    operations, statuses = ask_everything(1)
    assert operations == 22
    assert statuses <= {200, 301, 400, 404, 405, 406, 414}


@pytest.mark.long
def test_the_whole_schema_holds():
    _operations, statuses = ask_everything(60)
    assert {200, 400, 404} <= statuses <= {200, 301, 304, 400, 404, 405, 406, 414}
