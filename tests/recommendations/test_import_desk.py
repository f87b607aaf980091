"""The pages of an import at the desk: who may do what with whose, and the files they give and take."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import keep_draft
from recommendations.models import Import, ImportRow, Recommendation
from recommendations.spreadsheet import export, undoing
from tests.desk import make_colleague, messages_of
from tests.recommendations.test_spreadsheet import confirm, upload
from tests.recommendations.test_spreadsheet_acts import new, sheet_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def url(page: str, *args: Any) -> str:
    return reverse(f"admin:recommendations_import_{page}", args=args)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body(response: Any) -> str:
    content: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8-sig")


def test_an_upload_leads_to_its_preview_and_readers_see_nothing_of_an_editors_import():
    client = client_of(make_colleague("editor"))
    file = SimpleUploadedFile("a.csv", sheet_of(new(900)).encode())
    response: Any = client.post(url("add"), {"file": file, "publishes": "yes"}, follow=True)
    sheet = Import.objects.get()
    assert response.redirect_chain == [(url("change", sheet.pk), 302)]
    assert "Readers will see nothing" in body(response)
    client.post(url("confirm", sheet.pk), {"reason": "why"})
    sheet.refresh_from_db()
    assert (sheet.state, sheet.reason, Recommendation.objects.get(slug="new-900").state) == ("done", "why", "draft")
    file.seek(0)
    same = body(client.post(url("add"), {"file": file, "publishes": "yes"}, follow=True))
    assert "This very file was imported before" in same
    assert url("change", sheet.pk) in same


def test_a_refused_file_says_why_on_the_form():
    client = client_of(make_colleague("editor"))
    response: Any = client.post(url("add"), {"file": SimpleUploadedFile("a.xlsm", b"PK\x03\x04")})
    assert "The file has macros" in body(response)
    response = client.post(url("add"), {"file": SimpleUploadedFile("a.xlsm", b"PK")}, HTTP_ACCEPT_LANGUAGE="zh-CN")
    assert "The file has macros" not in body(response)
    assert not Import.objects.exists()


def test_nobody_goes_on_with_the_import_of_another():
    sheet = upload(sheet_of(new(900), new(901, pillar="secret")), user=make_colleague("editor"), publishes=False)
    other = client_of(make_colleague("editor", username="other"))
    for page in ("map", "confirm", "mend", "mended", "cancel", "continue"):
        assert other.post(url(page, sheet.pk)).status_code == 403, page
    assert "secret" not in body(other.get(url("change", sheet.pk)))
    assert other.get(url("rejects", sheet.pk, "csv")).status_code == 403
    sheet.refresh_from_db()
    assert (sheet.state, sheet.rejected) == ("ready", 1)


def test_who_lost_the_right_to_publish_does_not_confirm_what_publishes():
    user = make_colleague("editor")
    sheet = upload(sheet_of({"slug": "expand-5g-coverage", "title_en": "Other"}), user=user, publishes=True)
    assert client_of(user).post(url("confirm", sheet.pk)).status_code == 403


def test_columns_that_are_named_are_read():
    user = make_colleague("editor")
    sheet = upload("slug,Überschrift,Rest\nexpand-5g-coverage,Words,x\n", user=user, publishes=False)
    client_of(user).post(url("map", sheet.pk), {"column-1": "title_en", "column-2": ""})
    sheet.refresh_from_db()
    assert (sheet.state, sheet.changed) == ("ready", 1)
    assert ImportRow.objects.get().document["texts"]["title_en"] == "Words"


def test_cells_are_mended_on_the_page():
    user = make_colleague("editor")
    sheet = upload(sheet_of(new(900, reviewed_on="soon"), new(901, pillar="?")), user=user, publishes=False)
    data = {"cell-2-reviewed_on": "2026-11-24", "leave-3": "on", "cell-99-title_en": "x", "cell-2-nothing": "x"}
    client_of(user).post(url("mend", sheet.pk), data)
    sheet.refresh_from_db()
    assert (sheet.created, sheet.rejected) == (1, 0)


def test_rejected_rows_go_out_with_reasons_in_both_languages_and_come_back_mended():
    user = make_colleague("editor")
    sheet = upload(sheet_of(new(900, title_en="=1+1", reviewed_on="soon"), new(901)), user=user, publishes=False)
    client = client_of(user)
    rows = list(csv.DictReader(io.StringIO(body(client.get(url("rejects", sheet.pk, "csv"))))))
    said = " ".join(rows[0].values())
    assert "is not a date" in said
    assert "不是日期" in said
    assert [(row["row"], row["title_en"]) for row in rows] == [("2", "'=1+1")]
    mended = sheet_of({**rows[0], "reviewed_on": "2026-11-24"}).encode()
    client.post(url("mended", sheet.pk), {"file": SimpleUploadedFile("mended.csv", mended)})
    sheet.refresh_from_db()
    assert (sheet.created, sheet.rejected) == (2, 0)
    confirm(sheet)
    assert Recommendation.objects.get(slug="new-900").title_en == "=1+1"


@pytest.mark.parametrize("form", export.TEMPLATES)
def test_the_template_is_read_without_a_question(form):
    client = client_of(make_colleague("editor"))
    response: Any = client.get(url("template", form))
    content = b"".join(response.streaming_content)
    if form == "xlsx":
        book: Any = openpyxl.load_workbook(io.BytesIO(content))
        book.worksheets[0].append([None, 900, "new-900"])
        file = io.BytesIO()
        book.save(file)
        content = file.getvalue()
    else:
        content += b",900,new-900\r\n"
    sheet = upload(content, f"a.{form}", publishes=False)
    assert (sheet.state, sheet.rejected) == ("ready", 1)


def test_an_import_is_confirmed_once_and_cancelled_only_before():
    user = make_colleague("editor")
    sheet = upload(sheet_of(new(900)), user=user, publishes=False)
    client = client_of(user)
    client.post(url("confirm", sheet.pk))
    again = client.post(url("confirm", sheet.pk))
    assert messages_of(again)[-1] == "This import is not waiting to be confirmed any more."
    client.post(url("cancel", sheet.pk))
    sheet.refresh_from_db()
    assert sheet.state == "done"
    version = keep_draft(entry=Recommendation.objects.get(slug="new-900"), author=user, at=timezone.now())
    asked = body(client.get(url("undo", sheet.pk)))
    assert "Nothing of this import can be undone now" in asked
    assert "changed since, last in version 2 (" in asked
    assert 'value="Undo this import"' not in asked
    version.delete()
    assert "<dt>Archived</dt><dd>1</dd>" in body(client.get(url("undo", sheet.pk)))
    client.post(url("undo", sheet.pk))
    assert "<dt>Archived</dt><dd>1</dd>" in body(client.get(url("change", sheet.pk)))
    sheet.refresh_from_db()
    assert sheet.state == "undone"
    again = client.post(url("undo", sheet.pk))
    assert messages_of(again)[-1] == "There is nothing of this import to be undone."


def test_who_may_take_entries_out_of_the_archive_is_offered_to_and_others_are_told_who_may():
    editor, reviewer = make_colleague("editor"), make_colleague("reviewer")
    undoing.undo(
        sheet=confirm(upload(sheet_of(new(900)), publishes=False)), user=editor, may_publish=False, at=timezone.now()
    )
    for user, may_restore in ((editor, False), (reviewer, True)):
        sheet, client = upload(sheet_of(new(900)), user=user, publishes=may_restore), client_of(user)
        page = body(client.get(url("change", sheet.pk)))
        assert "1 row is about an archived entry" in page
        assert reverse("admin:recommendations_recommendation_change", args=[sheet.rows.get().entry_id]) in page
        assert ("You may not take entries out of the archive." in page) == (not may_restore)
        assert ('name="agree-2-state"' in page) == may_restore
        assert client.post(url("take-out", sheet.pk), {"all": ""}).status_code == (302 if may_restore else 403)
        sheet.refresh_from_db()
        assert (sheet.state, sheet.changed) == (("ready", 1) if may_restore else ("nothing", 0))
    client.post(url("take-out", sheet.pk), {"shown": "2"})
    assert Import.objects.get(pk=sheet.pk).state == "nothing"
    client.post(url("take-out", sheet.pk), {"shown": "2", "agree-2-state": str(sheet.rows.get().seen)})
    assert messages_of(client.post(url("confirm", sheet.pk)))[-1].startswith("1 entry is taken out of the archive")
    assert Recommendation.objects.get(slug="new-900").state == "draft"
    assert "Taken out of the archive" in body(client.get(url("change", sheet.pk)))


def test_headers_that_are_not_read_are_quoted_in_the_language_of_the_page():
    user = make_colleague("editor")
    sheet = upload("slug,state / 状态\nexpand-5g-coverage,draft\n", user=user, publishes=False)
    client = client_of(user)
    assert "Not read: “state”." in body(client.get(url("change", sheet.pk)))
    client.cookies["django_language"] = "zh-hans"
    assert "未读取：“状态”。" in body(client.get(url("change", sheet.pk)))
