"""``manage.py write_openapi``: keep the schema of the API as ``docs/openapi.json``, where a change of it is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from api import openapi


class Command(BaseCommand):
    help = "Write the API's schema, with the vocabularies of this database, to docs/openapi.json or PATH."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, default=settings.BASE_DIR / "docs" / "openapi.json")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        path.write_text(openapi.written(), encoding="utf-8")
        self.stdout.write(f"wrote {path}")
