"""Refusing to start in one line."""

import sys
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

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
