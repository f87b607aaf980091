"""The site's static files, as they are served."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

from editions.folder import NotOurs


def static_body(name: str) -> bytes:
    """A static file as collected, or as it lies in the program where nothing is collected."""
    if not settings.DEBUG and staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as file:
            return bytes(file.read())
    found = finders.find(name)
    if not found:
        raise NotOurs(f"the static file {name} is not there: run collectstatic first")
    return Path(str(found)).read_bytes()


def static_text(name: str) -> str:
    """A static file of the program by its plain name, as text."""
    return static_body(name).decode()
