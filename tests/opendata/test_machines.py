"""The sitemap, the catalogue, llms.txt and the Markdown twin: complete, and dated by the data only."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from django.test import Client

from opendata import llms, sitemaps
from recommendations import actions
from recommendations.export_files import FORMS
from tests.factories import (
    make_city,
    make_entries,
    make_recommendation,
    make_report,
    make_term,
    make_update,
    moment,
)
from tests.opendata.history import forget_history

pytestmark = pytest.mark.django_db

#: The kinds of files that IANA has no address for.
NO_ADDRESS = {"jsonl", "ris", "bib"}
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def text(url):
    response = Client().get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def test_sitemap_has_every_page_in_both_languages_dated_where_the_data_say(monkeypatch, settings):
    settings.SITE_URL = "https://open.example"
    (here, there), (term, unused, idle) = (make_city(), make_city()), (make_term(), make_term(), make_term())
    entry = make_recommendation(slug="one", at=moment(1), cities=[here], reach="city", terms=[term])
    make_update(entries=[entry], recorded_at=moment(4))
    make_update(entries=[entry], recorded_at=moment(9), is_published=False)
    make_recommendation(slug="hidden", state="draft", terms=[unused])
    actions.archive(entry=make_recommendation(cities=[there], reach="city", report=make_report()), at=moment(7))
    forget_history()
    urls = {e.findtext(f"{MAP}loc"): e for e in ElementTree.fromstring(text("/sitemap.xml"))}  # noqa: S314 - our own
    one = urls["https://open.example/zh-hans/recommendations/one/"]
    assert one.findtext(f"{MAP}lastmod") == "2026-01-12"  # when what came after it was withdrawn
    links = {e.get("hreflang"): e.get("href") for e in one.iter("{http://www.w3.org/1999/xhtml}link")}
    assert links["en"] == links["x-default"] == "https://open.example/recommendations/one/"
    assert urls["https://open.example/about/"].findtext(f"{MAP}lastmod") is None
    assert not [url for url in urls if "hidden" in url]
    dates = {url.removeprefix("https://open.example"): found.findtext(f"{MAP}lastmod") for url, found in urls.items()}
    for thing in (entry.report, here, idle, unused):
        assert dates[thing.get_absolute_url()] is None, thing
    assert dates[f"/zh-hans{entry.pillar.get_absolute_url()}"] == "2026-01-06"
    assert "Sitemap: https://open.example/sitemap.xml\n" in text("/robots.txt")
    monkeypatch.setattr(sitemaps._Site, "limit", 4)
    assert "/sitemap-pages.xml?p=2" in text("/sitemap.xml")
    assert "/recommendations/one/" in text("/sitemap-entries.xml")


def test_what_programs_fetch_is_asked_for_again_for_nothing(monkeypatch):
    make_recommendation(slug="one")
    monkeypatch.setattr(sitemaps._Site, "limit", 1)
    client = Client()
    paths = ["recommendations/one.md", "recommendations/one/cite.ris", "recommendations/matrix.csv", "sitemap.xml"]
    paths += ["sitemap-entries.xml", "catalog.jsonld", "llms.txt", "embed/", "embed/recommendations/", "api/v1/docs/"]
    for path in [*paths, *(f"zh-hans/{path}" for path in paths if not path.startswith(("site", "cat", "llms")))]:
        first = client.get(f"/{path}")
        assert "Last-Modified" not in first, path
        again = client.get(f"/{path}", headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path
        head = client.head(f"/{path}")
        assert (head.status_code, head["ETag"]) == (200, first["ETag"]), path
        assert client.get(f"/{path}", headers={"If-None-Match": '"x"'}).content == first.content, path
        is_page = path.endswith("/")
        assert ["Access-Control-Allow-Origin" in answer for answer in (first, again)] == [not is_page] * 2, path
        asked = client.options(f"/{path}")
        assert is_page or (asked.status_code, asked["Access-Control-Allow-Headers"].split(", ")[-1]) == (
            204,
            "If-None-Match",
        ), path
    make_recommendation(slug="two", title_en="Two")
    assert client.get("/llms.txt", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_llms_says_what_it_leaves_out_and_what_is_there_in_chinese(monkeypatch):
    make_entries({"slug": f"e{n}"} for n in range(3))
    assert "more entries" not in text("/llms.txt")
    monkeypatch.setattr(llms, "MAX_NAMED", 2)
    said = text("/llms.txt")
    assert "/e1.md" in said
    assert "/e2.md" not in said
    assert (
        "1 more entries are not named here: [every entry as one file](http://testserver/recommendations/export.md)"
        in said
    )
    paths = re.findall(r"\]\(http://testserver(/[^)]*)\)", said)
    of_both = {"/catalog.jsonld", "/api/v1/schema/", "/zh-hans/"}
    assert of_both < set(paths)
    for path in set(paths) - of_both:
        assert Client().get(f"/zh-hans{path}").status_code == 200, path


def test_catalogue_and_llms_name_the_data_sets_and_their_files():
    entry = make_recommendation(slug="one", title_en="One")
    catalogue = json.loads(text("/catalog.jsonld"))
    (found,) = catalogue["dcat:dataset"]
    assert found["dct:modified"]["@value"].startswith("2026-01-05T")
    assert {part["dct:format"]["rdfs:label"] for part in found["dcat:distribution"]} == {kind.upper() for kind in FORMS}
    wanted = {"dct:language", "dct:license", "dct:publisher", "dcat:mediaType", "dcat:accessURL", "dcat:landingPage"}
    nodes = [catalogue, found, *found["dcat:distribution"], *catalogue["dcat:service"]]
    values = [node[name] for node in nodes for name in wanted & node.keys()]
    named = [node for value in values for node in (value if isinstance(value, list) else [value])]
    assert all(node["@id"].startswith("http") for node in named if "@id" in node)
    unregistered = {node["rdfs:label"] for node in named if "@id" not in node}
    assert unregistered == {form.content_type.partition(";")[0] for kind, form in FORMS.items() if kind in NO_ADDRESS}
    for name in ("dct:title", "dct:description"):
        english, chinese = catalogue[name]
        assert (english["@language"], chinese["@language"]) == ("en", "zh-Hans")
        assert english["@value"] != chinese["@value"]
    assert found["dct:publisher"]["@id"] == catalogue["dct:publisher"]["@id"]
    for part in found["dcat:distribution"]:
        answer = Client().get(part["dcat:downloadURL"]["@id"].removeprefix("http://testserver"))
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
    assert f"- [{entry.number}. One](http://testserver/recommendations/one.md)" in text("/llms.txt")
