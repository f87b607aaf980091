"""``manage.py write_import_schema``: keep the format of imports as a JSON Schema, where a change of it is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from recommendations.importing import schema

PATH = settings.BASE_DIR / "docs" / "import-format.schema.json"


class Command(BaseCommand):
    help = "Write the schema of what import_report reads to docs/import-format.schema.json or PATH."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, default=PATH)

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        path.write_text(schema.written(), encoding="utf-8")
        self.stdout.write(f"wrote {path}")
