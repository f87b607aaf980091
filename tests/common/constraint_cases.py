"""Every named constraint of our models with rows just inside and just outside of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from common.models import ContentChange, ContentVersion, FormerSlug
from editions.models import Edition, EditionFile, EditionPiece
from progress.models import StatusChange
from recommendations.choices import Step
from recommendations.models import BulkChange, Coverage, EntryVersion, Import, ImportPiece, ImportRow
from sources.choices import Proof
from sources.models import PhraseCheck
from tests.factories import (
    MOMENT,
    make_area,
    make_checkpoint,
    make_city,
    make_evidence,
    make_import,
    make_import_row,
    make_link,
    make_membership,
    make_pillar,
    make_recommendation,
    make_report,
    make_section,
    make_source,
    make_term,
    make_update,
    make_vocabulary,
    make_working_copy,
    moment,
)

Change = tuple[Model, dict[str, Any]]


@dataclass
class Case:
    """Changes to saved rows: those the database takes, and those it refuses for this very constraint."""

    accepted: list[Change] = field(default_factory=list)
    refused: list[Change] = field(default_factory=list)


CASES: dict[str, Callable[[], Case]] = {}


def constraint(build: Callable[[], Case]) -> Callable[[], Case]:
    """Register ``build`` for the constraint it is named after."""
    CASES[build.__name__] = build
    return build


def one_of(row: Model, name: str, *known: str) -> Case:
    """The values of a closed list, and one that is not in it."""
    return Case(accepted=[(row, {name: value}) for value in known], refused=[(row, {name: "unheard-of"})])


@constraint
def common_former_slug_once_a_kind() -> Case:
    FormerSlug.objects.create(kind="cities.city", slug="canton", object_id=1)
    row = FormerSlug.objects.create(kind="cities.city", slug="swatow", object_id=2)
    return Case(
        accepted=[(row, {"kind": "pillars.pillar", "slug": "canton"}), (row, {"object_id": 1})],
        refused=[(row, {"kind": "cities.city", "slug": "canton"})],
    )


@constraint
def report_stated_total_positive() -> Case:
    row = make_report(stated_total=32)
    return Case(
        accepted=[(row, {"stated_total": 1}), (row, {"stated_total": None})],
        refused=[(row, {"stated_total": 0})],
    )


@constraint
def pillar_number_once_a_report() -> Case:
    report = make_report()
    make_pillar(report=report, number=1)
    row = make_pillar(report=report, number=2)
    elsewhere = make_pillar(report=make_report(), number=7)
    return Case(accepted=[(row, {"number": 3}), (elsewhere, {"number": 1})], refused=[(row, {"number": 1})])


@constraint
def pillar_number_positive() -> Case:
    row = make_pillar(number=5)
    return Case(accepted=[(row, {"number": 1})], refused=[(row, {"number": 0})])


@constraint
def city_code_once_where_there_is_one() -> Case:
    make_city(code="440100")
    make_city(code="")
    row = make_city(code="440200")
    return Case(accepted=[(row, {"code": "440300"}), (row, {"code": ""})], refused=[(row, {"code": "440100"})])


@constraint
def city_tile_once() -> Case:
    make_city(tile_row=1, tile_col=1)
    make_city()
    row = make_city(tile_row=2, tile_col=2)
    return Case(
        accepted=[
            (row, {"tile_row": 1, "tile_col": 2}),
            (row, {"tile_row": None, "tile_col": None}),
        ],
        refused=[(row, {"tile_row": 1, "tile_col": 1})],
    )


@constraint
def city_tile_whole_or_none() -> Case:
    row = make_city(tile_row=2, tile_col=2)
    return Case(
        accepted=[(row, {"tile_row": None, "tile_col": None}), (row, {"tile_row": 0, "tile_col": 0})],
        refused=[(row, {"tile_row": None, "tile_col": 1}), (row, {"tile_row": 1, "tile_col": None})],
    )


@constraint
def city_latitude_in_degrees() -> Case:
    row = make_city(latitude=23.1)
    return Case(
        accepted=[(row, {"latitude": value}) for value in (None, 0, -90, 90)],
        refused=[(row, {"latitude": value}) for value in (-90.001, 90.001)],
    )


@constraint
def city_longitude_in_degrees() -> Case:
    row = make_city(longitude=113.2)
    return Case(
        accepted=[(row, {"longitude": value}) for value in (None, 0, -180, 180)],
        refused=[(row, {"longitude": value}) for value in (-180.001, 180.001)],
    )


@constraint
def area_kind_known() -> Case:
    return one_of(make_area(), "kind", "metropolitan-area", "bay-area")


@constraint
def membership_city_once_an_area() -> Case:
    first, second, third = make_city(), make_city(), make_city()
    area = make_area(members=[first])
    row = make_membership(area=area, city=second)
    elsewhere = make_membership(area=make_area(), city=second)
    return Case(accepted=[(row, {"city": third}), (elsewhere, {"city": first})], refused=[(row, {"city": first})])


@constraint
def membership_role_known() -> Case:
    return one_of(make_membership(area=make_area(), city=make_city()), "role", "core", "member")


@constraint
def membership_extent_known() -> Case:
    row = make_membership(area=make_area(), city=make_city())
    return one_of(row, "extent", "full", "partial", "linked")


@constraint
def vocabulary_slug_not_reserved() -> Case:
    row = make_vocabulary()
    return Case(
        accepted=[(row, {"slug": "instrument"}), (row, {"slug": "pillars"})],
        refused=[(row, {"slug": slug}) for slug in ("pillar", "q", "page", "include", "city", "sort")],
    )


@constraint
def term_slug_once_a_vocabulary() -> Case:
    vocabulary = make_vocabulary()
    make_term(vocabulary=vocabulary, slug="funding")
    row = make_term(vocabulary=vocabulary, slug="training")
    elsewhere = make_term()
    return Case(
        accepted=[(row, {"slug": "visas"}), (elsewhere, {"slug": "funding"})],
        refused=[(row, {"slug": "funding"})],
    )


@constraint
def section_code_once_a_source() -> Case:
    first = make_section(code="S1")
    row = make_section(code="S2")
    elsewhere = make_section(source=make_source(), code="S3")
    assert first.source_id == row.source_id
    return Case(accepted=[(row, {"code": "S1.1"}), (elsewhere, {"code": "S1"})], refused=[(row, {"code": "S1"})])


@constraint
def checkpoint_kind_known() -> Case:
    kinds = ("research", "planning", "budget", "implementation", "monitoring")
    return one_of(make_checkpoint(), "kind", *kinds)


@constraint
def checkpoint_state_known() -> Case:
    return one_of(make_checkpoint(), "state", "done", "upcoming", "ongoing")


@constraint
def update_has_a_title() -> Case:
    row = make_update(is_published=False)
    return Case(accepted=[(row, {"title_en": ""})], refused=[(row, {"title_en": "", "title_zh_hans": ""})])


@constraint
def update_published_is_whole() -> Case:
    live, draft = make_update(), make_update(is_published=False)
    lacks: list[dict[str, Any]] = [{"title_en": ""}, {"title_zh_hans": ""}, {"locator": ""}]
    return Case(
        accepted=[*((draft, change) for change in lacks), (live, {"locator": "p. 3"})],
        refused=[(live, change) for change in lacks],
    )


@constraint
def update_published_does_not_wait() -> Case:
    live, draft = make_update(), make_update(is_published=False)
    return Case(accepted=[(draft, {"waits_for_review": True})], refused=[(live, {"waits_for_review": True})])


@constraint
def status_change_is_one() -> Case:
    entry = make_recommendation()
    row = StatusChange.objects.create(entry=entry, before="adopted", after="implemented", at=MOMENT)
    return Case(accepted=[(row, {"after": "set-aside"})], refused=[(row, {"after": "adopted"})])


@constraint
def update_effect_once_an_entry() -> Case:
    first, second, third = make_recommendation(), make_recommendation(), make_recommendation()
    row = make_update(entries=[first, second]).effects.get(recommendation=second)
    elsewhere = make_update(entries=[second]).effects.get()
    return Case(
        accepted=[(row, {"recommendation": third}), (elsewhere, {"recommendation": first})],
        refused=[(row, {"recommendation": first})],
    )


@constraint
def update_effect_status_known() -> Case:
    row = make_update(entries=[make_recommendation()]).effects.get()
    return one_of(row, "status", "", "adopted", "set-aside", "no-follow-up-found")


@constraint
def recommendation_number_once_a_report() -> Case:
    make_recommendation(number=1)
    row = make_recommendation(number=2)
    elsewhere = make_recommendation(report=make_report(), number=9)
    return Case(accepted=[(row, {"number": 3}), (elsewhere, {"number": 1})], refused=[(row, {"number": 1})])


@constraint
def recommendation_name_of_its_own_unless_copy() -> Case:
    row = make_recommendation()
    copy = make_working_copy(row)
    other = make_recommendation(state="draft")
    return Case(
        accepted=[(row, {"slug": "another-name", "number": 77})],
        refused=[
            (row, {"slug": None}),
            (row, {"number": None}),
            (copy, {"slug": "a-name"}),
            (copy, {"number": 78}),
            (copy, {"working_copy_of": None}),
            (other, {"working_copy_of": row}),
        ],
    )


@constraint
def recommendation_copy_never_public() -> Case:
    copy = make_working_copy(make_recommendation())
    moments = {"published_at": MOMENT, "changed_at": MOMENT}
    return Case(
        accepted=[(copy, {"state": "in-review"}), (copy, {"state": "draft"})],
        refused=[(copy, {"state": "published", **moments}), (copy, {"state": "archived"})],
    )


@constraint
def recommendation_number_positive() -> Case:
    row = make_recommendation(number=5)
    return Case(accepted=[(row, {"number": 1})], refused=[(row, {"number": 0})])


@constraint
def recommendation_slug_not_reserved() -> Case:
    row = make_recommendation()
    return Case(
        accepted=[(row, {"slug": "export-services"})],
        refused=[(row, {"slug": slug}) for slug in ("export", "suggest", "changes", "")],
    )


@constraint
def recommendation_basis_known() -> Case:
    return one_of(make_recommendation(), "basis", "stated", "implied", "inferred")


@constraint
def recommendation_reach_known() -> Case:
    return one_of(make_recommendation(), "reach", "province", "bay-area", "metropolitan", "city")


@constraint
def recommendation_state_known() -> Case:
    return one_of(make_recommendation(), "state", "draft", "in-review", "published", "archived")


@constraint
def recommendation_status_known() -> Case:
    known = (
        "no-follow-up-found", "under-consideration", "adopted", "in-progress", "implemented",
        "partly-implemented", "set-aside",
    )  # fmt: skip
    return one_of(make_recommendation(), "status", *known)


@constraint
def recommendation_published_has_pillar() -> Case:
    public, draft = make_recommendation(), make_recommendation(state="draft")
    return Case(accepted=[(draft, {"pillar": None})], refused=[(public, {"pillar": None})])


@constraint
def recommendation_published_has_moments() -> Case:
    public, draft = make_recommendation(), make_recommendation(state="draft")
    return Case(
        accepted=[(draft, {"published_at": None, "changed_at": None})],
        refused=[
            (public, {"published_at": None}),
            (public, {"changed_at": None}),
            (draft, {"state": "published"}),
        ],
    )


@constraint
def evidence_once_an_entry() -> Case:
    entry, section = make_recommendation(), make_section()
    place = {"section": section, "paragraph": "¶1", "key_phrase": "the very phrase"}
    make_evidence(recommendation=entry, **place)
    row = make_evidence(recommendation=entry)
    elsewhere = make_evidence(recommendation=make_recommendation())
    return Case(
        accepted=[(row, place | {"paragraph": "b1"}), (elsewhere, place)],
        refused=[(row, place)],
    )


@constraint
def evidence_supports_known() -> Case:
    row = make_evidence(recommendation=make_recommendation())
    return one_of(row, "supports", "stated", "implied", "inferred")


@constraint
def city_link_once_an_entry() -> Case:
    first, second, third = make_city(), make_city(), make_city()
    entry = make_recommendation(cities=[first])
    row = make_link(recommendation=entry, city=second)
    elsewhere = make_link(recommendation=make_recommendation(), city=second)
    return Case(accepted=[(row, {"city": third}), (elsewhere, {"city": first})], refused=[(row, {"city": first})])


@constraint
def city_link_basis_known() -> Case:
    row = make_link(recommendation=make_recommendation(), city=make_city())
    return one_of(row, "basis", "named", "editorial")


@constraint
def coverage_city_once_an_entry() -> Case:
    first, second, third = make_city(), make_city(), make_city()
    entry = make_recommendation(cities=[first])
    row = Coverage.objects.create(recommendation=entry, city=second, basis="named")
    return Case(accepted=[(row, {"city": third})], refused=[(row, {"city": first})])


@constraint
def coverage_basis_known() -> Case:
    row = Coverage.objects.create(recommendation=make_recommendation(), city=make_city(), basis="named")
    return one_of(row, "basis", "named", "editorial", "metropolitan", "bay-area")


def make_versions() -> tuple[EntryVersion, EntryVersion]:
    """The public version of an entry, and a second one that was never public."""
    entry = make_recommendation()
    second = EntryVersion.objects.create(entry=entry, number=2, state="draft", document={}, created_at=MOMENT)
    return entry.versions.get(number=1), second


@constraint
def version_number_once_an_entry() -> Case:
    _first, row = make_versions()
    elsewhere = make_recommendation().versions.get()
    return Case(accepted=[(row, {"number": 3}), (elsewhere, {"number": 2})], refused=[(row, {"number": 1})])


@constraint
def version_one_public_at_a_time() -> Case:
    _first, row = make_versions()
    return Case(
        accepted=[
            (row, {"public_from": moment(1), "public_until": moment(2)}),
            (row, {"public_from": None, "public_until": None}),
        ],
        refused=[(row, {"public_from": moment(1), "public_until": None})],
    )


@constraint
def version_state_known() -> Case:
    _first, row = make_versions()
    return one_of(row, "state", "draft", "in-review", "published", "archived")


@constraint
def version_public_until_after_from() -> Case:
    first, _second = make_versions()
    return Case(
        accepted=[(first, {"public_until": MOMENT}), (first, {"public_until": moment(1)})],
        refused=[(first, {"public_until": moment(-1)}), (first, {"public_from": None, "public_until": MOMENT})],
    )


@constraint
def common_content_version_is_one_row() -> Case:
    row, _made = ContentVersion.objects.get_or_create(pk=1)
    return Case(accepted=[(row, {"number": 7})], refused=[(row, {"id": 2})])


@constraint
def common_content_change_once_a_writer() -> Case:
    ContentChange.objects.create(entry=1, writer=5)
    row = ContentChange.objects.create(entry=2, writer=5)
    return Case(accepted=[(row, {"entry": 3}), (row, {"entry": 1, "version": 9})], refused=[(row, {"entry": 1})])


@constraint
def import_state_known() -> Case:
    return one_of(make_import(), "state", *Import.State.values)


@constraint
def import_row_outcome_known() -> Case:
    return one_of(make_import_row(), "outcome", *ImportRow.Outcome.values)


@constraint
def import_row_road_known() -> Case:
    return one_of(make_import_row(), "road", "", *ImportRow.Road.values)


@constraint
def import_row_once_a_sheet() -> Case:
    row = make_import_row(line=2)
    other = make_import_row(line=3, sheet=row.sheet)
    return Case(
        accepted=[(other, {"line": 4}), (other, {"sheet": make_import(), "line": 2})], refused=[(other, {"line": 2})]
    )


@constraint
def import_piece_once_a_sheet() -> Case:
    sheet = make_import()
    pieces = [ImportPiece.objects.create(sheet=sheet, position=n, content=b"x") for n in (0, 1)]
    return Case(accepted=[(pieces[1], {"position": 2})], refused=[(pieces[1], {"position": 0})])


def make_edition_file() -> EditionFile:
    edition = Edition.objects.create(name="2026-11", frozen_at=MOMENT, entry_count=0, manifest="{}", digest="")
    return EditionFile.objects.create(edition=edition, name="a.csv", content_type="text/csv", size=0, digest="")


@constraint
def edition_file_once_an_edition() -> Case:
    row = make_edition_file()
    return Case(accepted=[(row, {"name": "b.csv"})], refused=[(row, {"size": 1})])


@constraint
def edition_piece_once_a_place() -> Case:
    row = EditionPiece.objects.create(file=make_edition_file(), position=0, body=b"")
    return Case(accepted=[(row, {"position": 1})], refused=[(row, {"body": b"more"})])


@constraint
def version_step_known() -> Case:
    return one_of(make_recommendation().versions.get(), "step", "", *Step.values)


@constraint
def bulk_change_kind_known() -> Case:
    return one_of(BulkChange.objects.create(kind="reviewed"), "kind", *BulkChange.Kind.values)


@constraint
def evidence_proof_known() -> Case:
    return one_of(make_evidence(recommendation=make_recommendation()), "proof", *Proof.values)


@constraint
def recommendation_withdrawn_after_published() -> Case:
    entry = make_recommendation(state="draft", publish_at=MOMENT)
    later, earlier = MOMENT + dt.timedelta(days=1), MOMENT - dt.timedelta(days=1)
    return Case(accepted=[(entry, {"withdraw_at": later})], refused=[(entry, {"withdraw_at": earlier})])


@constraint
def phrase_check_once_a_phrase() -> Case:
    source = make_source()
    rows = [PhraseCheck.objects.create(source=source, digest=d, text_sha256="", is_found=True) for d in ("a", "b")]
    return Case(
        accepted=[(rows[1], {"digest": "c"}), (rows[1], {"source": make_source(), "digest": "a"})],
        refused=[(rows[1], {"digest": "a"})],
    )
