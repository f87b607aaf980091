"""The triggers that keep the content version: the one place that knows each database's SQL for them.

SQLite has one writer at a time, so that each row written takes the next number at once. PostgreSQL has many: what a
transaction touched is logged first, without a number, and the number is taken at commit by one deferred trigger. Its
lock is held from there to the end of the commit, so that numbers become visible in their order and none is skipped;
taken at the first write it would make every import wait for every other one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction

#: What the names of all our triggers and functions begin with.
PREFIX = "content_"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of content, its columns that say which entry a row is about (none for reference data), and its key."""

    name: str
    entries: tuple[str, ...] = ()
    key: str = "id"


class Dialect(Protocol):
    """One database's way. Statements take no parameters: every name in them is from a model."""

    present: str

    def install(self, tables: Iterable[Table]) -> Iterator[str]: ...
    def names(self, table: Table) -> list[str]: ...
    def drop(self, found: Iterable[tuple[str, str]]) -> Iterator[str]: ...
    def one_for_all(self, cursor: Any, tables: list[Table]) -> Any: ...
    def aside(self, cursor: Any, tables: list[Table]) -> Any: ...
    def log(self, cursor: Any, entries: list[int]) -> None: ...
    def snapshot(self, connection: Any) -> Any: ...


class Sqlite:
    """Plain triggers, a row at a time."""

    #: (trigger, table) of those that are there.
    present = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'content\\_%' ESCAPE '\\'"

    def names(self, table: Table) -> list[str]:
        return [f"{PREFIX}{table.name}_{event}" for event in ("insert", "update", "delete")]

    def install(self, tables: Iterable[Table]) -> Iterator[str]:
        for table in tables:
            for name, rows in zip(self.names(table), (["NEW"], ["NEW", "OLD"], ["OLD"]), strict=True):
                logged = [self._log(f"{row}.{column}") for column in table.entries for row in rows]
                logged = logged or [self._log("0", f"'{table.name}:' || {rows[0]}.{table.key}")]
                event = name.rpartition("_")[2].upper()
                body = "; ".join([*self._advance, *logged])
                yield f'CREATE TRIGGER "{name}" AFTER {event} ON "{table.name}" BEGIN {body}; END'

    _advance = (
        # Not INSERT OR IGNORE: within a trigger the REPLACE of the statement that fired it would count instead.
        "INSERT INTO common_contentversion (id, number, epoch) SELECT 1, 0, lower(hex(randomblob(16)))"
        " WHERE NOT EXISTS (SELECT 1 FROM common_contentversion)",
        "UPDATE common_contentversion SET number = number + 1, mark = random() WHERE id = 1",
    )

    @staticmethod
    def _log(entry: str, thing: str = "''") -> str:
        return (
            "INSERT INTO common_contentchange (version, entry, thing, mark)"
            f" SELECT number, {entry}, {thing}, mark FROM common_contentversion WHERE {entry} IS NOT NULL"
        )

    def drop(self, found: Iterable[tuple[str, str]]) -> Iterator[str]:
        for name, _table in found:
            yield f'DROP TRIGGER "{name}"'

    @contextmanager
    def one_for_all(self, cursor: Any, tables: list[Table]) -> Iterator[None]:
        with self.aside(cursor, tables):
            yield
        self.log(cursor, [0])

    @contextmanager
    def aside(self, cursor: Any, tables: list[Table]) -> Iterator[None]:
        """Nobody else writes meanwhile, so the triggers themselves can stand aside."""
        names = {table.name for table in tables}
        cursor.execute(self.present)
        for statement in self.drop([found for found in cursor.fetchall() if found[1] in names]):
            cursor.execute(statement)
        yield
        for statement in self.install(tables):
            cursor.execute(statement)

    def log(self, cursor: Any, entries: list[int]) -> None:
        for statement in self._advance:
            cursor.execute(statement)
        cursor.executemany(self._log("%s"), [[entry, entry] for entry in entries])

    @contextmanager
    def snapshot(self, connection: Any) -> Iterator[None]:
        """Readers take no lock: ours is otherwise taken at the start, for those who write."""
        usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
        try:
            with transaction.atomic():
                connection.transaction_mode = usual
                yield
        finally:
            connection.transaction_mode = usual


