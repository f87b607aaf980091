"""What lies between a fresh clone and a site that can be served: catalogues, database, content, account, files."""

import hashlib
import os
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import Error, connection, connections, transaction
from django.utils import timezone

from workshop.kept import kept_secret
from workshop.processes import Refused


def everything(folder: Path, *, reset: bool) -> str:
    """Make the demo ready to serve and return the editor's password. Raises Refused in one line."""
    django.setup()
    password = os.environ.get("DEMO_PASSWORD") or kept_secret(folder / "editor-password", length=9)
    try:
        call_command("compile_catalogues", verbosity=0)
        if reset and not os.environ.get("DATABASE_URL"):
            delete_database(Path(settings.DATABASES["default"]["NAME"]))
        connect()
        fill_database(password, flush=reset and bool(os.environ.get("DATABASE_URL")))
        collect_static(folder / "static.stamp")
    except Error as error:
        raise Refused(f"the database refused: {first_line(error)}") from error
    except (OSError, CommandError) as error:
        raise Refused(first_line(error)) from error
    connections.close_all()  # what was opened here must not be shared with the workers
    return password


def connect() -> None:
    """Open the database. Raises Refused when it cannot be reached."""
    try:
        connection.ensure_connection()
    except Error as error:
        raise Refused(f"cannot open the database in DATABASE_URL: {first_line(error)}") from error


def delete_database(file: Path) -> None:
    """Delete an SQLite database with the files beside it."""
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)


def fill_database(password: str, *, flush: bool) -> None:
    """Bring the tables up to date and, where there is none, add content and the demo editor. Edits are kept."""
    call_command("migrate", interactive=False, verbosity=0)
    from common import frozen  # the apps are ready only now
    from recommendations.models import Recommendation

    if flush:
        with frozen.lifted():  # --reset was asked for and confirmed: the demo's editions go as well
            call_command("flush", interactive=False, verbosity=0)

    with transaction.atomic():  # all or nothing: half the content would never be completed
        is_new = not Recommendation.objects.exists()
        call_command("load_content")
        if is_new:  # so that there is an edition to look at, and something to see what an edit changed against
            call_command("freeze_edition", f"{timezone.localdate():%Y-%m}", verbosity=0)
        call_command("make_groups", verbosity=0)
        call_command("make_demo_editor", password=password, verbosity=0)


def collect_static(stamp: Path) -> None:
    """Collect the static files, unless none has changed since the last time."""
    sources = static_sources()
    if stamp.exists() and stamp.read_text() == sources:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(sources)


def static_sources() -> str:
    """Return a digest of every static file's name, size and time of change."""
    digest = hashlib.sha256(django.__version__.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def first_line(error: Exception) -> str:
    """Return an error's first line, or its kind where it has no words."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
