"""Spreadsheets of editors: what goes out comes back unchanged, and what comes in does what its preview said."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from recommendations import actions as entry_actions
from recommendations.choices import Status
from recommendations.models import EntryVersion, Evidence, Import, ImportRow, Recommendation
from recommendations.snapshot import snapshot
from recommendations.spreadsheet import actions, export, work
from recommendations.spreadsheet import aside as aside_module
from recommendations.spreadsheet.columns import Columns, in_both
from tests.desk import make_colleague

pytestmark = pytest.mark.django_db


def exported(form: str, **only: Any) -> bytes:
    pieces = export.FORMS[form](Recommendation.objects.entries().filter(**only).in_order())
    return b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in pieces)


def taken_along(form: str, language: str = "en") -> bytes:
    """The file that readers take along."""
    prefix = "/zh-hans" if language == "zh-hans" else ""
    response: Any = Client().get(f"{prefix}/recommendations/export.{form}")
    return b"".join(response.streaming_content)


def upload(content: bytes | str, name: str = "entries.csv", *, user: Any = None, publishes: bool = True) -> Import:
    """An import as far as it goes by itself."""
    data = content.encode() if isinstance(content, str) else content
    user = user or make_colleague("superuser")
    file = SimpleUploadedFile(name, data)
    sheet = work.receive(file=file, user=user, publishes=publishes, at=timezone.now())
    work.go_on(sheet, write=actions.write)
    sheet.refresh_from_db()
    return sheet


def confirm(sheet: Import, reason: str = "") -> Import:
    assert actions.confirm(sheet=sheet, reason=reason, at=timezone.now())
    work.go_on(sheet, write=actions.write)
    sheet.refresh_from_db()
    return sheet


def counts(sheet: Import) -> tuple[int, int, int, int]:
    return sheet.created, sheet.changed, sheet.unchanged, sheet.rejected


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_the_32_come_back_without_a_change(content, form):
    sheet = upload(exported(form), f"desk.{form}")
    assert (sheet.state, sheet.refusal) == ("nothing", None)
    problems = [row.problems for row in ImportRow.objects.filter(outcome="rejected")]
    assert (problems, counts(sheet)) == ([], (0, 0, 32, 0))


@pytest.mark.parametrize(("form", "language"), [("csv", "zh-hans"), ("xlsx", "en"), ("json", "zh-hans")])
def test_the_file_for_readers_comes_back_without_a_change_and_says_what_is_not_read(content, form, language):
    sheet = upload(taken_along(form, language), f"readers.{form}")
    found = [(row.problems, row.notes) for row in ImportRow.objects.exclude(problems=[], notes=[])]
    assert (found, counts(sheet)) == ([], (0, 0, 32, 0))
    aside = {"status", *aside_module.CITIES, "evidence", "changed_at", "url", "provenance", "licence"}
    assert set(aside_module.not_read(sheet.headers, sheet.mapping)) == aside


def test_what_was_changed_in_a_column_that_is_not_read_is_told(content):
    rows = list(csv.DictReader(io.StringIO(taken_along("csv").decode("utf-8-sig"))))
    changed = {
        "cities_named": "guangzhou", "status": "Implemented", "evidence": f"{rows[0]['evidence']}; more",
        "provenance": "ours", "licence": "CC0", "url": "https://elsewhere.example/", "changed_at": "2001-01-01",
    }  # fmt: skip
    rows[0] |= changed
    rows[1]["status"] = in_both(Status.NO_FOLLOW_UP_FOUND.label)[1]
    sheet = upload(json.dumps(rows), "a.json")
    assert counts(sheet) == (0, 0, 32, 0)
    noted = ImportRow.objects.exclude(notes=[])
    assert [(row.line, {note["column"] for note in row.notes}) for row in noted] == [(1, set(changed))]
    rows = json.loads(exported("json", slug="expand-5g-coverage"))
    sheet = upload(json.dumps([rows[0] | {"state": "archived", "status": rows[0]["status"]}]), "a.json")
    [row] = ImportRow.objects.filter(sheet=sheet)
    assert [(note["column"], note["params"]) for note in row.notes] == [
        ("state", {"said": "archived", "now": "published"})
    ]


def test_a_file_for_readers_takes_nothing_back_that_was_edited_since(content):
    entry, other = Recommendation.objects.published().in_order()[:2]
    then = taken_along("csv")
    copy = entry_actions.start_working_copy(entry=entry)
    copy.title_en = "Pending words"
    copy.save()
    entry_actions.keep_draft(entry=copy, at=timezone.now())
    other.summary_en = "Published since."
    entry_actions.publish(entry=other, at=timezone.now() + dt.timedelta(minutes=1))
    for file in (then, taken_along("csv")):
        assert counts(upload(file)) == (0, 0, 32, 0)
    rows = list(csv.DictReader(io.StringIO(then.decode("utf-8-sig"))))
    rows[1] |= {"summary_en": "A third wording.", "title_en": "Another title"}
    sheet = upload(json.dumps(rows), "a.json")
    [row] = ImportRow.objects.filter(sheet=sheet, outcome="rejected")
    assert [(found["column"], found["code"]) for found in row.problems] == [("summary_en", "meanwhile")]


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_line_breaks_of_every_kind_come_back_without_a_change(content, form):
    entry = Recommendation.objects.get(slug="expand-5g-coverage")
    entry.problem_en = "First.\r\n\r\nSecond _x000D_."  # as it was kept once
    entry.problem_zh_hans = "一。\n二。"
    entry.save()
    Evidence.objects.filter(recommendation=entry).update(note_en="One.\r\nTwo.")
    file = exported(form, slug=entry.slug)
    assert counts(upload(file, f"a.{form}")) == (0, 0, 1, 0)
    if form == "xlsx":
        with ZipFile(io.BytesIO(file)) as book:
            assert b"_x000D_" not in book.read("xl/worksheets/sheet1.xml").replace(b"_x005F_x000D_", b"")
        sheet = upload(file_of(["slug", "problem_en"], [entry.slug, "One._x000D_\nTwo."]), "a.xlsx")
        assert ImportRow.objects.get(sheet=sheet).document["texts"]["problem_en"] == "One.\nTwo."


def file_of(*rows: list[str]) -> bytes:
    """A workbook of ``rows``."""
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_the_32_go_into_an_empty_site_as_they_were(content, form):
    before = {e.slug: snapshot(e) for e in Recommendation.objects.all()}
    file = exported(form)
    EntryVersion.objects.all().delete()
    Recommendation.objects.all().delete()
    rows = json.loads(file) if form == "json" else None
    if rows:
        file = json.dumps([{k: v for k, v in row.items() if k != "version"} for row in rows]).encode()
    sheet = upload(file, f"desk.{form}")
    assert counts(sheet) == (32, 0, 0, 0)
    assert not ImportRow.objects.exclude(notes=[]).exists()
    confirm(sheet)
    assert {e.slug: snapshot(e) for e in Recommendation.objects.all()} == before
    assert Recommendation.objects.published().count() == 32
    assert sheet.versions_made == 32


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("title (English)", "title_en"),
        ("Title(CHINESE)", "title_zh_hans"),
        ("标题（中文）", "title_zh_hans"),
        ("标题 (English)", "title_en"),
        ("title（中文）", "title_zh_hans"),
        ("  TITLE  [ 英文 ] ", "title_en"),
        ("举措（简体中文）", "action_zh_hans"),
        ("What would be done (zh-Hans)", "action_zh_hans"),
        ("summary (English) / 摘要（英文）", "summary_en"),
        ("Summary（英语）/摘要（English）", "summary_en"),
        ("title (French)", None),
        ("标题", None),
        ("note (English)", None),
    ],
)
def test_header_of_a_text_is_known_with_its_language_in_either_language(header, column):
    assert Columns.now().named(header) == column
