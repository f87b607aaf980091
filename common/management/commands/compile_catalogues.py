"""Compile the message catalogues without gettext's own tools, which a bare machine does not have."""

import os
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Compile every .po under LOCALE_PATHS to the .mo beside it, where it is missing or older."

    def handle(self, *args: Any, **options: Any) -> None:
        catalogues = sorted(path for folder in settings.LOCALE_PATHS for path in Path(folder).rglob("*.po"))
        for catalogue in catalogues:
            if not is_current(catalogue):
                compile_catalogue(catalogue)
                if options["verbosity"]:
                    self.stdout.write(f"compiled {catalogue.relative_to(settings.BASE_DIR)}")


def is_current(catalogue: Path) -> bool:
    """Return whether a catalogue's compiled form is at least as new as the catalogue."""
    compiled = catalogue.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime_ns >= catalogue.stat().st_mtime_ns


def compile_catalogue(catalogue: Path) -> None:
    """Write a catalogue's compiled form in one step, so that no process ever reads half of it."""
    half_written = catalogue.with_suffix(f".{os.getpid()}.mo")
    try:
        polib.pofile(str(catalogue)).save_as_mofile(str(half_written))
    except (OSError, UnicodeDecodeError) as error:  # polib's own word for a syntax error is OSError
        raise CommandError(f"{catalogue}: {error}") from error
    half_written.replace(catalogue.with_suffix(".mo"))
