"""``loaddata`` of the recommendations room, after which the status of entries follows from the updates there are."""

from typing import Any

from django.db import transaction

from progress.actions import refresh_status
from recommendations.management.commands import loaddata


class Command(loaddata.Command):
    def handle(self, *fixture_labels: str, **options: Any) -> None:
        with transaction.atomic(using=options["database"]):
            super().handle(*fixture_labels, **options)
            refresh_status()
