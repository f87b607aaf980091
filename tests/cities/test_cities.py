"""Cities: which entries touch them, how firmly, and their pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from cities import overview
from cities.models import Area, City, Membership, Region
from cities.overview import (
    Overview,
    areas_with_members,
    groups_of,
    is_member,
    memberships_of,
    pillar_shares,
    province_wide_group,
)
from recommendations.models import Coverage, Recommendation
from tests.factories import (
    make_area,
    make_city,
    make_link,
    make_membership,
    make_pillar,
    make_recommendation,
    make_region,
    refresh_all,
)
from tests.html import fetch, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    """Two cities inside, one outside; a metropolitan area and a Bay Area."""
    inside = make_region(slug="delta", name_en="Delta")
    outside = make_region(slug="beyond", name_en="Beyond", is_outside=True)
    first = make_city(slug="first", name_en="First", region=inside)
    second = make_city(slug="second", name_en="Second", region=inside)
    foreign = make_city(slug="foreign", name_en="Foreign", region=outside)
    make_area(slug="ring", name_en="Ring", members=[first])
    make_area(slug="bay", name_en="Bay", kind="bay-area", members=[first, foreign])
    return first, second, foreign


def values(groups):
    return {group.value: ([entry.slug for entry in group.entries], group.count) for group in groups}


def test_cities_of_the_territory_come_first(places):
    _first, _second, foreign = places
    late = make_city(region=places[0].region)
    assert list(City.objects.in_order()) == [*places[:2], late, foreign]
    assert list(City.objects.outside()) == [foreign]
    assert foreign not in City.objects.inside()


def test_names_and_natural_keys(places):
    city = places[0]
    membership = Membership.objects.filter(city=city).order_by("pk")[0]
    for thing in (city, city.region, membership.area, membership):
        assert type(thing).objects.get_by_natural_key(*thing.natural_key()) == thing
    assert (str(city), str(city.region), str(membership.area)) == ("First", "Delta", "Ring")
    assert str(membership) == "First – Ring"
    with translation.override("zh-hans"):
        assert str(city) == city.name_zh_hans
        assert city.get_absolute_url() == "/zh-hans/cities/first/"
    assert {Region.objects.count(), Area.objects.count()} == {2}


def test_only_full_and_partial_members_cover():
    city, part, linked = make_city(), make_city(), make_city()
    area = make_area(members=[city])
    make_membership(area=area, city=part, extent="partial")
    make_membership(area=area, city=linked, extent="linked")
    assert {m.city for m in Membership.objects.covering()} == {city, part}
    row = next(row for row in areas_with_members() if row.area == area)
    assert (row.members, row.linked) == ([city, part], [linked])


def test_groups_are_by_the_strongest_reason_and_the_empty_ones_are_there(places):
    first = places[0]
    make_recommendation(slug="named", cities=[first], reach="metropolitan")
    read = make_recommendation(slug="read")
    make_link(recommendation=read, city=first, basis="editorial")
    make_recommendation(slug="hidden", cities=[first], state="draft")
    make_recommendation(slug="ring", reach="metropolitan")
    make_recommendation(slug="bay", reach="bay-area")
    make_recommendation(slug="province", reach="province")
    refresh_all()
    assert values(groups_of(first)) == {
        "named": (["named"], 1),
        "editorial": (["read"], 1),
        "metropolitan": (["ring"], 1),
        "bay-area": (["bay"], 1),
    }
    assert values(groups_of(places[1])) == {
        "named": ([], 0), "editorial": ([], 0), "metropolitan": ([], 0), "bay-area": ([], 0),
    }  # fmt: skip
    assert values([province_wide_group(first)]) == {"province": (["province"], 1)}


def test_province_wide_entries_are_counted_once_and_not_outside(places):
    first, second, foreign = places
    make_recommendation(slug="both", reach="province", cities=[first, foreign])
    make_recommendation(slug="everywhere", reach="province")
    assert values([province_wide_group(first)]) == {"province": (["everywhere"], 1)}
    assert values([province_wide_group(second)]) == {"province": (["both", "everywhere"], 2)}
    assert values([province_wide_group(foreign)]) == {"province": ([], 0)}
    rows = {row.city.slug: (row.count, row.besides) for row in Overview().rows}
    assert rows == {"first": (1, 1), "second": (0, 2), "foreign": (1, 0)}


def test_long_groups_list_the_first_and_count_all(places, monkeypatch):
    monkeypatch.setattr(overview, "MAX_LISTED", 2)
    for _ in range(3):
        make_recommendation(cities=[places[0]])
        make_recommendation(reach="province")
    named = groups_of(places[0])[0]
    assert (len(named.entries), named.count) == (2, 3)
    assert (len(province_wide_group(places[0]).entries), province_wide_group(places[0]).count) == (2, 3)
    assert "See all in the list" in fetch(Client(), "/cities/first/").main_text


def test_shares_of_each_pillar_add_up(places):
    first, _second, foreign = places
    one, two = make_pillar(), make_pillar()
    make_recommendation(pillar=one, cities=[first, foreign])
    make_recommendation(pillar=one, reach="province")
    make_recommendation(pillar=two)
    make_recommendation(pillar=two, cities=[first], state="archived")
    here = [(s.touching, s.everywhere, s.count, s.whole, s.rest) for s in pillar_shares(first)]
    assert here == [(1, 1, 2, 2, 0), (0, 0, 0, 1, 1)]
    assert [(s.touching, s.everywhere, s.count) for s in pillar_shares(foreign)] == [(1, 0, 1), (0, 0, 0)]


def test_overview_knows_the_busiest_of_the_territory(places):
    first, second, foreign = places
    assert (Overview().busiest, Overview().most) == ([], 0)
    for cities in ([first, second], [first, second], [foreign, first], [foreign, second], [foreign], [foreign]):
        make_recommendation(cities=cities)
    found = Overview()
    assert found.busiest == [first, second]
    assert found.most == 3
    assert found.counts == {first.pk: 3, second.pk: 3, foreign.pk: 4}
    assert [row.city for row in found.inside] == [first, second]
    assert [row.city for row in found.outside] == [foreign]
    assert [tally.value for tally in found.reasons] == ["named", "editorial", "metropolitan", "bay-area"]


def test_overview_of_no_cities_is_empty():
    found = Overview()
    assert (found.rows, found.reasons, found.busiest, found.most, found.tilemap.tiles) == ([], [], [], 0, [])


def test_overview_costs_the_same_however_many_cities(places, django_assert_num_queries):
    for _ in range(10):
        make_recommendation(cities=[make_city()])
    with django_assert_num_queries(4):
        assert len(Overview().rows) == 13


def test_membership_by_kind(places):
    first, second, foreign = places
    assert is_member(memberships_of(first), "metropolitan-area")
    assert not is_member(memberships_of(foreign), "metropolitan-area")
    assert is_member(memberships_of(foreign), "bay-area")
    make_membership(area=Area.objects.get(slug="ring"), city=second, extent="linked")
    assert not is_member(memberships_of(second), "metropolitan-area")
    assert len(memberships_of(second)) == 1


def test_page_tells_what_touches_the_city_and_what_does_not(places):
    first, second, _foreign = places
    first.neighbours.set([second])
    make_recommendation(title_en="For the first", cities=[first])
    make_recommendation(title_en="For the second", cities=[second])
    make_recommendation(title_en="For all", reach="province")
    page = fetch(Client(), "/cities/first/")
    assert "For the first" in page.main_text
    assert "For all" in page.main_text
    assert "For the second" not in page.main_text
    heads = {text_of(next(e.iter("h2"))): text_of(next(e.iter("span"))) for e in page.all("div", cls="ghead")}
    assert heads["Names this city"] == "1"
    assert heads["Our reading"] == "0"
    assert heads["Province-wide only"] == "1"
    assert "/cities/second/" in page.hrefs
    assert "/recommendations/?city=first&include=province" in page.hrefs
    assert first.name_zh_hans in page.main_text


def test_city_outside_says_that_province_wide_entries_do_not_apply(places):
    make_recommendation(title_en="For all", reach="province")
    page = fetch(Client(), "/cities/foreign/")
    assert "For all" not in page.main_text
    assert "outside the province" in page.main_text
    assert not [href for href in page.hrefs if "include=province" in href]


@pytest.mark.usefixtures("content")
def test_numbers_of_every_city_page_are_those_of_its_coverage():
    total = Recommendation.objects.published().count()
    for city in City.objects.in_order():
        page = fetch(Client(), f"/cities/{city.slug}/")
        shown = [int(text_of(next(e.iter("span")))) for e in page.all("div", cls="ghead")]
        assert sum(shown[:4]) == Coverage.objects.filter(city=city).count(), city
        everywhere = Recommendation.objects.filter(reach="province").exclude(coverage__city=city).count()
        assert shown[4] == (0 if city.region.is_outside else everywhere), city
        assert sum(shown) <= total
        assert len(page.all("article", cls="rec")) == sum(shown)


@pytest.mark.usefixtures("content")
def test_table_of_cities_has_the_numbers_of_the_map():
    page = fetch(Client(), "/cities/")
    on_map = {a.get("href"): text_of(next(a.iter("b"))) for a in page.all("a", cls="tile")}
    rows = [row for row in page.all("tr") if row.findall("td")]
    in_table = {next(row.iter("a")).get("href"): text_of(next(row.iter("b"))) for row in rows}
    assert on_map == in_table
    assert len(on_map) == 23
