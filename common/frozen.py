"""Tables whose rows are written once: the database itself refuses to change or delete one, whoever asks.

A model says ``is_frozen = True``. On PostgreSQL a table that has rows cannot be emptied whole (TRUNCATE) either.
Who owns the database can take the triggers away first; ``missing`` tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, models

PREFIX = "frozen_"
REFUSAL = "what is frozen is neither changed nor deleted"
Model = type[models.Model]


def frozen_models() -> list[Model]:
    """The models whose rows are written once."""
    return [model for model in apps.get_models() if getattr(model, "is_frozen", False)]


def install(**_signal: Any) -> None:
    """Put the triggers in place anew: a table that a migration made again has lost its own."""
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in frozen_models():
            for statement in STATEMENTS[connection.vendor](model) if model._meta.db_table in there else ():
                cursor.execute(statement)


def missing() -> list[str]:
    """The triggers that should be there and are not, or are switched off."""
    with connection.cursor() as cursor:
        cursor.execute(PRESENT[connection.vendor])
        there = {row[0] for row in cursor.fetchall()}
    events = EVENTS[connection.vendor]
    return sorted({_name(model, event) for model in frozen_models() for event in events} - there)


@contextmanager
def lifted() -> Iterator[None]:
    """Within it nothing is refused: for a database that is to be emptied whole, which its owner has confirmed."""
    with connection.cursor() as cursor:
        for model in frozen_models():
            for event in EVENTS[connection.vendor]:
                cursor.execute(DROPS[connection.vendor].format(name=_name(model, event), table=model._meta.db_table))
    try:
        yield
    finally:
        install()


def _name(model: Model, event: str) -> str:
    return f"{PREFIX}{model._meta.db_table}_{event}"


def _sqlite(model: Model) -> Iterator[str]:
    table = model._meta.db_table
    for event in EVENTS["sqlite"]:
        name = _name(model, event)
        refusals = _refused_twins(model) if event == "insert" else [f"SELECT RAISE(ABORT, '{REFUSAL}')"]
        yield f'DROP TRIGGER IF EXISTS "{name}"'
        yield f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" BEGIN {"; ".join(refusals)}; END'


def _refused_twins(model: Model) -> list[str]:
    """A statement a key: no row takes another one's place.

    REPLACE takes the other row away without a word to the triggers, unless a connection asks for it; ours do.
    """
    table = model._meta.db_table
    keys = {str(field.column): [field.name] for field in model._meta.concrete_fields if field.unique}
    keys |= {constraint.name: list(constraint.fields) for constraint in model._meta.total_unique_constraints}
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    found = []
    for key, fields in keys.items():
        same = " AND ".join(f'"{columns[name]}" = NEW."{columns[name]}"' for name in fields)
        twin = f'SELECT 1 FROM "{table}" WHERE {same}'  # noqa: S608 - names of our own models
        found.append(f"SELECT RAISE(ABORT, '{REFUSAL} ({key})') WHERE EXISTS ({twin})")
    return found


def _postgres(model: Model) -> Iterator[str]:
    table = model._meta.db_table
    yield (
        "CREATE OR REPLACE FUNCTION frozen_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    # A table without rows may be emptied: there is nothing frozen in it.
    yield (
        "CREATE OR REPLACE FUNCTION frozen_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$"  # noqa: S608 - ours
        " DECLARE has_rows boolean; BEGIN"
        " EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.%I)', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO has_rows;"
        f" IF has_rows THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        " RETURN NULL; END $$"
    )
    for event in EVENTS["postgresql"]:
        name = _name(model, event)
        each, refuse = ("STATEMENT", "frozen_refuse_emptying") if event == "truncate" else ("ROW", "frozen_refuse")
        yield f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"'
        yield f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {refuse}()'


EVENTS = {"sqlite": ("update", "delete", "insert"), "postgresql": ("update", "delete", "truncate")}
STATEMENTS = {"sqlite": _sqlite, "postgresql": _postgres}
DROPS = {
    "sqlite": 'DROP TRIGGER IF EXISTS "{name}"',
    "postgresql": 'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
}
PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'frozen%'",
    "postgresql": (
        "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        " AND t.tgenabled <> 'D' AND t.tgname LIKE 'frozen%' AND pg_table_is_visible(c.oid)"
    ),
}
