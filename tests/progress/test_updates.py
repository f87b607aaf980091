"""Updates: what other sources report, and the status that follows from it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from progress.actions import refresh_status
from progress.models import Update, UpdateEffect
from recommendations.models import EntryVersion, Recommendation
from tests.content import ROOMS
from tests.desk import sign_in
from tests.factories import (
    make_entries,
    make_recommendation,
    make_source,
    make_update,
    make_working_copy,
    moment,
)

pytestmark = pytest.mark.django_db


def day(number):
    return dt.date(2026, 3, number)


def status_of(entry):
    return Recommendation.objects.get(pk=entry.pk).status


def test_status_is_that_of_the_newest_published_update_that_states_one():
    entry, other = make_recommendation(), make_recommendation()
    make_update(entries=[entry], status="under-consideration", happened_on=day(1), recorded_at=moment(9))
    assert (status_of(entry), status_of(other)) == ("under-consideration", "no-follow-up-found")
    make_update(entries=[entry], status="adopted", happened_on=day(3), recorded_at=moment(1))
    make_update(entries=[entry], status="", happened_on=day(4))
    make_update(entries=[entry], status="set-aside", happened_on=day(5), is_published=False)
    make_update(entries=[entry], status="in-progress", happened_on=day(2), recorded_at=moment(99))
    assert status_of(entry) == "adopted"
    # Of one day the one recorded last counts; of one moment the one entered last.
    make_update(entries=[entry], status="in-progress", happened_on=day(3), recorded_at=moment(2))
    assert status_of(entry) == "in-progress"
    make_update(entries=[entry], status="implemented", happened_on=day(3), recorded_at=moment(2))
    assert status_of(entry) == "implemented"
    UpdateEffect.objects.all().delete()
    assert refresh_status(ids=[other.pk]) == 0
    assert status_of(entry) == "implemented"
    assert refresh_status(ids=[entry.pk]) == 1
    assert status_of(entry) == "no-follow-up-found"
    assert refresh_status() == 0


def test_status_is_no_change_of_the_text():
    entry = make_recommendation()
    before = (entry.changed_at, EntryVersion.objects.count())
    copy = make_working_copy(entry)
    make_update(entries=[entry], status="adopted")
    entry.refresh_from_db()
    assert (entry.changed_at, EntryVersion.objects.count()) == before
    assert status_of(copy) == "no-follow-up-found"
    assert "status" not in EntryVersion.objects.get(entry=entry).document


def test_refresh_costs_the_same_however_many_entries(django_assert_max_num_queries):
    entries = make_entries({} for _ in range(40))
    make_update(entries=entries[:20], status="adopted")
    UpdateEffect.objects.filter(recommendation__in=entries[:10]).update(status="implemented")
    with django_assert_max_num_queries(6):
        assert refresh_status() == 10


@pytest.fixture
def form():
    """What the desk posts of an update of two entries."""
    first, second = make_recommendation(), make_recommendation()
    rows: dict[str, str] = {}
    for n, entry in enumerate((first, second)):
        rows |= {f"effects-{n}-recommendation": str(entry.pk), f"effects-{n}-status": "adopted"}
    return (
        first,
        second,
        rows
        | {
            "happened_on": "2026-03-01",
            "is_published": "on",
            "title_en": "Taken up",
            "title_zh_hans": "已采纳",
            "slug": "taken-up",
            "summary_en": "",
            "summary_zh_hans": "",
            "source": str(make_source().pk),
            "locator": "p. 3",
            "effects-TOTAL_FORMS": "2",
            "effects-INITIAL_FORMS": "0",
        },
    )


def test_status_follows_every_act_at_the_desk(form):
    first, second, data = form
    client = sign_in("superuser")
    assert client.post(reverse("admin:progress_update_add"), data).status_code == 302
    update = Update.objects.get(slug="taken-up")
    assert (status_of(first), status_of(second)) == ("adopted", "adopted")
    address = reverse("admin:progress_update_change", args=[update.pk])
    pks = list(update.effects.order_by("pk").values_list("pk", flat=True))
    changed = data | {"effects-INITIAL_FORMS": "2", "effects-0-id": str(pks[0]), "effects-1-id": str(pks[1])}
    changed |= {"effects-0-update": str(update.pk), "effects-1-update": str(update.pk), "effects-1-DELETE": "on"}
    assert client.post(address, changed | {"effects-0-status": "implemented"}).status_code == 302
    assert (status_of(first), status_of(second)) == ("implemented", "no-follow-up-found")
    assert client.post(reverse("admin:progress_update_delete", args=[update.pk]), {"post": "yes"}).status_code == 302
    assert (status_of(first), status_of(second)) == ("no-follow-up-found", "no-follow-up-found")
    for n in (1, 2):
        make_update(entries=[first], status="adopted", slug=f"u{n}")
    action = {"action": "delete_selected", "post": "yes", "_selected_action": [u.pk for u in Update.objects.all()]}
    assert client.post(reverse("admin:progress_update_changelist"), action).status_code == 302
    assert (Update.objects.count(), status_of(first)) == (0, "no-follow-up-found")


def test_updates_survive_a_dump_and_status_is_made_anew(tmp_path):
    path = tmp_path / "dump.json"
    entry = make_recommendation(slug="one")
    update = make_update(entries=[entry], status="adopted", slug="taken-up")
    assert Update.objects.get_by_natural_key(*update.natural_key()) == update
    effect = update.effects.get()
    assert UpdateEffect.objects.get_by_natural_key(*effect.natural_key()) == effect
    assert (str(update), str(effect)) == (update.title_en, f"{update.title_en}: {entry}")
    call_command("dumpdata", *ROOMS, natural_foreign=True, natural_primary=True, output=str(path), verbosity=0)
    path.write_text(path.read_text().replace('"status": "adopted"', '"status": "implemented"', 1))  # the entry's own
    connection.check_constraints()  # what waits for the commit is told now: nothing is emptied while it waits
    call_command("flush", interactive=False, verbosity=0)
    call_command("loaddata", str(path), verbosity=0)
    again = Recommendation.objects.get(slug="one")
    assert again.status == again.update_effects.get().status
    Recommendation.objects.update(status="set-aside")
    call_command("rebuild_derived", verbosity=0)
    assert status_of(again) == again.update_effects.get().status
