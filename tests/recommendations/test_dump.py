"""What is dumped comes back, pending edits included."""

import pytest
from django.core.management import call_command
from django.db import connection

from recommendations import actions
from recommendations.models import CityLink, Coverage, EntryVersion, Evidence, Recommendation, SearchText
from recommendations.snapshot import snapshot
from tests.content import ROOMS
from tests.factories import make_city, make_recommendation, make_working_copy, moment

pytestmark = pytest.mark.django_db


def test_two_pending_edits_survive_a_dump(tmp_path):
    path = tmp_path / "dump.json"
    for slug in ("one", "two"):
        entry = make_recommendation(slug=slug, title_en=slug, cities=[make_city()])
        copy = make_working_copy(entry, title_en=f"{slug} pending")
        actions.keep_draft(entry=copy, at=moment(1))
    make_recommendation(slug="draft", state="draft")

    def everything():
        entries = Recommendation.objects.all()
        return {entry.natural_key(): (entry.state, snapshot(entry)) for entry in entries}

    def history():
        rows = EntryVersion.objects.order_by("entry__slug", "number")
        return list(rows.values_list("entry__slug", "number", "state", "base__number", "public_from", "document"))

    before, versions = everything(), history()
    assert [row[3] for row in versions] == [None, None, 1, None, 1]
    assert set(before) == {("one",), ("two",), ("draft",), ("one/working-copy",), ("two/working-copy",)}
    call_command("dumpdata", *ROOMS, natural_foreign=True, natural_primary=True, output=str(path), verbosity=0)
    connection.check_constraints()
    call_command("flush", interactive=False, verbosity=0)
    call_command("loaddata", str(path), verbosity=0)
    assert everything() == before
    assert history() == versions
    call_command("loaddata", str(path), verbosity=0)
    assert (everything(), history()) == (before, versions)
    assert Coverage.objects.count() == SearchText.objects.count() - 1 == 2


def test_derived_rows_of_a_dump_are_not_believed(tmp_path):
    path = tmp_path / "dump.json"
    entry = make_recommendation(title_en="Harbour", cities=[make_city()])
    call_command("dumpdata", *ROOMS, natural_foreign=True, output=str(path), verbosity=0)
    dumped = path.read_text(encoding="utf-8")
    assert "recommendations.coverage" in dumped
    Coverage.objects.update(basis="editorial")
    SearchText.objects.update(title=" zeppelin ")
    call_command("loaddata", str(path), verbosity=0)
    assert Coverage.objects.get(recommendation=entry).basis == "named"
    assert "harbour" in SearchText.objects.get(pk=entry.pk).title


def test_natural_keys_lead_back():
    entry = make_recommendation(cities=[make_city()])
    copy = make_working_copy(entry)
    version = entry.versions.get()
    assert EntryVersion.objects.get_by_natural_key(*version.natural_key()) == version
    for owner in (entry, copy):
        assert Recommendation.objects.get_by_natural_key(*owner.natural_key()) == owner
        evidence, link = owner.evidence.get(), owner.city_links.get()
        assert Evidence.objects.get_by_natural_key(*evidence.natural_key()) == evidence
        assert CityLink.objects.get_by_natural_key(*link.natural_key()) == link
