"""``rebuild_derived`` of the recommendations room, and the status of entries with it."""

from typing import Any

from progress.actions import refresh_status
from recommendations.management.commands import rebuild_derived


class Command(rebuild_derived.Command):
    help = "Rebuild what follows from entries and updates: coverage, search text, sort keys, status. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        self.stdout.write(f"{refresh_status()} statuses changed")
