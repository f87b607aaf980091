"""Refusing to start, or to run a command, in one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

# Gunicorn reads 3 from a worker as "will never start" and stops; any other status makes it try for ever.
REFUSED = 3


def load_settings() -> None:
    """Read the settings now. One that is missing or unsafe ends the process with one line and status 3.

    Where they are read already they stay: apps have added theirs, and a second reading would lose them.
    """
    if settings.configured:
        return
    try:
        settings._setup()  # type: ignore[misc]
    except ImproperlyConfigured as error:
        with suppress(BrokenPipeError):
            print(f"guangdong32 will not start: {error}", file=sys.stderr)  # noqa: T201 - logging is not set up yet
        raise SystemExit(REFUSED) from None


@contextmanager
def needs_tables(remedy: str) -> Iterator[None]:
    """What fails within for want of tables ends with one line that names the database, and ``remedy`` to run first."""
    try:
        yield
    except DatabaseError:
        from django.db import connection

        if not lacks_tables():
            raise
        database = connection.settings_dict["NAME"]
        said = f"the tables of the database {database} are missing or not up to date: run {remedy} first"
        with suppress(BrokenPipeError):
            print(f"guangdong32: {said}, or name another one in DATABASE_URL", file=sys.stderr)  # noqa: T201 - as above
        raise SystemExit(1) from None


def lacks_tables() -> bool:
    """Whether there are migrations that the database has not had; not where it cannot be asked."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    connection.close()  # it may be in the middle of what failed
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return False
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
