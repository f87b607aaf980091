"""What the browse page shows under an address, and the address of every step from there."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import translation

from recommendations.reading import Reading
from tests.factories import make_city, make_entries, make_pillar, make_recommendation

pytestmark = pytest.mark.django_db


def read(query=""):
    return Reading(QueryDict(query))


def pairs(url):
    assert urlsplit(url).path == "/recommendations/"
    return parse_qsl(urlsplit(url).query)


def facet(reading, name):
    return next(view for view in reading.facets if view.name == name)


def value(reading, name, slug):
    return next(v for v in facet(reading, name).values if v.slug == slug)


@pytest.fixture
def twenty_five():
    """25 entries of two pillars, the even ones implied."""
    pillars = [make_pillar(slug="one"), make_pillar(slug="two")]
    make_entries({"pillar": pillars[n % 2], "basis": "implied" if n % 2 else "stated"} for n in range(25))


# What it gives


def test_page_of_twenty_with_the_whole_count(twenty_five):
    reading = read()
    assert (reading.total, reading.grand_total) == (25, 25)
    assert [entry.slug for entry in reading.page] == [f"n{n}" for n in range(20)]
    assert (reading.previous_url, reading.next_url) == ("", "/recommendations/?page=2")


def test_second_page_has_the_rest(twenty_five):
    reading = read("page=2")
    assert [entry.slug for entry in reading.page] == [f"n{n}" for n in range(20, 25)]
    assert (reading.previous_url, reading.next_url) == ("/recommendations/", "")
    assert reading.url == "/recommendations/?page=2"
    assert reading.page.object_list[0].slug == "n20"


def test_single_row_is_had_by_its_place(twenty_five):
    rows = read("sort=-number").page.paginator.object_list
    assert (len(rows), rows[0].slug, rows[24].slug) == (25, "n24", "n0")


def test_grand_total_is_of_everything_and_total_of_the_filter(twenty_five):
    reading = read("pillar=one")
    assert (reading.total, reading.grand_total) == (13, 25)


@pytest.mark.parametrize(
    ("given", "shown"),
    [("99", "2"), ("0", "1"), ("-1", "1"), ("x", "1"), ("1.5", "1"), ("9" * 5000, "1"), ("%00", "1")],
)
def test_page_that_is_not_there_gives_the_nearest_and_says_so(twenty_five, given, shown):
    reading = read(f"page={given}")
    assert str(reading.page.number) == shown
    assert len(reading.problems) == 1
    assert reading.problems[0].endswith(f"page {shown} is shown.")


@pytest.mark.parametrize(("given", "rows"), [("10", 10), ("20", 20), ("50", 25), ("100", 25)])
def test_page_size_is_one_of_four(twenty_five, given, rows):
    reading = read(f"per_page={given}")
    assert len(reading.page) == rows
    assert reading.problems == []
    assert [choice.key for choice in reading.per_page_options if choice.is_current] == [given]


@pytest.mark.parametrize("given", ["7", "0", "-10", "1000000", "x", "%00", "１０"])
def test_other_page_sizes_are_named_and_left_out(twenty_five, given):
    reading = read(f"per_page={given}")
    assert len(reading.page) == 20
    assert "is not a page size; choose one of 10, 20, 50, 100." in reading.problems[0]
    assert "per_page" not in reading.next_url


def test_view_is_cards_table_or_matrix(twenty_five):
    assert read().view == "cards"
    assert read("view=table").view == "table"
    assert read("view=table").problems == []
    views = [(v.key, v.is_current) for v in read("view=table").views]
    assert views == [("cards", False), ("table", True), ("matrix", False)]


def test_unknown_view_is_named_and_shown_as_cards():
    reading = read("view=globe")
    assert reading.view == "cards"
    assert reading.problems == ["“globe” is not a view; shown as cards."]


def test_problems_of_every_part_are_told_together(twenty_five):
    reading = read("pillar=nonsense&sort=colour&view=globe&per_page=3&page=9")
    assert len(reading.problems) == 5
    assert reading.total == 25


def test_nothing_found_offers_what_to_drop_best_first():
    make_city(slug="foshan")
    make_recommendation(pillar=make_pillar(slug="one", name_en="Number one"), title_en="Harbour")
    make_recommendation(pillar=make_pillar(slug="two", name_en="Number two"), basis="implied")
    make_recommendation(pillar=make_pillar(slug="three"))
    reading = read("q=harbour&pillar=two&pillar=one&basis=implied")
    assert reading.total == 0
    ways = [(str(chip.facet_label), str(chip.value_label), chip.count) for chip in reading.loosen]
    assert {way[0] for way in ways[:2]} == {"Text", "Basis"}
    # Without the pillars there would be none either, so that they are not offered.
    assert sorted(ways) == [("Basis", "Implied", 1), ("Text", "“harbour”", 1)]
    assert reading.keep == []
    assert read().loosen == []


def test_where_no_single_filter_is_the_cause_each_is_offered_alone():
    make_recommendation(pillar=make_pillar(slug="one", name_en="Number one"), title_en="Harbour")
    make_recommendation(pillar=make_pillar(slug="two", name_en="Number two"), title_en="Harbour")
    make_recommendation(pillar=make_pillar(slug="three"), basis="implied", reach="city")
    reading = read("q=harbour&basis=implied&reach=metropolitan&view=table")
    assert reading.loosen == []
    ways = [(str(chip.facet_label), chip.count, pairs(chip.remove_url)) for chip in reading.keep]
    assert ways == [
        ("Text", 2, [("q", "harbour"), ("view", "table")]),
        ("Basis", 1, [("basis", "implied"), ("view", "table")]),
    ]
    assert read("q=zeppelin").keep == []


def test_a_list_of_several_pages_is_printed_from_the_page_that_holds_them_all(twenty_five):
    assert pairs(read("sort=title&page=2").print_url) == [("sort", "title"), ("per_page", "100")]
    assert read("per_page=50").print_url == ""
    assert read("view=matrix").print_url == ""


# Facets


def test_facet_values_have_counts_marks_and_addresses(twenty_five):
    reading = read("pillar=one")
    one, two = value(reading, "pillar", "one"), value(reading, "pillar", "two")
    assert (one.count, two.count) == (13, 12)
    assert (one.is_selected, two.is_selected) == (True, False)
    assert (one.hue, two.hue) == (1, 2)
    assert pairs(reading.toggled_url("pillar", "one")) == []
    assert pairs(reading.toggled_url("pillar", "two")) == [("pillar", "one"), ("pillar", "two")]
    view = facet(reading, "pillar")
    assert (view.selected_count, view.clear_url, view.largest) == (1, "/recommendations/", 13)
    assert value(reading, "basis", "stated").count == 13
    assert value(reading, "basis", "implied").count == 0
    assert value(reading, "basis", "stated").marker
    assert value(reading, "reach", "city").marker == ""


def test_facet_is_open_where_it_matters_or_something_is_chosen(twenty_five):
    assert facet(read(), "pillar").is_open
    assert not facet(read(), "status").is_open
    assert facet(read("status=adopted"), "status").is_open


def test_step_from_a_page_goes_to_the_first_page_of_the_next_filter(twenty_five):
    reading = read("page=2&per_page=10&view=table&sort=title")
    step = pairs(reading.toggled_url("pillar", "two"))
    assert step == [("sort", "title"), ("view", "table"), ("per_page", "10"), ("pillar", "two")]
    assert ("page", "3") in pairs(reading.next_url)


def test_every_step_leads_where_its_count_says(twenty_five):
    for query in ("", "pillar=one", "basis=stated&pillar=two", "q=entry&pillar=one&pillar=two&basis=implied"):
        reading = read(query)
        for view in reading.facets:
            chosen = {v.slug for v in view.values if v.is_selected}
            for one in view.values:
                led = read(urlsplit(reading.toggled_url(view.name, one.slug)).query)
                left = {v.slug for v in facet(led, view.name).values if v.is_selected}
                assert left == chosen ^ {one.slug}
                if left == {one.slug}:
                    assert led.total == one.count


# Chips and addresses


def test_chips_are_the_filter_and_take_themselves_away(twenty_five):
    reading = read("q=entry&pillar=one&pillar=two&basis=stated&sort=title")
    assert reading.active_count == 4
    assert [str(chip.facet_label) for chip in reading.chips] == ["Text", "Pillar", "Pillar", "Basis"]
    assert pairs(reading.chips[0].remove_url) == [
        ("pillar", "one"), ("pillar", "two"), ("basis", "stated"), ("sort", "title"),
    ]  # fmt: skip
    assert ("pillar", "one") not in pairs(reading.chips[1].remove_url)
    assert ("pillar", "two") in pairs(reading.chips[1].remove_url)
    assert read().chips == []


def test_addresses_have_one_spelling(twenty_five):
    reading = read("page=1&view=cards&per_page=20&sort=number&utm_source=x&pillar=nonsense&basis=&q=")
    assert reading.url == "/recommendations/"
    assert read("basis=stated&pillar=one").url == read("pillar=one&basis=stated&pillar=one").url


def test_everything_asked_for_is_in_the_address(twenty_five):
    reading = read("q=entry&pillar=one&include=province&sort=-title&view=table&per_page=10&page=2")
    assert pairs(reading.url) == [
        ("q", "entry"),
        ("pillar", "one"),
        ("include", "province"),
        ("sort", "-title"),
        ("view", "table"),
        ("per_page", "10"),
        ("page", "2"),
    ]


def test_clearing_the_filter_keeps_how_it_is_shown(twenty_five):
    assert pairs(read("q=x&pillar=one&view=table&per_page=10&sort=title").clear_url) == [
        ("view", "table"),
        ("per_page", "10"),
    ]


def test_form_carries_what_is_not_a_field_of_its_own(twenty_five):
    hidden = read("q=x&pillar=one&include=province&sort=title&view=table&per_page=10&page=2").hidden
    assert hidden == [("sort", "title"), ("view", "table"), ("per_page", "10")]


def test_province_wide_entries_are_switched_on_and_off():
    assert pairs(read("pillar=x").include_url) == [("include", "province")]
    assert pairs(read("include=province").include_url) == []
    assert read("include=province").include_province is True


def test_entry_address_carries_the_filter_and_not_the_page(twenty_five):
    assert read("pillar=one&sort=title&page=2&view=table&per_page=10").entry_query == "?pillar=one&sort=title"
    assert read("page=2&colour=blue").entry_query == ""


def test_links_to_files_carry_what_was_searched():
    make_recommendation(title_en="Quays and harbours")
    for typed, carried in (
        ("harbuors", "q=harbours"),
        ("%25", ""),
        ('"a', "q=%22a"),
        ("+".join("bcdefghjklmnpqrs"), ""),
    ):
        reading = read(f"q={typed}&sort=number")
        for url in (reading.csv_url, reading.feed_url, *(url for _name, _label, url in reading.files)):
            assert carried in url
            assert ("q=" in url) is (typed != "%25")
            assert Client().get(url).status_code == 200, url


def test_csv_address_carries_the_filter(twenty_five):
    assert read("pillar=one&page=2").csv_url == "/recommendations/export.csv?pillar=one"
    assert read().csv_url == "/recommendations/export.csv"


def test_sort_in_force_turns_round_and_relevance_needs_words(twenty_five):
    plain = {choice.key: (pairs(choice.url), choice.is_current) for choice in read().sorts}
    assert plain == {
        "number": ([("sort", "-number")], True),
        "updated": ([("sort", "updated")], False),
        "title": ([("sort", "title")], False),
    }
    by_title = {choice.key: pairs(choice.url) for choice in read("sort=-title").sorts}
    assert by_title == {"number": [], "updated": [("sort", "updated")], "title": [("sort", "title")]}
    assert (read("sort=-title").is_reversed, read().is_reversed) == (True, False)
    words = {choice.key: (pairs(choice.url), choice.is_current) for choice in read("q=entry").sorts}
    assert words["relevance"] == ([("q", "entry")], True)
    assert words["number"] == ([("q", "entry"), ("sort", "number")], False)
    assert read("q=entry").sort == "relevance"


def test_long_results_have_gaps_in_their_page_links():
    make_entries({} for _ in range(300))
    links = read("per_page=10&page=15").page_links
    assert [link.number for link in links] == [1, 0, 13, 14, 15, 16, 17, 0, 30]
    assert [link.number for link in links if link.is_gap] == [0, 0]
    assert [link.number for link in links if link.is_current] == [15]
    assert pairs(links[0].url) == [("per_page", "10")]
    assert pairs(links[2].url) == [("per_page", "10"), ("page", "13")]


def test_addresses_stay_in_the_language(twenty_five):
    with translation.override("zh-hans"):
        reading = read("pillar=one")
        assert reading.url == "/zh-hans/recommendations/?pillar=one"
        assert reading.csv_url == "/zh-hans/recommendations/export.csv?pillar=one"


def test_words_are_shown_as_typed_without_what_cannot_be_shown():
    reading = read("q=%00Harbour%0A%20 Quay")
    assert reading.query == "Harbour Quay"
    assert [phrase.parts for phrase in reading.tokens] == [("harbour",), ("quay",)]
    assert pairs(reading.url) == [("q", "Harbour Quay")]
