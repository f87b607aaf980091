"""The matrix as a page and as a file: every number opens the list of as many entries."""

from __future__ import annotations

import csv
import io
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from recommendations import matrix
from recommendations.answers import OrmAnswers
from recommendations.filters import RecommendationFilterSet
from recommendations.matrix import Matrix
from recommendations.reading import Reading
from tests.factories import (
    make_area,
    make_city,
    make_entries,
    make_link,
    make_pillar,
    make_recommendation,
    make_region,
    make_term,
    make_vocabulary,
    refresh_all,
)
from tests.html import Page, classes, fetch, text_of

pytestmark = pytest.mark.django_db


def view(query="", prefix="/"):
    return fetch(Client(), f"{prefix}recommendations/?view=matrix{query and '&'}{query}")


def make_matrix(query=""):
    data = QueryDict(query)
    filterset = RecommendationFilterSet(data)
    return Matrix(data, filterset, OrmAnswers(filterset))


def numbers(page: Page):
    """Each number of the table that is a link: (number, address)."""
    table = page.all("table", cls="cross")[0]
    return [(int((a.text or "").strip()), a.get("href", "")) for a in table.iter("a")]


def shown(page: Page):
    """The table as rows of text, the heading first."""
    table = page.all("table", cls="cross")[0]
    return [[text_of(cell) for cell in row if cell.tag in {"th", "td"}] for row in table.iter("tr")]


def total(url):
    return RecommendationFilterSet(QueryDict(urlsplit(url).query)).qs.count()


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize(
    "query",
    [
        "",
        "rows=pillar&cols=city&include=province&q=%E6%9C%8D%E5%8A%A1",
        "rows=area&cols=reach&city=foshan&pillar=talent",
    ],
)
def test_every_number_of_the_32_opens_as_many_entries(query):
    page = view(query, "/zh-hans/")
    found = numbers(page)
    assert len(found) > 10
    for number, url in found:
        assert total(url) == number, url
        assert "view=" not in url
    assert found[-1][0] == int(text_of(next(page.by_id("count").iter("b"))))


@pytest.fixture
def places():
    """Four cities of the territory and one outside, each reached in its own way, and two pillars."""
    names = ["named", "read", "metro", "bay", "bare"]
    cities = {name: make_city(slug=name, name_en=name.title()) for name in names}
    cities["far"] = make_city(slug="far", name_en="Far", region=make_region(is_outside=True))
    make_area(kind="metropolitan-area", members=[cities["metro"]])
    make_area(kind="bay-area", members=[cities["bay"], cities["far"]])
    one, two = make_pillar(slug="one", name_en="One"), make_pillar(slug="two", name_en="Two")
    make_recommendation(slug="a", pillar=one, reach="metropolitan", cities=[cities["named"]])
    make_link(recommendation=make_recommendation(slug="b", pillar=one), city=cities["read"], basis="editorial")
    make_recommendation(slug="c", pillar=one, reach="bay-area")
    make_recommendation(slug="d", pillar=one, reach="province")
    make_recommendation(slug="e", pillar=one, reach="province", cities=[cities["named"]])
    make_recommendation(slug="f", pillar=two)
    refresh_all()


@pytest.mark.usefixtures("places")
def test_reasons_are_told_apart_by_letter_form_and_words():
    page = view()
    found = {row[0]: row[1:] for row in shown(page)}
    assert found["City"] == ["One", "Two", "All"]
    assert found["Named"] == ["2N: Named in the article 2; 1 more applies province-wide", "·0", "2"]
    assert found["Read"] == ["1R: Our reading 1; 2 more apply province-wide", "·0", "1"]
    assert found["Metro"] == ["1M: Covered through its metropolitan area 1; 2 more apply province-wide", "·0", "1"]
    assert found["Bay"] == ["1B: Covered through the Bay Area 1; 2 more apply province-wide", "·0", "1"]
    assert found["Bare"] == ["2P: Province-wide only", "·0", "0"]
    assert found["Far"] == ["1B: Covered through the Bay Area 1", "·0", "1"]
    assert found["All"] == ["5", "1", "6"]
    forms = {tuple(sorted(classes(a) - {"heat", "why", "tot"})) for a in page.all("a", cls="why")}
    assert forms == {("named",), ("editorial",), ("metropolitan",), ("bay-area",), ("province",)}
    apart = next(a.get("href", "") for a in page.all("a", cls="province"))
    assert ("include", "province") in parse_qsl(urlsplit(apart).query)
    assert total(apart) == 2


@pytest.mark.usefixtures("places")
def test_rows_and_columns_change_places_and_stay_in_the_address():
    page = view("rows=pillar")
    assert shown(page)[0] == ["Pillar", "Named", "Read", "Metro", "Bay", "Bare", "Far", "All"]
    assert page.all("h2", cls="h-m")[0] is not None
    assert text_of(page.by_id("mx-h")) == "Pillar × City"
    assert not [e for e in page.root.iter() if e.get("role") == "alert"]
    assert "/recommendations/?view=matrix" in page.hrefs  # swapped: the default again
    carried = {
        (e.get("name"), e.get("value")) for e in page.by_id("filters").iter("input") if e.get("type") == "hidden"
    }
    assert carried == {("view", "matrix"), ("rows", "pillar"), ("cols", "city")}
    table = next(a for a in page.all("a") if text_of(a) == "Table")
    assert table.get("href") == "/recommendations/?view=table"
    assert Reading(QueryDict("view=cards&rows=pillar&cols=city")).hidden == []
    assert {cell.get("scope") for cell in page.all("table", cls="cross")[0].iter("th")} == {"row", "col"}


