"""The browse page as HTML: what stands on it is what the filter gives."""

from __future__ import annotations

from random import Random
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from recommendations.filters import RecommendationFilterSet
from recommendations.models import Recommendation
from tests.factories import make_city, make_entries, make_pillar, make_recommendation, make_term
from tests.html import Page, classes, fetch, text_of
from tests.recommendations.made_up import make_world
from tests.recommendations.reference import World

pytestmark = pytest.mark.django_db


def browse(query="", prefix="/", **headers):
    return fetch(Client(), f"{prefix}recommendations/{query and '?'}{query}", **headers)


def slugs(page: Page):
    """The entries listed, in order, in either view."""
    links = [next(article.iter("a")) for article in page.all("article", cls="rec")]
    links += [next(cell.iter("a")) for cell in page.all("th") if cell.get("scope") == "row"]
    return [urlsplit(link.get("href", "")).path.rstrip("/").rsplit("/", 1)[-1] for link in links]


def counts(page: Page):
    """(facet, value) → the number beside it."""
    found = {}
    for label in page.all("label", cls="opt"):
        box = next(label.iter("input"))
        numbers = [text_of(span) for span in label.iter("span") if "n" in classes(span)]
        if numbers:
            found[box.get("name"), box.get("value")] = int(numbers[0])
    return found


def total(page: Page):
    return int(text_of(next(page.by_id("count").iter("b"))))


def ticked(page: Page):
    return {(box.get("name"), box.get("value")) for box in page.all("input") if box.get("checked") is not None}


def test_page_has_count_entries_and_numbers():
    one, two = make_pillar(slug="one"), make_pillar(slug="two")
    make_recommendation(slug="a", pillar=one)
    make_recommendation(slug="b", pillar=two)
    make_recommendation(slug="c", pillar=two, basis="implied")
    page = browse("pillar=two")
    assert text_of(page.by_id("count")) == "2 of 3 recommendations"
    assert slugs(page) == ["b", "c"]
    found = counts(page)
    assert (found["pillar", "one"], found["pillar", "two"]) == (1, 2)
    assert (found["basis", "stated"], found["basis", "implied"], found["basis", "inferred"]) == (1, 1, 0)
    assert ticked(page) == {("pillar", "two")}
    assert slugs(browse("pillar=two&view=table")) == ["b", "c"]


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
def test_talent_page_lists_the_seven_and_the_city_page_its_coverage(prefix):
    page = browse("pillar=talent", prefix)
    expected = list(Recommendation.objects.filter(pillar__slug="talent").in_order().values_list("slug", flat=True))
    assert (total(page), slugs(page)) == (7, expected)
    foshan = browse("city=foshan&per_page=100", prefix)
    covered = Recommendation.objects.filter(coverage__city__slug="foshan").values_list("slug", flat=True)
    assert sorted(slugs(foshan)) == sorted(covered)
    assert total(foshan) == counts(foshan)["city", "foshan"] == len(covered)


@pytest.mark.usefixtures("content")
def test_unknown_value_is_a_page_that_names_it():
    page = browse("pillar=nonsense&basis=stated")
    assert page.status == 200
    alert = [e for e in page.root.iter() if e.get("role") == "alert"]
    assert len(alert) == 1
    assert "“nonsense” is not a value of Pillar; it was left out." in text_of(alert[0])
    assert total(page) == Recommendation.objects.filter(basis="stated").count()
    assert not [href for href in page.hrefs if "nonsense" in href and "language" not in href and "zh-hans" not in href]
    assert not [e for e in browse("basis=stated").root.iter() if e.get("role") == "alert"]


def random_filter(random: Random, world: World):
    values = [(name, slug) for name, found in sorted(world.options.items()) for slug in sorted(found)]
    pairs = random.sample(values, random.choice([0, 1, 1, 2, 3]))
    if random.random() < 0.4:
        pairs.append(("q", random.choice(["data", "数据", "services", "人才", "city"])))
    if random.random() < 0.3:
        pairs.append(("include", "province"))
    if random.random() < 0.5:
        pairs.append(("sort", random.choice(["title", "-title", "updated", "-number"])))
    return pairs


