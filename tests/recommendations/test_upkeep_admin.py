"""A change of reference data at the desk: what is derived follows, former slugs redirect."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cities.models import Area, City
from common import upkeep
from common.slugs import current_slugs
from pillars.models import Pillar, Report
from recommendations.models import Coverage, Recommendation
from recommendations.query import parse
from recommendations.upkeep import affected, rederive
from tests.desk import Form, open_form, sign_in
from tests.factories import (
    make_area,
    make_city,
    make_membership,
    make_pillar,
    make_recommendation,
    make_report,
    make_term,
    make_vocabulary,
    refresh_all,
)
from themes.models import Term, Vocabulary

pytestmark = pytest.mark.django_db


def form_of(thing, client=None):
    name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
    return open_form(client or sign_in("reviewer"), reverse(name, args=[thing.pk]))


def found(text):
    return set(Recommendation.objects.published().search(parse(text)))


def covered(entry):
    return set(Coverage.objects.filter(recommendation=entry).values_list("city", flat=True))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: (pillar := make_pillar(), make_recommendation(pillar=pillar)), "name_en"),
        (lambda: (term := make_term(), make_recommendation(terms=[term])), "label_en"),
        (lambda: (city := make_city(), make_recommendation(cities=[city])), "name_en"),
    ],
    ids=["pillar", "term", "city"],
)
def test_renamed_thing_is_found_by_its_new_name_at_once(make, field):
    make_recommendation()
    thing, entry = make()
    form = form_of(thing)
    form[field] = "Zeppelin works"
    assert form.press("_save").status_code == 302
    assert found("zeppelin") == {entry}
    form = form_of(thing)
    form[field] = "Balloon works"
    form.press("_save")
    assert (found("zeppelin"), found("balloon")) == (set(), {entry})


def test_term_renamed_within_its_vocabulary_is_found_by_its_new_name():
    term = make_term()
    entry = make_recommendation(terms=[term])
    form = form_of(term.vocabulary)
    form["terms-0-label_zh_hans"], form["terms-0-slug"] = "飞艇", "zeppelin"
    former = term.slug
    assert form.press("_save").status_code == 302
    assert found("飞艇") == {entry}
    assert current_slugs(Term, [former]) == {former: "zeppelin"}


def test_membership_changed_at_its_area_changes_coverage_at_once():
    inside, new, named = make_city(), make_city(), make_city()
    area = make_area(members=[inside])
    metropolitan = make_recommendation(reach="metropolitan")
    city = make_recommendation(reach="city", cities=[named])
    assert covered(metropolitan) == {inside.pk}
    form = form_of(area)
    form["memberships-0-extent"] = "linked"
    form.add_row("memberships", city=new.pk, role="member", extent="partial")
    assert form.press("_save").status_code == 302
    assert covered(metropolitan) == {new.pk}
    assert covered(city) == {named.pk}


def test_kind_changed_at_an_area_changes_coverage_at_once():
    member = make_city()
    area = make_area(members=[member])
    bay, metropolitan = make_recommendation(reach="bay-area"), make_recommendation(reach="metropolitan")
    form = form_of(area)
    form["kind"] = "bay-area"
    form.press("_save")
    assert (covered(bay), covered(metropolitan)) == ({member.pk}, set())


@pytest.mark.parametrize("road", ["its page", "the list"])
def test_deleted_area_covers_nothing_any_more(road):
    area = make_area(members=[make_city()])
    entry = make_recommendation(reach="metropolitan")
    client = sign_in("superuser")
    assert covered(entry)
    if road == "its page":
        client.post(reverse("admin:cities_area_delete", args=[area.pk]), {"post": "yes"})
    else:
        data = {"action": "delete_selected", "_selected_action": [area.pk], "post": "yes"}
        client.post(reverse("admin:cities_area_changelist"), data)
    assert not Area.objects.exists()
    assert covered(entry) == set()


def test_refused_change_changes_nothing_derived():
    city = make_city(name_en="Foshan")
    entry = make_recommendation(cities=[city])
    form = form_of(city)
    form["name_en"], form["slug"] = "Zeppelin", ""
    again = Form(form.client, form.url, form.press("_save"))
    assert (again["name_en"], again.errors) == ("Zeppelin", ["This field is required."])
    assert (found("foshan"), found("zeppelin")) == ({entry}, set())


def test_used_terms_are_not_deleted_and_unused_ones_are():
    used, unused = make_term(), make_term()
    make_recommendation(terms=[used])
    client = sign_in("superuser")
    assert client.post(reverse("admin:themes_term_delete", args=[used.pk]), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [used.pk, unused.pk], "post": "yes"}
    client.post(reverse("admin:themes_term_changelist"), data)
    assert set(Term.objects.all()) == {used, unused}
    client.post(reverse("admin:themes_term_delete", args=[unused.pk]), {"post": "yes"})
    assert set(Term.objects.all()) == {used}


@pytest.mark.parametrize(
    "make", [make_city, make_area, make_pillar, make_report, make_vocabulary, make_term], ids=lambda make: make.__name__
)
def test_changed_slug_is_remembered_and_is_nobody_elses(make):
    thing, other = make(), make()
    former = thing.slug
    form = form_of(thing)
    form["slug"] = "a-new-slug"
    form.press("_save")
    assert current_slugs(type(thing), [former]) == {former: "a-new-slug"}
    form = form_of(other)
    form["slug"] = former
    again = Form(form.client, form.url, form.press("_save"))
    assert "is the former address of another one" in again.errors[0]
    assert current_slugs(type(thing), [former]) == {former: "a-new-slug"}
    form = form_of(thing)
    form["slug"] = former
    assert form.press("_save").status_code == 302
    assert current_slugs(type(thing), [former, "a-new-slug"]) == {"a-new-slug": former}


def test_added_thing_takes_no_former_slug_of_another():
    city = make_city(slug="canton")
    form = form_of(city)
    form["slug"] = "guangzhou"
    form.press("_save")
    form = open_form(sign_in("reviewer"), reverse("admin:cities_city_add"))
    form["name_en"], form["slug"], form["region"] = "Canton, Ohio", "canton", city.region_id
    assert form.press("_save").status_code == 200
    assert not City.objects.filter(slug="canton").exists()
    assert current_slugs(City, ["canton"]) == {"canton": "guangzhou"}


# The registry itself -------------------------------------------------------------------------------------------


def test_affected_entries_are_those_that_follow_and_no_others():
    make_pillar()  # the one that entries are in where nothing else is said
    term, city, pillar = make_term(), make_city(), make_pillar()
    area = make_area()
    make_membership(area=area, city=city)
    tagged = make_recommendation(terms=[term])
    linked = make_recommendation(cities=[city])
    grouped = make_recommendation(pillar=pillar)
    wide = make_recommendation(reach="metropolitan")
    refresh_all()
    assert set(affected(Term, [term.pk])) == {tagged}
    assert set(affected(Vocabulary, [term.vocabulary_id])) == {tagged}
    assert set(affected(City, [city.pk])) == {linked, wide}
    assert set(affected(Pillar, [pillar.pk])) == {grouped}
    assert set(affected(Area, [area.pk])) == {wide}
    assert set(affected(Report, [pillar.report_id])) == set()
    assert set(affected(Area, None)) == {tagged, linked, grouped, wide}


def test_registering_twice_calls_once(monkeypatch):
    monkeypatch.setattr(upkeep, "_followers", [])
    calls = []

    def follow(model, ids):
        calls.append((model, ids))

    upkeep.register(follow)
    upkeep.register(follow)
    upkeep.after_reference_change(City, [3])
    assert calls == [(City, [3])]


def test_entries_follow_from_the_start():
    assert upkeep._followers == [rederive]