@pytest.mark.usefixtures("places")
def test_chosen_values_are_the_lines_shown_and_the_rest_narrows():
    page = view("city=named&city=bay&reach=province")
    assert [row[0] for row in shown(page)] == ["City", "Named", "Bay", "All"]
    assert "Only what is chosen under City is shown." in page.main_text
    assert shown(page)[1][1:] == ["1N: Named in the article 1; 1 more applies province-wide", "·0", "1"]
    assert shown(page)[-1][1:] == ["1", "0", "1"]


@pytest.mark.parametrize(
    ("query", "rows", "cols", "problem"),
    [
        ("rows=colour", "city", "pillar", "“colour” is nothing to set out by; City is shown."),
        ("rows=reach&cols=%00x", "reach", "pillar", "“x” is nothing to set out by; Pillar is shown."),
        ("rows=reach&cols=reach", "reach", "pillar", "Reach cannot be set against itself; the columns show Pillar."),
        ("rows=pillar&cols=pillar", "pillar", "city", "Pillar cannot be set against itself; the columns show City."),
        ("rows=pillar", "pillar", "city", ""),
        ("cols=city", "city", "pillar", ""),
    ],
)
def test_what_cannot_be_set_out_is_named(query, rows, cols, problem):
    make_recommendation(cities=[make_city()])
    found = make_matrix(query)
    assert (found.rows.name, found.cols.name) == (rows, cols)
    assert found.problems == ([problem] if problem else [])
    page = view(query)
    assert page.status == 200
    assert problem in page.main_text
    assert Client().get(f"/recommendations/matrix.csv?{query}").status_code == (400 if problem else 200)
    assert Reading(QueryDict(f"view=table&{query}")).problems == []


def test_more_values_than_fit_are_cut_to_the_largest_and_said(monkeypatch):
    monkeypatch.setattr(matrix, "LIMITS", {"rows": 3, "cols": 2})
    terms = [make_term(vocabulary=make_vocabulary(slug="sector", name_en="Sector"), label_en=f"T{n}") for n in range(1)]
    terms += [make_term(vocabulary=terms[0].vocabulary, label_en=f"T{n}") for n in range(1, 6)]
    for n, term in enumerate(terms):
        for _ in range(n):
            make_recommendation(terms=[term], pillar=make_pillar(slug=f"p{n}-{_}"))
    page = view("rows=sector")
    assert [row[0] for row in shown(page)] == ["Sector", "T3", "T4", "T5", "All"]
    assert len(shown(page)[0]) == 4
    assert "Sector has 6 values; the 3 with the most recommendations are shown." in page.main_text
    assert "Pillar has 15 values; the 2 with the most recommendations are shown." in page.main_text


def test_weights_are_thirds_of_the_largest_count():
    make_entries({"basis": "stated", "reach": "city"} for _ in range(7))
    found = make_matrix("rows=basis&cols=reach")
    assert [(level.key, level.first, level.last) for level in found.levels] == [
        ("lo", 1, 2),
        ("mid", 3, 4),
        ("hi", 5, 7),
    ]
    assert {cell.level for line in found.lines for cell in line.cells} == {"hi", "zero"}
    assert make_matrix("rows=basis&cols=reach&q=nothing").levels == []


@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
def test_matrix_without_values_says_what_to_do(prefix):
    page = view("", prefix)
    assert page.status == 200
    assert page.all("table") == []
    make_recommendation()
    empty = view("", prefix)
    assert empty.all("table") == []
    assert len(empty.all("select")) == 2
    assert Client().get(f"{prefix}recommendations/matrix.csv").status_code == 200


def read_csv(query=""):
    response = Client().get(f"/recommendations/matrix.csv{query and '?'}{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="guangdong-32-matrix.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.usefixtures("places")
def test_file_has_the_counts_and_the_province_wide_apart():
    make_pillar(slug="three", name_en="=1+1")
    lines = {line[0]: line[1:] for line in read_csv()}
    besides = [f"{name}: province-wide besides" for name in ("One", "Two")]
    assert lines["City / Pillar"] == ["One", "Two", "'=1+1", "All", *besides, "'=1+1: province-wide besides"]
    assert lines["Named"] == ["2", "0", "0", "2", "1", "0", "0"]
    assert lines["Bare"] == ["0", "0", "0", "0", "2", "0", "0"]
    assert lines["Far"] == ["1", "0", "0", "1", "0", "0", "0"]
    assert lines["All"] == ["5", "1", "0", "6", "", "", ""]
    assert read_csv("rows=basis&cols=reach&pillar=two")[0][1:] == [
        *(str(o.label) for o in make_matrix().facets["reach"].options),
        "All",
    ]
    filtered = view("pillar=one&rows=basis&cols=reach&sort=title")
    query = urlencode([("pillar", "one"), ("rows", "basis"), ("cols", "reach")])
    assert f"/recommendations/matrix.csv?{query}" in filtered.hrefs
