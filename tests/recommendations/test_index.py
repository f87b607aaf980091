"""The index is there from the first request, follows every change, and says nothing that is no longer so."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from django.db import connection, connections, transaction
from django.http import QueryDict
from django.test import Client

from cities.models import Membership
from recommendations import actions, derive
from recommendations.answers import OrmAnswers
from recommendations.filters import RecommendationFilterSet
from recommendations.index import keeping, loading, orders
from recommendations.index.answers import IndexAnswers, answers_for
from recommendations.index.keeping import keeper
from recommendations.models import Coverage, Recommendation
from tests.factories import make_city, make_entries, make_recommendation, make_term, make_working_copy, moment
from tests.recommendations.made_up import make_world

pytestmark = pytest.mark.django_db(transaction=True)

SORTS = ["number", "-number", "title", "-title", "updated", "-updated"]


@pytest.fixture(autouse=True)
def _cold():
    keeper.forget()
    yield
    keeper.forget()


def filterset(query=""):
    return RecommendationFilterSet(QueryDict(query))


def assert_as_the_orm_says(query=""):
    """Every count and every order of the index that requests are answered by."""
    for sort in SORTS:
        chosen = filterset(f"{query}&sort={sort}")
        answers, orm = answers_for(chosen), OrmAnswers(chosen)
        assert isinstance(answers, IndexAnswers)
        assert answers.ids(0, 1_000) == list(chosen.qs.values_list("pk", flat=True)), sort
    for facet in chosen.facets:
        assert answers.counts(facet) == orm.counts(facet), facet.name


def test_index_follows_every_change():
    make_world(7, entries=25)
    one, two, three = Recommendation.objects.published().order_by("pk")[:3]
    built = []

    def after(change):
        change()
        assert_as_the_orm_says("include=province")
        built.append(keeper.held)

    after(lambda: None)
    changed = {"basis": "implied", "title_en": "Zzz", "changed_at": moment(99)}
    after(lambda: Recommendation.objects.filter(pk=one.pk).update(**changed))
    after(lambda: derive.refresh(Recommendation.objects.filter(pk=one.pk)))
    after(lambda: Recommendation.objects.filter(pk=two.pk).update(state="archived"))
    after(lambda: Recommendation.objects.filter(pk=two.pk).update(state="published"))
    after(lambda: Recommendation.objects.filter(pk=three.pk).update(number=900))
    after(lambda: Coverage.objects.filter(recommendation=one).delete())
    after(one.terms.clear)
    after(three.delete)
    after(lambda: make_recommendation(title_en="Aaa", at=moment(50)))
    after(lambda: make_recommendation(state="draft"))
    after(lambda: make_working_copy(one, title_en="Pending"))
    after(lambda: Membership.objects.filter(extent="full").first().delete())
    after(lambda: make_term(vocabulary=make_term().vocabulary))
    after(lambda: Recommendation.objects.update(status="adopted"))
    assert len({index.state for index in built}) > 10
    entries = [len(index.entries) for index in built]
    assert entries[3] == entries[2] - 1
    assert entries[4] == entries[2]


def test_one_edit_is_on_the_next_page_whatever_road_it_came_by():
    entry, other = make_recommendation(title_en="Harbour"), make_recommendation(title_en="Quays")
    client = Client()
    assert "<b>1</b> of 2" in client.get("/recommendations/?q=harbour").content.decode()
    Recommendation.objects.filter(pk=other.pk).update(title_en="Harbour quays")
    derive.refresh()
    assert "<b>2</b> of 2" in client.get("/recommendations/?q=harbour").content.decode()
    actions.archive(entry=entry, at=moment(1))
    assert "<b>1</b> of 1" in client.get("/recommendations/?q=harbour").content.decode()
    assert keeper.held.entries.to_array().tolist() == [other.pk]


def test_within_a_transaction_and_for_other_entries_the_orm_answers():
    make_recommendation()
    assert isinstance(answers_for(filterset()), IndexAnswers)
    drafts = RecommendationFilterSet(QueryDict(), Recommendation.objects.all())
    assert isinstance(answers_for(drafts), OrmAnswers)
    with transaction.atomic():
        Recommendation.objects.update(basis="implied")
        assert isinstance(answers_for(filterset()), OrmAnswers)
    assert_as_the_orm_says()


def test_threads_share_one_index_and_none_sees_half_of_a_change():
    city = make_city()
    make_entries([{"basis": "stated"} for _ in range(40)])
    wrong = []

    def read():
        for _ in range(15):
            answers = answers_for(filterset())
            counts = answers.counts(answers.filterset.facets[1])
            if sum(counts.values()) != 40 or answers.total() != 40:
                wrong.append(counts)
        connections.close_all()

    if connection.vendor == "sqlite":
        read()  # its test database is in memory: one connection, so that threads would wait for one another only
    else:
        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(1, 20):
            Recommendation.objects.filter(number=number).update(basis="implied")
        for thread in threads:
            thread.join()
    assert wrong == []
    assert_as_the_orm_says(f"city={city.slug}")


def test_large_body_is_built_apart_while_the_orm_answers(monkeypatch):
    make_world(3, entries=20)
    monkeypatch.setattr(loading, "FEW", 5)
    begun = []

    class Later:
        def __init__(self, *, target, args=(), **named):
            self.work = lambda: target(*args)
            begun.append(self)

        def start(self):
            pass

        def is_alive(self):
            return keeper.held is None

    monkeypatch.setattr(keeping, "threading", SimpleNamespace(Thread=Later))
    monkeypatch.setattr(keeping, "connections", SimpleNamespace(close_all=lambda: None))
    assert isinstance(answers_for(filterset()), OrmAnswers)
    assert isinstance(answers_for(filterset()), OrmAnswers)
    assert len(begun) == 1
    assert b"index is being built" in Client().get("/readyz").content
    # What happens while it is built is followed after it.
    Recommendation.objects.filter(number=1).update(state="published", title_en="Meanwhile")
    begun[0].work()
    assert_as_the_orm_says()
    assert Client().get("/readyz").content == b"ok\n"


def test_without_a_content_version_the_orm_answers():
    from common.models import ContentVersion

    make_recommendation()
    ContentVersion.objects.all().delete()
    assert isinstance(answers_for(filterset()), OrmAnswers)


def test_blocks_keep_their_order_as_entries_come_and_go(monkeypatch):
    monkeypatch.setattr(orders, "BLOCK", 4)
    monkeypatch.setattr(orders, "PROBES", 3)
    asked = []

    def keys(ids):
        asked.append(len(ids))
        return {pk: -pk for pk in ids}

    order = orders.Order(())
    numbers = [(7 * n) % 60 + 1 for n in range(60)]
    for pk in numbers:
        order = order.with_one(pk, -pk, keys)
    everything = orders.BitMap(numbers)
    expected = sorted(numbers, reverse=True)
    assert order.page(everything, 0, 60) == expected
    assert order.page(everything, 0, 60, backwards=True) == expected[::-1]
    assert max(asked) <= 2 * orders.PROBES
    assert max(len(block.ids) for block in order.blocks) < 8
    some = orders.BitMap(range(1, 60, 3))
    assert order.page(some, 2, 9) == [pk for pk in expected if pk in some][2:9]
    assert order.without(some).page(everything, 0, 60) == [pk for pk in expected if pk not in some]
