"""The one serializer of an entry: out and in again, the same."""

from __future__ import annotations

import datetime as dt
import json
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from cities.models import City
from pillars.models import Pillar
from recommendations import actions
from recommendations.models import Recommendation
from recommendations.snapshot import SCHEMA, TEXT_COLUMNS, apply, differences, snapshot
from sources.models import SourceSection
from tests.factories import (
    make_city,
    make_evidence,
    make_link,
    make_pillar,
    make_recommendation,
    make_section,
    make_term,
    make_working_copy,
)
from themes.models import Term

pytestmark = pytest.mark.django_db


def test_what_was_kept_with_other_line_ends_is_set_right_in_entries_and_versions(full):
    from_browser = "One.\r\nTwo."
    Recommendation.objects.filter(pk=full.pk).update(problem_en=from_browser)
    full.evidence.update(note_zh_hans=from_browser)
    full.refresh_from_db()
    version = actions.record_version(entry=full, at=timezone.now())
    once = version.document
    assert once["texts"]["problem_en"] == from_browser
    migration = import_module("recommendations.migrations.0012_one_kind_of_line_end")
    migration.keep_one_kind(apps, SimpleNamespace(connection=connection))
    full.refresh_from_db()
    version.refresh_from_db()
    assert (full.problem_en, version.document) == ("One.\nTwo.", snapshot(full))
    assert [one.name for one in differences(once, version.document)] == ["evidence"]  # the text reads as it did


@pytest.fixture
def full():
    """An entry that has something of everything."""
    city = make_city(slug="foshan")
    entry = make_recommendation(
        slug="full",
        number=7,
        pillar=make_pillar(slug="talent"),
        terms=[make_term(slug="visas"), make_term(slug="housing")],
        related=[make_recommendation(slug="zinc"), make_recommendation(slug="alum")],
        reviewed_on=dt.date(2026, 1, 2),
        basis="implied",
        reach="bay-area",
        **{column: f"text of {column}" for column in TEXT_COLUMNS},
    )
    make_link(recommendation=entry, city=city, basis="editorial", note_en="Read so.", note_zh_hans="解读。")
    make_evidence(recommendation=entry, section=make_section(code="S9"), paragraph="b2", key_phrase="later", position=1)
    return entry


def test_document_says_everything_in_a_stable_order(full):
    document = snapshot(full)
    assert set(document) == {
        "schema", "report", "number", "slug", "pillar", "basis", "reach", "reviewed_on", "texts", "terms", "related",
        "evidence", "cities",
    }  # fmt: skip
    assert (document["schema"], document["report"], document["number"]) == (SCHEMA, "the-report", 7)
    assert (document["slug"], document["pillar"]) == ("full", "talent")
    assert (document["basis"], document["reach"], document["reviewed_on"]) == ("implied", "bay-area", "2026-01-02")
    assert document["texts"] == {column: f"text of {column}" for column in TEXT_COLUMNS}
    assert len(TEXT_COLUMNS) == 12
    assert document["related"] == ["alum", "zinc"]
    assert sorted(pair.split("/")[1] for pair in document["terms"]) == ["housing", "visas"]
    assert document["terms"] == sorted(document["terms"])
    assert [row["key_phrase"] for row in document["evidence"]][-1] == "later"
    assert document["cities"] == [
        {"city": "foshan", "basis": "editorial", "note_en": "Read so.", "note_zh_hans": "解读。"}
    ]


def test_document_is_plain_json_without_status_and_state(full):
    before = snapshot(full)
    Recommendation.objects.filter(pk=full.pk).update(status="adopted", state="archived")
    full.refresh_from_db()
    assert snapshot(full) == before == json.loads(json.dumps(before))
    assert "adopted" not in json.dumps(before)


def test_working_copy_is_written_under_the_name_of_its_original(full):
    copy = make_working_copy(full, title_en="Changed")
    document = snapshot(copy)
    assert (document["slug"], document["number"]) == ("full", 7)
    assert document == snapshot(full) | {"texts": snapshot(full)["texts"] | {"title_en": "Changed"}}


def test_applying_a_document_makes_another_entry_say_the_same(full):
    other = make_recommendation(slug="other", number=70, cities=[make_city()], terms=[make_term()])
    document = snapshot(full)
    apply(document, other)
    other.refresh_from_db()
    assert snapshot(other) == document | {"slug": "other", "number": 70}
    assert [row.position for row in other.evidence.in_order()] == [1, 2]


def test_applying_again_changes_nothing(full):
    document = snapshot(full)
    apply(document, full)
    apply(document, full)
    full.refresh_from_db()
    assert snapshot(full) == document
    assert full.evidence.count() == 2


@pytest.mark.usefixtures("content")
def test_all_the_32_survive_the_journey():
    documents = {entry.slug: snapshot(entry) for entry in Recommendation.objects.all()}
    assert len(documents) == 32
    for entry in Recommendation.objects.all():
        document = documents[entry.slug]
        target = Recommendation.objects.create(
            report=entry.report, pillar=Pillar.objects.in_order()[0], number=entry.number + 100, slug=f"x-{entry.slug}"
        )
        apply(json.loads(json.dumps(document)), target)
        target.refresh_from_db()
        assert snapshot(target) == document | {"slug": target.slug, "number": target.number}


def test_document_of_another_schema_is_refused(full):
    before = snapshot(full)
    with pytest.raises(ValueError, match="document of schema 99; this reads schema 1"):
        apply(before | {"schema": 99, "basis": "stated"}, full)
    full.refresh_from_db()
    assert snapshot(full) == before


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"pillar": "gone"}, Pillar.DoesNotExist),
        ({"terms": ["nowhere/gone"]}, Term.DoesNotExist),
        ({"related": ["gone"]}, Recommendation.DoesNotExist),
        ({"cities": [{"city": "gone", "basis": "named", "note_en": "", "note_zh_hans": ""}]}, City.DoesNotExist),
        (
            {
                "evidence": [
                    {
                        "source": "gone", "section": "S1", "paragraph": "¶1", "key_phrase": "x", "supports": "stated",
                        "note_en": "", "note_zh_hans": "",
                    }
                ]
            },
            SourceSection.DoesNotExist,
        ),
    ],
)  # fmt: skip
def test_document_that_names_what_is_gone_changes_nothing(full, change, missing):
    before = snapshot(full)
    with pytest.raises(missing):
        apply(before | {"basis": "stated"} | change, full)
    full.refresh_from_db()
    assert snapshot(full) == before
