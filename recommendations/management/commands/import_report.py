"""Put another body's report in, or more of one that is here: ``docs/import-format.md`` says what the file holds."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from recommendations import postings
from recommendations.importing.reading import Unreadable
from recommendations.importing.rejects import Rejects
from recommendations.importing.run import Import, Undone

#: Of so many writes readers would notice that what is kept of common phrases is out of date.
MANY = 5_000

#: Characters of the bar that shows how much is done.
BAR = 30
#: What the process ends with where rows were rejected, and where it was stopped by Ctrl-C; 1 for any other error.
REJECTED, STOPPED = 3, 130


class Command(BaseCommand):
    help = (
        "Load reports, pillars, entries, terms, places and sources from FILE (.jsonl, .json or .csv; see "
        "docs/import-format.md). Entries are published. Rows that cannot go in are written to FILE.rejects.jsonl "
        "with the reason, and the command ends with 3. Safe to stop and to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
        parser.add_argument("--strict", action="store_true", help="put everything in, or nothing where a row is bad")
        parser.add_argument("--as-drafts", action="store_true", help="leave what readers see as it is")
        parser.add_argument(
            "--same-territory", action="store_true", help="take new regions in beside the entries of another report"
        )
        parser.add_argument("--rejects", metavar="PATH", type=Path, help="where rejected rows go")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        rejects: Path = options["rejects"] or path.with_name(f"{path.name}.rejects.jsonl")
        if not path.is_file():
            raise CommandError(f"no file {path}")
        if rejects.resolve() == path.resolve():
            raise CommandError("the rejected rows would go into the file that is read: name another with --rejects")
        self.started, self.told = time.monotonic(), 0.0
        self.is_quiet = not options["verbosity"]
        try:
            with rejects.open("w+b") as kept:
                self._import(path, Rejects(kept), options)
        except OSError as reason:
            raise CommandError(str(reason)) from reason
        finally:
            if rejects.exists() and not rejects.stat().st_size:
                rejects.unlink()
        self._sum_up(rejects, options)

    def _import(self, path: Path, kept: Rejects, options: dict[str, Any]) -> None:
        task = Import(
            path,
            kept,
            as_drafts=options["as_drafts"],
            is_same_territory=options["same_territory"],
            at=timezone.now(),
            say=self._progress,
        )
        self.report = task.report
        is_undone = options["strict"] or options["dry_run"]
        try:
            _run(task, is_rehearsal=options["dry_run"], is_strict=options["strict"])
            if task.report.writes > MANY and not options["dry_run"] and postings.are_worth_it():
                self._say_next("all is in; looking through it for common phrases, which searches of them wait for less")
                postings.renew()
        except Unreadable as reason:
            left = "what stood before it is in" if task.report.writes and not is_undone else "nothing was changed"
            raise CommandError(f"{path.name}: {reason}; {left}") from reason
        except KeyboardInterrupt:
            left = "nothing was changed" if is_undone else "what is in is whole, and the same command completes it"
            raise CommandError(f"stopped; {left}", returncode=STOPPED) from None

    def _progress(self, rows: int, of: int) -> None:
        """Once a second: how much is done, rows, rows a second; a bar that stays in its line on a terminal."""
        now, is_end = time.monotonic(), rows == of
        if self.is_quiet or (now - self.told < 1 and not is_end):
            return
        self.told = now
        if of:
            part = rows / of
            line = f"{rows:,} rows, {rows / max(now - self.started, 0.001):,.0f} a second, {int(part * 100)}%"
        else:
            part, line = 0.0, f"looking through the file: {rows:,} rows"
        if sys.stderr.isatty():
            filled = int(part * BAR)
            self.stderr.write(f"[{'#' * filled}{'.' * (BAR - filled)}] {line}  ", ending="\n" if is_end else "\r")
        else:
            self.stderr.write(line)

    def _say_next(self, line: str) -> None:
        if not self.is_quiet:
            self.stderr.write(line)

    def _sum_up(self, rejects: Path, options: dict[str, Any]) -> None:
        """Say what came of it; raises ``CommandError`` with a code of its own where rows were rejected."""
        report = self.report
        if not self.is_quiet and not (report.rejected and options["strict"]):
            for kind, counts in report.done.items():
                self.stdout.write(f"{kind}: " + ", ".join(f"{number} {name}" for name, number in counts.items()))
            if options["dry_run"]:
                self.stdout.write("nothing was changed")
        if report.rejected and options["strict"]:
            said = f"{report.rejected} of {report.rows} rows cannot go in, so nothing did: see {rejects}"
            raise CommandError(said, returncode=REJECTED)
        if report.rejected:
            raise CommandError(f"{report.rejected} of {report.rows} rows rejected: see {rejects}", returncode=REJECTED)


def _run(task: Import, *, is_rehearsal: bool, is_strict: bool) -> None:
    """Run ``task``: in one transaction where it may have to be undone."""
    if not is_rehearsal and not is_strict:
        task.run()
        return
    try:
        with transaction.atomic():
            report = task.run()
            if is_rehearsal or report.rejected:
                raise Undone
    except Undone:
        return
