"""Every public address of the site, found by walking the URLconf, with every object of the content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.template import engines
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from cities.models import Area, City
from editions.actions import freeze
from editions.models import Edition, EditionPiece
from editions.views import MANIFEST, SUMS
from pillars.models import Pillar, Report
from recommendations.export_files import FORMS
from recommendations.models import Recommendation
from sources.models import Source
from tests.content import Rows, write
from tests.factories import MOMENT
from tests.html import LANGUAGES, Page, fetch
from themes.models import Term

#: Whose slugs an address with a slug takes.
OBJECTS: dict[str, Callable[[], Any]] = {
    "recommendations:detail": lambda: Recommendation.objects.published().in_order(),
    "recommendations:history": lambda: Recommendation.objects.published().in_order(),
    "recommendations:markdown": lambda: Recommendation.objects.published().in_order(),
    "recommendations:cite_bib": lambda: Recommendation.objects.published().in_order(),
    "recommendations:cite_ris": lambda: Recommendation.objects.published().in_order(),
    # Only made at the desk, for one text each; tests/recommendations/test_sharing.py opens some.
    "recommendations:shared_preview": Recommendation.objects.none,
    "recommendations:briefing": City.objects.in_order,
    "recommendations:briefing_docx": City.objects.in_order,
    "pillars:detail": Pillar.objects.in_order,
    "pillars:report": Report.objects.in_order,
    "cities:detail": City.objects.in_order,
    "cities:area": Area.objects.in_order,
    "themes:term": Term.objects.select_related("vocabulary").in_order,
    "sources:detail": Source.objects.in_order,
    "editions:edition": Edition.objects.newest_first,
    "editions:changes": Edition.objects.newest_first,
    "editions:entry": lambda: EditionPiece.objects.exclude(slug="").select_related("file__edition").order_by("pk"),
    "editions:file": lambda: [
        [edition.name, name]
        for edition in Edition.objects.newest_first()
        for name in [*(row["name"] for row in edition.facts["files"]), MANIFEST, SUMS]
    ],
}

#: Addresses that answer with something other than a page.
NO_PAGES = {
    *(f"recommendations:export_{kind}" for kind in FORMS),
    "recommendations:markdown",
    "recommendations:suggest",
    "recommendations:matrix_csv",
    "recommendations:shared_preview",
    "opendata:feed_updates",
    "opendata:feed_recommendations",
    "recommendations:cite_bib",
    "recommendations:cite_ris",
    "recommendations:briefing_docx",
    "editions:file",
    "embed:recommendations",
}

#: Addresses with a query, under the path of each language.
VIEWS = [
    "recommendations/?view=table",
    "recommendations/?view=table&sort=-title&per_page=10&page=2",
    "recommendations/?q=talent+%E4%BA%BA%E6%89%8D&pillar=talent&sort=title",
    "recommendations/?q=telemedecine+-%22data+silos%22&pillar=institutional-reform",
    "recommendations/?q=%E6%95%B8%E6%93%9A%E5%AD%A4%E5%B3%B6+after-sales",
    "recommendations/?q=zeppelin&pillar=talent&city=foshan&city=guangzhou",
    "recommendations/?pillar=nonsense&basis=stated&sort=colour&per_page=3&page=99&view=globe&include=all&q=%25",
    "recommendations/?city=foshan&include=province&per_page=10&page=2&instrument=market-access&status=adopted",
    "recommendations/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&pillar=%3Cb%3E%00&colour=%27%22%3E",
    "compare/?r=fintech-sandbox&r=core-city-finance-for-neighbouring-factories&r=9",
    "compare/?r=fintech-sandbox&r=fintech-sandbox&r=%3Cb%3E%00&r=",
    "compare/?r=1&r=2&r=3&r=4&r=5&r=99999999999",
    "recommendations/?view=matrix",
    "recommendations/?view=matrix&rows=sector&cols=reach&city=foshan&include=province",
    "recommendations/?view=matrix&rows=%3Cb%3E&cols=city&city=nonsense&page=7",
    "recommendations/fintech-sandbox/?pillar=institutional-reform&q=sandbox&page=2",
]

UNDEFINED = "⟪undefined %s⟫"


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every address the site knows but the editors' desk and the API, with its full name."""
    yield from _under(get_resolver().url_patterns, "")


def _under(found: list[URLPattern | URLResolver], namespace: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in found:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern
        elif pattern.namespace not in {"admin", "api", "staff"}:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _under(pattern.url_patterns, inner)


def page_names() -> list[str]:
    """The names of all pages: what is in a namespace, the rest is for machines."""
    return [name for name, _pattern in patterns() if ":" in name and name not in NO_PAGES]


def slugs_of(thing: Any) -> list[str]:
    """What stands for ``thing`` in its address: a term is under its vocabulary, a record or file in its edition."""
    match thing:
        case Term():
            return [thing.vocabulary.slug, thing.slug]
        case Edition():
            return [thing.name]
        case list():
            return thing
        case EditionPiece():
            return [thing.file.edition.name, thing.slug]
    return [thing.slug]


def fill(rows: Rows) -> None:
    """Put the content into an empty database, and an edition of it."""
    write(rows)
    freeze(name="2026-11", frozen_at=MOMENT)


def addresses(language: str, names: Iterable[str] | None = None) -> list[str]:
    """The address of every page (or of ``names``) in ``language``, one for each object it is about."""
    found = []
    with translation.override(language):
        for name in page_names() if names is None else names:
            if name in OBJECTS:
                found += [reverse(name, args=slugs_of(thing)) for thing in OBJECTS[name]()]
            else:
                found.append(reverse(name))
    return found


@pytest.fixture(scope="session")
def walked(content_rows: Rows, django_db_blocker: Any) -> dict[str, Page]:
    """Every page with the real content as an anonymous reader gets it: address → page, without and with queries."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    before, engine.string_if_invalid = engine.string_if_invalid, UNDEFINED
    pages: dict[str, Page] = {}
    try:
        with django_db_blocker.unblock(), transaction.atomic():
            fill(content_rows)
            for language in LANGUAGES:
                prefix = "/zh-hans/" if language == "zh-hans" else "/"
                for url in [*addresses(language), *(prefix + view for view in VIEWS)]:
                    pages[url] = fetch(Client(), url)
            transaction.set_rollback(True)
    finally:
        engine.string_if_invalid = before
    return pages


@pytest.fixture(scope="session")
def plain_pages(walked: dict[str, Page]) -> dict[str, Page]:
    """Those of ``walked`` without a query."""
    return {url: page for url, page in walked.items() if "?" not in url}


@pytest.fixture(scope="session")
def files(content_rows: Rows, django_db_blocker: Any) -> dict[str, list[str]]:
    """Language → the address of everything a page may lead to that is no page, with the real content."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill(content_rows)
        found = {language: addresses(language, sorted(NO_PAGES)) for language in LANGUAGES}
        transaction.set_rollback(True)
    return found
