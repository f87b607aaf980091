"""Lists of ids by the hundred thousand, read as few bytes rather than as many rows."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import DenseRank

#: Four bytes each, as bitmaps take them.
Ids = array


class _Rows:
    """A row an id, as SQLite gives them: it is in this very process."""

    def lists(self, sql: str, params: Iterable[Any], width: int) -> list[Ids[int]]:
        names = ", ".join(f"group_concat(c{n})" for n in range(width))
        columns = ", ".join(f"c{n}" for n in range(width))
        with connection.cursor() as cursor:
            # In one row: the database is done with them before it comes back.
            cursor.execute(f"WITH t({columns}) AS ({sql}) SELECT {names} FROM t", list(params))  # noqa: S608
            return [array("I", map(int, text.split(",") if text else ())) for text in cursor.fetchone()]

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


def sorted_ids(queryset: Any) -> Ids[int]:
    """The ids of ``queryset`` in its order."""
    return read_ids(*queryset.values("pk").query.sql_with_params())


def ranked_ids(queryset: Any, key: Any) -> tuple[Ids[int], Ids[int]]:
    """The ids of ``queryset`` in the order of ``key``, and the rank of each: equal keys have the same one."""
    ranked = queryset.annotate(rank=Window(DenseRank(), order_by=key)).order_by(key).values("pk", "rank")
    sql, params = ranked.query.sql_with_params()
    ids, ranks = read_lists(sql, params, 2)
    return ids, ranks


def grouped_ids(queryset: Any, entry: str, *values: str) -> Iterator[tuple[Any, Ids[int]]]:
    """Each value of the column in ``values`` with what stands in the column ``entry`` beside it; tuples of several."""
    found = {f"value_{n}": F(value) for n, value in enumerate(values)}
    rows = queryset.order_by().annotate(found_entry=F(entry), **found).values_list("found_entry", *found)
    sql, params = rows.query.sql_with_params()
    return _way().grouped(sql, params, len(values))
