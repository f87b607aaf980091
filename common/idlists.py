"""Lists of ids by the hundred thousand, read as few bytes rather than as many rows."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import F

#: Rows fetched at a time.
BATCH = 20_000
#: Four bytes each, as bitmaps take them.
Ids = array


class _Rows:
    """A row an id, as SQLite gives them: it is in this very process."""

    def ids(self, sql: str, params: Iterable[Any]) -> Ids[int]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            return array("I", (row[0] for row in cursor))

    def grouped(self, sql: str, params: Iterable[Any]) -> Iterator[tuple[Any, Ids[int]]]:
        found: dict[Any, Ids[int]] = defaultdict(partial(array, "I"))
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            for value, pk in cursor:
                found[value].append(pk)
        yield from found.items()


class _Arrays:
    """One array for all, in the binary form in which PostgreSQL sends it to its clients."""

    #: Dimensions, whether there are empty ones, the type; then for the one dimension its length and where it begins.
    _HEADER = 20

    def ids(self, sql: str, params: Iterable[Any]) -> Ids[int]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT array_send(array_agg(x::int4)) FROM ({sql}) t(x)", list(params))  # noqa: S608
            return self._read(cursor.fetchone()[0])

    def grouped(self, sql: str, params: Iterable[Any]) -> Iterator[tuple[Any, Ids[int]]]:
        with connection.cursor() as cursor:
            statement = f"SELECT v, array_send(array_agg(x::int4)) FROM ({sql}) t(v, x) GROUP BY v"  # noqa: S608
            cursor.execute(statement, list(params))
            for value, sent in cursor:
                yield value, self._read(sent)

    def _read(self, sent: bytes | memoryview | None) -> Ids[int]:
        """Each element is its length and then itself, four bytes each, the highest first."""
        found = array("I")
        if sent is not None:
            found.frombytes(bytes(sent)[self._HEADER :])
            found = found[1::2]
            found.byteswap()
        return found


_WAYS: dict[str, Callable[[], _Rows | _Arrays]] = {"sqlite": _Rows, "postgresql": _Arrays}


def read_ids(sql: str, params: Iterable[Any]) -> Ids[int]:
    """The ids that ``sql``, a statement of ours with one column, gives, in its order."""
    return _WAYS[connection.vendor]().ids(sql, params)


def sorted_ids(queryset: Any) -> Ids[int]:
    """The ids of ``queryset`` in its order."""
    return read_ids(*queryset.values("pk").query.sql_with_params())


def grouped_ids(queryset: Any, value: str, entry: str) -> Iterator[tuple[Any, Ids[int]]]:
    """Each value of the column ``value`` with what stands in the column ``entry`` beside it."""
    rows = queryset.order_by().values(found_value=F(value), found_entry=F(entry))
    return _WAYS[connection.vendor]().grouped(*rows.query.sql_with_params())


def raw_rows(queryset: Any) -> Iterator[Any]:
    """The rows of ``queryset`` (``values``) as the driver gives them, bytes as bytes: no field reads them."""
    with connection.cursor() as cursor:
        cursor.execute(*queryset.query.sql_with_params())
        while rows := cursor.fetchmany(BATCH):
            if any(isinstance(value, memoryview) for value in rows[0]):
                rows = [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in rows]
            yield from rows
