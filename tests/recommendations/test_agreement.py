"""Whatever the filter, the queries answer as a plain walk through all entries does."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import cursors
from api.cursors import Keyed
from common import changes
from recommendations import postings
from recommendations.answers import OrmAnswers
from recommendations.filters import RecommendationFilterSet
from recommendations.index import loading
from recommendations.index.answers import IndexAnswers
from recommendations.index.loading import build
from recommendations.index.sets import IndexSet
from recommendations.models import Recommendation
from recommendations.query import parse
from recommendations.querysets import RecommendationQuerySet
from recommendations.sets import COLUMNS, TIES, OrmSet
from recommendations.tokens import Phrase
from tests.recommendations.made_up import QUERIES, filters, make_world
from tests.recommendations.reference import World

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "zh-hans")

# The filters only read, so that one database serves them all; a loaded machine is no failure.
reading = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ready_world():
    """The database as a plain walk sees it; its planner told, for what is not committed is no news to it."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return World()


def the_index(*, small):
    return build(changes.current(), small=small)


def check_index(filterset, orm, index, expected):
    """The index says what the ORM says: every count, every id in its place, wherever a page begins."""
    answers = IndexAnswers(filterset, index)
    assert (answers.total(), answers.everything()) == (orm.total(), orm.everything())
    assert answers.ids(0, 1_000) == expected
    assert answers.ids(3, 8) == expected[3:8]
    assert answers.ids(len(expected), len(expected) + 5) == []
    assert [entry.pk for entry in answers.newest(1, 4)] == [entry.pk for entry in orm.newest(1, 4)]
    check_what_comes_after(answers, Keyed.of(filterset.qs), expected)
    for facet in filterset.facets:
        assert answers.counts(facet) == orm.counts(facet), facet.name
    for name in ["q", *(facet.name for facet in filterset.facets)]:
        assert answers.total_without(name) == orm.total_without(name), name


def check_what_comes_after(answers, keyed, expected):
    """From any entry on, also one that is gone meanwhile; the cursor of the API is the same, whoever made it."""
    for place in {0, len(expected) // 2, len(expected) - 1} if expected else ():
        values = keyed.values_of(Recommendation(pk=expected[place]))
        assert cursors.write(answers.values_of(expected[place]), "") == cursors.write(values, "")
        values = [bytes(value) if isinstance(value, memoryview) else value for value in values]
        assert answers.ids_after(values, 4) == expected[place + 1 : place + 5]
        is_falling = keyed.is_descending[-1]
        gone = [*values[:-1], values[-1] + (1 if is_falling else -1)]
        assert answers.ids_after(gone, 4) == expected[place : place + 4]


def check(world, pairs, language, indexes=()):
    with translation.override(language):
        filterset = RecommendationFilterSet(QueryDict(urlencode(pairs)))
        answers = OrmAnswers(filterset)
        pairs = [(name, value) for name, value in pairs if value not in {"alphabet", "-alphabet"}]
        expected = world.ids(pairs, language=language)
        assert answers.total() == len(expected)
        assert list(filterset.qs.values_list("pk", flat=True)) == expected
        assert {facet.name for facet in filterset.facets} == set(world.options)
        for facet in filterset.facets:
            assert answers.counts(facet) == world.counts(facet.name, pairs), facet.name
        for name in {"q", *(name.partition(".")[0] for name, _value in pairs)} & {"q", *world.options}:
            assert answers.total_without(name) == len(world.matching(pairs, without=name))
        for index in indexes:
            check_index(filterset, answers, index, expected)


#: How many filters are tried: a few in every run, each with a seed of its own; many in the long one.
EXAMPLES = pytest.mark.parametrize("examples", [25, pytest.param(400, marks=pytest.mark.long)])


@EXAMPLES
@pytest.mark.usefixtures("content")
def test_queries_over_the_32_agree_with_a_plain_walk(examples):
    world = ready_world()
    queries = [
        "人才",
        "数据",
        "5G",
        "service",
        "沙盒",
        "city data",
        "佛山",
        "finance 金融",
        "zeppelin",
        '"service firms" -data',
        "telehealth",
        "數據孤島",
        "talant",
    ]
    assert len(world.entries) == 32

    index = the_index(small=True)

    @settings(reading, max_examples=examples)
    @given(pairs=filters(world, queries), language=st.sampled_from(LANGUAGES))
    def agree(pairs, language):
        check(world, pairs, language, [index])

    agree()


@EXAMPLES
@pytest.mark.parametrize("seed", [1, 2])
def test_queries_and_index_over_a_made_up_body_agree_with_a_plain_walk(seed, examples):
    agree_over_a_made_up_body(seed, examples)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 30))
def test_queries_and_index_agree_over_many_bodies(seed):
    agree_over_a_made_up_body(seed, 100)


def agree_over_a_made_up_body(seed, examples):
    make_world(seed)
    assert postings.renew(least=3, share=0) > 20
    world = ready_world()
    assert 20 < len(world.entries) < 60
    indexes = [the_index(small=True), the_index(small=False)]
    assert indexes[0].values == indexes[1].values
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "SPARSE", 0)  # ids far higher than there are entries
        assert the_index(small=False).orders == indexes[1].orders

    @settings(reading, max_examples=examples)
    @given(pairs=filters(world, QUERIES), language=st.sampled_from(LANGUAGES))
    def agree(pairs, language):
        check(world, pairs, language, indexes)

    agree()


def test_sets_of_entries_are_the_same_from_the_index():
    make_world(1)
    orm = OrmSet(Recommendation.objects.published())
    cities, sections = sorted(orm.counts("city")), sorted(orm.counts("section"))
    query, ends = parse("harbour light"), [Phrase(("stone",)), Phrase(("data",))]
    narrowings = [
        lambda entries: entries,
        lambda entries: entries.having("city", *cities[:2]).without("section", sections[0]),
        lambda entries: entries.having("city reason", (cities[0], "named"), (cities[1], "editorial")),
        lambda entries: entries.having("reach", "province").without("city", *cities),
        lambda entries: entries.without("city reason", *((city, "bay-area") for city in cities)).without(
            "basis", "stated"
        ),
        lambda entries: entries.found_by(query),
        lambda entries: entries.titled(ends),
        lambda entries: entries.having("term"),
    ]
    for small in (True, False):
        index = the_index(small=small)
        for narrow in narrowings:
            said, expected = narrow(IndexSet(index, index.entries)), narrow(orm)
            assert said.count() == expected.count()
            for kind in {**COLUMNS, **TIES}:
                assert said.counts(kind) == expected.counts(kind), kind
            assert said.cross("pillar", "status") == expected.cross("pillar", "status")
            assert said.ids(3) == expected.ids(3)
            assert said.first(5, RecommendationQuerySet.for_list) == expected.first(5)
            assert said.newest(5) == expected.newest(5)
    assert [0 < narrow(orm).count() < orm.count() for narrow in narrowings] == [False, *[True] * 6, False]


@pytest.mark.parametrize("seed", [1, 3])
def test_pairs_of_every_facet_are_the_values_of_the_entries(seed):
    make_world(seed)
    world = World()
    entries = RecommendationFilterSet().narrowed()
    for facet in RecommendationFilterSet().facets:
        pairs = [tuple(pair) for pair in facet.pairs(entries)]
        expected = {(plain.entry.pk, slug) for plain in world.entries for slug in plain.values[facet.name]}
        assert set(pairs) == expected, facet.name
        assert len(pairs) == len(expected), facet.name
        assert expected or facet.name == "status"
