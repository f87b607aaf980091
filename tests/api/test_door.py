"""What every address of the API has in common: methods, languages, conditions, problems, the limit."""

from __future__ import annotations

import runpy

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from api import door
from api.limits import Limiter
from common.addresses import MAX_ADDRESS
from common.context import client_of
from tests.api.asking import ROOT, ask, refused
from tests.factories import make_recommendation
from tests.html import fetch

pytestmark = pytest.mark.django_db

ADDRESSES = [
    *("", "recommendations/", "recommendations/fintech-sandbox/"),
    *("cities/", "cities/foshan/", "changes/", "schema/"),
]


@pytest.mark.usefixtures("content")
def test_every_answer_is_open_named_and_asked_again_for_nothing():
    client = Client()
    for address in [f"{ROOT}{path}" for path in ADDRESSES]:
        first = client.get(address, headers={"Accept-Language": "en"})
        assert first.status_code == 200, address
        assert first["Access-Control-Allow-Origin"] == "*"
        assert "Accept-Language" in first["Vary"]
        assert first["Cache-Control"] == "public, no-cache"
        assert 'rel="license"' in first["Link"]
        assert not first.cookies
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b""), address
        assert again["Access-Control-Allow-Origin"] == "*"
        assert client.get(address, headers={"If-None-Match": '"other"'}).content == first.content
        head = client.head(address)
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"]), address
        chinese = client.get(address, headers={"Accept-Language": "fr, zh-CN;q=0.8, en;q=0.5"})
        assert chinese["Content-Language"] == "zh-Hans"
        assert chinese["ETag"] != first["ETag"]
        asked = client.options(address)
        assert (asked.status_code, asked["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.usefixtures("content")
def test_lang_beats_what_the_browser_prefers():
    client = Client()
    answers = {
        lang: client.get(f"{ROOT}pillars/talent/", {"lang": lang}, headers={"Accept-Language": "zh"})
        for lang in ("en", "zh-Hans", "ZH-HANS", "zh", "zh-CN", "both")
    }
    names = {lang: answer.json()["short_name"] for lang, answer in answers.items()}
    assert names["both"] == {"en": names["en"], "zh-Hans": names["zh-Hans"]}
    assert names["zh-Hans"] == names["ZH-HANS"] == names["zh"] == names["zh-CN"] != names["en"]
    assert answers["both"]["Content-Language"] == "en, zh-Hans"
    assert refused("pillars/", lang="fr")["errors"] == ["“fr” is not a language; choose one of en, zh-Hans, both."]


def test_problems_say_what_is_wrong_in_the_language_asked_for():
    problem = refused("recommendations/nothing/", 404)
    assert problem["type"] == "tag:guangdong32,2026:problems#not-found"
    assert problem["documentation_url"] == "http://testserver/api/v1/docs/#not-found"
    assert problem["errors"] == ["There is nothing at /api/v1/recommendations/nothing/."]
    assert refused("nothing/at/all/", 404)["type"] == problem["type"]
    english = refused("recommendations/", pillar="nonsense", per_page="0", fields="title,colour", sort="x", lang="en")
    assert [line.split(" is not ")[0] for line in english["errors"]] == ["“nonsense”", "“x”", "“0”", "“colour”"]
    chinese = refused("recommendations/", pillar="nonsense", lang="zh-Hans")
    assert chinese["title"] != english["title"]
    assert chinese["type"] == english["type"]
    assert chinese["errors"] == ["“nonsense”不是“方向”的有效取值。"]
    for path in ("recommendations/nothing/", "recommendations/?pillar=nonsense"):
        assert "Accept-Language" in Client().get(f"{ROOT}{path}")["Vary"]


def test_a_parameter_that_takes_one_value_is_refused_with_several():
    make_recommendation()
    for path, query in (
        ("pillars/", "lang=zh&lang=en"), ("cities/", "per_page=1&per_page=2"), ("changes/", "since=&since=x"),
        ("recommendations/", "sort=title&sort=number"), ("recommendations/", "q=a&q=b"),
    ):  # fmt: skip
        problem = Client().get(f"{ROOT}{path}?{query}").json()
        assert problem["type"].endswith("#repeated-parameter") or "since" in query, query
        assert "more than once" in problem["detail"], query
    assert Client().get(f"{ROOT}recommendations/?basis=stated&basis=implied&lang=en&lang=en").status_code == 200


def test_a_language_that_is_ruled_out_is_not_given():
    for header, given in (
        ("zh;q=0", "en"), ("en;q=0", "zh-Hans"), ("en;q=0, *", "zh-Hans"), ("zh;q=0.1, fr", "zh-Hans"),
        ("zh-CN;q=0, zh-Hans", "en"), ("en;q=0, zh;q=0", "en"), ("", "en"),
    ):  # fmt: skip
        answer = Client().get(f"{ROOT}pillars/", headers={"Accept-Language": header})
        assert answer["Content-Language"] == given, header


def test_a_parameter_that_is_none_is_refused_with_the_nearest():
    problem = refused("recommendations/", piller="talent", pillar="nonsense", lang="en")
    assert problem["type"].endswith("#unknown-parameter")
    assert problem["errors"][0] == "There is no parameter “piller” here; did you mean “pillar”?"
    assert len(problem["errors"]) == 2
    assert refused("recommendations/", zzz="1", lang="en")["errors"] == ["There is no parameter “zzz” here."]
    for path in ("", "cities/", "changes/", "schema/", "recommendations/nothing/"):
        assert "“colour”" in refused(path, colour="blue")["errors"][0], path
    assert "“curser”" in refused("cities/", curser="x")["errors"][0]
    assert "没有名为“piller”的参数" in refused("recommendations/", piller="talent", lang="zh")["errors"][0]
    assert len(refused("recommendations/", **{f"zz{n}": "1" for n in range(9)})["errors"]) == 6
    assert ask("recommendations/", utm_source="a", fbclid="b")["count"] == 0


def test_the_parameters_that_are_known_are_those_of_the_schema():
    for path, found in ask("schema/")["paths"].items():
        known = {parameter["name"] for parameter in found["get"]["parameters"] if parameter["in"] == "query"}
        if "{" not in path:
            query = dict.fromkeys(known - {"status"}, "") | {"lang": "en", "zzz": "1"}
            answer = refused(path.removeprefix(ROOT), **query)
            assert answer["errors"] == ["There is no parameter “zzz” here."], path


@pytest.mark.parametrize("prefix", ["", "zh-hans/"])
def test_an_address_that_is_too_long_is_refused_in_words(prefix):
    make_recommendation()
    long = "y" * MAX_ADDRESS
    page = fetch(Client(), f"/{prefix}recommendations/?q={long}")
    assert (page.status, len(page.all("h1"))) == (414, 1)
    assert str(MAX_ADDRESS) in page.main_text
    assert page.response["X-Frame-Options"] == "DENY"
    assert "Content-Security-Policy" in page.response
    fits = f"/{prefix}recommendations/?q="
    assert Client().get(f"{fits}{'y' * (MAX_ADDRESS - len(fits))}").status_code == 200
    assert refused("recommendations/", 414, q=long)["type"].endswith("#address-too-long")
    server = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))
    assert server["limit_request_line"] > MAX_ADDRESS + len("OPTIONS  HTTP/1.1")  # or nobody would be told


