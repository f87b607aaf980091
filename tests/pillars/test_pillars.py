"""Pillars and reports: names, order, hues, and their pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from pillars import overview, views
from pillars.models import Pillar, Report
from pillars.overview import summaries, together
from tests.factories import make_pillar, make_recommendation, make_report
from tests.html import classes, fetch, text_of

pytestmark = pytest.mark.django_db


def numbers(tallies):
    return {tally.value: tally.count for tally in tallies}


def test_pillars_come_by_report_and_number():
    first, second = make_report(), make_report()
    third = make_pillar(report=second, number=1)
    later = make_pillar(report=first, number=2)
    sooner = make_pillar(report=first, number=1)
    assert list(Pillar.objects.in_order()) == [sooner, later, third]
    assert list(Report.objects.in_order()) == [first, second]


@pytest.mark.parametrize(("number", "hue"), [(1, 1), (4, 4), (5, 1), (8, 4), (9, 1)])
def test_hues_go_round_after_the_fourth(number, hue):
    assert Pillar(number=number).hue == hue


def test_names_are_those_of_the_language():
    pillar = make_pillar(number=3, slug="talent", short_name_en="Talent", short_name_zh_hans="人才")
    report = make_report(title_en="Harbours", title_zh_hans="港口")
    assert (str(pillar), str(report)) == ("3. Talent", "Harbours")
    with translation.override("zh-hans"):
        assert (str(pillar), str(report)) == ("3. 人才", "港口")
        assert pillar.get_absolute_url() == "/zh-hans/pillars/talent/"


def test_natural_keys_lead_back():
    pillar = make_pillar()
    assert Pillar.objects.get_by_natural_key(*pillar.natural_key()) == pillar
    assert Report.objects.get_by_natural_key(*pillar.report.natural_key()) == pillar.report


def test_summary_counts_published_entries_by_basis_reach_and_status():
    one, empty = make_pillar(), make_pillar()
    make_recommendation(pillar=one, basis="stated", reach="province")
    make_recommendation(pillar=one, basis="stated", reach="city")
    make_recommendation(pillar=one, basis="implied", reach="city")
    make_recommendation(pillar=one, state="draft")
    make_recommendation(pillar=one, state="archived")
    found = summaries([one, empty])
    assert [summary.count for summary in found] == [3, 0]
    assert numbers(found[0].bases) == {"stated": 2, "implied": 1, "inferred": 0}
    assert numbers(found[0].reaches) == {"province": 1, "metropolitan": 0, "bay-area": 0, "city": 2}
    assert numbers(found[0].statuses)["no-follow-up-found"] == 3
    assert set(numbers(found[1].bases).values()) == {0}
    assert numbers(together([found[0].bases, found[0].bases])) == {"stated": 4, "implied": 2, "inferred": 0}


def test_summaries_of_many_pillars_cost_three_queries(django_assert_num_queries):
    pillars = [make_pillar() for _ in range(9)]
    make_recommendation(pillar=pillars[3])
    with django_assert_num_queries(3):
        assert sum(summary.count for summary in summaries(pillars)) == 1


def listed(page):
    return [text_of(next(e.iter("a"))) for e in page.all("article", cls="rec")]


def test_page_lists_its_own_entries_in_order():
    pillar, other = make_pillar(slug="one"), make_pillar(slug="two")
    for number, owner in ((3, pillar), (1, pillar), (2, other)):
        make_recommendation(number=number, title_en=f"Entry {number}", pillar=owner)
    make_recommendation(title_en="Hidden", pillar=pillar, state="draft")
    page = fetch(Client(), "/pillars/one/")
    assert listed(page) == ["1. Entry 1", "3. Entry 3"]
    assert "Entry 2" not in page.main_text
    heads = [text_of(e) for e in page.all("div", cls="ghead")]
    assert heads == ["Recommendations 2"]


def test_long_list_ends_with_a_way_to_the_rest(monkeypatch):
    monkeypatch.setattr(views, "MAX_LISTED", 2)
    pillar = make_pillar(slug="one")
    for _ in range(3):
        make_recommendation(pillar=pillar)
    page = fetch(Client(), "/pillars/one/")
    assert len(listed(page)) == 2
    assert "Filter and search these 3" in page.main_text
    assert "/recommendations/?pillar=one" in page.hrefs


def test_page_leads_to_its_neighbours_of_the_same_report():
    for slug in ("one", "two", "three"):
        make_pillar(slug=slug)
    make_pillar(slug="elsewhere", report=make_report())

    def around(slug):
        links = fetch(Client(), f"/pillars/{slug}/").all("a")
        return {a.get("rel"): a.get("href") for a in links if a.get("rel") in {"prev", "next"}}

    assert around("one") == {"next": "/pillars/two/"}
    assert around("two") == {"prev": "/pillars/one/", "next": "/pillars/three/"}
    assert around("three") == {"prev": "/pillars/two/"}


def test_list_has_every_pillar_with_its_numbers():
    for number in (1, 2):
        pillar = make_pillar(name_en=f"Number {number}")
        for _ in range(number):
            make_recommendation(pillar=pillar)
    page = fetch(Client(), "/pillars/")
    cards = page.all("article", cls="pillar")
    assert [text_of(next(card.iter("a"))) for card in cards] == ["Number 1", "Number 2"]
    counts = [text_of(next(e for e in card.iter("span") if "num" in classes(e))) for card in cards]
    assert counts == ["1", "2"]
    assert "3 recommendations, grouped" in page.main_text


def test_many_entries_are_drawn_as_a_bar(monkeypatch):
    pillar = make_pillar(slug="one")
    for _ in range(3):
        make_recommendation(pillar=pillar)
    assert len(fetch(Client(), "/pillars/").all("i", cls="u")) == 3
    monkeypatch.setattr(views, "MAX_SQUARES", overview.MAX_SQUARES - 58)
    page = fetch(Client(), "/pillars/")
    assert page.all("i", cls="u") == []
    assert page.all("svg", cls="share")


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
def test_the_four_pillars_show_their_shares(prefix):
    expected = {"institutional-reform": 9, "manufacturing-services": 9, "talent": 7, "digital-foundation": 7}
    for slug, count in expected.items():
        assert len(listed(fetch(Client(), f"{prefix}pillars/{slug}/"))) == count


def test_report_page_says_how_many_it_states_and_how_many_are_here():
    report = make_report(slug="one", title_en="The report", stated_total=3, provenance_note_en="As read by us.")
    pillar = make_pillar(report=report)
    for state in ("published", "published", "draft"):
        make_recommendation(report=report, pillar=pillar, state=state)
    make_recommendation(report=make_report())
    page = fetch(Client(), "/reports/one/")
    facts = dict(zip([text_of(e) for e in page.all("dt")], [text_of(e) for e in page.all("dd")], strict=False))
    assert (facts["Recommendations it says it makes"], facts["Explained here"]) == ("3", "2")
    assert facts["Published"] == "not known to us"
    assert "The two numbers differ" in page.main_text
    assert "As read by us." in page.main_text
    assert len(page.all("article", cls="pillar")) == 1
    make_recommendation(report=report, pillar=pillar)
    assert "The two numbers agree" in fetch(Client(), "/reports/one/").main_text
    make_report(slug="bare")
    assert "There are no pillars yet." in fetch(Client(), "/reports/bare/").main_text
