"""Template tags of entries: marked words, meanings, helpers."""

import pytest
from django.utils.safestring import SafeString

from recommendations.choices import Basis, Status
from recommendations.query import parse
from recommendations.templatetags.reading import (
    STATUS_MEANINGS,
    any_selected,
    basis_mark,
    basis_meaning,
    highlight,
    status_meaning,
    vocabulary_facets,
    with_next,
)


def marked(text, query):
    return highlight(text, parse(query).phrases)


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Open data for all", "data", "Open <mark>data</mark> for all"),
        ("Licences and licensed", "licence", "<mark>Licences</mark> and licensed"),
        ("Database", "data", "Database"),
        ("打破数据孤岛", "数据", "打破<mark>数据</mark>孤岛"),
        ("数据数据", "数据", "<mark>数据数据</mark>"),
        ("数据孤岛", "数据 据孤", "<mark>数据孤</mark>岛"),
        ("人人", "人", "<mark>人人</mark>"),
        ("人才和人", "人", "<mark>人</mark>才和<mark>人</mark>"),
        ("Café", "cafe", "<mark>Café</mark>"),
        ("建设5G网络", "5g", "建设<mark>5G</mark>网络"),
        ("建设5G网络", "5g网络", "建设<mark>5G网络</mark>"),
        ("打破数据孤岛", "數據", "打破<mark>数据</mark>孤岛"),
        ("打破數據孤島", "数据孤岛", "打破<mark>數據孤島</mark>"),
        ("open data, data open", '"open data"', "<mark>open data</mark>, data open"),
        ("data open", "open -data", "data <mark>open</mark>"),
        ("a & b", "b", "a &amp; <mark>b</mark>"),
        ("<b>x</b>", "b", "&lt;<mark>b</mark>&gt;x&lt;/<mark>b</mark>&gt;"),
        ("<i>", "zeppelin", "&lt;i&gt;"),
        ("", "data", ""),
        ("data", "", "data"),
    ],
)
def test_found_places_are_marked_and_all_is_escaped(text, query, expected):
    result = marked(text, query)
    assert result == expected
    assert isinstance(result, SafeString)


def test_every_basis_and_status_has_a_mark_or_a_meaning():
    assert sorted(basis_mark(value) for value in Basis.values) == ["f", "m", "s"]
    assert len({str(basis_meaning(value)) for value in Basis.values}) == 3
    assert set(STATUS_MEANINGS) == set(Status)
    assert len({str(status_meaning(value)) for value in Status.values}) == 7


class Value:
    def __init__(self, *, is_selected=False, name="", state=""):
        self.is_selected, self.name, self.state = is_selected, name, state


def test_any_selected_tells_whether_one_is():
    assert any_selected([Value(), Value(is_selected=True)]) is True
    assert any_selected([Value()]) is False
    assert any_selected([]) is False


def test_vocabularies_are_told_from_fixed_facets():
    facets = [Value(name=name) for name in ("pillar", "instrument", "city", "status", "sector")]
    assert [facet.name for facet in vocabulary_facets(facets)] == ["instrument", "sector"]


def test_first_step_ahead_is_the_next_one():
    steps = [Value(state=state) for state in ("done", "upcoming", "upcoming")]
    assert [is_next for _step, is_next in with_next(steps)] == [False, True, False]
    assert with_next([]) == []
    assert [is_next for _step, is_next in with_next([Value(state="ongoing")])] == [False]
