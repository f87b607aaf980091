"""What the sitemap says of a page is the day on which what readers see of it changed, or nothing."""

from __future__ import annotations

from contextlib import contextmanager
from xml.etree import ElementTree

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cities.models import City
from opendata import telling
from pillars.models import Pillar
from progress.models import Update
from recommendations import actions
from recommendations.models import Recommendation
from tests.factories import (
    make_checkpoint,
    make_city,
    make_entries,
    make_glossary_entry,
    make_pillar,
    make_recommendation,
    make_term,
    make_update,
    moment,
)
from tests.html import fetch
from tests.opendata.history import forget_history
from themes.models import Term

pytestmark = pytest.mark.django_db

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
START = 1


def dates():
    tree = ElementTree.fromstring(Client().get("/sitemap.xml").content)  # noqa: S314 - our own
    found = {e.findtext(f"{MAP}loc").removeprefix("http://testserver"): e.findtext(f"{MAP}lastmod") for e in tree}
    return {path: day for path, day in found.items() if not path.startswith("/zh-hans/")}


def shown(paths):
    """What each page shows."""
    return {path: fetch(Client(), path).html.partition("<main")[2].partition("</main>")[0] for path in paths}


def day(n):
    return moment(n).date().isoformat()


@pytest.fixture
def world():
    """Three entries under two pillars; the first two share a term, and the first is related to the third."""
    city, term = make_city(slug="here", name_en="Here"), make_term(slug="tax", label_en="Tax")
    other = make_term(vocabulary=term.vocabulary, slug="law", label_en="Law")
    one, two = make_pillar(slug="p-one", number=1), make_pillar(slug="p-two", number=2)
    first = make_recommendation(slug="first", pillar=one, terms=[term], cities=[city], reach="city", at=moment(START))
    second = make_recommendation(slug="second", pillar=two, terms=[term], at=moment(START))
    third = make_recommendation(slug="third", pillar=two, terms=[other], problem_en="A word.", at=moment(START))
    first.related.set([third])
    make_update(entries=[second], slug="heard", status="adopted", recorded_at=moment(START))
    make_checkpoint(slug="step").recommendations.add(second)
    forget_history()
    return {"first": first, "second": second, "third": third}


def edit(slug, at, **values):
    entry = Recommendation.objects.get(slug=slug)
    for name, value in values.items():
        setattr(entry, name, value)
    entry.save()
    actions.publish(entry=entry, at=moment(at))


def change(model, at, find, **values):
    """As the desk and an import do; it is kept when it was what."""
    thing = model.objects.get(**find)
    thing.history.bulk_history_create([thing], default_date=moment(START))
    for name, value in values.items():
        setattr(thing, name, value)
    thing.save()
    thing.history.filter(history_type="~").update(history_date=moment(at))


@contextmanager
def taken_back():
    """What is written within is not kept."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


CHANGES = {
    "summary": lambda: edit("second", 5, summary_en="Other words."),
    "body only": lambda: edit("second", 5, problem_en="Why, then."),
    "title": lambda: edit("second", 5, title_en="Called otherwise"),
    "pillar": lambda: edit("second", 5, pillar=Pillar.objects.get(slug="p-one")),
    "withdrawn": lambda: actions.archive(entry=Recommendation.objects.get(slug="second"), at=moment(5)),
    "new": lambda: make_recommendation(slug="new", pillar=Pillar.objects.get(slug="p-two"), at=moment(5)),
    "term": lambda: change(Term, 5, {"slug": "tax"}, label_en="Levy", label_zh_hans="税"),
    "definition": lambda: change(Term, 5, {"slug": "tax"}, definition_en="What is paid."),
    "city": lambda: change(City, 5, {"slug": "here"}, name_en="There"),
    "position": lambda: change(City, 5, {"slug": "here"}, latitude=23.0, longitude=113.0),
    "pillar's name": lambda: change(Pillar, 5, {"slug": "p-one"}, name_en="Another", short_name_en="Another"),
    "update": lambda: make_update(
        entries=[Recommendation.objects.get(slug="first")], status="adopted", recorded_at=moment(5)
    ),
    "update's title": lambda: change(Update, 5, {"slug": "heard"}, title_en="Heard twice"),
    "word": lambda: make_glossary_entry(term_en="word", definition_en="A unit."),
}


#: These in every run, all of them in a long one.
SOME = ("summary", "pillar", "withdrawn", "term", "city", "position")


@pytest.mark.parametrize("kinds", [SOME, pytest.param(tuple(CHANGES), marks=pytest.mark.long)], ids=["some", "all"])
def test_a_date_moves_with_the_page_and_not_without_it(world, kinds):
    before = dates()
    paths = [path for path, date in before.items() if date]
    assert {before[path] for path in paths} == {day(START)}
    assert {"/recommendations/first/", "/recommendations/third/", "/pillars/p-two/"} < set(paths)
    pages = shown(paths)
    for what in kinds:
        with taken_back():
            CHANGES[what]()
            after = dates()
            there = [path for path in paths if after.get(path)]
            now = shown(there)
            moved = {path for path in there if after[path] > day(START)}
            assert moved == {path for path in there if now[path] != pages[path]}, what
            assert moved or what in {"position", "word"}, "what is known is said"


def test_where_too_much_was_edited_to_be_read_nothing_is_dated(world, monkeypatch):
    edit("second", 5, summary_en="Other words.")
    assert dates()["/recommendations/second/"] == day(5)
    monkeypatch.setattr(telling, "MOST", 1)
    assert {date for path, date in dates().items() if path.startswith(("/rec", "/pil"))} == {None}


def test_dating_costs_the_same_however_many_entries(world):
    with CaptureQueriesContext(connection) as few:
        dates()
    make_entries({"slug": f"e{n}", "number": 900 + n} for n in range(30))
    with CaptureQueriesContext(connection) as many:
        dates()
    assert len(few) == len(many)
