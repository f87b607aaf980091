"""A made-up world of any size, for tests and benches."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pillars.models import Report
from recommendations import postings
from recommendations.synthetic import SLUG, has_real_content, make_world


class Command(BaseCommand):
    help = "Fill a database with made-up entries, marked as such: for tests and benches, never beside real ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--entries", type=int, default=10_000, help="how many (default 10000)")
        parser.add_argument("--seed", type=int, default=1, help="another world for another number (default 1)")
        parser.add_argument("--beside-real-content", action="store_true", help="even where real entries are")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["entries"] < 1:
            raise CommandError("--entries must be at least 1")
        if Report.objects.filter(slug__startswith=f"{SLUG}-").exists():
            raise CommandError("a made-up world is here already: start from an empty database")
        if has_real_content() and not options["beside_real_content"]:
            raise CommandError("real entries are here: give --beside-real-content to add made-up ones all the same")
        started, worked = time.perf_counter(), time.process_time()
        make_world(entries=options["entries"], seed=options["seed"])
        seconds = time.perf_counter() - started
        speeds = (options["entries"] / taken for taken in (seconds, time.process_time() - worked))
        told = "{:,.0f} a second ({:,.0f} a second of processor time)".format(*speeds)
        self.stdout.write(f"{options['entries']} made-up entries in {seconds:.1f} s: {told}")
        started = time.perf_counter()
        number = postings.renew()
        self.stdout.write(f"{number} common phrases kept, found in {time.perf_counter() - started:.1f} s")
