"""Django's own ``loaddata``, after which entries have their derived rows and versions."""

from typing import Any

from django.core.management.commands import loaddata
from django.db import transaction
from django.utils import timezone

from common.models import ContentChange, ContentVersion
from recommendations.actions import adopt
from recommendations.models import Coverage, SearchText, SearchWord


class Command(loaddata.Command):
    def handle(self, *fixture_labels: str, **options: Any) -> None:
        # A dump's derived rows would bring ids that may be another entry's by now; they are made anew. Which state
        # the content was in elsewhere means nothing here.
        apart = (Coverage, SearchText, SearchWord, ContentVersion, ContentChange)
        options["exclude"] = [*options["exclude"], *(model._meta.label for model in apart)]
        with transaction.atomic(using=options["database"]):
            super().handle(*fixture_labels, **options)
            adopt(at=timezone.now())
