"""What `import_report` promises: all of a good file, nothing of a bad row, the same again, no pending edit lost."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cities.models import Region
from recommendations import derive
from recommendations.importing.kinds import KINDS, PARTS
from recommendations.models import Coverage, EntryVersion, Recommendation, SearchText
from recommendations.snapshot import snapshot
from sources.models import Source
from tests.factories import make_recommendation, make_working_copy
from tests.html import fetch
from tests.walk import addresses

pytestmark = pytest.mark.django_db

REJECTED = 3
EXAMPLE = settings.BASE_DIR / "fixtures" / "examples" / "tidewater.jsonl"


def load(path, **options):
    """Put ``path`` in; returns what the process would end with, except for an error, which is raised."""
    try:
        call_command("import_report", str(path), verbosity=0, **options)
    except CommandError as error:
        if error.returncode != REJECTED or options.get("strict"):
            raise
        return error.returncode
    return 0


def rejects_of(path):
    kept = path.with_name(f"{path.name}.rejects.jsonl")
    return [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []


def state():
    """Every entry with its version and all that is derived from it."""
    coverage = sorted(Coverage.objects.values_list("recommendation__slug", "city__slug", "basis"))
    columns = ("recommendation__slug", "title", "summary", "body", "title_key_en", "title_key_zh_hans")
    texts = [
        tuple(bytes(c) if isinstance(c, memoryview) else c for c in r) for r in SearchText.objects.values_list(*columns)
    ]
    versions = list(
        EntryVersion.objects.order_by("entry__slug", "number").values_list("entry__slug", "number", "document")
    )
    return coverage, sorted(texts), versions


@pytest.fixture
def example(tmp_path):
    path = tmp_path / "example.jsonl"
    path.write_text(EXAMPLE.read_text())
    return path


def test_another_territory_is_not_put_beside_entries_that_would_count_there(example):
    make_recommendation(reach="province")
    rows = [
        {"kind": "region", "slug": "elsewhere", "name_en": "Elsewhere"},
        {"kind": "region", "slug": "neighbours", "name_en": "Neighbours", "is_outside": True},
        {"kind": "area", "slug": "two-towns", "kind_of": "metropolitan-area", "name_en": "Two towns"},
    ]
    example.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert load(example) == REJECTED
    assert [reject["row"]["slug"] for reject in rejects_of(example)] == ["elsewhere", "two-towns"]
    assert "--same-territory" in rejects_of(example)[0]["reason"]
    load(example, same_territory=True)
    assert rejects_of(example) == []
    assert Region.objects.filter(slug__in=["elsewhere", "neighbours"]).count() == 2


@pytest.mark.parametrize("with_the_32", [False, True])
def test_the_example_goes_in_whole_shows_on_every_page_and_changes_nothing_again(request, client, example, with_the_32):
    if with_the_32:
        request.getfixturevalue("content")
    before = Recommendation.objects.count()
    assert load(example) == 0
    assert rejects_of(example) == []
    made = Recommendation.objects.published().filter(report__slug="example-tidewater")
    assert (made.count(), Recommendation.objects.count()) == (3, before + 3)
    for entry in made:
        version = entry.versions.get()
        assert (version.document, version.author, version.reason) == (
            snapshot(entry),
            None,
            "imported from example.jsonl",
        )
    written = state()
    derive.refresh()
    assert state() == written
    load(example)
    assert state() == written
    for language in ("en", "zh-hans"):
        for url in addresses(language):
            if not with_the_32 or "example" in url or url.count("/") <= 3:
                assert fetch(client, url).status == 200, url


@pytest.mark.parametrize(("ending", "separator"), [(".json", ""), (".csv", ","), (".csv", ";"), (".csv", "\t")])
def test_the_same_rows_as_json_and_as_a_table_come_to_the_same(example, ending, separator):
    load(example)
    in_lines = state()
    Recommendation.objects.all().delete()
    rows = [json.loads(line) for line in example.read_text().splitlines()]
    other = example.with_name(f"example{ending}")
    other.write_text(json.dumps(rows, indent=1, ensure_ascii=False) if ending == ".json" else table_of(rows, separator))
    load(other)
    assert (rejects_of(other), state()) == ([], in_lines)


def table_of(rows, separator):
    """The rows as CSV, as the format has them: parts below their entry, several names between semicolons."""
    flat = []
    for row in rows:
        parts = [{"kind": kind, **part} for name, kind in PARTS.items() for part in row.get(name, [])]
        flat += [{name: value for name, value in row.items() if name not in PARTS}, *parts]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    text = io.StringIO()
    table = csv.DictWriter(text, columns, delimiter=separator)
    table.writeheader()
    for row in flat:
        table.writerow({name: "; ".join(cell) if isinstance(cell, list) else cell for name, cell in row.items()})
    return text.getvalue()


def test_the_bar_and_the_summary_say_how_far_it_is_and_what_came_of_it(example, capsys, monkeypatch):
    call_command("import_report", str(example))
    said = capsys.readouterr()
    assert re.search(r"^16 rows, [\d,]+ a second, 100%$", said.err, re.M)
    assert "recommendation: 3 new, 0 changed, 0 unchanged" in said.out
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    call_command("import_report", str(example), dry_run=True)
    said = capsys.readouterr()
    assert re.search(r"^\[#\.{29}\] 1 rows,.*\r\[#{30}\] 16 rows,.* 100%  \n$", said.err)
    assert "recommendation: 0 new, 0 changed, 3 unchanged" in said.out
    assert "nothing was changed" in said.out


def test_bad_rows_are_given_back_with_line_and_reason_and_strict_puts_nothing_in(example):
    rows = [json.loads(line) for line in example.read_text().splitlines()]
    rows[-1]["status"] = "adopted"
    rows[-2]["evidence"][0]["section"] = "X9"
    example.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{not json\n")
    with pytest.raises(CommandError, match="nothing did"):
        load(example, strict=True)
    assert not Recommendation.objects.exists()
    load(example, dry_run=True)
    assert not Recommendation.objects.exists()
    load(example)
    said = {row["line"]: row["reason"] for row in rejects_of(example)}
    assert said[len(rows)].startswith("status:")
    assert list(said) == sorted(said)
    assert said[len(rows) - 1] == "no section “example-tidewater-text/X9”"
    assert said[len(rows) + 1].startswith("not JSON")
    assert [entry.number for entry in Recommendation.objects.all()] == [1]


def test_a_pending_edit_is_never_overwritten_and_drafts_leave_readers_what_they_see(example):
    load(example)
    one, two = Recommendation.objects.filter(number__lte=2).in_order()
    make_working_copy(one, title_en="Somebody's edit")
    example.write_text(
        example.read_text().replace("invented table", "imaginary table").replace("rota that", "list that")
    )
    load(example, as_drafts=True)
    load(example, as_drafts=True)
    assert ["pending edit" in row["reason"] for row in rejects_of(example)] == [True]
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.working_copy.title_en == "Somebody's edit"
    assert "list that" in two.working_copy.summary_en
    assert "rota that" in two.summary_en
    assert (one.versions.count(), two.versions.count()) == (1, 2)


def put(path, *rows, **options):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return load(path, **options)


def test_a_row_of_what_is_here_may_tell_a_part_of_it(example):
    load(example)
    rows = {row["kind"]: row for row in map(json.loads, example.read_text().splitlines())}
    told = [(kind, KINDS[kind], rows[kind]) for kind in rows if kind in KINDS and KINDS[kind].keys]
    part = [{"kind": kind, **{name: row[name] for name in found.keys}} for kind, found, row in told]
    part = [{**row, "note_en": "x"} if row["kind"] == "source" else row for row in part]
    assert len(part) >= 8
    Source.history.model.objects.all().delete()  # content that came by loading has none
    assert put(example, *part) == 0
    source = Source.objects.get(slug="example-tidewater-text")
    assert source.note_en == "x"
    assert [past.note_en for past in source.history.order_by("history_id")] == [rows["source"]["note_en"], "x"]
    assert put(example, {"kind": "city", "slug": "new", "name_en": "New"}, {"kind": "city", "name_en": "New"}) == 3
    assert [row["reason"] for row in rejects_of(example)] == ["region: missing", "slug: missing"]


ENTRY = {
    "report": "example-tidewater", "pillar": "example-harbour", "basis": "stated", "reach": "city",
    "title_en": "A title", "title_zh_hans": "标题", "summary_en": "A summary.", "summary_zh_hans": "摘要。",
}  # fmt: skip


def an_entry(slug, *related, section="X1", **fields):
    passage = {"section": section, "paragraph": "¶1", "key_phrase": "a phrase", "supports": "stated"}
    evidence = [{"source": "example-tidewater-text", **passage}]
    return {"kind": "recommendation", **ENTRY, "slug": slug, "related": related, "evidence": evidence, **fields}


def versions_of(slug):
    found = EntryVersion.objects.filter(entry__slug=slug).order_by("number")
    return [(number, said["related"]) for number, said in found.values_list("number", "document")]


def test_what_is_related_may_come_later_and_costs_no_version_and_what_never_comes_is_told_once(example):
    load(example)
    rows = [an_entry("one", "two", "bad"), an_entry("two", "one", "nobody"), an_entry("bad", section="X9")]
    rows += [an_entry("self", "self")]
    rejected = [
        (1, "related: no entry “bad”; all else went in"),
        (2, "related: no entry “nobody”; all else went in"),
        (3, "no section “example-tidewater-text/X9”"),
        (4, "related: an entry is not related to itself"),
    ]
    for _again in range(2):
        assert put(example, *rows) == REJECTED
        assert [(row["line"], row["reason"]) for row in rejects_of(example)] == rejected
        assert (versions_of("one"), versions_of("two")) == ([(1, ["two"])], [(1, ["one"])])
    one = Recommendation.objects.get(slug="one")
    assert one.versions.get().document == snapshot(one)
    later = [an_entry("one", "two", "bad", summary_en="Otherwise."), an_entry("two", "one"), an_entry("bad")]
    assert put(example, *later) == 0
    assert versions_of("one") == [(1, ["two"]), (2, ["bad", "two"])]
    assert sorted(one.related.values_list("slug", flat=True)) == ["bad", "two"]


def test_a_link_that_a_version_tells_of_is_made_when_the_same_is_told_again(example):
    load(example)
    assert put(example, an_entry("one", "two"), an_entry("two")) == 0
    Recommendation.objects.get(slug="one").related.clear()  # as after a kill, and another import of the second
    assert put(example, an_entry("one", "two"), an_entry("two")) == 0
    one = Recommendation.objects.get(slug="one")
    assert (one.related.get().slug, versions_of("one")) == ("two", [(1, ["two"])])


def test_numbers_that_are_made_come_after_those_the_file_gives(example):
    load(example)
    assert put(example, an_entry("without"), an_entry("with", number=7)) == 0
    numbers = dict(Recommendation.objects.filter(slug__in=["with", "without"]).values_list("slug", "number"))
    assert numbers == {"with": 7, "without": 8}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"{}", "a.txt: its name must end in .csv, .json, .jsonl, .ndjson; nothing was changed"),
        ("a.jsonl", b"", "a.jsonl: it holds no rows; nothing was changed"),
        ("a.jsonl", b'{"kind": "format", "version": 1}', "it holds no rows"),
        ("a.jsonl", b'{"kind": "format", "version": 2}', "version 2 of the format; this reads version 1; nothing was"),
        ("a.jsonl", b"kind,slug\narea,a\n", "no row of it can be used; line 1: not JSON"),
        ("a.json", b"{}", "rows a line are .jsonl; nothing was changed"),
        ("a.json", b'[{"kind": "area"}, {', "not JSON from here on; nothing was changed"),
        ("a.json", b"[]", "it holds no rows"),
        ("a.json", b"[" * 100_000, "line 1: not JSON that can be read: nested too deep; nothing was changed"),
        ("a.jsonl", b"[" * 100_000, "line 1: not JSON that can be read: nested too deep"),
        ("a.csv", b"kind,slug\n", "it holds no rows"),
        ("a.csv", b"kind|slug\narea|a\n", "between commas, semicolons or tabs, and none is “kind”"),
        ("a.csv", b"kind,slug,slug\narea,a,b\n", "two columns are called “slug”"),
        ("a.csv", "kind,slug\narea,a\n".encode("utf-16"), "the file is in UTF-16; save it as UTF-8; nothing was"),
        ("a.csv", "kind,slug\narea,a\n".encode("utf-16-le"), "perhaps in UTF-16"),
        (
            "a.csv",
            "kind,name_en\narea,甲乙\narea,省\n".encode("gb18030"),  # the last happens to be a text in UTF-8 as well
            "first seen in line 2) but perhaps in GB18030",
        ),
        ("a.csv", "kind,name_en\narea,é\narea,ü\n".encode("cp1252"), "perhaps in Windows-1252; save it as UTF-8"),
    ],
)
def test_a_file_that_is_not_in_the_format_is_refused_with_one_reason(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandError, match=re.escape(said)) as error:
        load(path)
    assert error.value.returncode == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_row_is_given_back_as_it_was_and_is_refused_again(tmp_path):
    path = tmp_path / "a.jsonl"
    good = b'{"kind": "area", "slug": "a", "kind_of": "bay-area", "name_en": "A"}\n'
    path.write_bytes(
        good + rb'{"kind": "area", "slug": "b", "name_en": "lone \ud800"}' + b"\n"
        b'{"kind": "area", "slug": "c", "name_en": "caf\xe9"}\n'
        b'{"kind": "area", "slug": "d", "kind_of": "bay-area", "name_en": "One", "name_en": "Other"}\n'
    )
    for file in (path, path.with_name("a.jsonl.rejects.jsonl")):
        assert load(file) == REJECTED
        assert [(row["line"], row["reason"]) for row in rejects_of(file)] == [
            (line - (file != path), reason)
            for line, reason in [
                (2, "name_en: a text in UTF-8 is expected"),
                (3, "name_en: a text in UTF-8 is expected"),
                (4, "name_en (once more): no field of a area"),
            ]
        ]
    assert rejects_of(file)[2]["row"]["name_en (once more)"] == "Other"


def test_stopping_it_says_how_to_go_on(example, monkeypatch):
    def stop(*_args, **_said):
        raise KeyboardInterrupt

    monkeypatch.setattr("recommendations.importing.run.put_in", stop)
    with pytest.raises(CommandError, match="stopped; what is in is whole, and the same command completes it") as error:
        load(example)
    assert error.value.returncode == 130
    with pytest.raises(CommandError, match="stopped; nothing was changed"):
        load(example, strict=True)
