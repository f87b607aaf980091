"""Make coverage, search text, sort keys and what is known of phrases anew from the entries."""

from typing import Any

from django.core.management.base import BaseCommand

from recommendations.derive import refresh
from recommendations.proofs import refresh_proofs


class Command(BaseCommand):
    help = "Rebuild what follows from the entries: coverage, search text, sort keys, checks of phrases. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{refresh()} entries refreshed")
        self.stdout.write(f"{refresh_proofs()} phrases told otherwise")
