"""Changed slugs lead to where the thing is now."""

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import RequestFactory

from cities.models import City
from common.models import FormerSlug
from common.slugs import SlugMoved, current_slugs, get_by_slug, redirect_to_slug, remember_slug
from pillars.models import Pillar
from tests.factories import make_city, make_pillar

pytestmark = pytest.mark.django_db


def rename(thing, slug):
    former, thing.slug = thing.slug, slug
    thing.save()
    remember_slug(instance=thing, former=former)


def test_former_slug_leads_to_the_present_one():
    city = make_city(slug="canton")
    rename(city, "guangzhou")
    with pytest.raises(SlugMoved) as moved:
        get_by_slug(City.objects.all(), "canton")
    assert str(moved.value) == "guangzhou"
    assert get_by_slug(City.objects.all(), "guangzhou") == city


def test_every_former_slug_leads_to_the_newest_after_several_changes():
    city = make_city(slug="first")
    rename(city, "second")
    rename(city, "third")
    assert current_slugs(City, ["first", "second", "third", "never"]) == {"first": "third", "second": "third"}


def test_slug_taken_anew_by_the_same_thing_no_longer_redirects():
    city = make_city(slug="first")
    rename(city, "second")
    rename(city, "first")
    assert current_slugs(City, ["first"]) == {}
    assert current_slugs(City, ["second"]) == {"second": "first"}
    assert get_by_slug(City.objects.all(), "first") == city


def test_slug_taken_over_by_another_thing_belongs_to_that_thing():
    old = make_city(slug="first")
    rename(old, "second")
    new = make_city(slug="third")
    rename(new, "first")
    assert get_by_slug(City.objects.all(), "first") == new
    assert current_slugs(City, ["first", "third"]) == {"third": "first"}


def test_slug_that_did_not_change_or_was_empty_is_not_remembered():
    city = make_city(slug="same")
    remember_slug(instance=city, former="same")
    remember_slug(instance=city, former="")
    assert FormerSlug.objects.count() == 0


def test_former_slugs_of_different_kinds_do_not_mix():
    pillar = make_pillar(slug="talent")
    rename(pillar, "people")
    make_city(slug="other")
    assert current_slugs(Pillar, ["talent"]) == {"talent": "people"}
    assert current_slugs(City, ["talent"]) == {}


def test_unknown_slug_is_not_found():
    make_city(slug="guangzhou")
    with pytest.raises(Http404):
        get_by_slug(City.objects.all(), "atlantis")


def test_former_slug_of_a_thing_the_reader_may_not_see_is_not_found():
    city = make_city(slug="canton")
    rename(city, "guangzhou")
    with pytest.raises(Http404):
        get_by_slug(City.objects.exclude(pk=city.pk), "canton")


def test_former_slug_of_a_deleted_thing_is_not_found():
    city = make_city(slug="canton")
    rename(city, "guangzhou")
    city.delete()
    assert current_slugs(City, ["canton"]) == {}
    with pytest.raises(Http404):
        get_by_slug(City.objects.all(), "canton")


def test_remembering_is_undone_with_the_transaction_around_it():
    city = make_city(slug="canton")

    @transaction.atomic
    def rename_and_fail():
        rename(city, "guangzhou")
        make_city(slug="guangzhou")

    with pytest.raises(IntegrityError):
        rename_and_fail()
    assert FormerSlug.objects.count() == 0
    assert City.objects.get(pk=city.pk).slug == "canton"


@pytest.mark.parametrize(
    ("address", "former", "expected"),
    [
        ("/cities/canton/", "canton", "/cities/guangzhou/"),
        ("/zh-hans/cities/canton/", "canton", "/zh-hans/cities/guangzhou/"),
        ("/cities/canton/?a=1&a=2", "canton", "/cities/guangzhou/?a=1&a=2"),
        ("/cities/cities/", "cities", "/cities/guangzhou/"),
    ],
)
def test_redirect_keeps_everything_but_the_slug(address, former, expected):
    response = redirect_to_slug(RequestFactory().get(address), former, "guangzhou")
    assert response.status_code == 301
    assert response["Location"] == expected


def test_former_slug_says_what_it_belongs_to():
    assert str(FormerSlug(kind="cities.city", slug="canton", object_id=1)) == "cities.city: canton"
