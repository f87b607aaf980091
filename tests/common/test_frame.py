"""What stands around every page: languages, addresses, headers; and the small helps of templates."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Template
from django.test import Client
from django.urls import resolve, set_script_prefix
from django.utils import translation
from django.utils.formats import date_format

from cities.models import City
from common import context, upkeep
from common.context import path_in, section_of
from common.middleware import is_desk
from common.tally import Tally, pointing_at, tally
from common.templatetags.text import share
from common.translation import Text
from recommendations.models import Recommendation
from recommendations.upkeep import affected, rederive
from tests.factories import (
    make_area,
    make_city,
    make_pillar,
    make_recommendation,
    make_staff,
    make_term,
    make_vocabulary,
)
from tests.html import fetch


@pytest.mark.parametrize(
    ("language", "path", "expected"),
    [
        ("en", "/", "/"),
        ("zh-hans", "/", "/zh-hans/"),
        ("en", "/zh-hans/", "/"),
        ("en", "/zh-hans", "/"),
        ("zh-hans", "/zh-hans/cities/", "/zh-hans/cities/"),
        ("en", "/zh-hans/cities/foshan/", "/cities/foshan/"),
        ("zh-hans", "/cities/foshan/", "/zh-hans/cities/foshan/"),
        ("zh-hans", "/zh-hans-guide/", "/zh-hans/zh-hans-guide/"),
        ("en", "/zh-hans//evil.example/", "/%2Fevil.example/"),
        ("zh-hans", "/人/", "/zh-hans/%E4%BA%BA/"),
    ],
)
def test_same_page_in_the_other_language(language, path, expected):
    assert path_in(language, path) == expected


def test_same_page_where_the_site_is_not_at_the_root():
    set_script_prefix("/site/")
    try:
        assert path_in("zh-hans", "/site/cities/") == "/site/zh-hans/cities/"
        assert path_in("en", "/site/zh-hans/cities/") == "/site/cities/"
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/", ""),
        ("/recommendations/", "recommendations"),
        ("/pillars/x/", "pillars"),
        ("/cities/", "cities"),
        ("/about/", "about"),
        ("/healthz", ""),
    ],
)
def test_navigation_knows_where_it_is(rf, path, section):
    request = rf.get(path)
    request.resolver_match = resolve(path)
    assert section_of(request) == section


def test_navigation_is_nowhere_on_a_page_that_is_not_there(rf):
    request = rf.get("/nothing/")
    request.resolver_match = None
    assert section_of(request) == ""
    assert context.site(request)["alternate_url"] == "/zh-hans/nothing/"


def test_addresses_have_the_public_origin_where_it_is_set(rf, settings):
    request = rf.get("/cities/", {"q": "a b", "x": "1"})
    request.resolver_match = resolve("/cities/")
    assert context.site(request)["canonical_url"] == "http://testserver/cities/"
    settings.SITE_URL = "https://example.org"
    found = context.site(request)
    assert found["canonical_url"] == "https://example.org/cities/"
    assert dict(found["hreflangs"]) == {
        "en": "https://example.org/cities/",
        "zh-Hans": "https://example.org/zh-hans/cities/",
        "x-default": "https://example.org/cities/",
    }
    assert found["alternate_url"] == "/zh-hans/cities/?q=a+b&x=1"


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["zh-CN,zh;q=0.9", "fr", "en"])
def test_public_page_is_in_the_language_of_its_address_whatever_the_browser_asks(header):
    for path, lang in (("/about/", "en"), ("/zh-hans/about/", "zh-Hans")):
        page = fetch(Client(), path, accept_language=header)
        assert page.root.get("lang") == lang
        assert "Accept-Language" not in page.response.get("Vary", "")
    client = Client()
    client.cookies["django_language"] = "zh-hans"
    assert fetch(client, "/about/").root.get("lang") == "en"


@pytest.mark.django_db
def test_desk_is_in_the_language_the_browser_asks_for():
    client = Client()
    client.force_login(make_staff(is_superuser=True))
    for header, lang in (("zh-CN", "zh-hans"), ("en", "en"), ("fr", "en")):
        response = client.get("/admin/", headers={"Accept-Language": header})
        assert response["Content-Language"] == lang
        assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize(
    ("path", "expected"), [("/admin/", True), ("/admin/login/", True), ("/administration/", False), ("/", False)]
)
def test_desk_is_what_is_under_its_address(rf, path, expected):
    assert is_desk(rf.get(path)) is expected


def render(source, **values):
    return Template("{% load text %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", Text("佛山", "zh-hans", is_fallback=True), ' lang="zh-Hans"'),
        ("en", Text("Foshan", "en"), ""),
        ("zh-hans", Text("Foshan", "en", is_fallback=True), ' lang="en"'),
        ("en", Text("", "zh-hans"), ""),
        ("en", "plain", ""),
        ("en", None, ""),
    ],
)
def test_language_is_marked_where_it_is_not_the_pages(language, text, expected):
    with translation.override(language):
        assert render("{% lang_attr text %}", text=text) == expected


def test_name_in_the_other_language_is_empty_where_there_is_none():
    source = "{% in_other_language city 'name' as other %}[{{ other }}]"
    assert render(source, city=City(name_en="Foshan", name_zh_hans="佛山")) == "[佛山]"
    assert render(source, city=City(name_en="Foshan")) == "[]"
    with translation.override("zh-hans"):
        assert render(source, city=City(name_en="Foshan", name_zh_hans="佛山")) == "[Foshan]"


@pytest.mark.parametrize(("part", "whole", "expected"), [(1, 3, 33), (2, 3, 67), (0, 5, 0), (5, 5, 100), (0, 0, 0)])
def test_share_is_in_per_cent(part, whole, expected):
    assert share(part, whole) == expected


def test_times_gives_so_many_turns():
    assert render("{% for turn in 3|times %}x{% endfor %}") == "xxx"


def test_tally_has_every_choice_in_order_with_sums():
    found = tally(Recommendation, "basis", [("implied", 2), ("stated", 1), ("implied", 3)])
    assert [(t.value, t.count) for t in found] == [("stated", 1), ("implied", 5), ("inferred", 0)]
    assert isinstance(found[0], Tally)


@pytest.mark.django_db
def test_what_points_at_a_model_is_reached_from_below():
    entry = make_recommendation(cities=[make_city()])
    assert [row.recommendation for row in pointing_at(City, "coverage")] == [entry]


# What follows a change of reference data


@pytest.mark.django_db
def test_entries_affected_by_a_change_are_those_that_derive_from_it():
    vocabulary = make_vocabulary()
    term, city, area = make_term(vocabulary=vocabulary), make_city(), make_area()
    make_pillar()
    pillar = make_pillar()
    tagged = make_recommendation(terms=[term])
    linked = make_recommendation(cities=[city])
    under = make_recommendation(pillar=pillar)
    wide = make_recommendation(reach="bay-area")
    everything = {tagged, linked, under, wide}

    def found(thing):
        return set(affected(type(thing), [thing.pk]))

    assert found(term) == found(vocabulary) == {tagged}
    assert found(city) == {linked}
    assert found(pillar) == {under}
    assert found(area) == {wide}
    assert found(tagged.report) == set()
    assert set(affected(City, None)) == everything


@pytest.mark.django_db
def test_change_of_a_name_is_found_after_it_is_followed():
    city = make_city(name_en="Swatow")
    entry = make_recommendation(cities=[city])
    City.objects.filter(pk=city.pk).update(name_en="Shantou")
    assert "shantou" not in entry.search_text.body
    rederive(City, [city.pk])
    entry.search_text.refresh_from_db()
    assert "shantou" in entry.search_text.body


def test_followers_are_told_once_of_every_change(monkeypatch):
    monkeypatch.setattr(upkeep, "_followers", [])
    told = []

    def follower(model, ids):
        told.append((model, ids))

    upkeep.register(follower)
    upkeep.register(follower)
    upkeep.after_reference_change(City, [1, 2])
    upkeep.after_reference_change(City, None)
    assert told == [(City, [1, 2]), (City, None)]


@pytest.mark.django_db
def test_product_follows_changes_by_itself():
    assert rederive in upkeep._followers


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# How it travels, and how dates are written


@pytest.mark.django_db
def test_public_pages_travel_compressed_and_the_desk_and_its_people_do_not(client):
    wish = {"accept-encoding": "gzip"}
    assert client.get("/", headers=wish)["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/").headers
    assert "Content-Encoding" not in client.get("/admin/login/", headers=wish).headers
    client.cookies[settings.SESSION_COOKIE_NAME] = "someone"
    assert "Content-Encoding" not in client.get("/", headers=wish).headers


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("en", "4 November 2026", "4 November 2026, 20:05"), ("zh-hans", "2026年11月4日", "2026年11月4日 20:05")],
)
def test_dates_are_written_as_each_language_writes_them(language, day, moment):
    at = datetime(2026, 11, 4, 20, 5)  # noqa: DTZ001 - as it is written, wherever that is
    with translation.override(language):
        assert date_format(at) == day
        assert date_format(at, "DATETIME_FORMAT") == moment
