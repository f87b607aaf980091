"""One change of 20,000 entries at the desk and its undo, against the limit of 1 GB of memory, on both databases.

A made-up term is added to every published entry of a made-up world, then taken back. The longest part says how long
the database is held before others can save.
"""

from __future__ import annotations

import time
from typing import Any

from bench._both import HERE, most_mb, on_both, set_up, timed

ENTRIES, LIMIT_MB = 20_000, 1024


def main(arguments: list[str]) -> int:
    """Print how long each phase took and the most memory used; return 1 over the limit. Takes the number of entries."""
    if HERE not in arguments:
        return on_both("bulk", arguments)
    vendor = set_up().vendor
    from django.core.management import call_command

    count = int(arguments[-1]) if arguments[-1] != HERE else ENTRIES
    call_command("make_world", entries=count, seed=1, verbosity=0)
    return _measure(vendor)


def _measure(vendor: str) -> int:
    from django.contrib.auth.models import User
    from django.utils import timezone

    from recommendations import bulk, foreseeing
    from recommendations.models import BulkChange, Recommendation
    from themes.models import Term, Vocabulary

    term = Term.objects.create(vocabulary=Vocabulary.objects.all()[0], slug="bench", label_en="Bench")
    ids = list(Recommendation.objects.published().order_by("pk").values_list("pk", flat=True))
    user = User.objects.create_user("bench")
    wish = foreseeing.Wish(BulkChange.Kind.ADD_TERMS, foreseeing.slugs_of([term]))
    print(f"{vendor}: {len(ids):,} entries, {most_mb():.0f} MB in use before")
    lines = timed(
        "summary", lambda: {line.entry.pk: line.seen for line in foreseeing.foresee(ids, wish) if not line.hindrance}
    )
    asked: dict[str, Any] = {"author": user, "at": timezone.now(), "may_publish": True}
    change = bulk.ask(seen=lines, wish=wish, reason="", **asked)
    longest = [timed("change", lambda: _run(change))]
    done = term.recommendations.count()
    bulk.ask_back(change=change, **asked)
    longest.append(timed("undo", lambda: _run(change)))
    change.refresh_from_db()
    left = term.recommendations.count()
    print(f"{done} changed, {left} after the undo, {len(change.left)} left; at most {most_mb():.0f} MB", end="")
    print(f", limit {LIMIT_MB} MB; the database was held for {max(longest):.1f} s at most")
    return int(most_mb() > LIMIT_MB or done != len(lines) or left > 0 or change.undone_at is None)


def _run(change: Any) -> float:
    """Carry it out as a worker does; returns the seconds of the longest part."""
    from recommendations import bulk

    type(change).objects.filter(pk=change.pk).update(token="bench")  # noqa: S106 - the name of a worker
    change.refresh_from_db()
    longest, more = 0.0, True
    while more:
        begun = time.perf_counter()
        more = bulk.step(change)
        longest = max(longest, time.perf_counter() - begun)
    return longest
