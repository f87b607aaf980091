"""An import in bulk leaves what the ordinary road leaves: every row, every derived row, every word, the change log."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.db import transaction

from bench._report import entries, things
from cities.models import City
from common import changes
from common.models import ContentChange
from pillars.models import Pillar
from recommendations import actions, derive, fulltext
from recommendations.importing import adding, run
from recommendations.importing.rejects import Rejects
from recommendations.importing.run import Import
from recommendations.models import CityLink, EntryVersion, Evidence, Recommendation, SearchWord
from recommendations.snapshot import apply, snapshot
from sources.models import PhraseCheck, SourceSection
from sources.passages import phrase_digest
from tests.factories import MOMENT, moment
from tests.recommendations.whole import everything, lacking, logged
from themes.models import Term

pytestmark = pytest.mark.django_db

NOTES = {"note_en": "", "note_zh_hans": ""}
REASON = "imported from report.jsonl"
#: More than ``derive.MANY``, so that the index is filled at once.
COUNT = 52
#: Where what is compared is changed one by one.
FEW = 18


def put_in(path, rows, at=MOMENT, as_drafts=False):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rejects = io.BytesIO()
    report = Import(path, Rejects(rejects), as_drafts=as_drafts, at=at, say=lambda rows, of: None).run()
    assert rejects.getvalue() == b""
    return report.done


def by_the_ordinary_road(rows):
    """Write each entry as a person at the desk would: an object at a time, and the action that publishes it."""
    entries = [row for row in rows if row["kind"] == "recommendation"]
    for row in entries:
        plain = {name: cell for name, cell in row.items() if name not in {"kind", "terms", "related", "report"}}
        pillar = Pillar.objects.get(slug=plain.pop("pillar"))
        Recommendation.objects.create(**plain, pillar=pillar, report=pillar.report, created_at=moment(0))
    for row in entries:
        entry = Recommendation.objects.get(slug=row["slug"])
        entry.terms.set(Term.objects.get_by_natural_key(*term.split("/")) for term in row["terms"])
        entry.related.set(Recommendation.objects.filter(slug__in=row["related"]))
    for told in rows:
        row = dict(told)
        kind = row.pop("kind")
        if kind == "recommendation":
            entry = Recommendation.objects.get(slug=row["slug"])
        elif kind == "evidence":
            section = SourceSection.objects.get_by_natural_key(row.pop("source"), row.pop("section"))
            Evidence.objects.create(recommendation=entry, section=section, position=entry.evidence.count() + 1, **row)
        else:
            CityLink.objects.create(recommendation=entry, city=City.objects.get(slug=row.pop("city")), **row)
    for row in entries:
        actions.publish(entry=Recommendation.objects.get(slug=row["slug"]), reason=REASON, at=moment(0))


def make_checks(source):
    """Some phrases of ``source`` were looked for, and the half of them found."""
    for number, piece in enumerate(Evidence.objects.select_related("section").order_by("pk")[:20]):
        kept = {"source": source, "text_sha256": "0" * 64, "is_found": bool(number % 2)}
        PhraseCheck.objects.update_or_create(digest=phrase_digest("0" * 64, piece), defaults=kept)


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
    first = list(entries(2, of=2))
    put_in(tmp_path / "report.jsonl", [*things(), *first])
    ContentChange.objects.all().delete()
    third, *parts = list(entries(3))[len(first) :]
    put_in(tmp_path / "report.jsonl", [dict(third, related=["made-up-1"]), *parts])
    assert logged() == {"made-up-1", "made-up-3"}


WAYS = (
    lambda row: row | {"summary_en": row["summary_en"] + " And a word more."},
    lambda row: row | {"pillar": "made-up-pillar-0", "reach": "province", "reviewed_on": "2026-11-24"},
    lambda row: row | {"terms": row["terms"][1:]},
    lambda row: row | {"related": ["made-up-1", "made-up-2"]},
)


def edited(told):
    """The rows of ``told``, most entries otherwise in some way: texts, values, lists, the order of one."""
    found, ways = [], [*WAYS, dict, dict]
    for row in told:
        if row["kind"] == "recommendation":
            number = row["number"]
            found.append(ways[number % len(ways)](row))
        elif row["kind"] == "city_link" and number % 5 == 0:
            found.append(row | {"note_en": "Since yesterday."})
        elif row["kind"] == "evidence" and number % 6 == 5 and found[-1]["kind"] == "evidence":
            found.insert(-1, row)
        else:
            found.append(row)
    return found


def by_the_ordinary_road_again(rows, *, as_drafts, at):
    """Bring each entry up to date as a person at the desk would."""
    found: dict[str, Any] = {}
    for row in rows:
        if row["kind"] == "recommendation":
            said = found[row["slug"]] = {"evidence": [], "cities": []}
            said["row"] = row
        else:
            part = {name: cell for name, cell in row.items() if name != "kind"}
            said["evidence" if row["kind"] == "evidence" else "cities"].append(NOTES | part)
    for slug, said in found.items():
        entry = Recommendation.objects.get(slug=slug)
        before, row = snapshot(entry), said["row"]
        lists = {"terms": sorted(row["terms"]), "related": sorted(row["related"])}
        told = {name: row.get(name, before[name]) for name in ("pillar", "basis", "reach", "reviewed_on")}
        texts = {name: row[name] for name in before["texts"]}
        document = before | told | lists | {"texts": texts, "evidence": said["evidence"], "cities": said["cities"]}
        if document == before and (as_drafts or entry.state == "published"):
            continue
        if as_drafts and entry.state == "published":
            actions.keep_as_working_copy(entry=entry, document=document, reason=REASON, at=at)
        else:
            apply(document, entry)
            (actions.keep_draft if as_drafts else actions.publish)(entry=entry, reason=REASON, at=at)


@pytest.mark.parametrize("as_drafts", [False, True])
def test_entries_brought_up_to_date_in_bulk_are_what_the_ordinary_road_makes_of_them(tmp_path, monkeypatch, as_drafts):
    path, told = tmp_path / "report.jsonl", list(entries(FEW))
    put_in(path, [*things(), *told])
    some = Recommendation.objects.filter(number__in=[1, 6, 9])
    some.update(state="draft", published_at=None, changed_at=None)
    EntryVersion.objects.filter(entry__in=some).update(state="draft", public_from=None)
    make_checks(SourceSection.objects.first().source)
    ContentChange.objects.all().delete()
    rows, found = edited(told), []
    monkeypatch.setattr(derive, "MANY", 10)
    for road in (
        lambda: put_in(path, rows, as_drafts=as_drafts, at=moment(1)),
        lambda: by_the_ordinary_road_again(rows, as_drafts=as_drafts, at=moment(1)),
    ):
        with transaction.atomic():
            road()
            found.append((everything(), logged(), changes.missing(), fulltext.is_installed()))
            transaction.set_rollback(True)
    (in_bulk, log, *rest), (one_by_one, whole_log, *_rest) = found
    assert in_bulk == one_by_one
    assert len(in_bulk["EntryVersion"]) > FEW * 1.5
    # A working copy starts there as a copy of the entry: what it is no longer related to was named for a moment.
    named = {slug for row in told for slug in row.get("related", ()) if as_drafts}
    assert log <= whole_log <= log | named
    assert rest == [[], True]


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
    for room, name, after, there in [(adding, "_insert_parts", 0, 0), (derive, "_search_row", 30, 20)]:
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
