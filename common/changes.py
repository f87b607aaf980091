"""Which state the content is in, and what changed since another one.

Every write to a content table counts, whatever road it came by: triggers see to it (``common.triggers``). What is
derived from content and kept remembers the state it was made of, and asks here whether that is still the one.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from common.models import ContentChange, ContentVersion
from common.triggers import DIALECTS, Dialect, Table

#: What the log has in the place of an entry where a version changed none.
NO_ENTRY = -1

#: The model whose rows the log names one by one, as ``app.Model``; the room that has it says so.
_subject: list[str] = []


@dataclass(frozen=True, slots=True)
class State:
    """The content as of one number of one epoch; ``mark`` was drawn for it, so that no other state is taken for it."""

    epoch: uuid.UUID
    number: int
    mark: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed up to ``state``: the ids of entries, or ``None`` where everything has to be looked at anew.

    For who can look closer then, ``named`` are the entries that were written themselves, and ``things`` what else was:
    tables with ids of their rows; ``None`` where even that is not known.
    """

    state: State
    entries: frozenset[int] | None
    named: frozenset[int] = frozenset()
    things: frozenset[tuple[str, int]] | None = None


def log_rows_of(label: str) -> None:
    """Have the log name the rows of the model ``label`` (``app.Model``), and of nothing else, one by one."""
    _subject[:] = [label]


def current() -> State | None:
    """The state the content is in, as committed: one query. ``None`` where no version is kept, or not yet.

    Within a transaction its own writes may be counted or not; whoever keeps what they read must not be in one.
    """
    row = ContentVersion.objects.filter(pk=1).values_list("epoch", "number", "mark").first()
    return State(*row) if row else None


def since(known: State) -> Changes | None:
    """What changed after ``known``; ``None`` where no version is kept. Nothing committed is ever left out.

    Where the log does not have ``known``, everything is: the database was restored to an earlier state since.
    """
    state = current()
    if state is None:
        return None
    if state == known:
        return Changes(state, frozenset(), things=frozenset())
    logged = ContentChange.objects.filter(version=known.number, mark=known.mark)
    if state.epoch != known.epoch or state.number <= known.number or not logged.exists():
        return Changes(state, None)
    rows = ContentChange.objects.filter(version__gt=known.number, version__lte=state.number)
    told = set(rows.values_list("entry", "thing"))
    named = frozenset(entry for entry, _thing in told if entry > 0)
    things = [thing.rpartition(":") for entry, thing in told if not entry]
    opened = all(table for table, _colon, _pk in things)
    return Changes(
        state,
        None if things else named,
        named,
        frozenset((table, int(pk)) for table, _colon, pk in things) if opened else None,
    )


# Which tables are content


def content_models() -> list[type[models.Model]]:
    """Every model of the rooms beside ``manage.py``, links between them included, that does not say otherwise."""
    root = Path(settings.BASE_DIR)
    rooms = [config for config in apps.get_app_configs() if Path(config.path).parent == root]
    found = [model for config in rooms for model in config.get_models(include_auto_created=True)]
    return [model for model in found if getattr(model, "is_content", True) and model._meta.managed]


def table_of(model: type[models.Model]) -> Table:
    """Which entry a row of ``model`` is about: itself, or what its foreign keys point at."""
    subject = apps.get_model(_subject[0]) if _subject else None
    key = str(model._meta.pk.column)
    if model is subject:
        return Table(model._meta.db_table, (key,), key)
    columns = [str(f.column) for f in model._meta.concrete_fields if f.is_relation and f.related_model is subject]
    return Table(model._meta.db_table, tuple(columns) if subject else (), key)


def content_tables() -> list[Table]:
    """The tables of content that this database has."""
    there = set(connection.introspection.table_names())
    return [table_of(model) for model in content_models() if model._meta.db_table in there]


# Triggers


def _dialect() -> Dialect:
    return DIALECTS[connection.vendor]


def missing() -> list[str]:
    """The triggers that should be there and are not."""
    dialect = _dialect()
    with connection.cursor() as cursor:
        cursor.execute(dialect.present)
        there = {row[0] for row in cursor.fetchall()}
    wanted = [name for model in content_models() for name in dialect.names(table_of(model))]
    return sorted(set(wanted) - there)


def drop_triggers(**_signal: Any) -> None:
    """Take our triggers away: a table that is rebuilt loses its own, and cannot be renamed under another's."""
    dialect = _dialect()
    with connection.cursor() as cursor:
        cursor.execute(dialect.present)
        for statement in dialect.drop(cursor.fetchall()):
            cursor.execute(statement)


def install_triggers(**_signal: Any) -> None:
    """Put our triggers in place anew and begin another epoch: what happened without them is not in the log."""
    tables = set(connection.introspection.table_names())
    if not {ContentVersion._meta.db_table, ContentChange._meta.db_table} <= tables:
        return
    with transaction.atomic():
        drop_triggers()
        with connection.cursor() as cursor:
            for statement in _dialect().install(content_tables()):
                cursor.execute(statement)
        begin_epoch()


def begin_epoch() -> None:
    """Have everybody start again from the whole content; the log of the epoch before is of no more use."""
    with transaction.atomic():
        begun = {"epoch": uuid.uuid4(), "mark": secrets.randbits(63)}
        version, _is_new = ContentVersion.objects.update_or_create(pk=1, defaults=begun)
        ContentChange.objects.filter(version__isnull=False).delete()
        ContentChange.objects.create(version=version.number, mark=version.mark, entry=NO_ENTRY)


@contextmanager
def one_for_all() -> Iterator[None]:
    """A transaction whose writes, however many, count as one change of everything; for loads of many entries."""
    with transaction.atomic(), connection.cursor() as cursor, _dialect().one_for_all(cursor, content_tables()):
        yield


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction in which all that is read is of one state, whoever writes meanwhile. Nothing is written in it."""
    with _dialect().snapshot(connection):
        yield


@contextmanager
def named_at_once(models_written: Iterable[type[models.Model]]) -> Iterator[list[int]]:
    """A transaction that logs what its caller puts into the list it is given, once: the ids of entries.

    For many rows of few entries in ``models_written``, which the triggers would log a row at a time. Whatever else is
    written within, by whom, is not logged: the caller answers for the list being whole.
    """
    entries: list[int] = []
    tables = [table_of(model) for model in models_written]
    with transaction.atomic(), connection.cursor() as cursor:
        with _dialect().aside(cursor, tables):
            yield entries
        if entries:
            _dialect().log(cursor, entries)