def check_page(world: World, pairs, prefix):
    language = "zh-hans" if prefix == "/zh-hans/" else "en"
    page = browse(urlencode([*pairs, ("per_page", "100")]), prefix)
    names = {plain.entry.pk: plain.entry.slug for plain in world.entries}
    expected = [names[pk] for pk in world.ids(pairs, language=language)]
    assert total(page) == len(expected)
    assert slugs(page) == expected
    shown = counts(page)
    facets = {name for name, _value in shown}
    assert len(facets) > 8
    for name in facets:
        assert {v: n for (facet, v), n in shown.items() if facet == name} == world.counts(name, pairs), name
    assert {pair for pair in ticked(page) if pair[0] in world.options} == {p for p in pairs if p[0] in world.options}


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(n, marks=pytest.mark.long) for n in range(2, 20))])
def test_page_of_the_32_agrees_with_a_plain_walk(seed):
    random = Random(seed)  # noqa: S311 - any filter will do, the same for the same seed
    world = World()
    for prefix in ("/", "/zh-hans/"):
        check_page(world, random_filter(random, world), prefix)


@pytest.mark.parametrize("seed", range(2))
def test_page_of_a_made_up_body_agrees_with_a_plain_walk(seed):
    make_world(seed + 50)
    random, world = Random(seed), World()  # noqa: S311 - any filter will do, the same for the same seed
    for prefix in ("/", "/zh-hans/") * 2:
        check_page(world, random_filter(random, world), prefix)


def test_results_of_several_pages_are_each_shown_once():
    make_entries({} for _ in range(45))
    pages = [browse(f"page={n}") for n in (1, 2, 3)]
    assert [slug for page in pages for slug in slugs(page)] == [f"n{n}" for n in range(45)]
    assert [len(slugs(page)) for page in pages] == [20, 20, 5]
    assert {total(page) for page in pages} == {45}
    assert len({page.title for page in pages}) == 3
    nav = next(e for e in pages[1].all("nav") if "pages" in classes(e))
    rels = {a.get("rel"): a.get("href") for a in nav.iter("a") if a.get("rel")}
    assert rels == {"prev": "/recommendations/", "next": "/recommendations/?page=3"}


def test_form_carries_the_view_and_not_the_page():
    make_entries({} for _ in range(25))
    page = browse("view=table&sort=title&per_page=10&page=2&q=entry")
    form = page.by_id("filters")
    hidden = {(e.get("name"), e.get("value")) for e in form.iter("input") if e.get("type") == "hidden"}
    assert hidden == {("view", "table"), ("sort", "title"), ("per_page", "10")}
    assert (form.get("method"), form.get("action")) == ("get", "/recommendations/")
    assert page.by_id("q").get("value") == "entry"
    assert page.by_id("q").get("form") == "filters"


def test_found_words_are_marked_and_markup_is_not_believed():
    make_recommendation(
        slug="a", title_en="Harbours <b>&amp;</b> quays", summary_en="A harbour.", title_zh_hans="建设港口设施"
    )
    page = browse("q=harbour")
    assert [text_of(mark) for mark in page.all("mark")] == ["Harbours", "harbour"]
    assert "<b>&amp;</b> quays" not in page.html
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt; quays" in page.html
    chinese = browse("q=%E6%B8%AF%E5%8F%A3", "/zh-hans/")
    assert [text_of(mark) for mark in chinese.all("mark")] == ["港口"]
    assert browse("q=zeppelin").all("mark") == []
    assert [text_of(mark) for mark in browse("q=harbour&view=table").all("mark")] == ["Harbours"]


def test_nothing_found_says_what_to_leave_out():
    make_recommendation(pillar=make_pillar(slug="one"), title_en="Harbour")
    make_recommendation(pillar=make_pillar(slug="two"))
    page = browse("pillar=two&q=harbour")
    assert (total(page), slugs(page)) == (0, [])
    offers = [e for e in page.all("div", cls="notice") if "No recommendation matches" in text_of(e)]
    assert len(offers) == 1
    hrefs = {a.get("href") for a in offers[0].iter("a")}
    assert hrefs == {"/recommendations/?pillar=two", "/recommendations/?q=harbour", "/recommendations/"}
    assert text_of(offers[0]).count(": 1 recommendation") == 2


