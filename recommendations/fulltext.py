"""The databases' own full-text indexes, and the one place that knows which database it speaks to.

Both index the terms of ``SearchText`` as ``recommendations.tokens`` made them, and nothing else: SQLite through an
FTS5 table, PostgreSQL through a narrow side table of ``tsvector`` with a GIN index. Triggers follow every write to
``SearchText``, whatever road it came by, so neither table is a model and neither has to be flushed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from typing import Any

from django.db import connection
from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest

from common.bulk import insert_into
from common.idlists import Ids, read_ids, read_lists
from recommendations.query import Clause, Query
from recommendations.tokens import GAP, Phrase

#: Relevance: what a phrase is worth by the strongest field it stands in.
FIELD_WEIGHTS = (("title", 9), ("summary", 3), ("body", 1))
FIELDS = tuple(field for field, _weight in FIELD_WEIGHTS)
#: A word as typed is worth so many times what its equivalent is.
AS_TYPED = 2

TABLE = "recommendations_fulltext"
SOURCE = "recommendations_searchtext"
#: Where this is on, on PostgreSQL, the trigger leaves added rows alone: who adds them sees to the index.
ASIDE = "fulltext.aside"

#: A row of ``SearchText``: entry id, the lines of the three fields, the sort keys.
SearchRow = tuple[int, str, str, str, bytes, bytes]
SEARCH_COLUMNS = ("recommendation_id", *FIELDS, "title_key_en", "title_key_zh_hans")


class _Sqlite:
    any_of, all_of = " OR ", " AND "
    select = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s"  # noqa: S608 - names of ours only
    _forget = (
        f"INSERT INTO {TABLE} ({TABLE}, rowid, title, summary, body) "  # noqa: S608 - names of ours only
        "VALUES ('delete', old.recommendation_id, old.title, old.summary, old.body);"
    )
    _learn = (
        f"INSERT INTO {TABLE} (rowid, title, summary, body) "  # noqa: S608 - names of ours only
        "VALUES (new.recommendation_id, new.title, new.summary, new.body);"
    )
    follow_insert = f"CREATE TRIGGER {TABLE}_insert AFTER INSERT ON {SOURCE} BEGIN {_learn} END"
    follow_delete = f"CREATE TRIGGER {TABLE}_delete AFTER DELETE ON {SOURCE} BEGIN {_forget} END"
    # ascii: splits at spaces and leaves every other character to our own tokenizer.
    install = (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(title, summary, body, content='{SOURCE}', "
        "content_rowid='recommendation_id', tokenize='ascii', columnsize=0)",
        # Bytes gathered in memory before a piece of the index is written: the default, 1 MB, takes twice as long.
        f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('hashsize', 128000000)",  # noqa: S608 - names of ours only
        *(f"DROP TRIGGER IF EXISTS {TABLE}_{event}" for event in ("insert", "update", "delete")),
        follow_insert,
        follow_delete,
        f"CREATE TRIGGER {TABLE}_update AFTER UPDATE ON {SOURCE} BEGIN {_forget} {_learn} END",
        f"INSERT INTO {TABLE} ({TABLE}) VALUES ('rebuild')",  # noqa: S608 - names of ours only
    )
    triggers = (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name IN (%s, %s, %s)",
        [SOURCE, *(f"{TABLE}_{event}" for event in ("insert", "update", "delete"))],
        3,
    )
    remove = (
        *(f"DROP TRIGGER IF EXISTS {TABLE}_{event}" for event in ("insert", "update", "delete")),
        f"DROP TABLE IF EXISTS {TABLE}",
    )

    @classmethod
    def add(cls, rows: Iterable[SearchRow]) -> None:
        """A trigger that fires has the index written out: one at a time, a thousand rows make a thousand pieces."""
        ids: list[int] = []
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {TABLE}_insert")
            insert_into(SOURCE, SEARCH_COLUMNS, _noted(rows, ids, lambda row: row[0]))
            cursor.execute(
                f"INSERT INTO {TABLE} (rowid, title, summary, body) "  # noqa: S608 - names of ours only
                f"SELECT recommendation_id, title, summary, body FROM {SOURCE} "
                "WHERE recommendation_id IN (SELECT value FROM json_each(%s))",
                [json.dumps(ids)],
            )
            cursor.execute(cls.follow_insert)

    @classmethod
    def remove_rows(cls, ids: list[int]) -> None:
        """What ``add`` does, the other way: without the trigger, for the same reason."""
        chosen, given = "WHERE recommendation_id IN (SELECT value FROM json_each(%s))", [json.dumps(ids)]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {TABLE}_delete")
            cursor.execute(
                f"INSERT INTO {TABLE} ({TABLE}, rowid, title, summary, body) "  # noqa: S608 - names of ours only
                f"SELECT 'delete', recommendation_id, title, summary, body FROM {SOURCE} {chosen}",
                given,
            )
            cursor.execute(f"DELETE FROM {SOURCE} {chosen}", given)  # noqa: S608 - names of ours only
            cursor.execute(cls.follow_delete)

    @classmethod
    def standing(cls, phrase: Phrase, fields: Sequence[str]) -> dict[str, Ids[int]]:
        return {field: read_ids(cls.select, [cls.phrase(phrase, field)]) for field in ("", *fields)}

    @staticmethod
    def phrase(phrase: Phrase, field: str = "") -> str:
        text = f'"{" ".join(phrase.terms)}"'
        return f"{field} : {text}" if field else text


class _Postgres:
    any_of, all_of = " | ", " & "
    select = f"SELECT recommendation_id FROM {TABLE} WHERE vector @@ %s::tsquery"  # noqa: S608 - names of ours only
    weights = dict(zip(FIELDS, "ABC", strict=True))
    # A field's terms stand two positions after those of the field before, so that no phrase spans two fields.
    _vector = f"""
        CREATE OR REPLACE FUNCTION {TABLE}_vector(title text, summary text, body text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE AS $$
          SELECT coalesce(string_agg(quote_literal(term) || ':' || place || weight, ' '), '')::tsvector FROM (
            SELECT term, place, 'A' AS weight FROM unnest(string_to_array(title, ' ')) WITH ORDINALITY t(term, place)
            UNION ALL
            SELECT term, place + 1 + a, 'B'
            FROM coalesce(cardinality(string_to_array(title, ' ')), 0) a,
                 unnest(string_to_array(summary, ' ')) WITH ORDINALITY t(term, place)
            UNION ALL
            SELECT term, place + 2 + a + b, 'C'
            FROM coalesce(cardinality(string_to_array(title, ' ')), 0) a,
                 coalesce(cardinality(string_to_array(summary, ' ')), 0) b,
                 unnest(string_to_array(body, ' ')) WITH ORDINALITY t(term, place)
          ) terms WHERE term NOT IN ('', '{GAP}')
        $$"""  # noqa: S608 - names of ours only
    _follow = f"""
        CREATE OR REPLACE FUNCTION {TABLE}_follow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'INSERT' AND current_setting('{ASIDE}', true) = 'on' THEN
            RETURN NULL;
          END IF;
          IF TG_OP = 'TRUNCATE' THEN
            TRUNCATE {TABLE};
          ELSIF TG_OP = 'DELETE' THEN
            DELETE FROM {TABLE} WHERE recommendation_id = old.recommendation_id;
          ELSE
            IF TG_OP = 'UPDATE' AND new.recommendation_id <> old.recommendation_id THEN
              DELETE FROM {TABLE} WHERE recommendation_id = old.recommendation_id;
            END IF;
            INSERT INTO {TABLE} VALUES (new.recommendation_id, {TABLE}_vector(new.title, new.summary, new.body))
            ON CONFLICT (recommendation_id) DO UPDATE SET vector = excluded.vector;
          END IF;
          RETURN NULL;
        END $$"""  # noqa: S608 - names of ours only
    install = (
        f"CREATE TABLE IF NOT EXISTS {TABLE} (recommendation_id bigint PRIMARY KEY, vector tsvector NOT NULL)",
        f"ALTER TABLE {TABLE} ALTER COLUMN vector SET STORAGE EXTERNAL",
        f"CREATE INDEX IF NOT EXISTS {TABLE}_vector_index ON {TABLE} USING gin (vector)",
        _vector,
        _follow,
        f"DROP TRIGGER IF EXISTS {TABLE}_rows ON {SOURCE}",
        f"DROP TRIGGER IF EXISTS {TABLE}_all ON {SOURCE}",
        f"CREATE TRIGGER {TABLE}_rows AFTER INSERT OR UPDATE OR DELETE ON {SOURCE} "
        f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_follow()",
        f"CREATE TRIGGER {TABLE}_all AFTER TRUNCATE ON {SOURCE} FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_follow()",
        f"TRUNCATE {TABLE}",
        f"INSERT INTO {TABLE} SELECT recommendation_id, {TABLE}_vector(title, summary, body) FROM {SOURCE}",  # noqa: S608
    )
    triggers = (
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgname IN (%s, %s) AND tgenabled = 'O'",
        [SOURCE, f"{TABLE}_rows", f"{TABLE}_all"],
        2,
    )
    remove = (
        f"DROP TRIGGER IF EXISTS {TABLE}_rows ON {SOURCE}",
        f"DROP TRIGGER IF EXISTS {TABLE}_all ON {SOURCE}",
        f"DROP FUNCTION IF EXISTS {TABLE}_follow()",
        f"DROP FUNCTION IF EXISTS {TABLE}_vector(text, text, text)",
        f"DROP TABLE IF EXISTS {TABLE}",
    )

    @classmethod
    def add(cls, rows: Iterable[SearchRow]) -> None:
        """Vectors are put together here: the database takes them in while the next is made."""
        kept: list[SearchRow] = []
        vectors = ((row[0], cls.vector(*row[1:4])) for row in _noted(rows, kept, lambda row: row))
        insert_into(TABLE, ("recommendation_id", "vector"), vectors)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, 'on', true)", [ASIDE])
            insert_into(SOURCE, SEARCH_COLUMNS, kept)
            cursor.execute("SELECT set_config(%s, 'off', true)", [ASIDE])

    @staticmethod
    def remove_rows(ids: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {SOURCE} WHERE recommendation_id = ANY(%s)", [ids])  # noqa: S608 - names of ours only

    @classmethod
    def vector(cls, *fields: str) -> str:
        """The same as the function ``_vector`` makes of the lines of a ``SearchText``, as text."""
        found, before = [], 1
        for line, weight in zip(fields, cls.weights.values(), strict=True):
            terms = line.split(" ") if line else []
            found += [f"'{term}':{place}{weight}" for place, term in enumerate(terms, before) if term and term != GAP]
            before += len(terms) + 1
        return " ".join(found)

    @classmethod
    def standing(cls, phrase: Phrase, fields: Sequence[str]) -> dict[str, Ids[int]]:
        """The row of each has to be read; so what is asked of it is asked at once."""
        asked = [cls.phrase(phrase, field) for field in fields]
        columns = "".join([", (vector @@ %s::tsquery)::int"] * len(asked))
        sql = f"SELECT recommendation_id{columns} FROM {TABLE} WHERE vector @@ %s::tsquery"  # noqa: S608 - names of ours
        ids, *is_there = read_lists(sql, [*asked, cls.phrase(phrase)], 1 + len(asked))
        return {"": ids} | {field: Ids("I", compress(ids, s)) for field, s in zip(fields, is_there, strict=True)}

    @classmethod
    def phrase(cls, phrase: Phrase, field: str = "") -> str:
        weight = f":{cls.weights[field]}" if field else ""
        return f"({' <-> '.join(f"'{term}'{weight}" for term in phrase.terms)})"


def _noted[T](rows: Iterable[SearchRow], kept: list[T], what: Callable[[SearchRow], T]) -> Iterator[SearchRow]:
    """``rows`` as they come, ``what`` of each put into ``kept``."""
    for row in rows:
        kept.append(what(row))
        yield row


_VENDORS: dict[str, Any] = {"sqlite": _Sqlite, "postgresql": _Postgres}


def _vendor() -> Any:
    return _VENDORS[connection.vendor]


def install() -> None:
    """Make the index, or make it anew from ``SearchText``, with the triggers that follow it. Safe to repeat."""
    with connection.cursor() as cursor:
        for statement in _vendor().install:
            cursor.execute(statement)


@contextmanager
def made_anew() -> Iterator[None]:
    """Writes to ``SearchText`` by the hundred thousand: the index is taken away before, and made of them after."""
    remove()
    yield
    install()


def is_installed() -> bool:
    """Whether triggers follow every write to ``SearchText``. A migration that remakes a table on SQLite drops them."""
    statement, names, wanted = _vendor().triggers
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return bool(cursor.fetchone()[0] == wanted)


def problem() -> str:
    """What a probe is told where searches would miss what was written."""
    return "" if is_installed() else "the full-text index follows no writes: run manage.py migrate"


def remove() -> None:
    """Take the index and its triggers away."""
    with connection.cursor() as cursor:
        for statement in _vendor().remove:
            cursor.execute(statement)


def add(rows: Iterable[SearchRow]) -> None:
    """Put ``rows`` into ``SearchText`` and into the index at once; in a transaction, for entries that have none."""
    _vendor().add(rows)


def remove_rows(ids: Sequence[int]) -> None:
    """Take the rows of these entries out of ``SearchText`` and of the index at once; in a transaction."""
    _vendor().remove_rows(list(ids))


def _among(expression: str) -> Q:
    return Q(pk__in=RawSQL(_vendor().select, [expression]))  # noqa: S611 - the statement is ours, what is asked a parameter


def _clause(clause: Clause) -> str:
    vendor = _vendor()
    typed = vendor.all_of.join(vendor.phrase(phrase) for phrase in clause.phrases)
    return f"({vendor.any_of.join([f'({typed})', *(vendor.phrase(phrase) for phrase in clause.others)])})"


def matching(query: Query) -> Q:
    """Entries that ``query`` finds."""
    vendor = _vendor()
    found = Q()
    if query.wanted:
        found &= _among(vendor.all_of.join(_clause(clause) for clause in query.wanted))
    if query.unwanted:
        found &= ~_among(vendor.any_of.join(vendor.phrase(phrase) for phrase in query.unwanted))
    return found


def in_title(phrases: Sequence[Phrase]) -> Q:
    """Entries with any of ``phrases`` in their title."""
    vendor = _vendor()
    return _among(vendor.any_of.join(vendor.phrase(phrase, "title") for phrase in phrases))


def _worth(phrases: Sequence[Phrase], times: int) -> Case:
    """The weight of the strongest field that any of ``phrases`` stands in; 0 where none stands in any."""
    vendor = _vendor()
    whens = [
        When(_among(vendor.any_of.join(vendor.phrase(phrase, field) for phrase in phrases)), then=Value(weight * times))
        for field, weight in FIELD_WEIGHTS
    ]
    return Case(*whens, default=Value(0), output_field=IntegerField())


def relevance(query: Query) -> Any:
    """How well an entry matches, an expression: the sum over the clauses.

    Each word as typed counts ``AS_TYPED`` times the weight of the strongest field it stands in; an equivalent counts
    the weight of its own. Of the two, the larger is the clause's.
    """
    score: Any = Value(0, output_field=IntegerField())
    for clause in query.wanted:
        worth: Any = sum(
            (_worth([p], AS_TYPED) for p in clause.phrases[1:]), start=_worth(clause.phrases[:1], AS_TYPED)
        )
        score = score + (Greatest(worth, _worth(clause.others, 1)) if clause.others else worth)
    return score


def standing(phrase: Phrase, *fields: str) -> dict[str, Ids[int]]:
    """Entries in which ``phrase`` stands, by each of ``fields`` and (under "") anywhere, drafts included."""
    found: dict[str, Ids[int]] = _vendor().standing(phrase, fields)
    return found