def test_nothing_but_reading_json_is_answered():
    client = Client(enforce_csrf_checks=True)
    for method in ("post", "put", "patch", "delete", "trace"):
        response = getattr(client, method)(f"{ROOT}recommendations/")
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD, OPTIONS"
        assert response.json()["type"].endswith("#method-not-allowed")
    for accept, status in (("text/html", 406), ("text/html, */*;q=0.1", 200), ("application/json", 200), ("*/*", 200)):
        response = client.get(f"{ROOT}recommendations/", headers={"Accept": accept})
        assert response.status_code == status, accept
    assert client.get(f"{ROOT}recommendations").headers["Location"] == "/api/v1/recommendations/"
    assert client.get("/zh-hans/api/v1/recommendations/").status_code == 404


def test_who_asks_too_often_waits(settings, monkeypatch):
    monkeypatch.setattr(door, "_limiter", Limiter())
    monkeypatch.setattr(door.time, "monotonic", lambda: 61.5)
    settings.API_REQUESTS_PER_MINUTE = 2
    client, path = Client(), f"{ROOT}pillars/"
    answers = [client.get(path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"default";q=2;w=60'
    assert [answer["RateLimit"] for answer in answers] == [f'"default";r={left};t=59' for left in (1, 0, 0)]
    assert answers[2]["Retry-After"] == "59"
    assert answers[2].json()["type"].endswith("#too-many-requests")
    assert answers[2]["Access-Control-Allow-Origin"] == "*"
    assert client.get(path, REMOTE_ADDR="192.0.2.7").status_code == 200
    monkeypatch.setattr(door.time, "monotonic", lambda: 121.0)
    assert client.get(path).status_code == 200


def test_who_asks_is_told_by_our_own_proxy_alone(settings):
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.1"}, REMOTE_ADDR="10.0.0.1")
    settings.BEHIND_TLS_PROXY = False
    assert client_of(request) == "10.0.0.1"
    settings.BEHIND_TLS_PROXY = True
    assert client_of(request) == "192.0.2.1"


def test_an_empty_site_answers_too():
    assert ask("recommendations/")["results"] == []
    assert ask("")["lists"]["recommendations"] == "http://testserver/api/v1/recommendations/"
    page = Client().get(f"{ROOT}docs/")
    assert page.status_code == 200
    assert "No recommendation is published yet" in page.content.decode()
