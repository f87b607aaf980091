"""Check every key phrase against the text of its source, and keep a digest of each as proof."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sources.models import Source
from sources.passages import UnreadableSource, citations_of, passages, proofs, proofs_path, text_digest, unproved


class Command(BaseCommand):
    help = "Check each key phrase in the section and paragraph its locator names; write digests as proof."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the source's text, a UTF-8 file you have")
        parser.add_argument("--source", required=True, help="slug of the source, such as ycwb-32")
        parser.add_argument("--output", type=Path, help="where to write the proofs (default: fixtures/proofs/)")

    def handle(self, *args: Any, **options: Any) -> None:
        source = Source.objects.filter(slug=options["source"]).first()
        if source is None:
            known = ", ".join(Source.objects.order_by("pk").values_list("slug", flat=True)) or "none"
            raise CommandError(f"no source “{options['source']}”; known: {known}")
        text = self._text(options["path"])
        citations = citations_of(source)
        try:
            found = passages(text, source.sections.in_order())
        except UnreadableSource as error:
            raise CommandError(f"{options['path']} is not the text of {source.slug}: {error}") from error
        wrong = unproved(citations, found)
        if wrong:
            raise CommandError(
                "\n".join([f"{len(wrong)} of {len(citations)} phrases are not where they should be:", *wrong])
            )
        target = options["output"] or proofs_path(source.slug)
        target.parent.mkdir(parents=True, exist_ok=True)
        document = proofs(source, text_digest(text), citations)
        target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(f"{len(citations)} phrases checked, each where its locator says; proofs in {target}")

    def _text(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"cannot read {path}: {error}") from error
