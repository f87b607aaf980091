"""Entries, evidence and links: what is valid, and what they are called."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils import translation

from recommendations.choices import Basis
from recommendations.models import Recommendation
from tests.factories import (
    make_city,
    make_evidence,
    make_link,
    make_pillar,
    make_recommendation,
    make_report,
    make_staff,
    make_user,
    make_working_copy,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", ["export", "suggest"])
def test_reserved_slug_is_not_valid(slug):
    entry = make_recommendation()
    entry.slug = slug
    with pytest.raises(ValidationError) as refused:
        entry.full_clean()
    assert "slug" in refused.value.message_dict


def test_pillar_of_another_report_is_not_valid():
    entry = make_recommendation()
    assert entry.full_clean() is None
    entry.pillar = make_pillar(report=make_report())
    with pytest.raises(ValidationError) as refused:
        entry.full_clean()
    assert refused.value.message_dict == {"pillar": ["This pillar belongs to another report."]}


def test_a_day_that_cannot_be_is_not_valid_and_today_is_that_of_the_site(monkeypatch):
    late = dt.datetime(2026, 11, 26, 17, tzinfo=dt.UTC)  # already the 27th in Guangdong
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    entry = make_recommendation(reviewed_on=dt.date(2026, 11, 27))
    assert entry.full_clean() is None
    for day, why in (("2026-11-28", "in the future; today is 2026-11-27"), ("1800-01-01", "too early to be true")):
        entry.reviewed_on = dt.date.fromisoformat(day)
        with pytest.raises(ValidationError, match=why):
            entry.full_clean()
        with translation.override("zh-hans"), pytest.raises(ValidationError, match=rf"{day}(还没有到|太早)"):
            entry.full_clean()


def test_evidence_of_nine_words_is_not_valid():
    evidence = make_evidence(recommendation=make_recommendation(), key_phrase="one two three four five six seven eight")
    assert evidence.full_clean() is None
    evidence.key_phrase += " nine"
    with pytest.raises(ValidationError) as refused:
        evidence.full_clean()
    assert set(refused.value.message_dict) == {"key_phrase"}


def test_names_in_the_desk():
    entry = make_recommendation(number=7, title_en="Harbour", title_zh_hans="港口")
    copy = make_working_copy(entry)
    evidence = entry.evidence.get()
    link = make_link(recommendation=entry, city=make_city(name_en="Foshan"))
    assert str(entry) == "7. Harbour"
    assert str(copy) == "Harbour"
    assert str(Recommendation()) == "–"
    assert str(evidence) == f"{evidence.locator}: {evidence.key_phrase}"
    assert str(link) == "Foshan (Named in the article)"
    with translation.override("zh-hans"):
        assert str(entry) == "7. 港口"


def test_entry_knows_whether_it_is_public_and_what_it_is_a_copy_of():
    entry = make_recommendation(basis="implied")
    copy = make_working_copy(entry)
    assert (entry.is_public, copy.is_public) == (True, False)
    assert entry.original == copy.original == entry
    assert entry.get_basis() is Basis.IMPLIED
    assert len({str(basis.meaning) for basis in Basis}) == 3


@pytest.mark.parametrize("state", ["draft", "in-review", "archived", "published"])
def test_who_may_open_an_entry_by_its_address(state):
    entry = make_recommendation(state=state)
    copy = make_working_copy(entry) if state == "published" else None
    seen = {
        name: set(Recommendation.objects.visible_to(user))
        for name, user in {
            "anonymous": AnonymousUser(),
            "reader": make_user(),
            "former editor": make_staff(is_active=False),
            "staff": make_staff(),
        }.items()
    }
    public = {entry} if state == "published" else set()
    assert seen["anonymous"] == seen["reader"] == seen["former editor"] == public
    assert seen["staff"] == {entry}
    assert copy not in seen["staff"]


def test_published_leaves_out_copies_and_other_states():
    entry = make_recommendation()
    make_working_copy(entry)
    for state in ("draft", "in-review", "archived"):
        make_recommendation(state=state)
    assert list(Recommendation.objects.published()) == [entry]
    assert Recommendation.objects.entries().count() == 4
