"""A reviewer without an account sees what is pending by a link, for a while; nobody else finds it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import signing
from django.test import Client

from recommendations import actions, sharing
from recommendations.models import Recommendation
from tests.desk import admin_url, sign_in, tree
from tests.factories import make_recommendation, make_working_copy, moment
from tests.html import fetch

pytestmark = pytest.mark.django_db


def pending():
    entry = make_recommendation(title_en="Deep harbour", title_zh_hans="深港")
    copy = make_working_copy(entry, title_en="Deeper harbour", title_zh_hans="更深的港")
    actions.keep_draft(entry=copy, at=moment(1))
    return entry, copy


def shared(entry):
    page = tree(sign_in("editor").get(admin_url("share", entry.pk)).content.decode())
    return [
        i.get("value").removeprefix("http://testserver") for i in page.iter("input") if i.get("id", "")[:5] == "link-"
    ]


def test_link_shows_the_pending_text_in_both_languages_to_anyone_who_has_it():
    _entry, copy = pending()
    english, chinese = shared(copy)
    for address, title in ((english, "Deeper harbour"), (chinese, "更深的港")):
        page = fetch(Client(), address)
        assert page.status == 200
        assert title in page.main_text
        assert page.meta("robots") == ["noindex"]
        assert page.response["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in page.response["Cache-Control"]
        assert page.response["Referrer-Policy"] == "no-referrer"
        assert not page.response.cookies
    assert "not published, for review only" in fetch(Client(), english).main_text
    assert fetch(Client(), english).by_id("language").get("href") == chinese


def test_link_to_a_draft_shows_it():
    entry = make_recommendation(state="draft", title_en="Plan")
    assert "Plan" in fetch(Client(), shared(entry)[0]).main_text


def test_link_is_over_once_the_copy_is_published_and_after_its_time():
    _entry, copy = pending()
    [english, _chinese] = shared(copy)
    actions.publish(entry=Recommendation.objects.get(pk=copy.pk), at=moment(2))
    assert Client().get(english).status_code == 410
    draft = make_recommendation(state="draft")
    assert Client().get(f"/preview/{sharing.token_for(draft)}/").status_code == 200
    assert sharing.expires_at(moment(0)) == moment(7)


def test_link_is_over_after_seven_days(monkeypatch):
    draft = make_recommendation(state="draft")
    address = shared(draft)[0]
    monkeypatch.setattr(sharing, "LIFETIME", dt.timedelta(seconds=-1))
    assert Client().get(address).status_code == 410


@pytest.mark.parametrize("token", ["nonsense", "MQ:1:nonsense", "%00"])
def test_what_nobody_signed_shows_nothing(token):
    make_recommendation(state="draft", title_en="Plan")
    response = Client().get(f"/preview/{token}/")
    assert response.status_code == 410
    assert b"Plan" not in response.content
    assert signing.dumps(1) != signing.dumps(1, salt="recommendations.shared")


def test_link_to_what_is_public_by_now_leads_there():
    draft = make_recommendation(state="draft")
    address = shared(draft)[0]
    actions.publish(entry=draft, at=moment(1))
    assert Client().get(address).url == draft.get_absolute_url()
    # Withdrawn, it is gone for good; as a draft again it can be shared anew.
    actions.archive(entry=draft, at=moment(2))
    assert Client().get(address).status_code == 410
    actions.unarchive(entry=draft, at=moment(3))
    assert Client().get(address).status_code == 410
    assert Client().get(shared(draft)[0]).status_code == 200
