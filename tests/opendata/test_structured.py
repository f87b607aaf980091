"""What pages say of themselves to programs: readable as what it claims to be, and closed against what is in a text."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from common.moments import written
from recommendations import actions
from tests.factories import make_city, make_evidence, make_recommendation, make_term, moment
from tests.html import fetch

pytestmark = pytest.mark.django_db


def graph(page):
    """Type → node of the one block of data on ``page``."""
    (block,) = [e for e in page.all("script") if e.get("type") == "application/ld+json"]
    read = json.loads(block.text)
    assert read["@context"] == "https://schema.org"
    return {node["@type"]: node for node in read["@graph"]}


def test_an_entry_is_a_work_that_cites_its_sources_and_says_where_it_applies(settings):
    settings.SITE_URL = "https://open.example"
    city = make_city(name_en="Foshan", latitude=23.0, longitude=113.1)
    entry = make_recommendation(slug="one", title_en="One", title_zh_hans="一", cities=[city], terms=[make_term()])
    evidence = make_evidence(recommendation=entry, key_phrase="data silos")
    actions.publish(entry=entry, at=moment(3))
    page = fetch(Client(), "/zh-hans/recommendations/one/")
    found = graph(page)
    work = found["CreativeWork"]
    assert work["@id"] == "https://open.example/zh-hans/recommendations/one/"
    assert work["name"] == f"{entry.number}. 一"
    assert work["author"]["@type"] == "Organization"
    assert entry.report.body not in work["author"]["name"]
    (cited,) = [c for c in work["citation"] if {"data silos"} & {q["text"] for q in c["hasPart"]}]
    assert cited["name"] == evidence.section.source.title
    assert [(place["@type"], place["name"], place["geo"]["latitude"]) for place in work["spatialCoverage"]] == [
        ("City", city.name_zh_hans, 23.0)
    ]
    steps = found["BreadcrumbList"]["itemListElement"]
    assert [step["position"] for step in steps] == [1, 2, 3, 4]
    assert steps[-1]["item"] == work["url"]
    assert page.meta("citation_title") == page.meta("DCTERMS.title") == [work["name"]]
    assert page.meta("citation_public_url") == [work["url"]]
    days = {"issued": work["datePublished"], "modified": work["dateModified"]}
    assert days["issued"] < days["modified"]
    for name, moment_written in days.items():
        assert page.meta(f"DCTERMS.{name}") == [moment_written[:10]], "both in one day of UTC and of here"
    assert page.meta("citation_publication_date") == [days["issued"][:10].replace("-", "/")]
    assert len(page.meta("citation_keywords")) == 1
    assert Client().get(work["encoding"]["contentUrl"].removeprefix("https://open.example")).status_code == 200


def test_a_report_is_a_data_set_with_every_file(settings):
    settings.SITE_URL = "https://open.example"
    entry = make_recommendation()
    data = graph(fetch(Client(), entry.report.get_absolute_url()))["Dataset"]
    assert data["dateModified"] == written(entry.changed_at)
    assert {part["encodingFormat"] for part in data["distribution"]} >= {"text/csv", "application/json"}
    for part in data["distribution"]:
        assert part["@type"] == "DataDownload"
        response = Client().get(part["contentUrl"].removeprefix("https://open.example"))
        assert response.headers["Content-Type"].partition(";")[0] == part["encodingFormat"]
        assert response.status_code == 200


def test_no_text_gets_out_of_the_block():
    evil = "</script><script>alert(1)</script><!-- & \u2028"
    make_recommendation(slug="one", title_en=evil, summary_en=evil)
    page = fetch(Client(), "/recommendations/one/")
    assert "<script>alert" not in page.html
    assert "<!-- &" not in page.html
    assert graph(page)["CreativeWork"]["abstract"] == evil


def test_a_draft_says_nothing_to_programs(admin_client):
    make_recommendation(slug="one", state="draft")
    page = fetch(admin_client, "/recommendations/one/")
    assert page.status == 200
    assert "ld+json" not in page.html
    assert page.meta("citation_title") == []
