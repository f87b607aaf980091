"""Every list and every item of the API: its shape, its pages, its names."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import schemas
from common.slugs import remember_slug
from recommendations import actions
from recommendations.filters import SORT_KEYS
from recommendations.models import Recommendation
from tests.api.asking import ITEMS, ROOT, ask, refused, whole
from tests.factories import (
    make_city,
    make_evidence,
    make_pillar,
    make_recommendation,
    make_term,
    make_update,
    make_working_copy,
    moment,
)

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("lang", ["en", "zh-Hans", "both"])
def test_every_item_of_every_list_has_the_shape_the_schema_says(lang):
    counts = {}
    for name, shape in ITEMS.items():
        items = whole(f"{name}/", lang=lang, per_page=7)
        counts[name] = len(items)
        if name not in {"pillars", "recommendations"}:
            assert [item["number"] for item in items] == list(range(1, len(items) + 1))
        for item in items:
            shape.model_validate(item)
        vocabulary = f"{items[0]['vocabulary']}/" if name == "terms" else ""
        one = ask(f"{name}/{vocabulary}{items[0]['slug']}/", lang=lang)
        names = ({"id"} if name == "recommendations" else set()) | ({"vocabulary"} if name == "terms" else set())
        assert set(ask(f"{name}/", lang=lang, fields="slug")["results"][0]) == {"slug", "number", *names}
        detail = schemas.RecommendationDetail if name == "recommendations" else shape
        detail.model_validate(one)
        assert items[0].items() <= one.items()
        last = f"{items[-1].get('vocabulary', '')}/{items[-1]['slug']}/".lstrip("/")
        assert ask(f"{name}/{last}", lang=lang, fields="slug")["number"] == items[-1]["number"]
        texts = [value for value in items[0].values() if isinstance(value, dict) and set(value) == {"en", "zh-Hans"}]
        assert bool(texts) is (lang == "both")
    assert counts["recommendations"] == 32
    assert min(counts.values()) > 0


@pytest.mark.usefixtures("content")
def test_a_pillar_in_chinese_with_evidence_is_one_call():
    answer = ask("recommendations/", pillar="talent", lang="zh-Hans", fields="title,evidence", per_page=100)
    published = Recommendation.objects.published().filter(pillar__slug="talent").in_order()
    assert answer["next"] is None
    assert [item["title"] for item in answer["results"]] == [entry.title_zh_hans for entry in published]
    assert all(item["evidence"] and item["evidence"][0]["locator"] for item in answer["results"])
    assert set(answer["results"][0]) == {"id", "slug", "number", "title", "evidence"}
    pillars = next(facet for facet in answer["facets"] if facet["name"] == "pillar")
    assert {value["slug"]: value["count"] for value in pillars["values"]}["talent"] == published.count()


def test_readers_see_what_is_published_and_nothing_else():
    shown, hidden = make_recommendation(), make_recommendation(state="draft")
    shown.related.add(hidden)
    copy = make_working_copy(shown, title_en="Not yet")
    actions.record_version(entry=copy, at=moment(3), reason="a note that names someone")
    assert [item["slug"] for item in whole("recommendations/")] == [shown.slug]
    body = Client().get(f"{ROOT}recommendations/{shown.slug}/").content.decode()
    assert hidden.slug not in body
    assert "Not yet" not in body
    assert "names someone" not in body
    refused(f"recommendations/{hidden.slug}/", 404)


def test_a_missing_text_is_given_in_the_other_language_and_named():
    entry = make_recommendation(action_zh_hans="行动")
    Recommendation.objects.filter(pk=entry.pk).update(summary_zh_hans="")
    item = ask(f"recommendations/{entry.slug}/", lang="zh-Hans")
    assert item["summary"] == entry.summary_en
    assert "summary" in item["fallback"]
    assert "action" not in item["fallback"]
    assert ask(f"recommendations/{entry.slug}/", lang="both")["summary"] == {"en": entry.summary_en, "zh-Hans": ""}


def test_updates_are_the_published_ones_with_the_status_they_leave():
    entry = make_recommendation()
    update = make_update(entries=[entry], status="adopted")
    make_update(entries=[entry], status="set-aside", is_published=False)
    item = ask(f"recommendations/{entry.slug}/", lang="en")
    assert item["status"] == "adopted"
    [told] = item["updates"]
    assert (told["slug"], told["title"], told["status"]) == (update.slug, update.title_en, "adopted")
    schemas.RecommendationDetail.model_validate(item)


def test_history_is_when_each_version_was_public():
    entry = make_recommendation()
    actions.publish(entry=entry, at=moment(1))
    entry.title_en = "Another title"
    entry.save()
    actions.publish(entry=entry, reason="a note", at=moment(2))
    item = ask(f"recommendations/{entry.slug}/")
    newest, before = item["history"][:2]
    assert newest == {"version": item["version"], "public_from": "2026-01-07T12:00:00Z", "public_until": None}
    assert before["public_until"] == newest["public_from"]


@pytest.mark.parametrize("sort", [f"{sign}{key}" for key in SORT_KEYS for sign in ("", "-")])
@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_pages_are_the_whole_list_in_its_order(sort, lang):
    for n in range(9):
        words = {"title_en": f"Stone {'quay' * (n % 2)}", "title_zh_hans": f"石{n % 3}", "summary_en": "quay"}
        make_recommendation(changed_at=moment(n % 3), **words)
    query = {"sort": sort, "lang": lang, "q": "stone" if "relevance" in sort else ""}
    at_once = [item["slug"] for item in whole("recommendations/", per_page=100, **query)]
    paged = [item["slug"] for item in whole("recommendations/", per_page=2, **query)]
    page = Client().get(f"/{'zh-hans/' if lang == 'zh-Hans' else ''}recommendations/", query)
    assert paged == at_once == [entry.slug for entry in page.context["reading"].page]
    assert len(paged) == 9


def test_edits_meanwhile_neither_skip_nor_repeat():
    entries = [make_recommendation() for _ in range(6)]
    answer = ask("recommendations/", per_page=2)
    entries[0].delete()
    entries[1].delete()
    Recommendation.objects.filter(pk=entries[3].pk).update(title_en="Edited")
    make_recommendation(number=1, report=entries[2].report)
    rest = []
    while answer["next"]:
        answer = ask(answer["next"])
        rest += [item["slug"] for item in answer["results"]]
    assert rest == [entry.slug for entry in entries[2:]]


def test_a_cursor_belongs_to_its_question():
    for _ in range(3):
        make_recommendation()
        make_city()
    given = ask("recommendations/", per_page=1)["next"].partition("cursor=")[2].replace("%3A", ":")
    for query in ({"sort": "-number"}, {"q": "en"}, {"lang": "zh-Hans"}, {"basis": "stated"}):
        assert refused("recommendations/", cursor=given, **query)["type"].endswith("#bad-cursor")
    for path, cursor in (("cities/", given), ("cities/", "x"), ("recommendations/", given[:-1]), ("changes/", "")):
        if path != "changes/":
            assert refused(path, cursor=cursor)["type"].endswith("#bad-cursor")
    assert len(ask("recommendations/", cursor=given, per_page=100)["results"]) == 2


def test_a_name_that_changed_leads_to_the_one_it_has_now():
    pillar, term = make_pillar(slug="now"), make_term(slug="new-term")
    remember_slug(instance=pillar, former="then")
    remember_slug(instance=term, former="old-term")
    client = Client()
    vocabulary = term.vocabulary.slug
    for path, now in (
        ("pillars/then/?lang=en", "pillars/now/?lang=en"),
        (f"terms/{vocabulary}/old-term/", f"terms/{vocabulary}/new-term/"),
        ("recommendations/?pillar=then&per_page=5", "recommendations/?pillar=now&per_page=5"),
    ):
        response = client.get(f"{ROOT}{path}")
        assert (response.status_code, response["Location"]) == (301, f"{ROOT}{now}")
    refused("terms/nothing/new-term/", 404)


def test_a_longer_page_costs_no_more_queries():
    for _ in range(12):
        entry = make_recommendation(cities=[make_city()], terms=[make_term()])
        make_evidence(recommendation=entry)
        entry.related.add(Recommendation.objects.first())
    costs = {}
    for name in ITEMS:
        for size in (2, 10):
            with CaptureQueriesContext(connection) as queries:
                ask(f"{name}/", per_page=size)
            costs[name, size] = len(queries)
    # A vocabulary is a facet, and this list counts each facet of its page once.
    assert {name for name in ITEMS if costs[name, 2] != costs[name, 10]} <= {"terms"}
    assert costs["recommendations", 10] < 60
