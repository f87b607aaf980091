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
from recommendations.importing.run import Import, Report, Undone

#: Of so many writes readers would notice that what is kept of common phrases is out of date.
MANY = 5_000

#: Characters of the bar that shows how much of the file is read.
BAR = 30


class Command(BaseCommand):
    help = (
        "Load reports, pillars, entries, terms, places and sources from FILE (.jsonl, .json or .csv; see "
        "docs/import-format.md). Entries are published. Rows that cannot go in are written to FILE.rejects.jsonl "
        "with the reason. Safe to stop and to repeat."
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
        self.started, self.told, self.size = time.monotonic(), 0.0, path.stat().st_size or 1
        self.is_quiet = not options["verbosity"]
        try:
            with rejects.open("w", encoding="utf-8", errors="replace") as kept:
                task = Import(
                    path,
                    kept,
                    as_drafts=options["as_drafts"],
                    is_same_territory=options["same_territory"],
                    at=timezone.now(),
                    say=self._progress,
                )
                _run(task, is_rehearsal=options["dry_run"], is_strict=options["strict"])
        except Unreadable as reason:
            raise CommandError(f"{path.name}: {reason}{_kept(options)}") from reason
        except OSError as reason:
            raise CommandError(str(reason)) from reason
        finally:
            if rejects.exists() and not rejects.stat().st_size:
                rejects.unlink()
        self._sum_up(task.report, rejects, options)
        if task.report.writes > MANY and not options["dry_run"]:
            postings.renew()

    def _progress(self, rows: int, read: int) -> None:
        """Once a second: how much of the file, rows, rows a second; a bar that stays in its line on a terminal."""
        now, part = time.monotonic(), min(read / self.size, 1)
        if self.is_quiet or (now - self.told < 1 and part < 1):
            return
        self.told = now
        pace = rows / max(now - self.started, 0.001)
        line = f"{rows:,} rows, {pace:,.0f} a second, {part:.0%}"
        if sys.stderr.isatty():
            filled = round(part * BAR)
            self.stderr.write(f"[{'#' * filled}{'.' * (BAR - filled)}] {line}  ", ending="\n" if part == 1 else "\r")
        else:
            self.stderr.write(line)

    def _sum_up(self, report: Report, rejects: Path, options: dict[str, Any]) -> None:
        if not self.is_quiet:
            for kind, counts in report.done.items():
                self.stdout.write(f"{kind}: " + ", ".join(f"{number} {name}" for name, number in counts.items()))
        if report.rejected and options["strict"]:
            raise CommandError(f"{report.rejected} of {report.rows} rows cannot go in, so nothing did: see {rejects}")
        if report.rejected:
            self.stderr.write(f"{report.rejected} of {report.rows} rows rejected: see {rejects}")
        if options["dry_run"] and not self.is_quiet:
            self.stdout.write("nothing was changed")


def _kept(options: dict[str, Any]) -> str:
    return "; nothing was changed" if options["strict"] or options["dry_run"] else "; what stood before it is in"


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
