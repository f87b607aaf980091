"""Whatever the filter, the queries answer as a plain walk through all entries does."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.answers import OrmAnswers
from recommendations.filters import RecommendationFilterSet
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


def check(world, pairs, language):
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
        for name in {"q", *dict(pairs)} & {"q", *world.options}:
            assert answers.total_without(name) == len(world.matching(pairs, without=name))


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

    @settings(reading, max_examples=examples)
    @given(pairs=filters(world, queries), language=st.sampled_from(LANGUAGES))
    def agree(pairs, language):
        check(world, pairs, language)

    agree()


@EXAMPLES
@pytest.mark.parametrize("seed", [1, 2])
def test_queries_over_a_made_up_body_agree_with_a_plain_walk(seed, examples):
    make_world(seed)
    world = ready_world()
    assert 20 < len(world.entries) < 60

    @settings(reading, max_examples=examples)
    @given(pairs=filters(world, QUERIES), language=st.sampled_from(LANGUAGES))
    def agree(pairs, language):
        check(world, pairs, language)

    agree()


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
