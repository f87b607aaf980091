"""Entries side by side: who is shown, what is shared, what only one has, and what the page says of a bad address."""

from __future__ import annotations

import pytest
from django.test import Client

from common.slugs import remember_slug
from recommendations.compare import Comparison
from recommendations.models import Recommendation
from tests.factories import (
    make_city,
    make_evidence,
    make_pillar,
    make_recommendation,
    make_report,
    make_section,
    make_term,
    make_vocabulary,
)
from tests.html import classes, fetch, text_of

pytestmark = pytest.mark.django_db


def show(query="", prefix="/"):
    return fetch(Client(), f"{prefix}compare/{query}")


def heads(page):
    return [text_of(next(e.iter("a"))) for e in page.all("th") if e.get("scope") == "col"]


def marks(comparison):
    """Row → the marks of each entry's things: ``all: A, B``."""
    return {
        str(row.label): [[f"{g.mark}: {', '.join(str(i.label) for i in g.items)}" for g in c.groups] for c in row.cells]
        for row in comparison.rows
        if not row.is_text
    }


def test_rows_tell_what_all_share_from_what_some_and_only_one_have():
    vocabulary, section = make_vocabulary(name_en="Instrument"), make_section(code="S1")
    all_, two, one = (make_term(vocabulary=vocabulary, label_en=name) for name in ("All", "Two", "One"))
    foshan, pillar = make_city(name_en="Foshan"), make_pillar(name_en="Reform")
    a = make_recommendation(terms=[all_, two, one], pillar=pillar, cities=[foshan], problem_en="It is hard.")
    b = make_recommendation(terms=[all_, two], pillar=pillar, basis="implied")
    c = make_recommendation(terms=[all_], pillar=pillar)
    for entry in (a, b):
        make_evidence(recommendation=entry, section=section, paragraph="b7", key_phrase=f"phrase of {entry.pk}")
    loaded = {e.pk: e for e in Recommendation.objects.for_detail()}
    rows = marks(Comparison([loaded[a.pk], loaded[b.pk], loaded[c.pk]]))
    assert rows["Instrument"] == [["all: All", "some: Two", "only: One"], ["all: All", "some: Two"], ["all: All"]]
    assert rows["Pillar"] == [["all: Reform"]] * 3
    assert rows["Basis"] == [["some: Stated"], ["only: Implied"], ["some: Stated"]]
    assert rows["Cities named"] == [["only: Foshan"], [], []]
    assert any(group.startswith("some:") and "S1 b7" in group for group in rows["Evidence"][1])
    assert "Cities through the Bay Area" not in rows
    page = show(f"?r={a.slug}&r={b.slug}&r={c.slug}")
    text = page.main_text
    assert all(
        words in text for words in ("Shared by all", "Only here", "Shared by some", "It is hard.", "Nothing here")
    )
    assert {"all", "some", "only"} <= {c for e in page.all("div", cls="mk") for c in classes(e)}
    assert heads(page) == [entry.title_en for entry in (a, b, c)]


def test_addresses_that_are_not_right_are_answered_and_say_why():
    for n in range(1, 7):
        make_recommendation(slug=f"e{n}", number=n, title_en=f"Entry {n}")
    make_recommendation(slug="hidden", state="draft", number=9, title_en="Zeppelin")
    other = make_report()
    make_recommendation(slug="twin", report=other, pillar=make_pillar(report=other), number=2)
    assert show().status == 200
    assert not show().all("table")
    assert len(show().all("select")) == 2
    alone = show("?r=e1")
    assert heads(alone) == ["Entry 1"]
    assert "Add at least one more" in alone.main_text
    assert "Only here" not in alone.main_text
    page = show("?r=e1&r=e1&r=3&r=&r=hidden&r=9&r=2&r=%00&r=nonsense")
    assert page.status == 200
    assert heads(page) == ["Entry 1", "Entry 3"]  # 2 is the number of two entries, so of none in particular
    problems = text_of(page.all("div", cls="err")[0])
    assert "“Entry 1” was chosen more than once" in problems
    assert all(f"“{value}” is not a published" in problems for value in ("hidden", "9", "2"))
    assert "Zeppelin" not in page.html
    many = show("?" + "&".join(f"r=e{n}" for n in range(1, 7)))
    assert heads(many) == [f"Entry {n}" for n in range(1, 5)]
    assert "left out: 5. Entry 5, 6. Entry 6" in text_of(many.all("div", cls="err")[0])
    assert not many.all("select")
    assert many.meta("robots") == ["noindex"]
    removes = [a.get("href") for a in show("?r=e1&r=e2").all("a", cls="rm")]
    assert removes == ["/compare/?r=e2", "/compare/?r=e1"]


@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
def test_former_slug_leads_to_the_present_one_for_good(client, prefix):
    entry = make_recommendation(slug="present")
    make_recommendation(slug="other")
    remember_slug(instance=entry, former="former")
    response = client.get(f"{prefix}compare/?r=former&r=other")
    assert response.status_code == 301
    assert response["Location"] == f"{prefix}compare/?r=present&r=other"
    Recommendation.objects.filter(pk=entry.pk).update(state="archived")
    assert client.get(f"{prefix}compare/?r=former&r=other").status_code == 200


def test_where_there_are_many_an_entry_is_typed_and_where_they_are_listed_it_is_ticked(monkeypatch):
    monkeypatch.setattr("recommendations.compare.MAX_OFFERED", 1)
    make_recommendation(slug="a"), make_recommendation(slug="b")
    fields = [e for e in show().all("input") if e.get("name") == "r"]
    assert [e.get("type") for e in fields] == ["text", "text"]
    for view in ("cards", "table"):
        page = fetch(Client(), f"/recommendations/?view={view}")
        ticks = [e for e in page.all("input") if e.get("name") == "r"]
        assert [(e.get("value"), e.get("form")) for e in ticks] == [("a", "compare"), ("b", "compare")]
        assert page.by_id("compare").get("action") == "/compare/"
