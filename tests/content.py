"""The real content, loaded once a run and written into each test that asks for it."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Model

from common.bulk import reset_sequences
from common.changes import content_models

ROOMS = ("common", "sources", "pillars", "cities", "themes", "recommendations", "progress")

Rows = list[tuple[type[Model], list[Model]]]


@pytest.fixture(scope="session")
def content_rows(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Rows:
    """Every row that ``load_content`` makes, read back from the database, which is left as it was."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        call_command("load_content", verbosity=0)
        rows: Rows = [(model, list(model._base_manager.order_by("pk"))) for model in content_models()]
        transaction.set_rollback(True)
    return rows


def write(rows: Rows) -> None:
    """Put ``rows`` into an empty database."""
    for model, things in rows:
        model._base_manager.bulk_create(things)
    reset_sequences([model for model, _things in rows])


@pytest.fixture
def content(db: None, content_rows: Rows) -> None:
    """The database holds what ``load_content`` makes of an empty one."""
    write(content_rows)
