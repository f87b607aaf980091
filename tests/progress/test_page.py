"""What became of the recommendations, on the page of all, of one, and on the front page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from progress import overview
from recommendations.timeline import timeline
from tests.factories import make_checkpoint, make_pillar, make_recommendation, make_source, make_update, moment
from tests.html import classes, fetch, text_of

pytestmark = pytest.mark.django_db


def day(number):
    return dt.date(2026, 3, number)


def test_timeline_runs_from_what_is_behind_to_what_is_ahead():
    entry = make_recommendation(slug="one")
    steps = {
        name: make_checkpoint(title_en=name, state=state, date=date)
        for name, state, date in [
            ("ahead", "upcoming", None), ("on", "ongoing", None), ("done", "done", None),
            ("dated", "done", day(3)), ("later", "upcoming", day(9)),
        ]
    }  # fmt: skip
    for step in steps.values():
        step.recommendations.set([entry])
    make_update(entries=[entry], happened_on=day(4), title_en="second", status="adopted")
    make_update(entries=[entry], happened_on=day(2), title_en="first")
    make_update(entries=[entry], happened_on=day(5), title_en="hidden", is_published=False)
    make_update(entries=[make_recommendation()], title_en="elsewhere")
    events = timeline(entry)
    titles = [str((event.checkpoint or event.update).title) for event in events]
    assert titles == ["done", "first", "dated", "second", "on", "ahead", "later"]
    assert [str(event.status) for event in events if event.update] == ["", "Adopted"]
    assert [t for t, event in zip(titles, events, strict=True) if event.is_next] == ["ahead"]
    section = next(e for e in fetch(Client(), "/recommendations/one/").all("ol") if "steps" in classes(e))
    assert [text_of(e) for e in section.iter("h4")] == titles


def test_page_shows_updates_newest_first_with_what_they_changed():
    source = make_source(title_en="The Gazette")
    first, second = make_recommendation(title_en="Harbour"), make_recommendation(title_en="Quay", state="draft")
    old = make_update(entries=[first, second], status="adopted", happened_on=day(1), source=source, locator="p. 9")
    new = make_update(entries=[first], happened_on=day(2), summary_en="It was said again.")
    make_update(entries=[first], happened_on=day(3), is_published=False, title_en="Secret")
    page = fetch(Client(), "/progress/")
    shown = [e for e in page.all("li") if e.get("id", "").startswith("update-")]
    assert [e.get("id") for e in shown] == [f"update-{new.slug}", f"update-{old.slug}"]
    assert "It was said again." in text_of(shown[0])
    for piece in ("1 March 2026", "The Gazette", "p. 9", "Harbour", "Adopted"):
        assert piece in text_of(shown[1]), piece
    assert "Quay" not in page.main_text
    assert "Secret" not in page.main_text
    assert "For 1 of the 1 recommendations" in page.main_text
    cells = [text_of(e) for e in page.all("td")]
    assert cells == ["1", "Adopted", "2 March 2026"]
    front = fetch(Client(), "/")
    assert "No follow-up has been found yet." not in front.main_text
    assert {old.get_absolute_url(), new.get_absolute_url()} <= set(front.hrefs)


@pytest.mark.usefixtures("content")
def test_where_nothing_was_found_the_pages_say_so_and_name_no_date_of_looking():
    for path in ("/", "/progress/"):
        text = fetch(Client(), path).main_text
        assert "No follow-up has been found yet." in text
        assert "last looked" not in text
    page = fetch(Client(), "/progress/")
    assert "For 0 of the 32 recommendations" in page.main_text
    assert len(page.all("tr")) == 1 + 4 + 32
    steps = [e for e in page.all("li") if e.get("id", "").startswith("checkpoint-")]
    assert len(steps) == 5
    assert all("the source gives no date" in text_of(step) for step in steps)


def test_front_page_names_the_entries_that_changed_last():
    for n in range(7):
        make_recommendation(title_en=f"Entry number {n}", at=moment(n))
    latest = fetch(Client(), "/").by_id("latest")
    found = [text_of(e).partition(". Entry")[2] for e in latest.iter("li")]
    assert [line.split()[-2:] for line in found] == [[str(n), "new"] for n in (6, 5, 4, 3, 2)]


def test_long_lists_are_cut_and_say_so(monkeypatch):
    from progress import views

    for module in (overview, views):
        monkeypatch.setattr(module, "MAX_LISTED", 1)
    monkeypatch.setattr(views, "MAX_UPDATES", 1)
    first = make_recommendation()
    make_recommendation(pillar=make_pillar())
    for _ in range(2):
        make_update(entries=[first])
    page = fetch(Client(), "/progress/")
    assert "The first 1 of 2 are listed" in page.main_text
    assert "The newest 1 of 2 are shown" in page.main_text


def test_pages_cost_the_same_however_much_happened():
    def happen():
        entry = make_recommendation(pillar=make_pillar())
        make_checkpoint().recommendations.set([entry, one])
        make_update(entries=[entry, one], status="adopted", source=make_source())

    def cost(path):
        with CaptureQueriesContext(connection) as queries:
            assert fetch(Client(), path).status == 200
        return len(queries)

    one = make_recommendation(slug="one")
    happen()
    paths = ("/progress/", "/recommendations/one/", "/")
    few = [cost(path) for path in paths]
    for _ in range(5):
        happen()
    assert [cost(path) for path in paths] == few
