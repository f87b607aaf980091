"""The content this repository ships: complete, valid, proved, and the same after any journey."""

from __future__ import annotations

import json
import re
from collections import Counter
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.serializers.base import DeserializationError
from django.db import connection

from cities.models import Area, City, Membership
from common.models import FormerSlug
from pillars.models import Pillar, Report
from progress.models import Checkpoint, Update
from recommendations.choices import State, Status
from recommendations.models import CityLink, Coverage, EntryVersion, Evidence, Recommendation, SearchText
from recommendations.snapshot import TEXT_COLUMNS, snapshot
from sources.management.commands.verify_evidence import proofs_path
from sources.models import MAX_PHRASE_WORDS, Source, SourceSection
from sources.passages import citations_of, is_proved, read_proofs
from tests.content import ROOMS
from themes.models import GlossaryEntry, Term, Vocabulary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

#: Not pairs of texts: sort keys; notes of the plan's own wording, of which there is no English.
NOT_TWO_TEXTS = {(SearchText, "title_key_en"), (Membership, "note_en")}

HAN = re.compile(r"[\u4e00-\u9fff]")


def our_models():
    for room in ROOMS:
        yield from apps.get_app_config(room).get_models()


def all_snapshots():
    return {entry.slug: snapshot(entry) for entry in Recommendation.objects.entries().in_order()}


def test_load_content_loads_exactly_what_there_is():
    counts = {
        model: model.objects.count()
        for model in (
            Report, Pillar, Recommendation, Area, Membership, Vocabulary, Term, GlossaryEntry, Source,
            SourceSection, Checkpoint, Update, EntryVersion, FormerSlug,
        )
    }  # fmt: skip
    assert counts == {
        Report: 1, Pillar: 4, Recommendation: 32, Area: 6, Membership: 32, Vocabulary: 6, Term: 46,
        GlossaryEntry: 22, Source: 1, SourceSection: 11, Checkpoint: 5, Update: 0, EntryVersion: 32, FormerSlug: 0,
    }  # fmt: skip
    assert (City.objects.inside().count(), City.objects.outside().count()) == (21, 2)


def test_the_report_states_as_many_as_there_are():
    assert Report.objects.get().stated_total == Recommendation.objects.published().count() == 32


def test_numbers_run_from_1_to_32_without_a_gap():
    assert list(Recommendation.objects.in_order().values_list("number", flat=True)) == list(range(1, 33))


def test_every_pillar_has_its_share():
    counts = Counter(Recommendation.objects.values_list("pillar__slug", flat=True))
    assert counts == {
        "institutional-reform": 9,
        "manufacturing-services": 9,
        "talent": 7,
        "digital-foundation": 7,
    }
    assert list(Pillar.objects.in_order().values_list("number", flat=True)) == [1, 2, 3, 4]


def test_loading_again_changes_nothing():
    before, versions = all_snapshots(), list(EntryVersion.objects.order_by("pk").values())
    out = StringIO()
    call_command("load_content", stdout=out)
    assert out.getvalue() == "32 entries are here already; nothing loaded\n"
    assert all_snapshots() == before
    assert list(EntryVersion.objects.order_by("pk").values()) == versions


def test_load_content_leaves_an_edit_as_it_is():
    Recommendation.objects.filter(number=1).update(title_en="Edited")
    call_command("load_content", stdout=StringIO())
    assert Recommendation.objects.get(number=1).title_en == "Edited"


def test_loaddata_over_the_same_content_makes_no_new_version():
    before, pks = all_snapshots(), set(Recommendation.objects.values_list("pk", flat=True))
    call_command("loaddata", "sources", "pillars", "cities", "themes", "recommendations", "progress", verbosity=0)
    assert all_snapshots() == before
    assert set(Recommendation.objects.values_list("pk", flat=True)) == pks
    assert EntryVersion.objects.count() == 32


def test_broken_fixture_loads_nothing(tmp_path):
    fixture = tmp_path / "broken.json"
    good = {"model": "themes.vocabulary", "fields": {"slug": "fresh", "name_en": "Fresh"}}
    bad = {"model": "themes.term", "fields": {"vocabulary": ["nowhere"], "slug": "x", "label_en": "X"}}
    fixture.write_text(json.dumps([good, bad]), encoding="utf-8")
    with pytest.raises(DeserializationError, match="Term has no vocabulary"):
        call_command("loaddata", str(fixture), verbosity=0)
    assert not Vocabulary.objects.filter(slug="fresh").exists()


def test_every_object_is_valid():
    checked = 0
    for model in our_models():
        for thing in model._base_manager.all():
            thing.full_clean()
            checked += 1
    assert checked > 300


def bilingual_pairs(model):
    names = {field.name for field in model._meta.get_fields()}
    pairs = [(name, f"{name.removesuffix('_en')}_zh_hans") for name in sorted(names) if name.endswith("_en")]
    return [(en, zh) for en, zh in pairs if zh in names and (model, en) not in NOT_TWO_TEXTS]


