"""One change for many entries: the summary is what happens, everyone keeps to their rights, and it is taken back."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.utils import timezone

from recommendations import actions, bulk, schedule
from recommendations.admin import bulk as admin_bulk
from recommendations.models import BulkChange, EntryVersion, Recommendation
from staff.models import AuditEntry
from tests.desk import Form, admin_url, make_colleague, messages_of, open_entry, sign_in, tree
from tests.factories import make_evidence, make_recommendation, make_term, make_working_copy, moment
from tests.html import text_of

pytestmark = pytest.mark.django_db

BULK = admin_url("bulk")
LIST = admin_url("changelist")


def publishable(**overrides):
    texts = dict.fromkeys(("title_en", "title_zh_hans", "summary_en", "summary_zh_hans"), "words")
    entry = make_recommendation(**(texts | overrides))
    make_evidence(recommendation=entry)
    return entry


@pytest.fixture
def entries(db):
    """Two published entries, one of them with a pending copy, and a draft; each with its version."""
    made = [publishable(), publishable(), publishable(state="draft")]
    actions.adopt(at=moment(1))
    copy = make_working_copy(made[1])
    actions.keep_draft(entry=copy, at=moment(2))
    return made


def chosen(client, entries, **data):
    """The answer of the list to its action, for ``entries``."""
    ids = [entry.pk for entry in entries]
    return client.post(LIST, {"action": "change_many", "_selected_action": ids, "index": 0} | data)


def ask(client, entries, kind, **data):
    """The summary of ``kind`` for ``entries``."""
    form = Form(client, BULK, chosen(client, entries))
    sent = {f"bulk-{name}": value for name, value in ({"kind": kind} | data).items()}
    return client.post(BULK, {"entries": form["entries"]} | sent)


def do(client, summary):
    """Press the button of the summary; returns the change and the page of it."""
    form = next(f for f in tree(summary.content.decode()).iter("form") if f.get("id") == "summary_form")
    data: dict[str, list[str]] = {}
    for field in form.iter("input"):
        data.setdefault(field.get("name", ""), []).append(field.get("value", ""))
    for select in form.iter("select"):
        data[select.get("name", "")] = [o.get("value", "") for o in select.iter("option") if "selected" in o.attrib]
    response = client.post(BULK, data)
    change = BulkChange.objects.latest("pk")
    assert response.headers["Location"] == admin_url("bulk_done", change.pk)
    return change, client.get(response.headers["Location"])


def texts(client, change):
    return text_of(tree(client.get(admin_url("bulk_done", change.pk)).content.decode()))


def test_editor_adds_a_term_to_all_and_takes_it_back(entries):
    published, with_copy, _draft = entries
    term = make_term()
    client = sign_in("editor")
    summary = ask(client, entries, "add-terms", terms=[term.pk], reason="spring")
    assert [line.entry for line, _becomes in summary.context["summary"].changing] == entries
    assert not term.recommendations.exists()
    change, page = do(client, summary)
    assert {row.original for row in term.recommendations.all()} == set(entries)
    assert set(term.recommendations.values_list("working_copy_of", flat=True)) == {published.pk, with_copy.pk, None}
    assert EntryVersion.objects.filter(step="bulk", reason="spring").count() == 3
    assert page.context["may_undo"]
    again = ask(client, entries, "add-terms", terms=[term.pk])
    assert again.context["summary"].reasons == [("nothing changes", 3)]
    client.post(admin_url("bulk_done", change.pk))
    assert not term.recommendations.exists()
    assert not Recommendation.objects.filter(working_copy_of=published).exists()
    assert Recommendation.objects.filter(working_copy_of=with_copy).exists()
    assert "Taken back" in texts(client, change)
    again = client.post(admin_url("bulk_done", change.pk), follow=True)  # from a second tab
    assert "taken back already" in again.content.decode()


def test_reviewer_sets_a_date_for_readers_and_what_changed_since_is_left_when_it_is_taken_back(entries):
    published, _with_copy, draft = entries
    client = sign_in("reviewer")
    never = ask(client, [published, draft], "reviewed", day="2131-01-01")
    assert "2131-01-01 is in the future; today is" in never.content.decode()
    change, _page = do(client, ask(client, [published, draft], "reviewed", day="2026-11-20"))
    for entry in (published, draft):
        entry.refresh_from_db()
        assert entry.reviewed_on == dt.date(2026, 11, 20)
    form = open_entry(client, draft)
    form["title_en"] = "Other words"
    form.press("_draft")
    client.post(admin_url("bulk_done", change.pk))
    published.refresh_from_db()
    draft.refresh_from_db()
    assert (published.reviewed_on, published.state) == (None, "published")
    assert (draft.reviewed_on, draft.title_en) == (dt.date(2026, 11, 20), "Other words")
    assert "for something was done to them since: 1 " in texts(client, change)


def test_states_move_where_they_can_and_the_summary_says_where_not(entries):
    published, with_copy, draft = entries
    editor, reviewer = sign_in("editor"), sign_in("reviewer")
    change, _page = do(editor, ask(editor, entries, "submit"))
    assert [row[0] for row in change.rows] == [with_copy.pk, draft.pk]
    editor.post(admin_url("bulk_done", change.pk))
    draft.refresh_from_db()
    assert draft.state == "draft"
    do(editor, ask(editor, entries, "submit"))
    bare = make_recommendation(state="draft", summary_en="")
    summary = ask(reviewer, [*entries, bare], "publish")
    assert {line.entry for line in summary.context["summary"].left} == {published, bare}
    assert "a summary in English" in summary.content.decode()
    assert [f"{line.entry.pk} {becomes}" for line, becomes in summary.context["summary"].changing] == [
        f"{with_copy.pk} its pending copy is published",
        f"{draft.pk} readers see it for the first time",
    ]
    assert "its address says that it was withdrawn" in summary.content.decode()
    change, _page = do(reviewer, summary)
    assert set(Recommendation.objects.published()) == set(entries)
    archiving = ask(reviewer, entries, "archive", reason="all of them")
    said = text_of(tree(archiving.content.decode()))
    assert "Comment: all of them" in said
    assert "readers no longer find it; its address says that it was withdrawn: 3" in said
    change, _page = do(reviewer, archiving)
    assert not Recommendation.objects.published().exists()
    reviewer.post(admin_url("bulk_done", change.pk))
    assert set(Recommendation.objects.published()) == set(entries)


def test_what_was_published_with_others_is_taken_back_to_what_readers_saw(entries, client):
    _published, with_copy, draft = entries
    copy = Recommendation.objects.get(working_copy_of=with_copy)
    copy.title_en = "Pending words"
    copy.save()
    actions.keep_draft(entry=copy, for_review=True, at=moment(3))
    changed_since = publishable(state="draft")
    reviewer = sign_in("reviewer")
    change, page = do(reviewer, ask(reviewer, [with_copy, draft, changed_since], "publish", reason="too soon"))
    assert page.context["may_undo"]
    assert client.get(draft.get_absolute_url()).status_code == 200
    actions.archive(entry=Recommendation.objects.get(pk=changed_since.pk), at=timezone.now())
    reviewer.post(admin_url("bulk_done", change.pk))
    draft.refresh_from_db()
    assert (draft.state, client.get(draft.get_absolute_url()).status_code) == ("draft", 410)
    with_copy.refresh_from_db()
    copy = Recommendation.objects.get(working_copy_of=with_copy)
    assert (with_copy.state, with_copy.title_en) == ("published", "words")
    assert (copy.state, copy.title_en) == ("in-review", "Pending words")
    newest = EntryVersion.objects.filter(entry=draft).newest_first()[0]
    assert (newest.step, newest.reason, newest.public_from) == ("taken-back", "Taken back: Publish. too soon", None)
    change.refresh_from_db()
    assert (change.left, change.kept) == ([], [changed_since.pk])
    page = texts(reviewer, change)
    assert "3 entries changed, and 2 taken back" in page
    assert "Comment: too soon" in page
    assert f"Not taken back, for something was done to them since: 1 {changed_since}" in page


def test_a_change_of_which_nothing_can_be_taken_back_does_not_say_that_it_was(entries):
    editor, draft = sign_in("editor"), entries[2]
    change, _page = do(editor, ask(editor, [draft], "reviewed", day="2026-11-20"))
    form = open_entry(editor, draft)
    form["title_en"] = "Said since"
    form.press("_draft")
    page = texts(editor, change)
    assert "It cannot be taken back any more: something was done to every entry since." in page
    assert "undo_form" not in editor.get(admin_url("bulk_done", change.pk)).content.decode()
    said = editor.post(admin_url("bulk_done", change.pk), follow=True).content.decode()  # a page of before
    assert "Nothing was taken back" in said
    change.refresh_from_db()
    assert (change.undone_at, change.undone_by, change.kept) == (None, None, [draft.pk])


def test_what_was_planned_is_planned_again_when_a_change_is_taken_back(entries):
    published, with_copy, _draft = entries
    soon, later = (timezone.now() + dt.timedelta(days=days) for days in (1, 2))
    copy = Recommendation.objects.get(working_copy_of=with_copy)
    plans = [(published, None, later), (with_copy, None, later + dt.timedelta(days=1)), (copy, soon, later)]
    for row, publish_at, withdraw_at in plans:
        schedule.plan(
            entry=row, author=make_colleague("reviewer"), publish_at=publish_at, withdraw_at=withdraw_at,
            at=timezone.now(),
        )  # fmt: skip
    reviewer = sign_in("reviewer")
    summary = ask(reviewer, [with_copy], "add-terms", terms=[make_term().pk])
    assert "its planned publication no longer holds" in text_of(tree(summary.content.decode()))
    for chosen_ones, kind in (([with_copy], "publish"), ([published], "archive")):
        change, _page = do(reviewer, ask(reviewer, chosen_ones, kind))
        reviewer.post(admin_url("bulk_done", change.pk))
    copy = Recommendation.objects.get(working_copy_of=with_copy)
    now = [
        (row.publish_at, row.withdraw_at)
        for row in (*Recommendation.objects.filter(pk__in=[published.pk, with_copy.pk]).order_by("pk"), copy)
    ]
    assert now == [(publish_at, withdraw_at) for _row, publish_at, withdraw_at in plans]
    assert not schedule.is_overtaken(copy)


def test_the_summary_says_what_becomes_a_pending_copy_and_what_is_missing(entries):
    bare = make_recommendation()
    Recommendation.objects.filter(pk=bare.pk).update(summary_en="", summary_zh_hans="")
    summary = ask(sign_in("editor"), [*entries, bare], "reviewed", day="2026-11-20").context["summary"]
    assert [becomes for _line, becomes in summary.changing] == [
        "becomes a pending copy", "goes into the pending copy that there is", "readers do not see it"
    ]  # fmt: skip
    assert [reason for reason, _count in summary.reasons] == ["missing: a summary in English, a summary in Chinese"]


def test_nobody_does_at_once_what_they_may_not_do_alone(entries):
    editor = sign_in("editor")
    for kind in ("publish", "archive", "return"):
        assert ask(editor, entries, kind).context["form"].errors
    assert BulkChange.objects.count() == 0
    nobody = sign_in("nobody")
    assert nobody.post(BULK, {"entries": entries[0].pk}).status_code == 403
    assert chosen(nobody, entries).status_code == 403


def test_what_was_saved_since_the_summary_is_not_touched(entries):
    draft = entries[2]
    client = sign_in("editor")
    summary = ask(client, [draft], "reviewed", day="2026-11-20")
    actions.keep_draft(entry=draft, at=moment(5))
    change, _page = do(client, summary)
    assert change.rows == []
    draft.refresh_from_db()
    assert draft.reviewed_on is None


def test_all_that_match_a_filter_are_chosen_and_exported(entries):
    client = sign_in("editor")
    every = {"action": "change_many", "_selected_action": [entries[0].pk], "select_across": 1, "index": 0}
    asked = client.post(f"{LIST}?state=published", every)
    assert asked.context["count"] == 2
    response = client.post(LIST, {"action": "export_many", "_selected_action": [entries[0].pk], "index": 0})
    assert AuditEntry.objects.filter(act="export", subject_name="entries.xlsx").count() == 1
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    cells = [str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert entries[0].slug in cells
    assert entries[2].slug not in cells


def test_a_wish_without_what_it_needs_is_asked_again(entries):
    client = sign_in("editor")
    for kind in ("add-terms", "reviewed"):
        response = ask(client, entries, kind)
        assert response.context["form"].errors
        assert response.context["count"] == 3


def test_a_large_change_is_one_act_in_parts_taken_up_where_it_stopped_and_undone_whole(entries, monkeypatch):
    monkeypatch.setattr(bulk, "PART", 1)
    monkeypatch.setattr(bulk, "FEW", 0)
    monkeypatch.setattr(admin_bulk, "NAMED", 1)
    begun = []
    monkeypatch.setattr(bulk.threading, "Thread", lambda target, args, **_named: begun.append(args) or FakeThread())
    term, client = make_term(), sign_in("editor")
    summary = ask(client, entries, "add-terms", terms=[term.pk])
    assert (summary.context["summary"].count, len(summary.context["summary"].changing)) == (3, 1)
    assert "and 2 more" in summary.content.decode()
    change, page = do(client, summary)
    assert page.headers["Refresh"]
    assert "It is being done. 0 of 3 entries" in text_of(tree(page.content.decode()))
    assert bulk.step(begun[0][0])
    assert "1 of 3 entries" in texts(client, change)

    other = make_term()
    form = open_entry(sign_in("editor"), entries[2])  # an editor saves in between
    form["terms"] = [other.pk]
    form.press("_draft")
    stopped = bulk.SILENCE + dt.timedelta(seconds=1)
    BulkChange.objects.filter(pk=change.pk).update(beat_at=timezone.now() - stopped)
    assert "taken up again" in texts(client, change)
    client.post(admin_url("bulk_done", change.pk), {"_continue": "1"})
    assert not bulk.step(begun[0][0])  # the first worker comes back too late
    bulk.run(begun[1][0])
    change.refresh_from_db()
    assert (len(change.rows), change.left, change.waiting) == (2, [entries[2].pk], [])
    assert set(entries[2].terms.all()) == {other}

    page = client.get(admin_url("bulk_done", change.pk))
    assert page.context["may_undo"]
    client.post(admin_url("bulk_done", change.pk))
    assert "It is being taken back. 0 of 2 entries" in texts(client, change)
    assert client.post(admin_url("bulk_done", change.pk)).status_code == 302
    assert len(begun) == 3
    bulk.run(begun[2][0])
    assert not term.recommendations.exists()
    assert "Taken back" in texts(client, change)


class FakeThread:
    def start(self):
        """Nothing: the test is the worker."""


def test_more_than_the_setting_allows_is_refused_with_its_name(entries, settings):
    settings.BULK_MAX_ENTRIES = 2
    response = chosen(sign_in("editor"), entries)
    assert ["BULK_MAX_ENTRIES" in message for message in messages_of(response)] == [True]
