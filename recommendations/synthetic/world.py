"""Makes the made-up world: its report, its pillars, its source, and entries by the hundred thousand.

Rows are what ``recommendations.actions`` and ``recommendations.derive`` would make, without loading an entry: what an
entry is put together from is made once, with all that follows from it, and the database puts it together. A test holds
both equal.
"""

from __future__ import annotations

from random import Random

from django.core.management import call_command
from django.db import connection
from django.db.models import Max

from cities.models import City
from common import changes
from common.bulk import in_bulk, loading, reset_sequences
from pillars.models import Pillar, Report
from recommendations import fulltext
from recommendations.models import Recommendation
from recommendations.synthetic.rows import WRITTEN, write
from recommendations.synthetic.stock import MARK, SLUG, Stock
from sources.models import Source, SourceSection
from themes.models import Vocabulary

REPORTS, PILLARS = 4, 4


def has_real_content() -> bool:
    """Whether there are entries that this module did not make."""
    return Recommendation.objects.exclude(report__slug__startswith=f"{SLUG}-").exists()


def make_reference() -> tuple[list[Pillar], list[SourceSection]]:
    """Reports with their pillars and a source, all marked; cities and vocabularies as shipped where there are none."""
    for model, fixture in ((City, "cities"), (Vocabulary, "themes")):
        if not model.objects.exists():
            call_command("loaddata", fixture, verbosity=0)
    source = Source.objects.create(
        slug=f"{SLUG}-source", kind=Source.Kind.OTHER, language="en",
        title_en=f"{MARK[0]}Source that does not exist", title_zh_hans=f"{MARK[1]}并不存在的来源",
    )  # fmt: skip
    sections = [SourceSection.objects.create(source=source, code=f"X{n}") for n in range(1, 9)]
    note = (
        "Made up by a program for tests. Nothing in it was ever said.",
        "由程序为测试而编造，并无出处。",
    )
    pillars = []
    for r in range(1, REPORTS + 1):
        report = Report.objects.create(
            slug=f"{SLUG}-report-{r}", source=source,
            title_en=f"{MARK[0]}Report {r}", title_zh_hans=f"{MARK[1]}报告{r}",
            body_en="A program", body_zh_hans="一个程序", summary_en=note[0], summary_zh_hans=note[1],
            provenance_note_en=note[0], provenance_note_zh_hans=note[1],
        )  # fmt: skip
        for p in range(1, PILLARS + 1):
            name = (f"{MARK[0]}Pillar {r}.{p}", f"{MARK[1]}支柱{r}.{p}")
            pillars.append(
                Pillar.objects.create(
                    report=report, number=p, slug=f"{SLUG}-pillar-{r}-{p}",
                    name_en=name[0], name_zh_hans=name[1], short_name_en=name[0], short_name_zh_hans=name[1],
                )
            )  # fmt: skip
    return pillars, sections


def make_world(*, entries: int, seed: int) -> None:
    """Fill the database with a report's worth of ``entries``; the same for the same seed and size.

    One transaction, which counts as one change of everything.
    """
    with in_bulk():
        # Every id below was read within this very transaction; looking each up again takes a third of the time.
        with (
            connection.constraint_checks_disabled(),
            changes.one_for_all(),
            fulltext.made_anew(),
            loading(WRITTEN),
        ):
            stock = Stock(Random(seed), *make_reference(), size=min(6_000, max(50, entries // 15)))  # noqa: S311 - made-up data, the same for the same seed
            first = (Recommendation.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
            write(stock, first, entries)
            reset_sequences([Recommendation])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
