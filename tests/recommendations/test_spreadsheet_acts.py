"""Imports from preview to undo: what is rejected and why, and what happens when others are at it meanwhile."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.utils import timezone
from django.utils.translation import override

from common.slugs import remember_slug
from recommendations import actions as entry_actions
from recommendations import export_files
from recommendations.choices import Reach
from recommendations.models import EntryVersion, Import, ImportRow, Recommendation
from recommendations.snapshot import snapshot
from recommendations.spreadsheet import actions, preview, undoing, work
from recommendations.spreadsheet.columns import Columns
from recommendations.spreadsheet.problems import sentence
from recommendations.spreadsheet.undoing import Undone
from staff.models import AuditEntry
from tests.desk import make_colleague
from tests.factories import make_report
from tests.recommendations.test_spreadsheet import confirm, counts, exported, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]

SLUG = "expand-5g-coverage"


def sheet_of(*rows: dict[str, str]) -> str:
    """A CSV file of ``rows``, under the names of their columns."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def new(number: int, /, **cells: str) -> dict[str, str]:
    """A row of a new entry."""
    like = entry()
    return {
        "number": str(number), "slug": f"new-{number}", "pillar": like.pillar.slug, "basis": like.basis,
        "reach": like.reach, "title_en": f"New {number}",
    } | cells  # fmt: skip


def reasons(sheet: Import) -> list[tuple[int, str, str]]:
    """Row, column and reason of everything that is wrong."""
    rejected = ImportRow.objects.filter(sheet=sheet, outcome="rejected").order_by("line")
    return [(row.line, found["column"], found["code"]) for row in rejected for found in row.problems]


def entry() -> Recommendation:
    return Recommendation.objects.get(slug=SLUG)


def retitle(title: str, user: Any = None) -> None:
    changed = entry()
    changed.title_en = title
    entry_actions.publish(entry=changed, author=user, reason="", at=timezone.now())


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"pillar": "no-such"}, "pillar", "not-one-of"),
        ({"pillar": ""}, "pillar", "needed-new"),
        ({"basis": "perhaps"}, "basis", "not-one-of"),
        ({"reviewed_on": "31/31/2026"}, "reviewed_on", "not-a-date"),
        ({"reviewed_on": "next week"}, "reviewed_on", "not-a-date"),
        ({"reviewed_on": "2131-01-01"}, "reviewed_on", "in-the-future"),
        ({"reviewed_on": "1800/1/1"}, "reviewed_on", "too-early"),
        ({"number": "-1"}, "number", "not-a-number"),
        ({"number": "1e3"}, "number", "not-a-number"),
        ({"number": "٣"}, "number", "not-a-number"),
        ({"number": "９９９９９９９９９"}, "number", "not-a-number"),
        ({"slug": "No Slug"}, "slug", "not-a-slug"),
        ({"report": "no-such"}, "report", "not-one-of"),
        ({"title_en": "x" * 1000}, "title_en", "too-long"),
        ({"title_en": ""}, "title_en", "needed-new"),
        ({"title_en": "a\0b"}, "", ""),
        ({"evidence": "nothing"}, "evidence", "passage-shape"),
        ({"evidence": f"ycwb-32 | S1 | ¶1 | stated | {'word ' * 10}"}, "evidence", "too-many-words"),
        ({"evidence": "ycwb-32 | S1 | p1 | stated | word"}, "evidence", "not-a-paragraph"),
        ({"cities": "foshan"}, "cities", "city-shape"),
        ({"cities": "foshan | named\nFoshan | named"}, "cities", "city-twice"),
        ({"related": "no-such"}, "related", "no-such"),
        ({"related": "new-900"}, "related", "itself"),
        ({"basis": "[clear]"}, "basis", "not-clearable"),
    ],
)
def test_a_row_that_cannot_go_in_says_where_and_why(cells, column, code):
    sheet = upload(sheet_of(new(900, **cells), new(901)), publishes=False)
    if not code:
        assert (sheet.state, sheet.refusal["code"]) == ("refused", "no-text")
        return
    assert reasons(sheet) == [(2, column, code)]
    assert not actions.confirm(sheet=sheet, reason="", at=timezone.now())


