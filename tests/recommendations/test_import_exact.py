"""An import in bulk leaves what the ordinary road leaves: every row, every derived row, every word, the change log."""

from __future__ import annotations

import io
import json

import pytest

from bench._report import entries, things
from cities.models import City
from common import changes
from common.models import ContentChange
from pillars.models import Pillar
from recommendations import actions, derive, fulltext
from recommendations.importing import adding, run
from recommendations.importing.run import Import
from recommendations.models import CityLink, Evidence, Recommendation, SearchWord
from sources.models import SourceSection
from tests.factories import moment
from tests.recommendations.whole import everything, lacking, logged
from themes.models import Term

pytestmark = pytest.mark.django_db

REASON = "imported from report.jsonl"
#: More than ``derive.MANY``, so that the index is filled at once.
COUNT = 52


def put_in(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rejects = io.StringIO()
    report = Import(path, rejects, as_drafts=False, at=moment(0), say=lambda rows, read: None).run()
    assert rejects.getvalue() == ""
    return report.done


def by_the_ordinary_road(rows):
    """Write each entry as a person at the desk would: an object at a time, and the action that publishes it."""
    entry = None
    for told in rows:
        row = dict(told)
        kind = row.pop("kind")
        if kind == "recommendation":
            if entry:
                actions.publish(entry=entry, reason=REASON, at=moment(0))
            terms, related = row.pop("terms"), row.pop("related")
            pillar = Pillar.objects.get(slug=row.pop("pillar"))
            row.pop("report")
            entry = Recommendation.objects.create(**row, pillar=pillar, report=pillar.report, created_at=moment(0))
            entry.terms.set(Term.objects.get_by_natural_key(*term.split("/")) for term in terms)
            entry.related.set(Recommendation.objects.filter(slug__in=related))
        elif kind == "evidence":
            section = SourceSection.objects.get_by_natural_key(row.pop("source"), row.pop("section"))
            Evidence.objects.create(recommendation=entry, section=section, position=entry.evidence.count() + 1, **row)
        else:
            CityLink.objects.create(recommendation=entry, city=City.objects.get(slug=row.pop("city")), **row)
    actions.publish(entry=entry, reason=REASON, at=moment(0))


def forget():
    """As before any entry came."""
    Recommendation.objects.all().delete()
    SearchWord.objects.all().delete()
    ContentChange.objects.all().delete()


def test_entries_in_bulk_are_exactly_what_the_ordinary_road_makes_of_them(tmp_path):
    told = list(entries(COUNT))
    put_in(tmp_path / "report.jsonl", things())
    forget()
    put_in(tmp_path / "report.jsonl", told)
    in_bulk, log = everything(), logged()
    assert len(in_bulk["Recommendation"]) == COUNT == len(in_bulk["EntryVersion"]) == len(log)
    words = in_bulk["words"]
    assert {terms for terms, _field, slugs in words if slugs} == {terms for terms, _field, _slugs in words}
    forget()
    by_the_ordinary_road(told)
    assert everything() == in_bulk
    assert logged() == log
    assert changes.missing() == []
    assert fulltext.is_installed()


def test_an_entry_that_is_named_as_related_counts_as_changed(tmp_path):
    first = list(entries(2))
    put_in(tmp_path / "report.jsonl", [*things(), *first])
    ContentChange.objects.all().delete()
    third, *parts = list(entries(3))[len(first) :]
    put_in(tmp_path / "report.jsonl", [dict(third, related=["made-up-1"]), *parts])
    assert logged() == {"made-up-1", "made-up-3"}


class Stopped(BaseException):
    """Nothing catches it, as nothing catches a kill."""


def stopping(function, after):
    calls = iter(range(10_000))

    def stop(*args):
        if next(calls) == after:
            raise Stopped
        return function(*args)

    return stop


def test_an_import_stopped_anywhere_leaves_whole_entries_and_the_same_again_completes_it(tmp_path, monkeypatch):
    path, told = tmp_path / "report.jsonl", [*things(), *entries(COUNT)]
    put_in(path, told)
    at_once = everything()
    forget()
    monkeypatch.setattr(run, "BATCH", 20)
    monkeypatch.setattr(derive, "MANY", 10)
    for room, name, after, there in [(adding, "_insert_links", 0, 0), (derive, "_search_row", 30, 20)]:
        with monkeypatch.context() as patch:
            patch.setattr(room, name, stopping(getattr(room, name), after))
            with pytest.raises(Stopped):
                put_in(path, told)
        assert (Recommendation.objects.count(), lacking(), changes.missing()) == (there, [], [])
        assert fulltext.is_installed()
    assert put_in(path, told)["recommendation"] == {"new": COUNT - 20, "changed": 0, "unchanged": 20}
    assert everything() == at_once
    assert put_in(path, told)["recommendation"] == {"new": 0, "changed": 0, "unchanged": COUNT}
    assert everything() == at_once
