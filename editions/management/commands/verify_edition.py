"""Check that editions still are what was frozen."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from editions.models import Edition
from editions.verify import faults, gone, unguarded


class Command(BaseCommand):
    help = (
        "Read every byte of the edition NAME, or of all editions, and compare its SHA-256 with what was frozen. "
        "Ends with an error where one differs or is gone, and where the database no longer refuses to change them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", nargs="?")
        parser.add_argument("--sha256", default="", help="what you noted as the SHA-256 of its manifest")

    def handle(self, *args: Any, **options: Any) -> None:
        name, noted = options["name"], options["sha256"].lower()
        editions = Edition.objects.newest_first()
        found = list(editions.filter(name=name) if name else editions)
        missed, open_doors = gone(name), unguarded()
        if name and not found and not missed:
            raise CommandError(f"there is no edition {name}")
        if noted and not name:
            raise CommandError("name the edition that --sha256 is of")
        bad = sum(not self.is_sound(edition, noted) for edition in found)
        for line in (*missed, *open_doors):
            self.stdout.write(line)
        said = {
            f"{bad} of {len(found)} editions differ from what was frozen": bad,
            f"{len(missed)} editions are gone": missed,
            "the database does not keep them as they are": open_doors,
        }
        if problems := [text for text, is_so in said.items() if is_so]:
            raise CommandError("; ".join(problems))
        if not found:
            self.stdout.write("there is no edition yet")

    def is_sound(self, edition: Edition, noted: str) -> bool:
        """Whether ``edition`` is what it was; says what is not, or what was read."""
        lines = list(faults(edition))
        if noted and noted != edition.digest:
            lines.append(f"the manifest has SHA-256 {edition.digest}, not the one you noted")
        if not lines:
            said = f"{len(edition.facts['files'])} files, {edition.entry_count} entries, manifest {edition.digest}"
            self.stdout.write(f"{edition.name}: as it was frozen ({said})")
        for line in lines:
            self.stdout.write(f"{edition.name}: {line}")
        return not lines