def test_a_row_says_all_that_is_wrong_with_it_at_once_each_with_its_cell():
    wrong = {
        "slug": "No Slug", "pillar": "?", "basis": "perhaps", "reach": "moon",
        "cities": "atlantis | named\nfoshan | maybe",
        "evidence": "ycwb-32 | S99 | ¶1 | never | words", "reviewed_on": "soon", "title_en": "",
    }  # fmt: skip
    sheet = upload(sheet_of(new(900, **wrong)), publishes=False)
    [shown] = preview.shown(ImportRow.objects.filter(sheet=sheet))
    faults = {fault.column: fault for fault in shown.faults}
    assert faults.keys() == wrong.keys()
    assert all([cell.column for cell in fault.cells] == [column] for column, fault in faults.items())
    assert [len(faults[column].said) for column in ("cities", "evidence")] == [2, 2]
    assert "It is one of: stated, implied, inferred." in faults["basis"].said[0]
    assert [value for value, _label in faults["reach"].cells[0].choices] == Reach.values
    assert dict(faults["cities"].cells[0].allowed).keys() >= {"foshan", "named", "editorial"}


def test_a_phrase_that_is_not_found_is_named_before_it_goes_in():
    nowhere = "ycwb-32 | S3.1 | ¶1 | stated | this phrase is nowhere"
    sheet = upload(sheet_of(new(900, evidence=nowhere), new(901)), publishes=False)
    rows = preview.shown(ImportRow.objects.filter(sheet=sheet).order_by("line"))
    notes = [[note.said for note in row.notes] for row in rows]
    assert notes == [["“this phrase is nowhere” was not found in its source where the locator says."], []]
    assert preview.doubtful(sheet) == 1


@pytest.mark.parametrize("cell", ["[clear]", "[CLEAR]", "［清空］", "【清空】"])
def test_a_field_is_emptied_however_the_order_is_typed(cell):
    sheet = upload(sheet_of({"slug": SLUG, "problem_en": cell}), publishes=False)
    assert counts(sheet) == (0, 1, 0, 0)
    assert ImportRow.objects.get(sheet=sheet).document["texts"]["problem_en"] == ""


def test_a_number_and_an_address_of_two_entries_are_both_offered_to_be_mended():
    remember_slug(instance=entry(), former="faster-networks")
    sheet = upload(sheet_of(new(900, slug="faster-networks"), new(901, slug=SLUG)), publishes=False)
    assert reasons(sheet) == [(2, "slug", "taken-before"), (3, "slug", "taken")]
    for shown in preview.shown(ImportRow.objects.filter(sheet=sheet)):
        assert [cell.column for fault in shown.faults for cell in fault.cells] == ["slug", "number"]
    work.mend(sheet=sheet, cells={2: {"slug": "new-900"}, 3: {"slug": "new-901"}})
    work.go_on(sheet, write=actions.write)
    sheet.refresh_from_db()
    assert counts(sheet) == (2, 0, 0, 0)


def test_a_text_that_was_cut_to_go_into_a_cell_does_not_take_the_place_of_the_whole():
    whole = "words " * 6_000
    changed = entry()
    changed.problem_en = whole
    entry_actions.publish(entry=changed, at=timezone.now())
    cut = f"{whole[: export_files.MAX_CELL - 10]} [cut here]"
    assert counts(upload(sheet_of({"slug": SLUG, "problem_en": cut}))) == (0, 0, 1, 0)
    assert reasons(upload(sheet_of({"slug": SLUG, "problem_en": f"W{cut}"}))) == [(2, "problem_en", "cut")]


def test_related_entries_are_named_by_their_titles_too():
    title = entry().title_zh_hans
    said = f"{title}; NEW 901; {SLUG}"
    sheet = upload(sheet_of(new(900, related=said), new(901, related="Nobody; Nothing")), publishes=False)
    assert ImportRow.objects.get(sheet=sheet, line=2).document["related"] == [SLUG, "new-901"]
    assert reasons(sheet) == [(3, "related", "no-such"), (3, "related", "no-such")]


