"""Lists of ids by the hundred thousand, read as few bytes rather than as many rows."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

from django.db import connection
from django.db.models import F

#: Four bytes each, as bitmaps take them.
Ids = array


def _numbers(text: str | None) -> Ids[int]:
    return array("I", map(int, text.split(",") if text else ()))


class _Rows:
    """A row an id, as SQLite gives them: it is in this very process."""

    def lists(self, sql: str, params: Iterable[Any], width: int) -> list[Ids[int]]:
        names = ", ".join(f"group_concat(c{n})" for n in range(width))
        columns = ", ".join(f"c{n}" for n in range(width))
        with connection.cursor() as cursor:
            # In one row: the database is done with them before it comes back.
            cursor.execute(f"WITH t({columns}) AS ({sql}) SELECT {names} FROM t", list(params))  # noqa: S608
            return [_numbers(text) for text in cursor.fetchone()]

    def runs(self, sql: str, params: Iterable[Any]) -> tuple[Ids[int], Ids[int]]:
        runs = "SELECT group_concat(i) AS run FROM t GROUP BY k ORDER BY k"
        with connection.cursor() as cursor:
            cursor.execute(f"WITH t(i, k) AS ({sql}) SELECT group_concat(run, ';') FROM ({runs})", list(params))  # noqa: S608
            text = cursor.fetchone()[0] or ""
        lengths = array("I", (run.count(",") + 1 for run in text.split(";") if run))
        return _numbers(text.replace(";", ",")), lengths

    def grouped(self, sql: str, params: Iterable[Any], width: int) -> Iterator[tuple[Any, Ids[int]]]:
        found: dict[Any, Ids[int]] = defaultdict(partial(array, "I"))
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            if width == 1:
                for pk, value in cursor:
                    found[value].append(pk)
            else:
                for row in cursor:
                    found[row[1:]].append(row[0])
        yield from found.items()


class _Arrays:
    """One array for all, in the binary form in which PostgreSQL sends it to its clients."""

    #: Dimensions, whether there are empty ones, the type; then for the one dimension its length and where it begins.
    _HEADER = 20

    def lists(self, sql: str, params: Iterable[Any], width: int) -> list[Ids[int]]:
        names = ", ".join(f"array_send(array_agg(c{n}::int4))" for n in range(width))
        columns = ", ".join(f"c{n}" for n in range(width))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM ({sql}) t({columns})", list(params))  # noqa: S608
            return [self._read(sent) for sent in cursor.fetchone()]

    def grouped(self, sql: str, params: Iterable[Any], width: int) -> Iterator[tuple[Any, Ids[int]]]:
        columns = ", ".join(f"v{n}" for n in range(width))
        statement = f"SELECT array_send(array_agg(x::int4)), {columns} FROM ({sql}) t(x, {columns}) GROUP BY {columns}"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, list(params))
            for sent, *values in cursor:
                yield values[0] if width == 1 else tuple(values), self._read(sent)

    def runs(self, sql: str, params: Iterable[Any]) -> tuple[Ids[int], Ids[int]]:
        ranked = f"SELECT i, dense_rank() OVER (ORDER BY k) FROM ({sql}) t(i, k) ORDER BY k"  # noqa: S608
        ids, ranks = self.lists(ranked, params, 2)
        return ids, array("I", Counter(ranks).values())

    def _read(self, sent: bytes | memoryview | None) -> Ids[int]:
        """Each element is its length and then itself, four bytes each, the highest first."""
        found = array("I")
        if sent is not None:
            found.frombytes(bytes(sent)[self._HEADER :])
            found = found[1::2]
            found.byteswap()
        return found


_WAYS: dict[str, _Rows | _Arrays] = {"sqlite": _Rows(), "postgresql": _Arrays()}


def _way() -> _Rows | _Arrays:
    return _WAYS[connection.vendor]


def read_ids(sql: str, params: Iterable[Any]) -> Ids[int]:
    """The ids that ``sql``, a statement of ours with one column, gives, in its order."""
    return read_lists(sql, params, 1)[0]


def read_lists(sql: str, params: Iterable[Any], width: int) -> list[Ids[int]]:
    """The ``width`` columns, of whole numbers, that ``sql``, a statement of ours, gives, in its order."""
    return _way().lists(sql, params, width)


@cache
def _statement(rows: Callable[[], Any], columns: tuple[str, ...]) -> tuple[str, Any]:
    return rows().order_by().values_list(*columns).query.sql_with_params()


def rows_of(rows: Callable[[], Any], *columns: str) -> list[Any]:
    """``columns``, of whole numbers and texts, of what the queryset ``rows()`` finds; it is put into SQL once."""
    with connection.cursor() as cursor:
        cursor.execute(*_statement(rows, columns))
        return cursor.fetchall()


def sorted_ids(queryset: Any) -> Ids[int]:
    """The ids of ``queryset`` in its order."""
    return read_ids(*queryset.values("pk").query.sql_with_params())


def runs_of(queryset: Any, key: Any) -> tuple[Ids[int], Ids[int]]:
    """The ids of ``queryset`` in the order of ``key``, and how many have the first key, the second, and so on.

    Those of one key are in no order.
    """
    rows = queryset.order_by().annotate(run_key=key if hasattr(key, "resolve_expression") else F(key))
    return _way().runs(*rows.values_list("pk", "run_key").query.sql_with_params())


def grouped_ids(queryset: Any, entry: str, *values: str) -> Iterator[tuple[Any, Ids[int]]]:
    """Each value of the column in ``values`` with what stands in the column ``entry`` beside it; tuples of several."""
    found = {f"value_{n}": F(value) for n, value in enumerate(values)}
    rows = queryset.order_by().annotate(found_entry=F(entry), **found).values_list("found_entry", *found)
    sql, params = rows.query.sql_with_params()
    return _way().grouped(sql, params, len(values))
