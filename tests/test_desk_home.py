"""The desk's home: every number is that of the list behind it, and nobody is shown what they may not see."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cities.models import City
from desk.busy import BusyDatabaseMiddleware
from recommendations import actions, schedule
from recommendations.choices import Step
from recommendations.models import Evidence, Recommendation
from tests.desk import make_colleague, open_entry, open_form, sign_in, tree
from tests.factories import (
    make_city,
    make_glossary_entry,
    make_import,
    make_recommendation,
    make_update,
    make_working_copy,
    moment,
)
from tests.html import text_of

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:index")
SEARCH = reverse("desk_search")


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def boxes(client):
    """Name → (count, address), as the page shows them."""
    root = tree(client.get(INDEX).content.decode())
    found = {}
    for item in root.iter("li"):
        if item.get("data-box"):
            link = next(item.iter("a"))
            found[item.get("data-box")] = (int(text_of(next(item.iter("b")))), link.get("href"))
    return found


def behind(client, address):
    return len(client.get(address).context["cl"].result_list)


@pytest.fixture
def busy(db):
    """One thing for every reason, beside things that are none."""
    editor = make_colleague("editor")
    today = timezone.now()
    make_recommendation(state="in-review")
    waits = make_working_copy(make_recommendation(reviewed_on=today.date()))
    actions.keep_draft(entry=waits, for_review=True, author=make_colleague("reviewer"), at=today)
    mine = make_recommendation(state="draft", summary_zh_hans="")
    actions.keep_draft(entry=mine, author=editor, at=today)
    actions.keep_draft(entry=mine, author=make_colleague("reviewer"), at=today, step=Step.BULK)
    returned = make_recommendation(state="draft")
    actions.keep_draft(entry=returned, author=editor, for_review=True, at=today)
    actions.send_back(entry=returned, author=make_colleague("reviewer"), reason="say more", at=today)
    make_recommendation(state="draft")
    make_recommendation(state="archived", problem_en="Only in English", problem_zh_hans="")
    make_recommendation(reviewed_on=today.date() - dt.timedelta(days=181), cities=[make_city()])
    fresh = make_recommendation(reviewed_on=today.date() - dt.timedelta(days=179))
    Evidence.objects.filter(recommendation=fresh).update(proof="failed")
    Evidence.objects.filter(recommendation=make_recommendation(state="archived")).update(proof="failed")
    late = today + dt.timedelta(days=1)
    schedule.plan(entry=fresh, author=editor, publish_at=None, withdraw_at=late, at=today)
    Recommendation.objects.filter(pk=fresh.pk).update(schedule_problem="why")
    make_city(name_zh_hans="")
    make_update(is_published=False, waits_for_review=True)
    return editor


def test_every_number_is_that_of_the_list_behind_it(busy):
    client = client_of(busy)
    found = boxes(client)
    counts = {name: count for name, (count, _address) in found.items()}
    assert counts == {
        "review": 2,
        "mine": 2,
        "broken-evidence": 1,
        "stale": 1,
        "scheduled": 1,
        "schedule-failed": 1,
        "updates": 1,
        "unlinked-cities": 1,
        "untranslated-recommendation": 1,
        "untranslated-city": 1,
    }
    for name, (count, address) in found.items():
        assert behind(client, address) == count, name


def test_reviewer_finds_what_waits_and_everyone_what_changed(busy):
    root = tree(sign_in("reviewer").get(INDEX).content.decode())
    addresses = [a.get("href") for a in root.iter("a")]
    assert len([a for a in addresses if a and a.endswith("/review/")]) == 2
    assert "say more" in text_of(root)


def test_changes_of_every_kind_are_named_and_who_edits_first_made_nothing():
    city = make_city(name_en="Guangzhou")
    City.history.all().delete()  # as after a load, which keeps none
    entry = make_recommendation(state="draft")
    actions.adopt(at=timezone.now())
    client = sign_in("reviewer", username="rev-one")
    form = open_form(client, reverse("admin:cities_city_change", args=[city.pk]))
    form["name_en"] = "Canton"
    assert form.press("_save").status_code == 302
    root = tree(client.get(INDEX).content.decode())
    [recent] = [s for s in root.iter("section") if s.get("aria-labelledby") == "recent-heading"]
    told = [text_of(item) for item in recent.iter("li")]
    assert told[0].startswith("Canton city · Changed · rev-one · ")
    assert any(line.startswith(f"{entry} recommendation · version 1: ") for line in told[1:])
    assert not any("Guangzhou" in line for line in told)  # how it was is no change
    actions.keep_draft(entry=entry, reason="undone: list.xlsx", at=timezone.now() + dt.timedelta(minutes=1))
    chinese = client.get(INDEX, headers={"accept-language": "zh-hans"}).content.decode()
    assert ("<q>已撤销导入：list.xlsx</q>" in chinese, "undone:" in chinese) == (True, False)
    page = client.get(reverse("admin:cities_city_history", args=[city.pk]))
    [versions] = [s for s in tree(page.content.decode()).iter("section") if s.get("id") == "versions"]
    rows = [[text_of(cell) for cell in row if cell.tag in {"th", "td"}] for row in versions.iter("tr")]
    assert [row[1:] for row in rows[1:]] == [
        ["rev-one", "Changed", "name (English): Guangzhou Canton"],
        ["–", "Loaded: As it was before.", ""],
    ]
    assert rows[2][0] == "–"


def test_nobody_sees_numbers_or_things_they_may_not_see(busy):
    client = sign_in("nobody")
    assert boxes(client) == {}
    assert "say more" not in client.get(INDEX).content.decode()
    assert client.get(SEARCH, {"q": "Entry"}).context["results"] == []
    assert Client().get(SEARCH).status_code == 302


def test_home_costs_the_same_queries_however_much_there_is():
    client = client_of(make_colleague("reviewer"))

    def cost():
        with CaptureQueriesContext(connection) as captured:
            client.get(INDEX)
        return len(captured)

    make_recommendation(state="in-review")
    cost()  # the first request of a session writes it
    few = cost()
    for _n in range(6):
        make_recommendation(state="in-review")
        actions.keep_draft(entry=make_working_copy(make_recommendation()), for_review=True, at=moment(1))
    assert cost() == few


def test_imports_and_what_became_of_them_are_named():
    address = reverse("admin:recommendations_import_change", args=[make_import(state="done").pk])
    assert address in sign_in("editor").get(INDEX).content.decode()
    assert address not in sign_in("nobody").get(INDEX).content.decode()


def test_search_finds_things_of_every_kind_with_their_addresses():
    entry = make_recommendation(title_en="Nansha ferry", title_zh_hans="南沙轮渡")
    city = make_city(name_en="Nansha", name_zh_hans="南沙")
    make_glossary_entry(term_en="Ferry")
    client = sign_in("editor")
    for words, kinds in (
        ("nansha", {"recommendations", "cities", "versions"}),
        ("南沙", {"recommendations", "cities", "versions"}),
        ("\x00", set()),
    ):
        response = client.get(SEARCH, {"q": words})
        assert {found.kind for found in response.context["results"]} == kinds
    html = client.get(SEARCH, {"q": "nansha"}).content.decode()
    for thing in (entry, city):
        name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
        assert reverse(name, args=[thing.pk]) in html
    assert "Nothing at the desk is called" in client.get(SEARCH, {"q": "zeppelin"}).content.decode()
    assert "<b>" not in client.get(SEARCH, {"q": "<b>x"}).content.decode().split("<main")[1]


def test_search_names_some_and_leads_to_the_rest():
    for n in range(8):
        make_city(name_en=f"Port {n}")
    [found] = sign_in("editor").get(SEARCH, {"q": "port"}).context["results"]
    assert (len(found.named), found.is_more) == (6, True)
    assert found.url.endswith("?q=port")


def test_what_the_database_does_not_take_in_time_is_sent_again_whole(monkeypatch):
    entry = make_recommendation(state="draft")
    client = sign_in("editor")
    form = open_entry(client, entry)
    form["summary_en"] = 'Typed "with care"\n<b>over two lines</b>'
    with monkeypatch.context() as held:

        def refuse(**_named):
            raise OperationalError("database is locked")

        held.setattr(actions, "hold", refuse)
        response = form.press("_draft")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "Nothing is lost" in response.content.decode()
    again = {
        e.get("name"): e.get("value")
        for e in tree(response.content.decode()).iter("input")
        if e.get("type") == "hidden"
    }
    assert again["summary_en"] == form["summary_en"]
    assert client.post(form.url, again).status_code == 302
    assert Recommendation.objects.get(pk=entry.pk).summary_en.startswith('Typed "with care"')


def test_what_is_secret_is_not_written_into_a_page():
    request = RequestFactory().post(INDEX, {"username": "ada", "password": "not for a page"})
    response = BusyDatabaseMiddleware(lambda _request: HttpResponse()).process_exception(
        request, OperationalError("locked")
    )
    assert b"not for a page" not in response.content
    assert BusyDatabaseMiddleware(lambda _request: HttpResponse()).process_exception(request, ValueError()) is None
