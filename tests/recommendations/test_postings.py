"""What is kept of common phrases is what the full-text index says of them, and is used in its place."""

import pytest
from django.core.management import call_command

from common import changes
from recommendations import derive, fulltext, postings
from recommendations.index import loading, matches
from recommendations.index.matches import Matches
from recommendations.models import Posting, Recommendation
from recommendations.postings import kept, renew
from recommendations.query import parse
from recommendations.tokens import Phrase
from tests.factories import make_recommendation
from tests.recommendations.made_up import make_world

pytestmark = pytest.mark.django_db


def phrase(text):
    (clause,) = parse(f'"{text}"').wanted
    return clause.phrases[0]


@pytest.fixture
def entries():
    """Ten entries, most of which have the same words."""
    for n in range(10):
        title = "Open data for harbours" if n < 7 else "Something else"
        make_recommendation(number=n + 1, title_en=title, title_zh_hans="现代服务业" if n < 6 else "别的")
    derive.refresh()
    return list(Recommendation.objects.order_by("number"))


@pytest.fixture
def never_asked(monkeypatch):
    """The full-text index answers nobody."""

    def refuse(*_asked):
        raise AssertionError("the full-text index was asked")

    monkeypatch.setattr(fulltext, "standing", refuse)


def test_what_is_kept_is_what_the_full_text_index_says():
    make_world(5)
    number = renew(least=3, share=0)
    assert number == Posting.objects.count()
    lengths = set()
    for row in Posting.objects.all():
        asked = Phrase(tuple(row.phrase.split(" ")))
        lengths.add(len(asked.parts))
        if asked.terms == asked.parts:  # characters in pairs are asked for as runs
            said = fulltext.standing(asked, "title", "summary")
            _state, places = kept(asked)
            assert {name: set(ids) for name, ids in places.items()} == {name: set(ids) for name, ids in said.items()}
    assert lengths == {1, 2, 3, 4}


@pytest.mark.parametrize("text", ["open", "data", "open data", "open data for harbours", "现代服务业", "服务", "务"])
def test_common_words_and_phrases_are_kept(entries, text):
    renew(least=6, share=0)
    common = {entry.pk for entry in entries[:7] if "data" in text or text == "open" or entry.number < 7}
    state, places = kept(phrase(text))
    assert state == changes.current()
    assert set(places["title"]) == set(places[""]) == common
    assert set(places["summary"]) == set()


def test_rare_words_are_not_kept(entries):
    renew(least=6, share=0)
    assert kept(phrase("something")) is None
    assert kept(phrase("else open")) is None
    assert not Posting.objects.filter(phrase__contains="¶").exists()
    assert renew(least=1, share=0.7) == Posting.objects.count()
    assert kept(phrase("服务")) is None
    assert kept(phrase("data")) is not None
    assert renew() == 0, "ten entries have no common words"


# What changed is in the log when it is committed.
@pytest.mark.django_db(transaction=True)
def test_a_large_body_is_answered_from_what_is_kept_and_corrected(entries, never_asked):
    renew(least=6, share=0)
    large = Matches(is_large=True)
    every = {entry.pk for entry in entries[:7]}
    assert set(large.places(phrase("open data"))) == every
    Recommendation.objects.filter(pk=entries[0].pk).update(title_en="Nothing")
    Recommendation.objects.filter(pk=entries[9].pk).update(title_en="Open data too")
    derive.refresh(Recommendation.objects.filter(pk__in=[entries[0].pk, entries[9].pk]))
    Recommendation.objects.filter(pk=entries[1].pk).delete()
    changed = every - {entries[0].pk, entries[1].pk} | {entries[9].pk}
    assert set(Matches(is_large=True).places(phrase("open data"))) == changed
    assert set(Matches(is_large=True).places(phrase("data"), "title")) == changed
    assert set(Matches(is_large=True).places(phrase("data"), "summary")) == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("why", ["few entries", "another epoch", "too much changed"])
def test_the_full_text_index_answers_where_what_is_kept_is_of_no_use(entries, why, monkeypatch):
    renew(least=6, share=0)
    monkeypatch.setattr(fulltext, "standing", lambda *_asked: {"": [1_234], "title": [], "summary": []})
    if why == "another epoch":
        changes.begin_epoch()
    if why == "too much changed":
        monkeypatch.setattr(matches, "MOST_CHANGED", 2)
        derive.refresh(Recommendation.objects.filter(number__lte=3))
    found = Matches(is_large=why != "few entries").places(phrase("data"))
    assert set(found) == {1_234}


def test_only_an_index_of_many_entries_looks_for_what_is_kept(entries):
    state = changes.current()
    assert loading.build(state, small=False).matches.is_large
    index = loading.build(state, small=True)
    assert not index.matches.is_large
    assert not index.matches.after(loading.BitMap([1])).is_large
    assert Matches(is_large=True).after(loading.BitMap([1])).is_large


def test_the_command_says_how_many_and_can_be_repeated(entries, capsys, monkeypatch):
    monkeypatch.setattr(postings, "LEAST", 6)
    for _ in range(2):
        call_command("renew_postings")
        assert capsys.readouterr().out == f"{Posting.objects.count()} common phrases kept\n"
    assert Posting.objects.exists()