class Postgres:
    """A trigger for each statement, which sees the rows it touched as a table; TRUNCATE has one of its own."""

    present = (
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname LIKE 'content\\_%'"
        " AND pg_table_is_visible(c.oid)"
    )
    _rows = {
        "insert": "REFERENCING NEW TABLE AS new_rows",
        "update": "REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows",
        "delete": "REFERENCING OLD TABLE AS old_rows",
        "truncate": "",
    }
    #: Where this is on, a transaction logs once that everything changed (``one_for_all``).
    _whole = "content.whole"
    #: Where this is on, the triggers log nothing: who wrote says what (``aside``).
    _aside = "content.aside"
    _log = f"""
CREATE OR REPLACE FUNCTION content_log() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE source text; wanted text; has_rows boolean; touched boolean := false;
BEGIN
  IF TG_OP <> 'TRUNCATE' AND current_setting('{_aside}', true) = 'on' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'TRUNCATE' OR current_setting('{_whole}', true) = 'on' THEN
    INSERT INTO common_contentchange (entry, writer) VALUES (0, txid_current()) ON CONFLICT DO NOTHING;
    touched := true;
  ELSE
    FOREACH source IN ARRAY ARRAY['new_rows', 'old_rows'] LOOP
      CONTINUE WHEN (TG_OP = 'INSERT' AND source = 'old_rows') OR (TG_OP = 'DELETE' AND source = 'new_rows');
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', source) INTO has_rows;
      CONTINUE WHEN NOT has_rows;
      touched := true;
      IF TG_ARGV[0] = '=' THEN
        EXECUTE format('INSERT INTO common_contentchange (entry, thing, writer) SELECT DISTINCT 0, %L || %I,'
          ' txid_current() FROM %I ON CONFLICT DO NOTHING', TG_TABLE_NAME || ':', TG_ARGV[1], source);
        CONTINUE;
      END IF;
      FOREACH wanted IN ARRAY TG_ARGV LOOP
        EXECUTE format('INSERT INTO common_contentchange (entry, writer) SELECT DISTINCT %I, txid_current() FROM %I'
          ' WHERE %I IS NOT NULL ON CONFLICT DO NOTHING', wanted, source, wanted);
      END LOOP;
    END LOOP;
  END IF;
  IF touched THEN
    INSERT INTO common_contentchange (entry, writer) VALUES (-1, txid_current()) ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$"""
    #: The row -1 stands for the transaction: it alone queues the work at commit.
    _take = """
CREATE OR REPLACE FUNCTION content_take_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE taken bigint; drawn bigint := hashtextextended(gen_random_uuid()::text, 0);
BEGIN
  INSERT INTO common_contentversion AS v (id, number, epoch, mark) VALUES (1, 1, gen_random_uuid(), drawn)
    ON CONFLICT (id) DO UPDATE SET number = v.number + 1, mark = drawn RETURNING number INTO taken;
  UPDATE common_contentchange SET version = taken, mark = drawn WHERE version IS NULL AND writer = txid_current();
  RETURN NULL;
END $$"""

    def names(self, table: Table) -> list[str]:
        return [f"{PREFIX}{table.name}_{event}" for event in self._rows]

    def install(self, tables: Iterable[Table]) -> Iterator[str]:
        yield self._log
        yield self._take
        yield (
            "CREATE CONSTRAINT TRIGGER content_version AFTER INSERT ON common_contentchange"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.entry = -1 AND NEW.version IS NULL)"
            " EXECUTE FUNCTION content_take_version()"
        )
        for table in tables:
            arguments = ", ".join(f"'{column}'" for column in table.entries or ("=", table.key))
            for name, (event, rows) in zip(self.names(table), self._rows.items(), strict=True):
                yield (
                    f'CREATE TRIGGER "{name}" AFTER {event.upper()} ON "{table.name}" {rows}'
                    f" FOR EACH STATEMENT EXECUTE FUNCTION content_log({arguments})"
                )

    def drop(self, found: Iterable[tuple[str, str]]) -> Iterator[str]:
        for name, table in found:
            yield f'DROP TRIGGER "{name}" ON "{table}"'

    @contextmanager
    def one_for_all(self, cursor: Any, tables: list[Table]) -> Iterator[None]:
        """Others write meanwhile, so the triggers stay: for this transaction they log no single entries."""
        with _switched_on(cursor, self._whole):
            yield

    @contextmanager
    def aside(self, cursor: Any, tables: list[Table]) -> Iterator[None]:
        """For this transaction the triggers, of whatever table, log nothing."""
        with _switched_on(cursor, self._aside):
            yield

    def log(self, cursor: Any, entries: list[int]) -> None:
        cursor.execute(
            "INSERT INTO common_contentchange (entry, writer) SELECT entry, txid_current()"
            " FROM unnest(%s::bigint[]) AS entry ON CONFLICT DO NOTHING",
            [[*entries, -1]],
        )

    @contextmanager
    def snapshot(self, connection: Any) -> Iterator[None]:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


@contextmanager
def _switched_on(cursor: Any, setting: str) -> Iterator[None]:
    cursor.execute("SELECT set_config(%s, 'on', true)", [setting])
    yield
    cursor.execute("SELECT set_config(%s, 'off', true)", [setting])


DIALECTS: dict[str, Dialect] = {"sqlite": Sqlite(), "postgresql": Postgres()}
