"""Every committed write to content moves its version on and is told once, whatever road it came by."""

from __future__ import annotations

import random
import threading

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client

from common import changes
from common.models import ContentChange, ContentVersion, FormerSlug
from common.triggers import DIALECTS
from recommendations import actions
from recommendations.models import Coverage, Recommendation
from tests.factories import make_city, make_recommendation, make_staff, make_term, moment

pytestmark = pytest.mark.django_db(transaction=True)

on_postgres = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has one writer at a time, so that nothing can be concurrent"
)


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


class Follower:
    """Somebody who has read everything up to a state."""

    def __init__(self):
        self.state = changes.current()

    def told(self):
        """What is new since the last time: ids of entries, ``None`` for everything, an empty set for nothing."""
        new = changes.since(self.state)
        moved = new.state != self.state
        assert moved == (new.entries is None or bool(new.entries))
        self.state = new.state
        return new.entries if new.entries is None else set(new.entries)


def test_every_road_to_an_entry_is_told(tmp_path):
    one, two = make_recommendation(cities=[make_city()]), make_recommendation()
    term = make_term()
    follower = Follower()
    assert follower.told() == set()
    one.terms.add(term)
    assert follower.told() == {one.pk}
    Recommendation.objects.filter(pk=two.pk).update(basis="stated")
    assert follower.told() == {two.pk}
    Coverage.objects.filter(recommendation=one).delete()
    assert follower.told() == {one.pk}
    one.related.add(two)
    assert follower.told() == {one.pk, two.pk}
    sql("UPDATE recommendations_evidence SET recommendation_id = %s WHERE recommendation_id = %s", one.pk, two.pk)
    assert follower.told() == {one.pk, two.pk}
    sql(
        "INSERT INTO recommendations_recommendation_terms (recommendation_id, term_id) VALUES (%s, %s)", two.pk, term.pk
    )
    assert follower.told() == {two.pk}
    actions.publish(entry=one, at=moment(3))
    assert follower.told() == {one.pk}
    sql("UPDATE recommendations_recommendation SET basis = 'implied' WHERE id = 0")
    assert follower.told() == set()
    with transaction.atomic():
        sql("UPDATE recommendations_recommendation SET basis = 'implied'")
        transaction.set_rollback(True)
    assert follower.told() == set()
    path = tmp_path / "dump.json"
    call_command("dumpdata", "recommendations", natural_foreign=True, output=str(path), verbosity=0)
    assert follower.told() == set()
    call_command("loaddata", str(path), verbosity=0)
    assert {one.pk, two.pk} <= follower.told()
    Recommendation.objects.all().delete()
    assert {one.pk, two.pk} <= follower.told()
    if connection.vendor == "sqlite":
        # What REPLACE takes away is told as well, though no DELETE says so.
        three, four = make_recommendation(cities=[make_city()]), make_recommendation()
        follower.told()
        sql(
            "REPLACE INTO recommendations_coverage (id, recommendation_id, city_id, basis)"
            " SELECT id, %s, city_id, basis FROM recommendations_coverage",
            four.pk,
        )
        assert follower.told() == {three.pk, four.pk}


def test_reference_data_is_told_as_everything_and_visits_are_not_told():
    term, staff = make_term(), make_staff(is_superuser=True)
    follower = Follower()
    client = Client()
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200
    assert follower.told() == set()
    term.label_en = "Other"
    term.save()
    assert follower.told() is None
    FormerSlug.objects.create(kind="themes.term", slug="former", object_id=term.pk)
    assert follower.told() is None
    data = {"slug": term.slug, "vocabulary": term.vocabulary_id, "label_en": "By the desk", "label_zh_hans": "标签"}
    response = client.post(f"/admin/themes/term/{term.pk}/change/", data | {"_save": "Save"})
    assert response.status_code == 302
    assert follower.told() is None


def test_load_of_many_counts_as_one_change_of_everything():
    follower = Follower()
    with changes.one_for_all():
        entries = [make_recommendation() for _ in range(3)]
    assert follower.told() is None
    assert ContentChange.objects.filter(version__gt=0, entry__in=[e.pk for e in entries]).count() == 0
    assert changes.missing() == []
    Recommendation.objects.filter(pk=entries[0].pk).update(basis="stated")
    assert follower.told() == {entries[0].pk}


