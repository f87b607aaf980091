"""Make coverage, search text and sort keys anew from the entries."""

from typing import Any

from django.core.management.base import BaseCommand

from recommendations.derive import refresh


class Command(BaseCommand):
    help = "Rebuild what follows from the entries: coverage, search text, sort keys. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{refresh()} entries refreshed")
