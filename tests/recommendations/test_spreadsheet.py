"""Spreadsheets of editors: what goes out comes back unchanged, and what comes in does what its preview said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from recommendations.models import EntryVersion, Import, ImportRow, Recommendation
from recommendations.snapshot import snapshot
from recommendations.spreadsheet import actions, export, work
from recommendations.spreadsheet.columns import Columns
from tests.desk import make_colleague

pytestmark = pytest.mark.django_db


def exported(form: str) -> bytes:
    pieces = export.FORMS[form](Recommendation.objects.entries().in_order())
    return b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in pieces)


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
    assert (sheet.state, sheet.refusal) == ("ready", None)
    problems = [row.problems for row in ImportRow.objects.filter(outcome="rejected")]
    assert (problems, counts(sheet)) == ([], (0, 0, 32, 0))


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