def test_two_rows_about_one_entry_name_one_another():
    sheet = upload(sheet_of(new(900), new(901, slug="new-900"), new(900, slug="other")), publishes=False)
    assert {(line, code) for line, _column, code in reasons(sheet)} == {(3, "same-entry"), (4, "same-entry")}


def test_the_number_of_another_report_is_not_taken_for_ours():
    make_report(slug="another")
    sheet = upload(sheet_of({"report": "another", "slug": SLUG, "title_en": "Theirs"}))
    assert reasons(sheet) == [(2, "slug", "other-report")]
    assert reasons(upload(sheet_of({"number": "1", "title_en": "Whose?"}))) == [(2, "report", "which-report")]


def test_headers_in_either_language_or_both():
    columns = {column.name: column for column in Columns.now().every}
    slug, title = columns["slug"], columns["title_en"]
    assert slug.english != slug.chinese
    for first, second in (
        (slug.chinese, title.header),
        (slug.header, title.chinese),
        (slug.english.upper(), "Title_EN"),
    ):
        assert counts(upload(sheet_of({first: SLUG, second: f"Words under {second}"}))) == (0, 1, 0, 0), (first, second)


def test_headers_that_are_not_known_are_asked_for_and_two_of_one_column_are_refused():
    sheet = upload("slug,Überschrift\nexpand-5g-coverage,Words\n")
    assert (sheet.state, sheet.headers) == ("mapping", ["slug", "Überschrift"])
    sheet = upload("slug,title_en,Title_EN\nexpand-5g-coverage,a,b\n")
    assert (sheet.state, sheet.refusal["code"]) == ("refused", "twice")


def test_every_reason_is_said_in_both_languages():
    sheet = upload(sheet_of(new(900, reviewed_on="next week")), publishes=False)
    found = ImportRow.objects.get(sheet=sheet).problems[0]
    assert sentence(found) == "“next week” is not a date. Write 2026-11-24."
    wrong = {"slug": "Bad Slug!", "evidence": f"ycwb-32 | S1 | ¶1 | stated | {'word ' * 10}", "related": "R" * 5_000}
    said = [sentence(each) for each in ImportRow.objects.get(sheet=upload(sheet_of(new(901, **wrong)))).problems]
    assert said[0].startswith("“Bad Slug!” is not a slug")
    assert f"“{'R' * 79}…” is not known." in said
    assert any("this one has 10." in each for each in said), said
    with override("zh-hans"):
        assert sentence(found) != "“next week” is not a date. Write 2026-11-24."


def test_nothing_is_written_until_confirmed_and_a_second_import_updates():
    before, versions = snapshot(entry()), EntryVersion.objects.count()
    rows = sheet_of({"slug": SLUG, "title_en": "First words"}, new(900))
    sheet = upload(rows, publishes=False)
    assert (counts(sheet), snapshot(entry()), EntryVersion.objects.count()) == ((1, 1, 0, 0), before, versions)
    assert confirm(sheet).state == "done"
    assert counts(upload(rows, publishes=False)) == (0, 0, 2, 0)
    again = upload(rows.replace("First", "Second").replace("New 900", "Newer 900"), publishes=False)
    assert counts(again) == (0, 2, 0, 0)
    confirm(again)
    assert Recommendation.objects.get(slug="new-900").title_en == "Newer 900"
    assert Recommendation.objects.get(working_copy_of=entry()).title_en == "Second words"


def test_who_mends_a_rejected_row_can_import():
    sheet = upload(sheet_of(new(900, reviewed_on="soon"), new(901, pillar="?"), new(902)), publishes=False)
    work.mend(sheet=sheet, cells={2: {"reviewed_on": "２０２６年１１月２４日", "number": "９００"}}, left_out=[3])
    work.go_on(sheet, write=actions.write)
    sheet.refresh_from_db()
    assert (sheet.state, counts(sheet)) == ("ready", (2, 0, 0, 0))
    confirm(sheet)
    assert str(Recommendation.objects.get(slug="new-900").reviewed_on) == "2026-11-24"
    assert not Recommendation.objects.filter(slug="new-901").exists()


