"""An address whose entry was withdrawn says so, and everything else about the entry stays."""

from __future__ import annotations

import pytest
from django.test import Client

from common.slugs import remember_slug
from recommendations import actions
from recommendations.models import Recommendation
from tests.desk import sign_in
from tests.factories import MOMENT, make_recommendation, moment
from tests.html import fetch

pytestmark = pytest.mark.django_db


def withdrawn(**overrides):
    entry = make_recommendation(slug="quay", number=7, title_en="Deep harbour", **overrides)
    actions.archive(entry=entry, reason="Mr Smith asked", at=moment(3))
    return entry


@pytest.mark.parametrize(("prefix", "said"), [("", "No longer published"), ("/zh-hans", "不再发布")])
def test_address_of_a_withdrawn_entry_answers_410_in_both_languages(prefix, said):
    withdrawn()
    page = fetch(Client(), f"{prefix}/recommendations/quay/")
    assert page.status == 410
    assert said in page.main_text
    assert "noindex" in page.html
    assert f"{prefix}/recommendations/quay/history/" in page.hrefs
    for secret in ("Smith", "Deep harbour"):
        assert secret not in page.html


@pytest.mark.parametrize("path", ["quay.md", "quay/cite.bib", "quay/cite.ris"])
def test_every_other_form_of_it_is_gone_too(path):
    withdrawn()
    assert Client().get(f"/recommendations/{path}").status_code == 410


def test_api_says_so_as_a_problem():
    withdrawn()
    response = Client().get("/api/v1/recommendations/quay/")
    assert (response.status_code, response["Content-Type"]) == (410, "application/problem+json")
    assert response.json()["type"].endswith("#gone")
    assert Client().get("/api/v1/recommendations/nothing/").status_code == 404


def test_what_readers_saw_stays_on_record():
    withdrawn()
    page = fetch(Client(), "/recommendations/quay/history/")
    assert page.status == 200
    assert "no longer published" in page.main_text
    assert "Smith" not in page.html
    assert "/recommendations/quay/" not in page.hrefs


def test_former_name_of_a_withdrawn_entry_leads_to_where_it_says_so():
    remember_slug(instance=withdrawn(), former="wharf")
    response = Client().get("/recommendations/wharf/")
    assert (response.status_code, response["Location"]) == (301, "/recommendations/quay/")
    assert Client().get("/recommendations/quay/").status_code == 410


def test_what_readers_never_saw_is_not_told_to_them():
    entry = make_recommendation(slug="plan", state="draft")
    assert Client().get("/recommendations/plan/").status_code == 404
    actions.archive(entry=entry, at=MOMENT)
    for path in ("plan/", "plan/history/", "plan.md"):
        assert Client().get(f"/recommendations/{path}").status_code == 404, path


def test_staff_see_it_and_once_published_again_everybody_does():
    entry = withdrawn()
    assert sign_in("editor").get("/recommendations/quay/").status_code == 200
    actions.unarchive(entry=Recommendation.objects.get(pk=entry.pk), at=moment(4))
    assert Client().get("/recommendations/quay/").status_code == 410
    actions.publish(entry=Recommendation.objects.get(pk=entry.pk), at=moment(5))
    assert Client().get("/recommendations/quay/").status_code == 200
