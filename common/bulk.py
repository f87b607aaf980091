"""Many rows into a table at once, as fast as the database takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import batched, chain
from typing import Any, cast

from django.core.management.color import no_style
from django.db import OperationalError, connection, models

#: Rows of one statement: SQLite takes so many values, and no more.
AT_ONCE = 300

Rows = Iterable[tuple[Any, ...]]


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Rows) -> None:
    """Put ``rows`` into the table of ``model``, values as the database keeps them (no field prepares them)."""
    insert_into(model._meta.db_table, columns, rows)


def insert_into(table: str, columns: Sequence[str], rows: Rows) -> None:
    """Put ``rows`` into ``table``, values as the database keeps them; rows may be made while they are written.

    By COPY where the driver has it (PostgreSQL's), else by one prepared INSERT.
    """
    name = connection.ops.quote_name(table)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        copy = getattr(cursor.cursor, "copy", None)
        if copy is None:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {name} ({names}) VALUES ({places})", cast(Any, rows))  # noqa: S608 - names of ours
            return
        with copy(f"COPY {name} ({names}) FROM STDIN") as sink:
            for row in rows:
                sink.write_row(row)


def update_rows(model: type[models.Model], columns: Sequence[str], rows: Rows) -> None:
    """Set ``columns`` of rows there are: each of ``rows`` has the values, as the database keeps them, then its key."""
    quote = connection.ops.quote_name
    told = ", ".join(f"{quote(column)} = %s" for column in columns)
    statement = f"UPDATE {quote(model._meta.db_table)} SET {told} WHERE {quote(str(model._meta.pk.column))} = %s"  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.executemany(statement, cast(Any, list(rows)))


def add_missing(model: type[models.Model], columns: Sequence[str], rows: Rows) -> None:
    """Put those of ``rows`` into the table of ``model`` that a unique column does not keep out."""
    name = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    places = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for some in batched(rows, AT_ONCE):
            statement = f"INSERT INTO {name} ({names}) VALUES {', '.join([places] * len(some))} ON CONFLICT DO NOTHING"  # noqa: S608 - names of ours
            cursor.execute(statement, list(chain.from_iterable(some)))


def reset_sequences(found: Sequence[type[models.Model]]) -> None:
    """Have the next ids of ``found`` follow the highest there are: rows were put in with ids of their own."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), found):
            cursor.execute(statement)


#: The indexes of a table of SQLite's but those that are a constraint's own: name, quoted, and what makes it.
_INDEXES = (
    "SELECT format('\"%%w\"', name), sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL"
)


@contextmanager
def loading(tables: Iterable[type[models.Model]]) -> Iterator[None]:
    """Writes of made-up rows by the hundred thousand into ``tables``, in a transaction.

    SQLite makes their indexes anew afterwards, since to sort once is several times faster than to find each row its
    place, and leaves out the checks of each row: a test knows that these pass. Elsewhere nothing is different.
    """
    if connection.vendor != "sqlite":
        yield
        return
    found: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(_INDEXES, [model._meta.db_table])
            found += cursor.fetchall()
        for name, _made_by in found:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        for _name, made_by in found:
            cursor.execute(made_by)


#: Of the file and of tables of the connection's own SQLite holds so much in memory (below nought it is kilobytes), and
#: of an index it reads so many rows to know what its values are like.
_IN_BULK = {"cache_size": -64_000, "temp.cache_size": -64_000, "analysis_limit": 1_000}


@contextmanager
def in_bulk() -> Iterator[None]:
    """Writes of made-up rows by the hundred thousand, begun outside of any transaction.

    SQLite puts them into the file itself rather than first into the log, unless others have the file open, and holds
    more in memory.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    usual = {name: _pragma(name) for name in _IN_BULK}
    log = _pragma("journal_mode")
    with suppress(OperationalError):  # others read, and need the log
        _pragma("journal_mode = DELETE")
    for name, value in _IN_BULK.items():
        _pragma(f"{name} = {value}")
    try:
        yield
    finally:
        for name, value in usual.items():
            _pragma(f"{name} = {value}")
        _pragma(f"journal_mode = {log}")


def _pragma(said: str) -> Any:
    """What SQLite says to it, if anything; all of it is read, since what is left unread holds a lock."""
    with connection.cursor() as cursor:
        rows = cursor.execute(f"PRAGMA {said}").fetchall()
    return rows[0][0] if rows else None
