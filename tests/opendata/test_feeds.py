"""The feeds: valid Atom with the records of a filter, in both languages, fetched again only where they changed."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.http import QueryDict
from django.test import Client

from opendata import feeds
from progress.models import Update, UpdateEffect
from recommendations.filters import RecommendationFilterSet
from recommendations.models import Recommendation
from tests.desk import open_form
from tests.factories import make_entries, make_recommendation, make_staff, make_update, moment

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def read(url):
    response = Client().get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 - our own


def test_feed_of_a_filter_has_its_entries_newest_first_in_the_language_of_the_address():
    make_recommendation(slug="old", basis="stated", title_zh_hans="旧 <条>", at=moment(0))
    make_recommendation(slug="new", basis="stated", at=moment(2), summary_en="a < b")
    make_recommendation(slug="other", basis="implied", at=moment(3))
    make_recommendation(slug="hidden", state="draft")
    feed = read("/feeds/recommendations.atom?basis=stated")
    links = [entry.find(f"{ATOM}link").get("href") for entry in feed.iter(f"{ATOM}entry")]
    assert links == [f"http://testserver/recommendations/{slug}/" for slug in ("new", "old")]
    assert feed.findtext(f"{ATOM}updated") == "2026-01-07T20:00:00+08:00"
    assert feed.find(f"{ATOM}entry").findtext(f"{ATOM}summary") == "a &lt; b"
    assert feed.findtext(f"{ATOM}title") == "Recommendations: new and changed – Stated"
    assert feed.findtext(f"{ATOM}rights") == "CC BY 4.0"
    assert feed.find(f"{ATOM}author") is not None
    chinese = read("/zh-hans/feeds/recommendations.atom?basis=stated")
    assert chinese.get("{http://www.w3.org/XML/1998/namespace}lang") == "zh-Hans"
    assert "旧 <条>" in [entry.findtext(f"{ATOM}title").split(". ", 1)[1] for entry in chinese.iter(f"{ATOM}entry")]
    for path in ("recommendations.atom?basis=nonsense", "recommendations.atom?bases=stated", "updates.atom?pillar=x"):
        assert Client().get(f"/feeds/{path}").status_code == 400, path
    assert Client().get("/feeds/updates.atom?utm_medium=mail").status_code == 200


def test_the_feed_of_updates_says_what_is_news_and_when_it_came(client):
    entry = make_recommendation(number=5, title_en="Quay")
    update = make_update(entries=[entry], status="adopted", is_published=False, summary_en="", title_en="Herd")
    make_update(happened_on=moment(9).date(), title_en="Of a later day")
    staff = make_staff(is_superuser=True)
    client.force_login(staff)

    def newest():
        feed = read("/feeds/updates.atom")
        first = next(feed.iter(f"{ATOM}entry"))
        assert first.findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
        return [first.findtext(f"{ATOM}{name}") for name in ("title", "summary", "updated")]

    Update.history.update(history_date=moment(0))
    UpdateEffect.history.update(history_date=moment(0))
    moments = [newest()[2]]
    for title in ("Herd", "Heard"):
        form = open_form(client, f"/admin/progress/update/{update.pk}/change/")
        form["title_en"], form["is_published"] = title, "on"
        response = form.press("_save")
        assert response.status_code == 302
        said = newest()
        assert said[:2] == [title, "Recommendation 5. Quay – now: Adopted"]
        moments.append(said[2])
    assert moments[0] == "2026-01-05T20:00:00+08:00"
    assert moments[0] < moments[1] <= moments[2]


def test_feeds_and_entries_keep_their_names_whatever_the_address():
    entry = make_recommendation(slug="one")
    make_update(entries=[entry])
    path = "/feeds/recommendations.atom"
    spellings = "?basis=stated&basis=implied", "?utm_source=x&basis=implied&basis=stated&page=1"
    names = {
        (feed.findtext(f"{ATOM}id"), next(feed.iter(f"{ATOM}entry")).findtext(f"{ATOM}id"))
        for feed in (read(f"{path}{query}") for query in spellings)
    }
    address = "http://testserver/feeds/recommendations.atom?basis=implied&basis=stated"
    assert names == {(address, f"http://testserver/recommendations/#id-{entry.pk}")}
    Recommendation.objects.filter(pk=entry.pk).update(slug="two")
    feed = read(f"{path}?sort=title&utm_source=x")
    assert feed.findtext(f"{ATOM}id") == f"http://testserver{path}"
    assert {link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"} == {
        f"http://testserver{path}"
    }
    (named,) = [e.findtext(f"{ATOM}id") for e in feed.iter(f"{ATOM}entry")]
    assert named == f"http://testserver/recommendations/#id-{entry.pk}"
    chinese = next(read("/zh-hans/feeds/updates.atom?utm_source=x").iter(f"{ATOM}entry")).findtext(f"{ATOM}id")
    assert chinese.startswith("http://testserver/zh-hans/progress/#id-")


def test_a_character_that_xml_has_not_does_not_stop_the_feed():
    make_recommendation(title_en="Har\x0bbour", summary_en="Deep\x01er")
    entry = read("/feeds/recommendations.atom").find(f"{ATOM}entry")
    assert "Har bour" in entry.findtext(f"{ATOM}title")
    assert entry.findtext(f"{ATOM}summary") == "Deep er"


def test_pages_of_a_feed_hold_the_whole_filter(monkeypatch):
    monkeypatch.setattr(feeds, "PAGE_SIZE", 7)
    make_entries({"basis": "implied" if n % 3 else "stated"} for n in range(30))
    url, found = "/feeds/recommendations.atom?basis=implied", []
    while url:
        feed = read(url)
        found += [entry.find(f"{ATOM}link").get("href").split("/")[-2] for entry in feed.iter(f"{ATOM}entry")]
        assert feed.findtext(f"{ATOM}id") == "http://testserver/feeds/recommendations.atom?basis=implied"
        url = next((link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "next"), "")
    expected = RecommendationFilterSet(QueryDict("basis=implied")).qs.values_list("slug", flat=True)
    assert sorted(found) == sorted(expected)
    assert len(found) == 20


@pytest.mark.parametrize("path", ["/feeds/updates.atom", "/feeds/recommendations.atom"])
def test_feed_that_did_not_change_is_not_sent_again(path):
    assert read(path).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
    entry = make_recommendation()
    make_update(entries=[entry], slug="heard", title_en="Heard of")
    first = Client().get(path)
    assert Client().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert "Last-Modified" not in first
    since = "Wed, 01 Jan 2099 00:00:00 GMT"
    assert Client().get(path, headers={"If-Modified-Since": since}).status_code == 200
    make_recommendation(at=moment(9))
    make_update(slug="later", recorded_at=moment(9))
    assert Client().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200
