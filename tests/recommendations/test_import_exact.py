"""An import in bulk leaves what the ordinary road leaves: every row, every derived row, every word, the change log."""

from __future__ import annotations

import io
import json
import random
from itertools import pairwise

import pytest

from bench._report import entries, things
from cities.models import City
from common import changes
from common.models import ContentChange
from pillars.models import Pillar
from recommendations import actions, fulltext
from recommendations.importing.adding import WRITTEN
from recommendations.importing.run import Import
from recommendations.models import CityLink, Evidence, Recommendation, SearchText, SearchWord
from recommendations.tokens import Phrase
from sources.models import SourceSection
from tests.factories import moment
from themes.models import Term

pytestmark = pytest.mark.django_db

REASON = "imported from report.jsonl"
#: More than ``derive.MANY``, so that the index is filled at once.
COUNT = 60


def put_in(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rejects = io.StringIO()
    Import(path, rejects, as_drafts=False, at=moment(0), say=lambda rows, read: None).run()
    assert rejects.getvalue() == ""


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


def rows_of(model):
    """Every row of ``model``, entries by their slugs, without the ids that a database gives."""
    columns = []
    for field in model._meta.concrete_fields:
        if field.related_model is Recommendation:
            columns.append(f"{field.name}__slug")
        elif not field.primary_key:
            columns.append(field.attname)
    rows = model.objects.values_list(*columns)
    return sorted(repr([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]) for row in rows)


def found_by_words():
    """What the index finds for words that are in it, alone and after one another: field → slugs."""
    slugs = dict(Recommendation.objects.values_list("pk", "slug"))
    lines = [line.split(" ") for texts in SearchText.objects.values_list("title", "body") for line in texts]
    pairs = sorted({pair for line in lines for pair in pairwise(line) if fulltext.GAP not in pair})
    singles = sorted({term for line in lines for term in line if term != fulltext.GAP})
    pick = random.Random(7)  # noqa: S311 - which words are asked for
    asked = [(term,) for term in pick.sample(singles, 60)] + pick.sample(pairs, 60)
    return {
        terms: {field: {slugs[pk] for pk in ids} for field, ids in fulltext.matches(Phrase(terms)).items()}
        for terms in asked
    }


def everything():
    return {model.__name__: rows_of(model) for model in (*WRITTEN, SearchWord)} | {"words": found_by_words()}


def logged():
    """The entries that the log names, by slug."""
    slugs = dict(Recommendation.objects.values_list("pk", "slug"))
    return {slugs.get(pk, pk) for pk in ContentChange.objects.exclude(entry=-1).values_list("entry", flat=True)}


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
    assert any(found["title"] for found in in_bulk["words"].values())
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
