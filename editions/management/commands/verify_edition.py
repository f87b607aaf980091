"""Check that editions still are what was frozen."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from editions.models import Edition
from editions.verify import faults


class Command(BaseCommand):
    help = (
        "Read every byte of the edition NAME, or of all editions, and compare its SHA-256 with what was frozen. "
        "Ends with an error where one differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", nargs="?")
        parser.add_argument("--sha256", default="", help="what you noted as the SHA-256 of its manifest")

    def handle(self, *args: Any, **options: Any) -> None:
        name, noted = options["name"], options["sha256"].lower()
        editions = Edition.objects.newest_first()
        found = list(editions.filter(name=name) if name else editions)
        if name and not found:
            raise CommandError(f"there is no edition {name}")
        if noted and not name:
            raise CommandError("name the edition that --sha256 is of")
        bad = sum(not self.is_sound(edition, noted) for edition in found)
        if bad:
            raise CommandError(f"{bad} of {len(found)} editions differ from what was frozen")
        if not found:
            self.stdout.write("there is no edition yet")

    def is_sound(self, edition: Edition, noted: str) -> bool:
        """Whether ``edition`` is what it was; says what is not, or what was read."""
        lines = list(faults(edition))
        if noted and noted != edition.digest:
            lines.append(f"the manifest has SHA-256 {edition.digest}, not the one you noted")
        said = f"{len(edition.facts['files'])} files, {edition.entry_count} entries, manifest {edition.digest}"
        for line in lines or [f"as it was frozen ({said})"]:
            self.stdout.write(f"{edition.name}: {line}")
        return not lines
