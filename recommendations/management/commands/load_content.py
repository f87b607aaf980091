"""Load the 32 recommendations and all they rest on into an empty database."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from recommendations.models import Recommendation

#: One fixture a room, each after those it names.
FIXTURES = ("sources", "pillars", "cities", "themes", "recommendations", "progress")


class Command(BaseCommand):
    help = "Load the content this repository ships, where the database holds no entries yet (never over edits)."

    def handle(self, *args: Any, **options: Any) -> None:
        count = Recommendation.objects.count()
        if count:
            self.stdout.write(f"{count} entries are here already; nothing loaded")
            return
        call_command("loaddata", *FIXTURES, verbosity=0)
        self.stdout.write(f"{Recommendation.objects.count()} entries loaded")
