"""The filter grammar: what an address asks for, and what becomes of what cannot be applied."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.utils import translation

from cities.models import Membership
from common.slugs import remember_slug
from recommendations.answers import OrmAnswers
from recommendations.filters import RecommendationFilterSet
from recommendations.models import Coverage, Recommendation
from tests.factories import (
    make_area,
    make_city,
    make_pillar,
    make_recommendation,
    make_report,
    make_section,
    make_source,
    make_term,
    make_vocabulary,
    moment,
    refresh_all,
    the_report,
)

pytestmark = pytest.mark.django_db


def filterset(query=""):
    return RecommendationFilterSet(QueryDict(query))


def found(query=""):
    return [entry.slug for entry in filterset(query).qs]


def numbers(query=""):
    return [entry.number for entry in filterset(query).qs]


def counts(query, name):
    chosen = filterset(query)
    facet = next(facet for facet in chosen.facets if facet.name == name)
    return OrmAnswers(chosen).counts(facet)


# On the real content


@pytest.mark.usefixtures("content")
def test_talent_pillar_lists_exactly_the_seven():
    expected = list(Recommendation.objects.filter(pillar__slug="talent").in_order().values_list("number", flat=True))
    assert numbers("pillar=talent") == expected
    assert len(expected) == 7
    assert OrmAnswers(filterset("pillar=talent")).total() == 7


@pytest.mark.usefixtures("content")
def test_two_pillars_and_a_basis_list_exactly_those_and_count_them():
    query = "pillar=talent&pillar=digital-foundation&basis=stated"
    entries = list(Recommendation.objects.select_related("pillar").in_order())
    both = [e for e in entries if e.pillar.slug in {"talent", "digital-foundation"}]
    stated = [e for e in entries if e.basis == "stated"]
    assert numbers(query) == [e.number for e in both if e.basis == "stated"]
    assert 0 < len(numbers(query)) < len(both)
    # A facet's own selection does not narrow its own counts; the other facets do.
    assert counts(query, "pillar") == {
        slug: sum(e.pillar.slug == slug for e in stated)
        for slug in ("institutional-reform", "manufacturing-services", "talent", "digital-foundation")
    }
    assert counts(query, "basis") == {
        basis: sum(e.basis == basis for e in both) for basis in ("stated", "implied", "inferred")
    }


@pytest.mark.usefixtures("content")
def test_city_lists_those_whose_coverage_has_it():
    expected = set(Coverage.objects.filter(city__slug="foshan").values_list("recommendation__number", flat=True))
    assert set(numbers("city=foshan")) == expected
    assert 0 < len(expected) < 32
    assert counts("", "city")["foshan"] == len(expected)


@pytest.mark.usefixtures("content")
def test_province_wide_entries_are_added_where_asked():
    covering = set(Coverage.objects.filter(city__slug="foshan").values_list("recommendation__number", flat=True))
    province = set(Recommendation.objects.filter(reach="province").values_list("number", flat=True))
    assert set(numbers("city=foshan&include=province")) == covering | province
    assert counts("include=province", "city")["foshan"] == len(covering | province)
    assert len(numbers("include=province")) == 32
    assert province - covering


@pytest.mark.usefixtures("content")
def test_area_lists_those_that_cover_a_full_or_partial_member():
    members = Membership.objects.filter(area__slug="guangzhou-area").exclude(extent="linked")
    linked = Membership.objects.filter(area__slug="guangzhou-area", extent="linked")
    assert linked.exists()
    expected = set(
        Coverage.objects.filter(city__in=members.values("city")).values_list("recommendation__number", flat=True)
    )
    assert set(numbers("area=guangzhou-area")) == expected
    assert counts("", "area")["guangzhou-area"] == len(expected)


@pytest.mark.usefixtures("content")
def test_every_fixed_facet_and_vocabulary_is_a_parameter():
    assert [facet.name for facet in filterset().facets] == [
        "pillar", "basis", "reach", "city", "area",
        "instrument", "sector", "actor", "barrier", "element", "audience",
        "status", "source", "report",
    ]  # fmt: skip


# What a filter means


def test_values_of_one_parameter_are_any_of_and_parameters_are_all_of():
    term, other = make_term(slug="a"), make_term(slug="b")
    name = term.vocabulary.slug
    other.vocabulary = term.vocabulary
    other.save()
    make_recommendation(slug="a-stated", terms=[term])
    make_recommendation(slug="b-stated", terms=[other])
    make_recommendation(slug="a-implied", terms=[term, other], basis="implied")
    make_recommendation(slug="none")
    assert found(f"{name}=a") == ["a-stated", "a-implied"]
    assert found(f"{name}=a&{name}=b") == ["a-stated", "b-stated", "a-implied"]
    assert found(f"{name}=a&{name}=b&basis=implied") == ["a-implied"]
    assert found(f"{name}=b&basis=inferred") == []


def test_filter_of_one_facet_narrows_by_itself():
    make_recommendation(slug="here")
    make_recommendation(slug="there", basis="implied")
    chosen = filterset("basis=implied")
    narrowed = chosen.filters["basis"].filter(Recommendation.objects.published(), chosen.selections["basis"])
    assert [entry.slug for entry in narrowed] == ["there"]


def test_same_slug_in_two_vocabularies_is_two_values():
    one, two = make_term(slug="funding"), make_term(slug="funding")
    make_recommendation(slug="one", terms=[one])
    make_recommendation(slug="two", terms=[two])
    assert found(f"{one.vocabulary.slug}=funding") == ["one"]
    assert counts("", one.vocabulary.slug) == {"funding": 1}


def test_source_report_status_and_reach_are_filters():
    source = make_source(slug="gazette")
    entry = make_recommendation(slug="cited", reach="bay-area")
    entry.evidence.create(section=make_section(source=source), paragraph="¶1", key_phrase="x", supports="stated")
    entry.evidence.create(section=make_section(source=source), paragraph="¶2", key_phrase="y", supports="stated")
    make_recommendation(slug="other", report=make_report(slug="second"))
    Recommendation.objects.filter(slug="other").update(status="adopted")
    assert found("source=gazette") == ["cited"]
    assert counts("", "source")["gazette"] == 1
    assert found("report=second") == ["other"]
    assert found("status=adopted") == ["other"]
    assert counts("", "status")["no-follow-up-found"] == 1
    assert found("reach=bay-area") == ["cited"]


def test_only_published_entries_are_listed_and_counted():
    pillar = make_pillar(slug="harbour")
    for state in ("draft", "in-review", "archived", "published"):
        make_recommendation(slug=state, state=state, pillar=pillar)
    assert found() == found("pillar=harbour") == ["published"]
    assert counts("", "pillar") == {"harbour": 1}


def test_new_vocabulary_is_a_facet_without_a_line_of_code():
    assert "season" not in filterset().selections
    season = make_vocabulary(slug="season", name_en="Season", question_en="When?")
    make_term(vocabulary=season, slug="winter")
    spring = make_term(vocabulary=season, slug="spring")
    make_recommendation(slug="in-spring", terms=[spring])
    make_recommendation(slug="never")
    facet = next(facet for facet in filterset().facets if facet.name == "season")
    assert (facet.label, facet.question) == ("Season", "When?")
    assert [option.slug for option in facet.options] == ["winter", "spring"]
    assert found("season=spring") == ["in-spring"]
    assert counts("", "season") == {"winter": 0, "spring": 1}


def test_labels_are_in_the_language_in_force():
    make_pillar(slug="harbour", name_en="Harbour", name_zh_hans="港口")
    with translation.override("zh-hans"):
        facet = filterset().facets[0]
        assert [(option.slug, option.label) for option in facet.options] == [("harbour", "港口")]


# What cannot be applied


def test_unknown_value_is_named_and_the_rest_applied():
    pillar = make_pillar(slug="harbour")
    make_recommendation(slug="here", pillar=pillar)
    make_recommendation(slug="there", pillar=make_pillar(slug="quay"))
    chosen = filterset("pillar=harbour&pillar=nonsense&basis=stated")
    assert chosen.problems == ["“nonsense” is not a value of Pillar; it was left out."]
    assert found("pillar=harbour&pillar=nonsense") == ["here"]
    assert chosen.parameters == [("pillar", "harbour"), ("basis", "stated")]


def test_filter_of_unknown_values_only_is_left_out():
    make_recommendation(slug="here")
    assert found("pillar=nonsense&city=atlantis") == ["here"]
    assert len(filterset("pillar=nonsense&city=atlantis").problems) == 2


def test_many_unknown_values_are_named_up_to_a_limit_and_counted():
    problems = filterset("&".join(f"pillar=x{n}" for n in range(8))).problems
    assert problems == [
        *(f"“x{n}” is not a value of Pillar; it was left out." for n in range(5)),
        "3 more unknown values of Pillar were left out.",
    ]


def test_unknown_value_is_shown_short_and_on_one_line():
    chosen = filterset("pillar=a%00b%0Ac&basis=" + "x" * 500)
    assert chosen.problems == [
        "“a b c” is not a value of Pillar; it was left out.",
        f"“{'x' * 80}” is not a value of Basis; it was left out.",
    ]


@pytest.mark.parametrize(
    "value", ["%00", "%27", "%25", "a%00b", "%EF%BF%BF", "a" * 5000, "%F0%9F%99%82", "..%2F", "1%20OR%201", "None"]
)
@pytest.mark.parametrize("name", ["pillar", "city", "area", "basis", "source", "sort", "include", "q"])
def test_no_value_does_harm(name, value):
    make_recommendation(slug="here")
    chosen = filterset(f"{name}={value}")
    assert chosen.problems or name == "q"
    if name != "q":
        assert found(f"{name}={value}") == ["here"]
    assert isinstance(OrmAnswers(chosen).total(), int)


def test_unknown_parameters_are_named_and_left_out_and_those_that_track_are_ignored():
    make_recommendation(slug="here")
    chosen = filterset("colour=blue&utm_source=x&basis=stated&pillars=talent&view=table&fbclid=1")
    assert chosen.problems == [
        "There is no parameter “colour” here.",
        "There is no parameter “pillars” here; did you mean “pillar”?",
    ]
    assert chosen.parameters == [("basis", "stated")]
    assert found("colour=blue") == ["here"]


def test_empty_and_repeated_values_mean_nothing_more():
    make_recommendation(slug="here")
    make_recommendation(slug="there", basis="implied")
    assert found("pillar=&basis=stated&basis=stated&q=") == ["here"]
    assert filterset("pillar=&basis=stated&basis=stated&q=").parameters == [("basis", "stated")]
    assert filterset("pillar=&sort=&include=").problems == []


def test_unknown_order_and_inclusion_are_named():
    make_recommendation()
    chosen = filterset("sort=colour&include=everything")
    assert chosen.problems == [
        "“colour” is not a way to sort; sorted as usual.",
        "“everything” cannot be included; only “province” can.",
    ]
    assert (chosen.sort, chosen.include_province) == ("number", False)


def test_former_slug_is_no_problem_but_a_move():
    city = make_city(slug="guangzhou")
    remember_slug(instance=city, former="canton")
    chosen = filterset("city=canton&city=atlantis")
    assert chosen.moved == {("city", "canton"): "guangzhou"}
    assert chosen.problems == ["“atlantis” is not a value of City; it was left out."]


def test_former_slug_of_a_term_is_a_move_in_its_own_vocabulary_only():
    term, other = make_term(slug="funding"), make_term(slug="training")
    remember_slug(instance=term, former="money")
    chosen = filterset(f"{term.vocabulary.slug}=money&{other.vocabulary.slug}=money")
    assert chosen.moved == {(term.vocabulary.slug, "money"): "funding"}
    assert len(chosen.problems) == 1


# Counts


def test_counts_ignore_their_own_selection_and_heed_the_others_and_the_words():
    one, two = make_pillar(slug="one"), make_pillar(slug="two")
    make_recommendation(pillar=one, basis="stated", title_en="Harbour")
    make_recommendation(pillar=two, basis="stated", title_en="Harbour")
    make_recommendation(pillar=two, basis="implied", title_en="Quay")
    assert counts("pillar=one", "pillar") == {"one": 1, "two": 2}
    assert counts("pillar=one", "basis") == {"stated": 1, "implied": 0, "inferred": 0}
    assert counts("q=quay", "pillar") == {"one": 0, "two": 1}
    assert OrmAnswers(filterset("q=quay&pillar=one")).total() == 0
    assert OrmAnswers(filterset("q=quay&pillar=one")).total_without("q") == 1
    assert OrmAnswers(filterset("q=quay&pillar=one")).total_without("pillar") == 1


def test_area_counts_an_entry_once_however_many_members_it_covers():
    cities = [make_city() for _ in range(3)]
    make_area(slug="both", members=cities[:2])
    make_area(slug="empty")
    make_recommendation(cities=cities)
    assert counts("", "area") == {"both": 1, "empty": 0}


def test_province_wide_entry_that_names_a_city_is_counted_once():
    city = make_city(slug="foshan")
    make_city(slug="zhuhai")
    make_area(slug="area", members=[city])
    make_recommendation(reach="province", cities=[city])
    make_recommendation(reach="province")
    make_recommendation(reach="city")
    assert counts("include=province", "city") == {"foshan": 2, "zhuhai": 2}
    assert counts("", "city") == {"foshan": 1, "zhuhai": 0}
    assert counts("include=province", "area") == {"area": 2}


# Order


@pytest.fixture
def ordered():
    """Entries whose orders all differ."""
    the_report()
    second = make_report()
    for slug, fields in {
        "c": {"number": 1, "title_en": "“Cod”", "title_zh_hans": "人才", "at": moment(1)},
        "a": {"number": 2, "title_en": "Ále", "title_zh_hans": "数据", "at": moment(3)},
        "b": {"number": 3, "title_en": "beer", "title_zh_hans": "打破", "at": moment(2)},
        "z": {"number": 1, "title_en": "Zoo", "title_zh_hans": "阿姨", "at": moment(1), "report": second},
    }.items():
        make_recommendation(slug=slug, **fields)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "cabz"),
        ("sort=number", "cabz"),
        ("sort=-number", "zbac"),
        ("sort=title", "abcz"),
        ("sort=-title", "zcba"),
        ("sort=updated", "abcz"),
        ("sort=-updated", "czba"),
        ("sort=relevance", "cabz"),
    ],
)
def test_orders(ordered, query, expected):
    assert "".join(found(query)) == expected


@pytest.mark.parametrize(("query", "expected"), [("sort=title", "zbca"), ("sort=-title", "acbz")])
def test_titles_are_sorted_by_pinyin_in_chinese(ordered, query, expected):
    with translation.override("zh-hans"):
        assert "".join(found(query)) == expected


def test_entry_without_a_title_in_one_language_is_sorted_by_the_other():
    for slug, title in (("b", "Beer"), ("a", "Ale")):
        entry = make_recommendation(slug=slug, title_zh_hans="人", title_en=title)
        Recommendation.objects.filter(pk=entry.pk).update(title_zh_hans="")
    make_recommendation(slug="z", title_zh_hans="中")
    refresh_all()
    with translation.override("zh-hans"):
        assert found("sort=title") == ["a", "b", "z"]


def test_words_are_ordered_by_relevance_unless_asked_otherwise():
    make_recommendation(slug="weak", summary_en="Harbour")
    make_recommendation(slug="strong", title_en="Harbour")
    assert found("q=harbour") == found("q=harbour&sort=relevance") == ["strong", "weak"]
    assert found("q=harbour&sort=number") == ["weak", "strong"]
    assert filterset("q=harbour").default_sort == "relevance"
    assert filterset("q=harbour&sort=relevance").parameters == [("q", "harbour")]
    assert filterset("q=harbour&sort=number").parameters == [("q", "harbour"), ("sort", "number")]


def test_query_set_refuses_an_order_it_does_not_know():
    with pytest.raises(ValueError, match="no such order: colour"):
        Recommendation.objects.sorted_by("colour")


# Neighbours


def test_neighbours_are_those_in_the_results():
    entries = {slug: make_recommendation(slug=slug) for slug in "abc"}
    other = make_recommendation(slug="x", basis="implied")
    last = make_recommendation(slug="d")

    def around(entry, query="basis=stated"):
        return tuple(n.slug if n else None for n in OrmAnswers(filterset(query)).neighbours(entry))

    assert around(entries["a"]) == (None, "b")
    assert around(entries["c"]) == ("b", "d")
    assert around(last) == ("c", None)
    assert around(other) == (None, None)
    assert around(other, "") == ("c", "d")
    assert around(entries["b"], "sort=-number") == ("c", "a")


# All of, none of


def test_all_of_and_none_of_hold_for_every_facet():
    vocabulary = make_vocabulary(slug="tools")
    one, two = make_term(vocabulary=vocabulary, slug="one"), make_term(vocabulary=vocabulary, slug="two")
    near, far = make_city(slug="near"), make_city(slug="far")
    make_recommendation(slug="both", terms=[one, two], cities=[near, far], basis="stated")
    make_recommendation(slug="first", terms=[one], cities=[near], basis="implied")
    make_recommendation(slug="wide", reach="province", basis="inferred")
    assert found("tools=one&tools=two") == ["both", "first"]
    assert found("tools.all=one&tools.all=two") == ["both"]
    assert found("tools.not=two") == ["first", "wide"]
    assert found("tools=one&tools.not=two") == ["first"]
    assert found("city.all=near&city.all=far") == ["both"]
    assert found("city.all=near&city.all=far&include=province") == ["both", "wide"]
    assert found("city.not=far") == ["first", "wide"]
    # Included, the province-wide ones have every city: then they are among those with this one.
    assert found("city.not=far&include=province") == ["first"]
    assert found("basis.not=stated&basis.not=implied") == ["wide"]
    assert found("basis.all=stated&basis.all=implied") == []
    # A facet's own selection, in whatever mode, does not narrow its own counts.
    assert counts("tools.all=one&tools.not=two", "tools") == {"one": 2, "two": 1}
    assert counts("tools.not=two", "basis") == {"stated": 0, "implied": 1, "inferred": 1}


def test_all_of_and_none_of_are_spelt_one_way_and_name_what_they_leave_out():
    vocabulary = make_vocabulary(slug="tools")
    term = make_term(vocabulary=vocabulary, slug="now")
    remember_slug(instance=term, former="then")
    chosen = filterset("tools.not=now&tools.all=then&tools.not=nonsense&basis.every=stated&tools.all=")
    assert chosen.parameters == [("tools.not", "now")]
    assert chosen.moved == {("tools.all", "then"): "now"}
    parameter, problem = chosen.problems
    assert "“basis.every”" in parameter
    assert "nonsense" in problem
    for n in range(20):
        make_term(vocabulary=vocabulary, slug=f"t{n}")
    many = filterset("&".join(f"tools.all=t{n}" for n in range(20)))
    assert len(many.parameters) == 12
    assert "12" in many.problems[0]


def test_chips_and_turns_say_how_values_are_meant(client):
    vocabulary = make_vocabulary(slug="tools", name_en="Tools")
    terms = [make_term(vocabulary=vocabulary, slug=slug, label_en=slug) for slug in ("one", "two")]
    make_recommendation(slug="both", terms=terms)
    make_recommendation(slug="first", terms=terms[:1])
    page = client.get("/recommendations/?tools.all=one&tools.all=two").content.decode()
    assert "<b><span>Tools, all of</span>: </b><span>one</span>" in page
    assert '<span class="join">and</span>' in page
    assert 'href="/recommendations/?tools=one&amp;tools=two">any of these</a>' in page
    assert 'href="/recommendations/?tools.not=one&amp;tools.not=two">none of these</a>' in page
    assert '<input type="hidden" name="tools.all" value="two">' in page
    page = client.get("/recommendations/?tools.not=two").content.decode()
    assert "<b><span>Tools, not</span>: </b><span>two</span>" in page
    assert "all of these" not in page
    moved = client.get("/recommendations/?tools.not=two&basis.not=stated")
    assert moved.status_code == 200
