"""Pages that are not there, not for everyone, not well, moved, or empty; and what a page costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.slugs import remember_slug
from recommendations import actions, derive
from recommendations.models import Recommendation
from tests.factories import (
    make_area,
    make_checkpoint,
    make_city,
    make_evidence,
    make_link,
    make_pillar,
    make_recommendation,
    make_report,
    make_source,
    make_staff,
    make_term,
    make_user,
    make_working_copy,
    moment,
)
from tests.html import LANGUAGES, Page, fetch, parse, text_of

pytestmark = pytest.mark.django_db

PREFIXES = ("/", "/zh-hans/")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


# Not there


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "path",
    [
        "nothing/", "recommendations/nothing/", "pillars/nothing/", "cities/nothing/", "about", "recommendations/a/b/c/",  # noqa: E501 - one line of text
        "recommendations/nothing", "admin.php", "recommendations/a%00b/", "en/", "zh-hans/zh-hans/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_helpful_page_in_the_right_language(client, prefix, path):
    page = fetch(client, f"{prefix}{path}")
    if path in {"about", "recommendations/nothing"}:
        assert page.status == 301
        return
    assert page.status == 404
    assert page.root.get("lang") == LANGUAGES[page.language]
    assert len(page.all("h1")) == 1
    assert page.meta("robots") == ["noindex"]
    assert page.links("alternate") == page.links("canonical") == []
    start = "/zh-hans" if page.language == "zh-hans" else ""
    assert {f"{start}/", f"{start}/recommendations/", f"{start}/pillars/", f"{start}/cities/"} <= set(page.hrefs)
    assert [e.get("action") for e in page.all("form")] == [f"{start}/recommendations/"]
    assert not page.response.cookies
    assert "unsafe-" not in page.response["Content-Security-Policy"]


def test_pages_that_are_not_there_differ_by_language(client):
    english, chinese = fetch(client, "/nothing/"), fetch(client, "/zh-hans/nothing/")
    assert "not found" in english.title
    assert "not found" not in chinese.title
    assert english.by_id("language").get("href") == "/zh-hans/nothing/"
    assert chinese.by_id("language").get("href") == "/nothing/"


# Not well


@pytest.mark.parametrize("prefix", PREFIXES)
def test_failure_of_ours_is_said_in_the_right_language_without_a_database(monkeypatch, prefix):
    from recommendations import home

    def fail():
        raise RuntimeError("broken")

    monkeypatch.setattr(home, "Overview", fail)
    with CaptureQueriesContext(connection) as queries:
        page = fetch(Client(raise_request_exception=False), prefix)
    assert page.status == 500
    assert page.root.get("lang") == LANGUAGES[page.language]
    assert "broken" not in page.html
    assert len(page.all("h1")) == 1
    assert ("wrong" in page.title) is (prefix == "/")
    assert prefix in page.hrefs
    assert not [q for q in queries.captured_queries if "session" in q["sql"]]
    assert "unsafe-" not in page.response["Content-Security-Policy"]


def test_failure_is_said_even_without_static_files(rf, monkeypatch):
    from common import views

    def fail(path):
        raise ValueError(path)

    monkeypatch.setattr(views, "static", fail)
    response = views.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "stylesheet" not in response.content.decode()
    assert parse(response.content.decode()).get("lang") == "en"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("path", ["/", "/recommendations/", "/zh-hans/cities/", "/about/"])
def test_nothing_public_changes_by_a_request(client, method, path):
    before = Recommendation.objects.count()
    response = getattr(client, method)(path, {"q": "x"})
    assert response.status_code in {200, 403, 405}
    assert Recommendation.objects.count() == before


# Not for everyone


@pytest.mark.parametrize("state", ["draft", "in-review", "archived"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_entry_that_is_not_public_is_seen_by_staff_alone_and_marked(state, prefix):
    entry = make_recommendation(state=state, slug="hidden", title_en="Hidden entry", title_zh_hans="隐藏条目")
    path = f"{prefix}recommendations/hidden/"
    status = 410 if state == "archived" else 404
    for client in (Client(), signed_in(make_user()), signed_in(make_staff(is_active=False))):
        page = fetch(client, path)
        assert page.status == status
        assert "Hidden entry" not in page.html
        assert "隐藏条目" not in page.html
    page = fetch(signed_in(make_staff()), path)
    assert page.status == 200
    assert entry.title in page.main_text or "隐藏条目" in page.main_text
    notices = [e for e in page.all("div", cls="notice") if "err" in e.get("class", "")]
    assert len(notices) == 1
    assert page.meta("robots") == ["noindex"]
    assert page.links("canonical") == []
    assert "Cookie" in page.response["Vary"]


def test_public_entry_is_not_marked():
    make_recommendation(slug="shown")
    for client in (Client(), signed_in(make_staff())):
        page = fetch(client, "/recommendations/shown/")
        assert page.status == 200
        assert not [e for e in page.all("div", cls="notice") if "err" in e.get("class", "")]
        assert page.meta("robots") == []


@pytest.mark.parametrize("state", ["draft", "in-review", "archived"])
def test_entry_that_is_not_public_is_on_no_public_page(state):
    city, term = make_city(slug="foshan"), make_term()
    pillar = make_pillar(slug="talent")
    hidden = {"title_en": "Zeppelin", "title_zh_hans": "飞艇", "cities": [city], "terms": [term], "pillar": pillar}
    shown = make_recommendation(title_en="Harbour", title_zh_hans="港口", cities=[city], terms=[term], pillar=pillar)
    entry = make_recommendation(state=state, slug="hidden", **hidden)
    shown.related.set([entry])
    for client in (Client(), signed_in(make_staff())):
        for path in (
            "/",
            "/recommendations/",
            "/pillars/talent/",
            "/cities/foshan/",
            f"/recommendations/{shown.slug}/",
        ):
            page = fetch(client, path)
            assert "Harbour" in page.html, path
            assert "Zeppelin" not in page.html, path
            assert "/recommendations/hidden/" not in page.hrefs, path
        assert "飞艇" not in fetch(client, "/zh-hans/recommendations/").html
        csv = b"".join(client.get("/recommendations/export.csv").streaming_content).decode()
        assert "Harbour" in csv
        assert "Zeppelin" not in csv


def test_pending_edit_is_on_no_page_until_it_is_published():
    entry = make_recommendation(slug="entry", title_en="Harbour", at=moment(0))
    copy = make_working_copy(entry, title_en="Zeppelin")
    actions.keep_draft(entry=copy, at=moment(1))
    for client in (Client(), signed_in(make_staff())):
        for path in ("/recommendations/entry/", "/recommendations/", "/", "/recommendations/?q=zeppelin"):
            assert "Zeppelin" not in fetch(client, path).html.replace("“zeppelin”", ""), path
    actions.publish(entry=Recommendation.objects.get(pk=copy.pk), at=moment(2))
    page = fetch(Client(), "/recommendations/entry/")
    assert "Zeppelin" in page.main_text
    assert "Harbour" not in page.main_text
    assert "Zeppelin" in fetch(Client(), "/recommendations/?q=zeppelin").main_text


def test_reader_with_a_stale_session_cookie_is_a_reader():
    make_recommendation(slug="hidden", state="draft")
    make_recommendation(slug="shown")
    client = Client()
    client.cookies["sessionid"] = "gone"
    assert fetch(client, "/recommendations/hidden/").status == 404
    assert fetch(client, "/recommendations/shown/").status == 200


# Moved


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("make", "path"),
    [
        (make_recommendation, "recommendations"), (make_pillar, "pillars"), (make_city, "cities"), (make_area, "areas"),
        (make_source, "sources"), (make_report, "reports"),
    ],
)  # fmt: skip
def test_former_address_leads_to_the_present_one_for_good(client, prefix, make, path):
    thing = make(slug="present")
    remember_slug(instance=thing, former="former")
    response = client.get(f"{prefix}{path}/former/?pillar=x&q=%E4%BA%BA")
    assert response.status_code == 301
    assert response["Location"] == f"{prefix}{path}/present/?pillar=x&q=%E4%BA%BA"
    assert client.get(f"{prefix}{path}/present/").status_code == 200
    assert client.get(f"{prefix}{path}/never/").status_code == 404


def test_former_address_of_a_hidden_entry_is_not_there(client):
    entry = make_recommendation(slug="present", state="draft")
    remember_slug(instance=entry, former="former")
    assert client.get("/recommendations/former/").status_code == 404


@pytest.mark.parametrize("prefix", PREFIXES)
def test_former_filter_value_leads_to_the_present_one_for_good(client, prefix):
    make_recommendation(cities=[make_city(slug="guangzhou")])
    city = make_city(slug="shantou")
    remember_slug(instance=city, former="swatow")
    response = client.get(f"{prefix}recommendations/?city=swatow&city=guangzhou&q=a+b&page=2")
    assert response.status_code == 301
    assert response["Location"] == f"{prefix}recommendations/?city=shantou&city=guangzhou&q=a+b&page=2"
    there = client.get(response["Location"])
    assert there.status_code == 200
    assert "swatow" not in there.content.decode()


# In one language


@pytest.fixture
def untranslated():
    """An entry without its Chinese texts, and one without its English ones, as older content may be."""
    city, pillar = make_city(name_zh_hans=""), make_pillar(slug="bare", name_zh_hans="", short_name_zh_hans="")
    first = make_recommendation(slug="english", title_en="Harbour", problem_en="Ships.", pillar=pillar, cities=[city])
    Recommendation.objects.filter(pk=first.pk).update(title_zh_hans="", summary_zh_hans="", problem_zh_hans="")
    second = make_recommendation(slug="chinese", title_zh_hans="港口", summary_zh_hans="码头。")
    Recommendation.objects.filter(pk=second.pk).update(title_en="", summary_en="")
    derive.refresh()


@pytest.mark.parametrize(
    ("path", "missing", "lang"),
    [
        ("/zh-hans/recommendations/english/", ["Harbour", "What it comes to.", "Ships."], "en"),
        ("/recommendations/chinese/", ["港口", "码头。"], "zh-Hans"),
        ("/zh-hans/recommendations/", ["Harbour", "What it comes to."], "en"),
        ("/recommendations/", ["港口", "码头。"], "zh-Hans"),
        ("/zh-hans/recommendations/?view=table", ["Harbour"], "en"),
        ("/zh-hans/pillars/bare/", ["Harbour"], "en"),
        ("/zh-hans/", ["Harbour"], "en"),
    ],
)
def test_missing_text_is_shown_in_the_other_language_and_marked(client, untranslated, path, missing, lang):
    page = fetch(client, path)
    assert page.status == 200
    marked = {text for found, text in page.texts_by_language() if found == lang}
    for text in missing:
        assert any(text in found for found in marked), (path, text)


@pytest.mark.parametrize("path", ["/recommendations/english/", "/zh-hans/recommendations/chinese/"])
def test_page_in_the_language_there_is_says_nothing_of_translation(client, untranslated, path):
    page = fetch(client, path)
    assert page.all("h1")[0].get("lang") is None
    notes = [text_of(e) for e in page.all("p", cls="notice")]
    assert notes == []


@pytest.mark.parametrize(
    ("path", "count"), [("/zh-hans/recommendations/english/", 3), ("/recommendations/chinese/", 2)]
)
def test_entry_page_says_which_parts_are_not_translated(client, untranslated, path, count):
    page = fetch(client, path)
    notes = [text_of(e) for e in page.all("p", cls="notice")]
    assert len(notes) == 1
    separator = "、" if "zh-hans" in path else ", "
    assert notes[0].count(separator.strip()) >= count - 1
    if "zh-hans" not in path:
        assert notes == ["Not translated yet, so shown in the other language: Title, Summary."]


# Empty


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "path", ["", "recommendations/", "recommendations/?view=table&q=x", "pillars/", "cities/", "about/"]
)
def test_every_page_of_an_empty_site_answers_and_says_what_to_do(client, prefix, path):
    page = fetch(client, f"{prefix}{path}")
    assert page.status == 200
    assert len(page.all("h1")) == 1
    assert [e for e in page.by_id("main").iter("a") if e.get("href")]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_pillar_and_city_without_entries_answer(client, prefix):
    make_pillar(slug="bare")
    make_city(slug="bare", code="", tile_row=None, tile_col=None)
    for path in ("pillars/bare/", "cities/bare/", "cities/", "pillars/", ""):
        page = fetch(client, f"{prefix}{path}")
        assert page.status == 200
        assert page.root.tag == "html"


# What a page costs


def cost(path):
    with CaptureQueriesContext(connection) as queries:
        page: Page = fetch(Client(), path)
    assert page.status == 200
    return len(queries)


def grow(number, start):
    """Add ``number`` entries that have several of everything."""
    pillar, cities = make_pillar(slug=f"pillar-{start}"), [make_city() for _ in range(2)]
    terms = [make_term() for _ in range(2)]
    make_area(members=cities)
    made = []
    for n in range(number):
        entry = make_recommendation(
            slug=f"cost-{start + n}", title_en="Harbour", pillar=pillar if n % 2 else None, cities=cities, terms=terms
        )
        made.append(entry)
    return made


@pytest.mark.parametrize(
    "path",
    [
        "/", "/zh-hans/", "/recommendations/?per_page=50", "/recommendations/?view=table&per_page=50",
        "/recommendations/?view=matrix",
        "/recommendations/?q=harbour&sort=title&per_page=50", "/pillars/", "/cities/", "/about/",
    ],
)  # fmt: skip
def test_page_with_twenty_entries_costs_as_many_queries_as_with_two(path):
    entries = grow(2, 0)
    make_checkpoint().recommendations.set(entries)
    few = cost(path)
    # A new vocabulary is a new facet and may cost its count: the same vocabularies, more of everything else.
    pillar, city, term = entries[1].pillar, entries[0].coverage.first().city, entries[0].terms.first()
    make_checkpoint().recommendations.set(entries)
    for n in range(18):
        more = make_city()
        make_area(members=[more])
        extra = make_term(vocabulary=term.vocabulary)
        make_recommendation(
            title_en="Harbour", pillar=make_pillar() if n % 3 else pillar, cities=[city, more], terms=[term, extra]
        )
    assert cost(path) == few
    assert few < 60


def test_pillar_page_costs_the_same_however_many_entries_it_has():
    pillar, city, term = make_pillar(slug="one"), make_city(), make_term()
    for _ in range(2):
        make_recommendation(pillar=pillar, cities=[city], terms=[term])
    few = cost("/pillars/one/")
    for _ in range(18):
        make_recommendation(pillar=pillar, cities=[city, make_city()], terms=[term, make_term()])
        make_pillar()
    assert cost("/pillars/one/") == few


def test_city_page_costs_the_same_however_many_entries_and_neighbours_it_has():
    city = make_city(slug="one")
    for basis in ("named", "editorial"):
        make_link(recommendation=make_recommendation(), city=city, basis=basis)
    make_area(members=[city])
    make_area(kind="bay-area", members=[city])
    make_recommendation(reach="metropolitan")
    make_recommendation(reach="bay-area")
    make_recommendation(reach="province")
    city.neighbours.set([make_city()])
    derive.refresh()
    few = cost("/cities/one/")
    for basis in ("named", "editorial") * 5:
        make_link(recommendation=make_recommendation(pillar=make_pillar()), city=city, basis=basis)
    for reach in ("province", "metropolitan", "bay-area") * 3:
        make_recommendation(reach=reach)
    city.neighbours.set([make_city() for _ in range(8)])
    make_area(members=[city])
    derive.refresh()
    assert cost("/cities/one/") == few


def test_entry_page_costs_the_same_however_much_it_has():
    entry = make_recommendation(slug="one", terms=[make_term()], cities=[make_city()], related=[make_recommendation()])
    make_checkpoint().recommendations.set([entry])
    few = cost("/recommendations/one/")
    vocabulary = entry.terms.get().vocabulary
    for n in range(18):
        make_evidence(recommendation=entry)
        make_link(recommendation=entry, city=make_city())
        entry.terms.add(make_term(vocabulary=vocabulary))
        entry.related.add(make_recommendation(pillar=make_pillar() if n % 2 else None, terms=[entry.terms.first()]))
        make_checkpoint().recommendations.set([entry])
    derive.refresh()
    page = fetch(Client(), "/recommendations/one/")
    assert len(page.all("figure")) == 19
    assert cost("/recommendations/one/") == few
