"""Publish and withdraw what is planned for now."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils import timezone

from recommendations import schedule

#: Seconds between two looks of ``--loop``: a plan is to the minute.
PAUSE = 30


class Command(BaseCommand):
    help = (
        "Publish and withdraw what is planned for now or before. For cron, every minute; or --loop in production. "
        "Safe on several machines at once. What fails stays planned and is shown on the desk."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped")
        parser.add_argument("--pause", type=float, default=PAUSE, help=f"seconds between two looks (default {PAUSE})")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["pause"] <= 0:
            raise CommandError("--pause must be more than 0")
        try:
            self._look()
            while options["loop"]:
                time.sleep(options["pause"])
                close_old_connections()  # one that broke, or is as old as connections become
                self._look()
        except KeyboardInterrupt:
            self.stdout.write("stopped")

    def _look(self) -> None:
        for done in schedule.run(at=timezone.now()):
            if done.problem:
                self.stderr.write(f"{done.act}: {done.entry}: {done.problem}")
            else:
                self.stdout.write(f"{done.act}: {done.entry}")