def test_chips_take_one_filter_away_each():
    term = make_term(slug="visas", label_en="Visas")
    make_recommendation(terms=[term], cities=[make_city(slug="foshan", name_en="Foshan")])
    name = term.vocabulary.slug
    page = browse(f"city=foshan&{name}=visas&q=entry")
    chips = {a.get("href"): text_of(a) for a in page.all("a", cls="rm")}
    assert set(chips) == {
        f"/recommendations/?city=foshan&{name}=visas",
        f"/recommendations/?q=entry&{name}=visas",
        "/recommendations/?q=entry&city=foshan",
    }
    assert any("Foshan" in text for text in chips.values())


def test_filters_in_force_read_as_a_sentence():
    make_recommendation(cities=[make_city(slug="foshan", name_en="Foshan")], pillar=make_pillar(slug="a", name_en="A"))
    make_pillar(slug="b", name_en="B")
    page = browse("pillar=a&pillar=b&city=foshan&include=province&q=entry")
    line = next(e for e in page.all("ul") if "chosen" in classes(e))
    words = [text_of(li).replace("Remove filter ", "") for li in line]
    assert words == [
        "Text: “entry”",
        "and Pillar: A",
        "or Pillar: B",
        "and City: Foshan",
        "or City: province-wide",
        "Clear all",
    ]
    province = next(a for a in line.iter("a") if "province-wide" in text_of(a))
    assert province.get("href") == "/recommendations/?q=entry&pillar=a&pillar=b&city=foshan"


def test_links_to_entries_carry_the_filter():
    make_recommendation(slug="a", basis="implied")
    page = browse("basis=implied&view=table")
    assert "/recommendations/a/?basis=implied" in page.hrefs
    assert not any("utm" in href for href in browse("utm=x").hrefs if not href.startswith("/zh-hans"))


def test_script_gets_the_part_it_asked_for():
    make_recommendation(slug="a")
    make_recommendation(slug="b", basis="implied")
    response = Client().get("/recommendations/?basis=implied", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert response.status_code == 200
    assert 'id="browse"' in html
    assert "<title>" in html
    assert "<html" not in html
    assert 'hx-swap-oob="true"' in html
    assert "/recommendations/b/" in html
    assert "/recommendations/a/" not in html
    assert "HX-Request" in response["Vary"]


def test_script_that_goes_back_in_history_gets_the_whole_page():
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in Client().get("/recommendations/", headers=headers).content.decode()
    plain = Client().get("/recommendations/")
    assert "<html" in plain.content.decode()
    assert "HX-Request" in plain["Vary"]


def test_sort_and_view_in_force_are_marked():
    make_entries({} for _ in range(3))
    page = browse("view=table&sort=-title")
    headings = {text_of(th): th.get("aria-sort") for th in page.all("th") if th.get("scope") == "col"}
    assert headings["Title"] == "descending"
    assert headings["No."] is None
    assert slugs(page) == ["n2", "n1", "n0"]
    current = [text_of(a) for a in page.all("a") if a.get("aria-current") == "true"]
    assert "Table" in current
    assert "Cards" not in current


@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
@pytest.mark.parametrize(
    "query",
    ["pillar=%00", "city=%00&q=%00", "sort=%00", "page=%00&per_page=%00&view=%00", "include=%00", "%00=1", "q=%FF%FE"],
)
def test_no_address_breaks_the_page(prefix, query):
    make_recommendation(slug="a")
    page = browse(query, prefix)
    assert page.status == 200
    assert "\x00" not in page.html
    assert page.root.tag == "html"


def test_address_with_too_many_parts_is_refused_and_not_a_failure():
    assert browse("&".join("p=x" for _ in range(1200))).status == 400


def test_filter_set_of_nothing_is_everything():
    make_entries({} for _ in range(3))
    assert RecommendationFilterSet().qs.count() == 3