def test_every_bilingual_text_is_there_in_both_languages_or_in_neither():
    lopsided, checked = [], 0
    for model in our_models():
        for en, zh in bilingual_pairs(model):
            for thing in model._base_manager.all():
                checked += 1
                if bool(getattr(thing, en)) != bool(getattr(thing, zh)):
                    lopsided.append((thing, en))
    assert lopsided == []
    assert checked > 400


def test_every_entry_says_everything_in_both_languages():
    for entry in Recommendation.objects.all():
        for column in TEXT_COLUMNS:
            text = getattr(entry, column)
            assert text.strip(), (entry, column)
            assert bool(HAN.search(text)) is column.endswith("_zh_hans"), (entry, column)


def test_every_entry_is_published_with_no_follow_up_found():
    assert set(Recommendation.objects.values_list("state", "status")) == {
        (State.PUBLISHED.value, Status.NO_FOLLOW_UP_FOUND.value)
    }


def test_every_entry_has_one_public_version_that_says_what_it_says():
    for entry in Recommendation.objects.all():
        version = entry.versions.get()
        assert (version.number, version.state, version.base) == (1, "published", None)
        assert version.public_from is not None
        assert version.public_until is None
        assert version.document == snapshot(entry)


def test_every_entry_has_evidence_in_few_words_and_its_basis_carried_by_one():
    for entry in Recommendation.objects.all():
        rows = list(entry.evidence.in_order())
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        assert entry.basis in {row.supports for row in rows}
        for row in rows:
            assert 1 <= len(row.key_phrase.split()) <= MAX_PHRASE_WORDS


def test_every_citation_is_of_the_one_source_and_proved():
    source = Source.objects.get()
    document = read_proofs(proofs_path(source.slug))
    citations = citations_of(source)
    assert len(citations) == Evidence.objects.count() + Checkpoint.objects.count() == 65
    assert [str(c) for c in citations if not is_proved(c, document)] == []
    assert document["source"] == source.slug


def test_proofs_hold_no_phrase_that_is_no_longer_cited():
    document = read_proofs(proofs_path("ycwb-32"))
    source = Source.objects.get()
    assert len(document["phrases"]) == len({(c.section_id, c.paragraph, c.key_phrase) for c in citations_of(source)})
    assert set(document) == {"schema", "source", "text_sha256", "phrases"}


def test_changed_citation_is_not_proved():
    document = read_proofs(proofs_path("ycwb-32"))
    evidence = Evidence.objects.get(recommendation__number=1, position=1)
    assert is_proved(evidence, document)
    evidence.key_phrase += " and more"
    assert not is_proved(evidence, document)
    evidence.refresh_from_db()
    evidence.paragraph = "¶9"
    assert not is_proved(evidence, document)
    evidence.refresh_from_db()
    evidence.section = SourceSection.objects.exclude(pk=evidence.section_id).order_by("pk")[0]
    assert not is_proved(evidence, document)
    evidence.refresh_from_db()
    assert not is_proved(evidence, {**document, "text_sha256": "0" * 64})


def test_related_entries_are_other_entries():
    for entry in Recommendation.objects.prefetch_related("related"):
        assert entry not in entry.related.all()


def test_neighbouring_cities_are_neighbours_both_ways():
    for city in City.objects.prefetch_related("neighbours"):
        for other in city.neighbours.all():
            assert city in other.neighbours.all()
            assert city != other


def test_checkpoints_name_entries_that_are_there():
    numbers = dict(Checkpoint.objects.in_order().values_list("slug", "position"))
    assert list(numbers.values()) == [1, 2, 3, 4, 5]
    assert Checkpoint.objects.filter(date__isnull=False).count() == 0


def dump(path):
    with path.open("w", encoding="utf-8") as out:
        call_command("dumpdata", *ROOMS, natural_foreign=True, natural_primary=True, stdout=out)


def test_dump_and_load_gives_the_same_content(tmp_path):
    path = tmp_path / "dump.json"
    before = all_snapshots()
    coverage = set(Coverage.objects.values_list("recommendation__slug", "city__slug", "basis"))
    steps = list(Checkpoint.objects.in_order().values_list("slug", "section__code", "paragraph", "key_phrase"))
    dump(path)
    connection.check_constraints()
    call_command("flush", interactive=False, verbosity=0)
    assert Recommendation.objects.count() == City.objects.count() == 0
    call_command("loaddata", str(path), verbosity=0)
    assert all_snapshots() == before
    assert set(Coverage.objects.values_list("recommendation__slug", "city__slug", "basis")) == coverage
    assert list(Checkpoint.objects.in_order().values_list("slug", "section__code", "paragraph", "key_phrase")) == steps
    assert EntryVersion.objects.count() == 32
    assert CityLink.objects.count() == 22


def test_new_rows_get_ids_of_their_own():
    fresh = [
        Report.objects.create(slug="another", title_en="Another", body_en="A body"),
        Vocabulary.objects.create(slug="fresh", name_en="Fresh"),
        City.objects.create(slug="fresh", name_en="Fresh", region_id=City.objects.inside()[0].region_id),
    ]
    for thing in fresh:
        assert thing.pk > max(type(thing)._base_manager.exclude(pk=thing.pk).values_list("pk", flat=True))