def test_flush_and_migrate_begin_another_epoch():
    make_recommendation()
    for command in (["flush", "--no-input"], ["migrate"]):
        follower = Follower()
        call_command(*command, verbosity=0)
        assert changes.current().epoch != follower.state.epoch
        assert follower.told() is None
    follower = Follower()
    # A table emptied by hand: TRUNCATE on one database, DELETE without a condition on the other.
    make_recommendation()
    sql("TRUNCATE recommendations_coverage" if connection.vendor == "postgresql" else "DELETE FROM common_formerslug")
    told = follower.told()
    assert told is None or connection.vendor == "sqlite"
    ContentVersion.objects.all().delete()
    assert changes.current() is None
    assert changes.since(follower.state) is None
    make_recommendation()
    assert changes.current().epoch != follower.state.epoch


def test_site_without_its_triggers_is_not_ready():
    assert Client().get("/readyz").status_code == 200
    changes.drop_triggers()
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert "triggers of the content version are missing" in response.content.decode()
    changes.install_triggers()
    assert Client().get("/readyz").content == b"ok\n"


def test_names_of_triggers_fit_every_database():
    names = [n for t in changes.content_tables() for dialect in DIALECTS.values() for n in dialect.names(t)]
    assert max(map(len, names)) <= 63
    tables = {table.name: table.entries for table in changes.content_tables()}
    assert tables["recommendations_recommendation"] == ("id",)
    assert tables["recommendations_recommendation_related"] == ("from_recommendation_id", "to_recommendation_id")
    assert tables["progress_checkpoint_recommendations"] == ("recommendation_id",)
    assert tables["themes_term"] == tables["common_formerslug"] == ()
    assert not {"common_contentchange", "common_contentversion", "auth_user", "django_session"} & tables.keys()


class Writers:
    """Eight at once, each with entries of its own: some that it commits, some that it writes and takes back."""

    COUNT, ROUNDS = 8, 25

    def __init__(self):
        self.kept = [make_recommendation().pk for _ in range(self.COUNT)]
        self.undone = [make_recommendation().pk for _ in range(self.COUNT)]
        self.last: dict[int, int] = {}
        self.failed: list[Exception] = []

    def write(self, number):
        # A seed of its own: the threads' order is what is random here.
        dice = random.Random(number)  # noqa: S311
        try:
            for n in range(1, self.ROUNDS + 1):
                with transaction.atomic():
                    with transaction.atomic():
                        Recommendation.objects.filter(pk=self.undone[number]).update(title_en=f"{n}")
                        transaction.set_rollback(True)
                    Recommendation.objects.filter(pk=self.kept[number]).update(title_en=f"{n}")
                with transaction.atomic():
                    Recommendation.objects.filter(pk=self.undone[number]).update(title_en=f"{n}")
                    if dice.random() < 0.5:
                        Recommendation.objects.filter(pk=self.kept[number]).update(title_en="never")
                    transaction.set_rollback(True)
                self.last[number] = n
        except Exception as error:  # told to the test, which fails by it
            self.failed.append(error)
        finally:
            connections.close_all()


@on_postgres
def test_eight_writers_skip_nothing_and_what_is_undone_is_not_told():
    writers = Writers()
    follower = Follower()
    threads = [threading.Thread(target=writers.write, args=[n]) for n in range(writers.COUNT)]
    for thread in threads:
        thread.start()
    # What a follower would have: read anew only when it is told to.
    held: dict[int, str] = {}
    told, numbers, is_last = set(), [follower.state.number], False
    while not is_last:
        is_last = not any(thread.is_alive() for thread in threads)
        new = follower.told()
        numbers.append(follower.state.number)
        told |= new
        held |= dict(Recommendation.objects.filter(pk__in=new).values_list("pk", "title_en"))
    for thread in threads:
        thread.join()
    assert not writers.failed
    assert held == {pk: str(writers.ROUNDS) for pk in writers.kept}
    assert told == set(writers.kept)
    assert numbers == sorted(numbers)
    assert numbers[-1] - numbers[0] == writers.COUNT * writers.ROUNDS
    assert not ContentChange.objects.filter(version__isnull=True).exists()
