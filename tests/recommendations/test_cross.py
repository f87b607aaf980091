"""Whatever the filter and the two facets, a matrix counts as a plain walk through all entries does."""

from __future__ import annotations

from itertools import permutations
from random import Random
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from recommendations.answers import OrmAnswers
from recommendations.cross import Axis
from recommendations.filters import RecommendationFilterSet
from recommendations.index.answers import IndexAnswers
from tests.recommendations.made_up import make_world
from tests.recommendations.reference import Pairs, Plain, World
from tests.recommendations.test_agreement import ready_world, the_index
from tests.recommendations.test_browse import random_filter

pytestmark = pytest.mark.django_db

PLACES = {"city", "area"}


def plain_cell(world: World, found: list[Plain], pair: Pairs, *, include: bool):
    """(count, reason → number, besides) of two values, by looking at every entry."""
    (row, first), (col, second) = pair
    having = [p for p in found if world.has(p, row, first, include) and world.has(p, col, second, include)]
    own = [p for p in found if first in p.values[row] and second in p.values[col]]
    reasons: dict[str, int] = {}
    if "city" in {row, col}:
        city = first if row == "city" else second
        for plain in own:
            basis = next(c.basis for c in plain.entry.coverage.all() if c.city.slug == city)
            reasons[basis] = reasons.get(basis, 0) + 1
    besides = 0
    if {row, col} & PLACES:
        wide = [p for p in found if world.has(p, row, first, True) and world.has(p, col, second, True)]
        besides = len(wide) - len(own)
    return len(having), reasons, besides


def check_cross(world: World, pairs: Pairs, row: str, col: str) -> None:
    filterset = RecommendationFilterSet(QueryDict(urlencode(pairs)))
    facets = {facet.name: facet for facet in filterset.facets}
    rows, cols = (Axis(facets[name], tuple(o.slug for o in facets[name].options)) for name in (row, col))
    assert all(facet.options is not None for facet in filterset.facets)  # read before the queries are counted
    assert filterset.selections
    assert filterset.query is not None  # its words, their equivalents and corrections too
    with CaptureQueriesContext(connection) as queries:
        cells = OrmAnswers(filterset).cross(rows, cols)
    assert len(queries) <= 2
    rest = [(name, value) for name, value in pairs if name not in {row, col}]
    assert IndexAnswers(filterset, the_index(small=True)).cross(rows, cols) == cells
    found, include = world.matching(rest), ("include", "province") in pairs
    assert set(cells) == {(first, second) for first in rows.slugs for second in cols.slugs}
    for (first, second), cell in cells.items():
        expected = plain_cell(world, found, [(row, first), (col, second)], include=include)
        assert (cell.count, cell.reasons, cell.besides) == expected, (row, first, col, second, pairs)


def test_cross_of_two_facets_agrees_with_a_plain_walk():
    make_world(21)
    random, world = Random(1), ready_world()  # noqa: S311 - any filter will do, the same for the same seed
    every = list(permutations(sorted(world.options), 2))
    for row, col in [("city", "area"), ("area", "city"), ("made-up-0", "made-up-1"), *random.sample(every, 9)]:
        check_cross(world, random_filter(random, world), row, col)


@pytest.mark.usefixtures("content")
def test_cross_of_the_32_agrees_with_a_plain_walk():
    random, world = Random(7), ready_world()  # noqa: S311 - any filter will do, the same for the same seed
    for row, col in [("city", "pillar"), ("area", "instrument")]:
        check_cross(world, [("include", "province"), ("city", "foshan")], row, col)
        check_cross(world, random_filter(random, world), row, col)
