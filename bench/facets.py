"""Whole browse pages with every facet's counts: the index against the ORM and Datasette, on the same rows.

First the 32 entries, where an index must not cost anything; then a synthetic world in SQLite (or the one in ``--sqlite
FILE``) and in a private PostgreSQL: a table of milliseconds with ratios for each. Datasette, with its default limits,
is the program named by ``--datasette``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from workshop.postgres import find_binaries, private_cluster

Pairs = list[tuple[str, str]]

#: Columns that Datasette counts: fewer than our page, which counts terms, cities, areas and sources besides.
PEER_FACETS = ("basis", "reach", "status", "pillar_id", "report_id")
BROAD = "data"


def main(argv: list[str] | None = None) -> int:
    """Print a table for each database; 0 when all was measured."""
    options = parsed(argv)
    if options.here:
        measure(options)
        return 0
    with tempfile.TemporaryDirectory(prefix="gd32-bench-", dir="/tmp") as folder:
        file = options.sqlite or f"{folder}/bench.sqlite3"
        codes = [run_on(f"sqlite:///{folder}/content.sqlite3", options, folder, "--content")]
        urls = [f"sqlite:///{file}"]
        with contextlib.ExitStack() as stack:
            binaries = find_binaries()
            if binaries and not options.only_sqlite:
                urls.append(stack.enter_context(private_cluster(binaries)))
            codes += [run_on(url, options, folder) for url in urls]
    return max(codes)


def parsed(argv: list[str] | None) -> argparse.Namespace:
    """What was asked for at the terminal."""
    parser = argparse.ArgumentParser(prog="python -m bench facets", description=__doc__)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--sqlite", default="", help="a database that holds a made-up world already")
    parser.add_argument("--only-sqlite", action="store_true")
    parser.add_argument("--datasette", default="", help="the program of that name, in an environment of its own")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--content", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def run_on(url: str, options: argparse.Namespace, folder: str, *more: str) -> int:
    """Measure in a process of its own, whose settings name the database."""
    if url.startswith("postgres"):
        create_database(url)
    environment = os.environ | {"DATABASE_URL": url, "VAR_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "bench", "facets", "--here", "--entries", str(options.entries)]
    asked = ["--requests", str(options.requests), "--datasette", options.datasette]
    return subprocess.run([*command, *asked, *more], env=environment, check=False).returncode


def create_database(url: str) -> None:
    """The cluster is new: it has no database of ours."""
    import psycopg

    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")


# In the process that measures


def measure(options: argparse.Namespace) -> None:
    """Print the table for the database that the settings name."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from recommendations.models import Recommendation

    call_command("migrate", verbosity=0)
    if options.content:
        call_command("load_content", verbosity=0)
    elif not Recommendation.objects.exists():
        call_command("make_world", entries=options.entries, seed=1)
        maintain(connection)
    print(f"\n{connection.vendor}, {Recommendation.objects.count():,} entries, on {os.cpu_count()} processors;")
    print(f"load before: {os.getloadavg()[0]:.1f}. Milliseconds, p50 / p95.\n")
    filters = made_up_filters(options.requests)
    index_facts(is_small=options.content)
    ours = pages(filters)
    fewer = filters if options.content else filters[: max(3, len(filters) // 10)]
    without_index = pages(fewer, use_index=False)
    row("whole page, the index answers", ours, ours)
    row("whole page, the ORM answers", without_index, ours)
    row("a broad word, kept", pages([[("q", BROAD), *pairs] for pairs in filters]), ours)
    if connection.vendor == "sqlite" and options.datasette and not options.content:
        name = str(connection.settings_dict["NAME"])
        peer, timed_out = datasette(options.datasette, name, filters[: max(3, len(filters) // 4)])
        row(f"Datasette, {len(PEER_FACETS)} facets ({timed_out:.0%} of them timed out)", peer, ours)


def maintain(connection: Any) -> None:
    """What a database does by itself soon after a bulk load: its planner is told, its indexes are merged."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE")


def made_up_filters(number: int) -> list[Pairs]:
    """Up to ``number`` filters by what Datasette has too; each of them once, so that no page is a kept one."""
    from recommendations.filters import RecommendationFilterSet

    dice = random.Random(1)  # noqa: S311 - the same filters every time
    facets = [f for f in RecommendationFilterSet().facets if f.name in {"basis", "reach", "status", "pillar"}]
    found: dict[tuple[tuple[str, str], ...], None] = {}
    for _ in range(20 * number):
        some = dice.sample(facets, dice.randint(0, 3))
        found[tuple(sorted((facet.name, dice.choice(facet.options[:5]).slug) for facet in some))] = None
    return [list(pairs) for pairs in found][:number]


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds of ``work``."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def row(name: str, times: list[float], first: list[float]) -> None:
    """One line of the table: half and 95 of 100 take no longer, and how many times the first that is."""
    high = quantiles(times, n=20)[18] if len(times) > 1 else times[0]
    print(f"  {name:58} {median(times):10.1f} / {high:10.1f}   × {median(times) / median(first):8.1f}")


def pages(filters: list[Pairs], *, use_index: bool = True) -> list[float]:
    """Milliseconds of whole requests, templates and middleware included."""
    from urllib.parse import urlencode

    from django.test import Client

    from recommendations.index.keeping import keeper

    client = Client()
    was = keeper.current
    if not use_index:
        keeper.current = lambda: None  # type: ignore[method-assign]
    try:
        addresses = [f"/recommendations/?{urlencode(pairs)}" for pairs in filters]
        client.get(addresses[0])
        return [timed(lambda address=address: client.get(address)) for address in addresses]  # type: ignore[misc]
    finally:
        keeper.current = was  # type: ignore[method-assign]


def index_facts(*, is_small: bool) -> None:
    """What the index itself costs: to build, to keep, to follow an edit, to answer."""
    from django.http import QueryDict

    from common import changes
    from recommendations.cross import Axis
    from recommendations.filters import RecommendationFilterSet
    from recommendations.index.answers import IndexAnswers
    from recommendations.index.keeping import keeper
    from recommendations.index.loading import build
    from recommendations.models import Recommendation

    state = changes.current()
    if state is None:
        raise SystemExit("no content version: run migrate")
    before = resident()
    built = timed(lambda: setattr(keeper, "_index", build(state, small=is_small)))
    index = keeper.held
    if index is None:
        raise SystemExit("no index")
    held, grew = index.bytes_held / 1e6, resident() - before
    again = (
        f" at first, {median(timed(lambda: build(state, small=True)) for _ in range(20)):.1f} ms again"
        if is_small
        else ""
    )
    print(f"  index: built in {built:,.1f} ms{again}, {held:.1f} MB, the process grew {grew} MB")
    pk = index.entries[len(index.entries) // 2]
    Recommendation.objects.filter(pk=pk).update(basis="implied")
    print(f"  one edit followed in {timed(keeper.current):.1f} ms")
    filterset = RecommendationFilterSet(QueryDict(""))
    facets = {facet.name: facet for facet in filterset.facets}

    def every_count() -> None:
        answers = IndexAnswers(filterset, index)
        for facet in filterset.facets:
            answers.counts(facet)

    every_count()
    print(f"  every count of every facet in {timed(every_count):.1f} ms")
    actor = next((facet for name, facet in facets.items() if name in {"instrument", "sector", "actor"}), facets["city"])
    sides = [Axis(facet, tuple(option.slug for option in facet.options)) for facet in (facets["city"], actor)]
    across = timed(lambda: IndexAnswers(filterset, index).cross(*sides))
    print(f"  {len(sides[0].slugs)} × {len(sides[1].slugs)} across one another in {across:.1f} ms")
    first = timed(lambda: IndexAnswers(RecommendationFilterSet(QueryDict(f"q={BROAD}")), keeper.held or index).total())
    print(f"  a broad word never asked before in {first:.0f} ms\n")


def resident() -> int:
    """Memory of this process in MB."""
    pages_held = int(Path("/proc/self/statm").read_text().split()[1])
    return pages_held * os.sysconf("SC_PAGE_SIZE") // 1_000_000


@contextlib.contextmanager
def serving(program: str, file: str, port: int) -> Iterator[str]:
    """Datasette on ``file`` for as long as the block lasts; yields the address of the database."""
    process = subprocess.Popen(
        [program, "serve", file, "--port", str(port)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}/{Path(file).stem}"
    try:
        for _try in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{base}.json", timeout=60).close()  # noqa: S310 - this machine's own
                break
            time.sleep(0.2)
        yield base
    finally:
        process.terminate()
        process.wait()


def datasette(program: str, file: str, filters: list[Pairs]) -> tuple[list[float], float]:
    """Milliseconds of its answers as JSON, and the share of facets that it gave up."""
    import json
    from urllib.parse import urlencode

    from pillars.models import Pillar

    ids = dict(Pillar.objects.values_list("slug", "pk"))
    times, given_up = [], 0
    with serving(program, file, 8116) as base:
        for pairs in filters:
            chosen = [("pillar_id", str(ids[value])) if name == "pillar" else (name, value) for name, value in pairs]
            asked = [*chosen, *(("_facet", name) for name in PEER_FACETS), ("_size", "20")]
            address = f"{base}/recommendations_recommendation.json?{urlencode(asked)}"
            start = time.perf_counter()
            with urllib.request.urlopen(address, timeout=120) as response:  # noqa: S310 - this machine's own
                answer = json.load(response)
            times.append((time.perf_counter() - start) * 1000)
            given_up += len(answer.get("facets_timed_out", []))
    return times, given_up / (len(filters) * len(PEER_FACETS))
