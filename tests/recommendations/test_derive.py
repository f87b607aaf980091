"""What follows from entries: coverage by reach and links, search text, sort keys."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from cities.models import Membership
from recommendations import derive
from recommendations.derive import title_key
from recommendations.models import Coverage, Recommendation, SearchText
from recommendations.tokens import index_texts
from tests.factories import (
    make_area,
    make_city,
    make_link,
    make_membership,
    make_recommendation,
    make_term,
    make_working_copy,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    """Two metropolitan areas and a Bay Area; *left-out* is linked to one and a member of none."""
    cities = {name: make_city(slug=name) for name in ("whole", "part", "linked", "left-out", "bay", "both")}
    first, second = make_area(members=[cities["whole"], cities["both"]]), make_area()
    bay = make_area(kind="bay-area", members=[cities["bay"], cities["both"]])
    make_membership(area=first, city=cities["part"], extent="partial")
    make_membership(area=second, city=cities["linked"], extent="linked")
    make_membership(area=bay, city=cities["linked"], extent="linked")
    return cities


def covered(entry):
    return dict(Coverage.objects.filter(recommendation=entry).values_list("city__slug", "basis"))


def test_metropolitan_reach_covers_full_and_partial_members_of_metropolitan_areas(places):
    assert covered(make_recommendation(reach="metropolitan")) == {
        "whole": "metropolitan",
        "part": "metropolitan",
        "both": "metropolitan",
    }


def test_bay_area_reach_covers_its_members(places):
    assert covered(make_recommendation(reach="bay-area")) == {"bay": "bay-area", "both": "bay-area"}


@pytest.mark.parametrize("reach", ["province", "city"])
def test_other_reaches_cover_what_is_linked_and_nothing_more(places, reach):
    assert covered(make_recommendation(reach=reach)) == {}
    assert covered(make_recommendation(reach=reach, cities=[places["bay"]])) == {"bay": "named"}


@pytest.mark.parametrize("reach", ["metropolitan", "bay-area"])
@pytest.mark.parametrize("basis", ["named", "editorial"])
def test_link_is_a_stronger_reason_than_the_reach(places, reach, basis):
    entry = make_recommendation(reach=reach)
    make_link(recommendation=entry, city=places["both"], basis=basis)
    make_link(recommendation=entry, city=places["left-out"], basis=basis)
    derive.refresh()
    found = covered(entry)
    assert (found["both"], found["left-out"]) == (basis, basis)
    assert Coverage.objects.filter(recommendation=entry, city=places["both"]).count() == 1
    assert reach in found.values()


def test_change_of_memberships_shows_after_a_refresh(places):
    entry = make_recommendation(reach="metropolitan")
    Membership.objects.filter(city=places["linked"]).update(extent="full")
    Membership.objects.filter(city=places["part"]).delete()
    assert set(covered(entry)) == {"whole", "part", "both"}
    assert derive.refresh() == 1
    assert set(covered(entry)) == {"whole", "linked", "both"}


def test_change_of_links_and_reach_shows_after_a_refresh(places):
    entry = make_recommendation(reach="metropolitan", cities=[places["left-out"]])
    entry.city_links.all().delete()
    Recommendation.objects.filter(pk=entry.pk).update(reach="city")
    derive.refresh()
    assert covered(entry) == {}


def test_refresh_of_some_leaves_the_others(places):
    one, other = make_recommendation(cities=[places["bay"]]), make_recommendation(cities=[places["bay"]])
    for entry in (one, other):
        entry.city_links.update(basis="editorial")
    assert derive.refresh(Recommendation.objects.filter(pk=one.pk)) == 1
    assert covered(one) == {"bay": "editorial"}
    assert covered(other) == {"bay": "named"}


def test_working_copies_derive_nothing(places):
    entry = make_recommendation(title_en="Harbour", cities=[places["bay"]])
    copy = make_working_copy(entry, title_en="Lighthouse")
    assert derive.refresh() == 1
    assert derive.refresh(Recommendation.objects.filter(pk=copy.pk)) == 0
    assert covered(copy) == {}
    assert not SearchText.objects.filter(pk=copy.pk).exists()
    assert "harbour" in SearchText.objects.get(pk=entry.pk).title


@pytest.mark.parametrize("state", ["draft", "in-review", "archived"])
def test_entries_in_every_state_derive(places, state):
    entry = make_recommendation(state=state, cities=[places["bay"]])
    derive.refresh()
    assert covered(entry) == {"bay": "named"}
    assert SearchText.objects.filter(pk=entry.pk).exists()


def test_refreshing_twice_gives_the_same_rows(places):
    make_recommendation(reach="bay-area", cities=[places["whole"]])
    make_recommendation(reach="metropolitan")

    def everything():
        coverage = sorted(Coverage.objects.values_list("recommendation_id", "city_id", "basis"))
        return coverage, list(SearchText.objects.order_by("pk").values())

    derive.refresh()
    before = everything()
    assert derive.refresh() == 2
    assert everything() == before


def test_refresh_goes_through_more_entries_than_one_batch(monkeypatch, places):
    monkeypatch.setattr(derive, "BATCH", 2)
    entries = [make_recommendation(cities=[places["bay"]]) for _ in range(5)]
    Coverage.objects.all().delete()
    SearchText.objects.all().delete()
    assert derive.refresh() == 5
    assert all(covered(entry) == {"bay": "named"} for entry in entries)
    assert SearchText.objects.count() == 5


def test_search_text_has_the_words_of_both_languages(places):
    term = make_term(label_en="Sea trade", label_zh_hans="海运")
    entry = make_recommendation(
        title_en="A Harbour", title_zh_hans="港口", action_en="Dredging.", terms=[term], cities=[places["bay"]]
    )
    text = SearchText.objects.get(pk=entry.pk)
    assert [text.title, text.summary] == index_texts(["A Harbour", "港口"], ["What it comes to.", "要点。"])
    for words in ("Dredging", "Sea trade", "海运", places["bay"].name_en, entry.pillar.name_zh_hans):
        assert index_texts([words])[0].split()[0] in text.body.split()
    assert str(text) == str(entry.pk)


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["b", "A", "É", "d"], ["A", "b", "d", "É"]),
        (["“Quay”", "Harbour", "5G", "zoo"], ["5G", "Harbour", "“Quay”", "zoo"]),
        (["data-driven", "data", "database"], ["data", "data-driven", "database"]),
    ],
)
def test_english_titles_sort_without_case_accent_and_punctuation(titles, expected):
    assert sorted(titles, key=lambda title: title_key(title, "en")) == expected


def test_chinese_titles_sort_by_pinyin():
    titles = ["人才", "打破", "5G", "服务", "引进", "数据", "妈", "马"]
    assert sorted(titles, key=lambda title: title_key(title, "zh-hans")) == [
        "5G", "打破", "服务", "妈", "马", "人才", "数据", "引进",
    ]  # fmt: skip


def test_command_rebuilds_what_is_derived(places):
    entry = make_recommendation(cities=[places["bay"]])
    Coverage.objects.all().delete()
    SearchText.objects.all().delete()
    out = StringIO()
    call_command("rebuild_derived", stdout=out)
    assert out.getvalue() == "1 entries refreshed\n0 phrases told otherwise\n0 statuses changed\n"
    assert covered(entry) == {"bay": "named"}
    assert SearchText.objects.count() == 1
    assert str(Coverage.objects.get()) == f"{entry.pk}–{places['bay'].pk}: named"


@pytest.mark.usefixtures("content")
def test_coverage_of_the_32_follows_from_reach_and_links():
    bay = set(Membership.objects.filter(area__kind="bay-area").values_list("city__slug", flat=True))
    metropolitan = set(
        Membership.objects.filter(area__kind="metropolitan-area")
        .exclude(extent="linked")
        .values_list("city__slug", flat=True)
    )
    assert (len(bay), {"hong-kong", "macao"} <= bay) == (11, True)
    by_reach = {"bay-area": bay, "metropolitan": metropolitan, "province": set(), "city": set()}
    seen = set()
    for entry in Recommendation.objects.all():
        linked = dict(entry.city_links.values_list("city__slug", "basis"))
        expected = dict.fromkeys(by_reach[entry.reach], entry.reach) | linked
        assert covered(entry) == expected
        seen.add(entry.reach)
    assert seen == set(by_reach)
