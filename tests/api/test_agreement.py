"""Whatever the filter, the page, the API, the CSV and the feed have the same records, the first three in one order."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.models import Recommendation
from tests.api.asking import ROOT, ask
from tests.recommendations.made_up import QUERIES, filters, make_world
from tests.recommendations.reference import World

pytestmark = pytest.mark.django_db

# The filters only read, so that one database serves them all; a loaded machine is no failure.
reading = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ATOM = "{http://www.w3.org/2005/Atom}"
#: What a page says that applies the rest.
LEFT_OUT = ("left out", "as usual", "were searched", "略去", "已按默认", "仅检索")
PREFIXES = {"en": "", "zh-Hans": "zh-hans/"}


def on_pages(prefix, query):
    """The slugs and the count of each facet's values, as the pages show them, and what they make of the address."""
    reading = Client().get(f"/{prefix}recommendations/", query | {"per_page": 100}).context["reading"]
    counts = {facet.name: {value.slug: value.count for value in facet.values} for facet in reading.facets}
    return [entry.slug for entry in reading.page], counts, reading


def through_the_api(lang, query, size):
    answer = ask("recommendations/", lang=lang, per_page=size, fields="slug", **query)
    counts = {facet["name"]: {v["slug"]: v["count"] for v in facet["values"]} for facet in answer["facets"]}
    slugs = [item["slug"] for item in answer["results"]]
    while answer["next"]:
        answer = ask(answer["next"])
        slugs += [item["slug"] for item in answer["results"]]
    assert len(slugs) == answer["count"]
    return slugs, counts


def in_the_table(prefix, query):
    response = Client().get(f"/{prefix}recommendations/export.csv", query)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return [row["slug"] for row in csv.DictReader(io.StringIO(text))]


def in_the_feed(prefix, query):
    """The slugs on every page of the feed of a filter."""
    url: str | None = f"/{prefix}feeds/recommendations.atom"
    data, slugs = query, []
    while url:
        response = Client().get(url, data)
        assert response.status_code == 200
        feed = ElementTree.fromstring(response.content)  # noqa: S314 - our own
        links = [entry.find(f"{ATOM}link").get("href") for entry in feed.iter(f"{ATOM}entry")]
        slugs += [link.rstrip("/").rpartition("/")[2] for link in links]
        url, data = next((e.get("href") for e in feed.iter(f"{ATOM}link") if e.get("rel") == "next"), None), None
    return slugs


def check(pairs, lang, size):
    query: dict[str, list[str]] = {}
    for name, value in pairs:
        query.setdefault(name, []).append(value)
    shown, counts, reading = on_pages(PREFIXES[lang], query)
    if problems := reading.filterset.problems:
        refusal = Client().get(f"{ROOT}recommendations/", query | {"lang": lang})
        assert (refusal.status_code, len(refusal.json()["errors"])) == (400, len(problems))
        assert not [said for said in LEFT_OUT if said in refusal.json()["detail"]]
        for name in ("export.csv", "matrix.csv"):
            assert Client().get(f"/{PREFIXES[lang]}recommendations/{name}", query).status_code == 400
        return
    if corrected := reading.hints.corrected:
        answer = ask("recommendations/", lang=lang, **query)
        assert (answer["count"], answer["results"], answer["suggestion"]) == (0, [], corrected)
        assert in_the_table(PREFIXES[lang], query) == in_the_feed(PREFIXES[lang], query) == []
        query["q"] = [corrected]
    assert through_the_api(lang, query, size) == (shown, counts)
    assert in_the_table(PREFIXES[lang], query) == shown
    assert sorted(in_the_feed(PREFIXES[lang], query)) == sorted(shown)


def agree(queries, examples):
    world = World()
    assert 20 < len(world.entries) <= 100

    @settings(reading, max_examples=examples)
    @given(pairs=filters(world, queries), lang=st.sampled_from(sorted(PREFIXES)), size=st.sampled_from([7, 100]))
    def same(pairs, lang, size):
        check(pairs, lang, size)

    same()


def test_page_api_csv_and_feed_agree():
    make_world(4)
    agree(QUERIES, 30)


@pytest.mark.long
@pytest.mark.usefixtures("content")
def test_page_api_csv_and_feed_agree_over_the_32_for_200_filters():
    assert Recommendation.objects.published().count() == 32
    agree(["人才", "数据", "5G", "service", "沙盒", "city data", "佛山", "finance 金融", "zeppelin", "talentt"], 200)
