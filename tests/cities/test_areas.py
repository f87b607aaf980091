"""The page of an area: its cities, and each entry under the strongest reason for which it touches a member."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cities.areas import AreaOverview
from cities.models import Area
from recommendations import derive
from recommendations.models import Recommendation
from tests.factories import make_area, make_city, make_link, make_membership, make_recommendation, make_region
from tests.html import classes, fetch, text_of

pytestmark = pytest.mark.django_db


def test_each_entry_stands_once_under_its_strongest_reason():
    core, part, tied = make_city(), make_city(), make_city()
    area = make_area(slug="one", members=[])
    make_membership(area=area, city=tied, extent="linked")
    make_membership(area=area, city=part, extent="partial")
    make_membership(area=area, city=core, role="core")
    named = make_recommendation(cities=[core])
    make_link(recommendation=named, city=part, basis="editorial")
    read = make_recommendation(reach="metropolitan")
    make_link(recommendation=read, city=part, basis="editorial")
    covers = make_recommendation(reach="metropolitan")
    make_recommendation(cities=[tied])
    make_recommendation(cities=[core], state="draft")
    everywhere = make_recommendation(reach="province")
    derive.refresh()
    overview = AreaOverview(area)
    assert {g.value: g.entries for g in overview.groups} == {
        "named": [named], "editorial": [read], "metropolitan": [covers],
    }  # fmt: skip
    assert (overview.everywhere.entries, overview.touching, overview.applying) == ([everywhere], 3, 4)
    assert [m.city for m in overview.memberships] == [core, part, tied]
    assert [(s.touching, s.everywhere) for s in overview.shares] == [(3, 1)]
    page = fetch(Client(), "/areas/one/")
    cells = [text_of(e) for e in page.all("td")]
    assert cells[:6] == ["Whole city", "Core", "Part of the city", "Member", "Linked, not a member", "–"]


@pytest.mark.usefixtures("content")
def test_numbers_of_the_page_are_those_of_the_filter():
    for area in Area.objects.in_order():
        overview = AreaOverview(area)
        page = fetch(Client(), f"/recommendations/?area={area.slug}")
        assert text_of(page.by_id("count")).split()[0] == str(overview.touching), area
        page = fetch(Client(), f"/recommendations/?area={area.slug}&include=province")
        assert text_of(page.by_id("count")).split()[0] == str(overview.applying), area
        assert sum(share.count for share in overview.shares) == overview.applying
        page = fetch(Client(), f"/areas/{area.slug}/")
        marks = [m for e in page.all("span") for m in classes(e) & {"on", "cov", "tied"}]
        assert len(marks) == len(overview.memberships), area
    assert Recommendation.objects.published().count() == 32


def test_area_wholly_outside_the_territory_has_no_province_wide_entries():
    abroad = make_city(region=make_region(is_outside=True))
    make_recommendation(reach="province")
    overview = AreaOverview(make_area(slug="out", members=[abroad], kind="bay-area"))
    assert (overview.is_inside, overview.everywhere.count, overview.applying) == (False, 0, 0)
    page = fetch(Client(), "/areas/out/")
    assert "do not apply here" in page.main_text
    assert not [href for href in page.hrefs if "include=province" in href]
    make_area(slug="bare")
    assert "No city is recorded as a member yet." in fetch(Client(), "/areas/bare/").main_text


def test_area_page_costs_the_same_however_many_cities_and_entries_there_are():
    city = make_city()
    area = make_area(slug="one", members=[city])
    make_recommendation(cities=[city])
    make_recommendation(reach="province")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert fetch(Client(), "/areas/one/").status == 200
        return len(queries)

    few = cost()
    for _ in range(6):
        more = make_city()
        make_membership(area=area, city=more)
        make_recommendation(cities=[city, more])
    assert cost() == few
