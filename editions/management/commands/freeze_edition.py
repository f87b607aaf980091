"""Keep what readers see today as an edition that is never changed."""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from editions.actions import CannotFreeze, freeze
from editions.models import NAME


class Command(BaseCommand):
    help = (
        "Keep the published content as it stands as the edition NAME (2026-11): records, table and page with their "
        "SHA-256, listed at /editions/. It is made whole or not at all, and never changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="a month, and more after a hyphen where a month has several")
        parser.add_argument("--other-month", action="store_true", help="NAME is meant to be of another month than this")

    def handle(self, *args: Any, **options: Any) -> None:
        name, now = options["name"], timezone.now()
        month = f"{timezone.localtime(now):%Y-%m}"
        if re.fullmatch(NAME, name) and not name.startswith(month) and not options["other_month"]:
            raise CommandError(
                f"{name} is not this month, {month}, and an edition can be neither renamed nor taken back: "
                "say --other-month where it is meant"
            )
        try:
            edition = freeze(name=name, frozen_at=now)
        except CannotFreeze as reason:
            raise CommandError(str(reason)) from reason
        if not options["verbosity"]:
            return
        for file in edition.facts["files"]:
            self.stdout.write(f"{file['sha256']}  {file['name']} ({file['size']} bytes)")
        self.stdout.write(f"{edition.name}: {edition.entry_count} entries, manifest {edition.digest}")
