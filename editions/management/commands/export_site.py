"""Write the public site as files that need no server."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.templatetags.static import static

from editions.edition import export_site
from editions.folder import NotOurs


class Command(BaseCommand):
    help = (
        "Write the whole public site, both languages, to DIR: pages for any static host or for opening from a disk, "
        "and one file that holds every entry. DIR must be free, empty, or an edition made by this command."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", metavar="DIR", type=Path)
        parser.add_argument(
            "--base-url", default="", help="the address of the live site (https://…), named on every page"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        check_static()
        say = self.stdout.write if options["verbosity"] else lambda _line: None
        try:
            export_site(options["dir"], base_url=checked(options["base_url"]), say=say)
        except NotOurs as reason:
            raise CommandError(str(reason)) from reason


def check_static() -> None:
    """Raises ``CommandError`` where the pages could not name their stylesheet: the static files must be collected."""
    try:
        static("css/kb.css")
    except ValueError as reason:
        raise CommandError("the static files are not collected: run `manage.py collectstatic` first") from reason


def checked(url: str) -> str:
    """``url`` without a slash at its end. Raises ``CommandError`` where it is no address of a site."""
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise CommandError(f"--base-url must look like https://example.org, not {url}")
    return url.rstrip("/")