def test_what_changed_after_the_preview_is_shown_anew_and_nothing_is_written():
    sheet = upload(sheet_of({"slug": SLUG, "title_en": "Theirs"}, new(900)), publishes=False)
    retitle("Meanwhile")
    confirm(sheet)
    assert (sheet.state, counts(sheet)) == ("ready", (1, 1, 0, 0))
    assert [row.line for row in ImportRow.objects.filter(sheet=sheet, is_overtaken=True)] == [2]
    assert entry().title_en == "Meanwhile"
    assert not Recommendation.objects.filter(slug="new-900").exists()
    assert confirm(sheet).state == "done"


def test_of_two_previews_of_one_new_entry_the_second_is_shown_anew():
    first, second = (upload(sheet_of(new(900, title_en=t)), publishes=False) for t in ("One", "Two"))
    confirm(first)
    confirm(second)
    assert (second.state, counts(second)) == ("ready", (0, 1, 0, 0))
    assert Recommendation.objects.get(slug="new-900").title_en == "One"


def test_an_import_is_confirmed_once():
    sheet = upload(sheet_of(new(900)), publishes=False)
    confirm(sheet)
    assert not actions.confirm(sheet=sheet, reason="", at=timezone.now())
    assert EntryVersion.objects.filter(entry__slug="new-900").count() == 1


def test_words_that_changed_since_the_export_are_kept_unless_the_editor_agrees():
    rows = exported("csv").decode("utf-8-sig").splitlines(keepends=True)
    old = "".join(rows).replace("Expand 5G coverage", "Extend 5G coverage")
    retitle("A third wording")
    sheet = upload(old)
    found = [(column, code) for _line, column, code in reasons(sheet)]
    assert ("title_en", "meanwhile") in found


def test_an_import_is_undone_except_what_has_changed_since():
    before = snapshot(entry())
    other = Recommendation.objects.entries().exclude(slug=SLUG).in_order()[0]
    rows = [{"slug": SLUG, "title_en": "Imported"}, {"slug": other.slug, "title_en": "Imported too"}]
    sheet = confirm(upload(sheet_of(*rows)))
    assert (entry().title_en, sheet.versions_made) == ("Imported", 2)
    other.refresh_from_db()
    other.title_en = "Edited since"
    entry_actions.publish(entry=other, author=None, reason="", at=timezone.now())
    user = make_colleague("superuser", username="who-undoes")
    told, [left] = undoing.foretold(sheet, may_publish=True, most=9)
    assert (told, left.row.line, left.version.number) == (Undone(restored=1, left=1), 3, left.row.version + 1)
    assert undoing.foretold(sheet, may_publish=False, most=0) == (Undone(pending=1, left=1), [])
    assert undoing.undo(sheet=sheet, user=user, may_publish=True, at=timezone.now()) == Undone(restored=1, left=1)
    other.refresh_from_db()
    assert (snapshot(entry()), other.title_en) == (before, "Edited since")
    sheet.refresh_from_db()
    assert (sheet.state, undoing.so_far(sheet)) == ("partly", told)
    EntryVersion.objects.filter(entry=other).newest_first()[0].delete()
    assert undoing.undo(sheet=sheet, user=user, may_publish=True, at=timezone.now()) == Undone(restored=1)
    sheet.refresh_from_db()
    assert sheet.state == "undone"
    assert undoing.undo(sheet=sheet, user=user, may_publish=True, at=timezone.now()) == Undone()
    noted = AuditEntry.objects.filter(act="import", subject_id=str(sheet.pk)).order_by("pk")
    assert list(noted.values_list("actor_name", "note")) == [
        (sheet.user.username, "0 created, 2 changed"),
        ("who-undoes", "1 undone, 1 left"),
        ("who-undoes", "1 undone, 0 left"),
    ]


