"""Keep what readers see today as an edition that is never changed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from editions.actions import CannotFreeze, freeze


class Command(BaseCommand):
    help = (
        "Keep the published content as it stands as the edition NAME (2026-11): records, table and page with their "
        "SHA-256, listed at /editions/. It is made whole or not at all, and never changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="a month, and more after a hyphen where a month has several")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            edition = freeze(name=options["name"], frozen_at=timezone.now())
        except CannotFreeze as reason:
            raise CommandError(str(reason)) from reason
        if not options["verbosity"]:
            return
        for file in edition.facts["files"]:
            self.stdout.write(f"{file['sha256']}  {file['name']} ({file['size']} bytes)")
        self.stdout.write(f"{edition.name}: {edition.entry_count} entries, manifest {edition.digest}")
