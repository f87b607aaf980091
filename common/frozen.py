"""Tables whose rows are written once: the database itself refuses to change or delete one, whoever asks.

A model says ``is_frozen = True``. Emptying a whole table (TRUNCATE on PostgreSQL) is left to who owns the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models

PREFIX = "frozen_"
EVENTS = ("update", "delete")
REFUSAL = "what is frozen is neither changed nor deleted"


def frozen_models() -> list[type[models.Model]]:
    """The models whose rows are written once."""
    return [model for model in apps.get_models() if getattr(model, "is_frozen", False)]


def install(**_signal: Any) -> None:
    """Put the triggers in place anew: a table that a migration made again has lost its own."""
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in (model._meta.db_table for model in frozen_models()):
            for statement in STATEMENTS[connection.vendor](table) if table in there else ():
                cursor.execute(statement)


def _sqlite(table: str) -> Iterator[str]:
    for event in EVENTS:
        name = f"{PREFIX}{table}_{event}"
        yield f'DROP TRIGGER IF EXISTS "{name}"'
        yield f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" BEGIN SELECT RAISE(ABORT, \'{REFUSAL}\'); END'


def _postgres(table: str) -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION frozen_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for event in EVENTS:
        name = f"{PREFIX}{table}_{event}"
        yield f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"'
        yield f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION frozen_refuse()'


STATEMENTS = {"sqlite": _sqlite, "postgresql": _postgres}