def test_undone_new_entries_are_archived():
    sheet = confirm(upload(sheet_of(new(900)), publishes=False))
    changed = Recommendation.objects.get(slug="new-900")
    version = entry_actions.keep_draft(entry=changed, at=timezone.now())
    undone = {"sheet": sheet, "user": sheet.user, "may_publish": False, "at": timezone.now()}
    assert undoing.undo(**undone) == Undone(left=1)
    sheet.refresh_from_db()
    assert sheet.state == "done"  # nothing was undone, and nothing says so
    version.delete()
    assert undoing.undo(**undone) == Undone(archived=1)
    assert Recommendation.objects.get(slug="new-900").state == "archived"


def restored(sheet: Import, *lines: int) -> Import:
    """``sheet``, checked again with the entries of ``lines`` to be taken out of the archive."""
    seen = dict(work.archived(sheet).values_list("line", "seen"))
    work.restore(sheet=sheet, chosen={line: str(seen[line]) for line in lines})
    work.go_on(sheet, write=actions.write)
    sheet.refresh_from_db()
    return sheet


def test_what_an_undo_archived_comes_back_as_a_draft_where_an_editor_says_so():
    rows = sheet_of(new(900), new(901))
    first = confirm(upload(rows, publishes=False))
    undoing.undo(sheet=first, user=first.user, may_publish=True, at=timezone.now())
    again = upload(rows, user=first.user)
    assert (again.state, counts(again)) == ("nothing", (0, 0, 2, 0))
    changed = upload(rows.replace("New 901", "Newer 901"), user=first.user)
    assert (reasons(changed), counts(changed)) == ([(3, "state", "archived")], (0, 0, 1, 1))
    assert counts(restored(changed, 3)) == (0, 1, 1, 0)
    confirm(changed)
    assert (changed.state, changed.versions_made) == ("done", 1)
    back = Recommendation.objects.get(slug="new-901")
    assert (back.state, back.title_en) == ("draft", "Newer 901")
    assert Recommendation.objects.get(slug="new-900").state == "archived"
    assert [v.step for v in back.versions.order_by("-number")[:2]] == ["saved", "unarchived"]
    assert undoing.undo(sheet=changed, user=first.user, may_publish=False, at=timezone.now()) == Undone(archived=1)
    back.refresh_from_db()
    assert (back.state, back.title_en) == ("archived", "New 901")
    # One was changed since this was shown: what was agreed to then is asked again.
    assert counts(restored(again, 2, 3)) == (0, 1, 1, 0)


def test_a_text_that_a_spreadsheet_would_take_for_a_formula_goes_out_harmless_and_comes_back():
    retitle('=HYPERLINK("http://x.example","5G")')
    for form in ("csv", "json"):
        file = exported(form)
        assert b"'=HYPERLINK" in file
        assert counts(upload(file, f"a.{form}")) == (0, 0, 32, 0)
    book: Any = openpyxl.load_workbook(io.BytesIO(exported("xlsx")))
    assert not [c for row in book.worksheets[0].iter_rows() for c in row if c.data_type == "f"]
    assert counts(upload(exported("xlsx"), "a.xlsx")) == (0, 0, 32, 0)


def test_a_preview_tells_what_is_said_of_a_passage_word_by_word():
    passage = entry().evidence.in_order()[0]
    line = [
        passage.section.source.slug,
        passage.section.code,
        passage.paragraph,
        "inferred",
        passage.key_phrase,
        "Anew",
    ]
    others = entry().evidence.count() - 1
    sheet = upload(sheet_of({"slug": SLUG, "evidence": " | ".join(line)}), publishes=False)
    [evidence] = preview.shown(ImportRow.objects.filter(sheet=sheet))[0].changes
    assert [detail.label for detail in evidence.changed[0].details][:2] == ["Supports", "Note (English)"]
    assert ("ins", "Anew") in [(piece.kind, piece.text) for piece in evidence.changed[0].details[1].pieces]
    assert len(evidence.removed) == others
