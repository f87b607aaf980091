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
from recommendations.importing.kinds import PARTS
from recommendations.models import Coverage, EntryVersion, Recommendation, SearchText
from recommendations.snapshot import snapshot
from tests.factories import make_recommendation, make_working_copy
from tests.html import fetch
from tests.walk import addresses

pytestmark = pytest.mark.django_db

EXAMPLE = settings.BASE_DIR / "fixtures" / "examples" / "tidewater.jsonl"


def load(path, **options):
    call_command("import_report", str(path), verbosity=0, **options)


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
    load(example)
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
    load(example)
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


@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_the_same_rows_as_json_and_as_a_table_come_to_the_same(example, ending):
    load(example)
    in_lines = state()
    Recommendation.objects.all().delete()
    rows = [json.loads(line) for line in example.read_text().splitlines()]
    other = example.with_name(f"example{ending}")
    other.write_text(json.dumps(rows, indent=1, ensure_ascii=False) if ending == ".json" else table_of(rows))
    load(other)
    assert (rejects_of(other), state()) == ([], in_lines)


def table_of(rows):
    """The rows as CSV, as the format has them: parts below their entry, several names between semicolons."""
    flat = []
    for row in rows:
        parts = [{"kind": kind, **part} for name, kind in PARTS.items() for part in row.get(name, [])]
        flat += [{name: value for name, value in row.items() if name not in PARTS}, *parts]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    text = io.StringIO()
    table = csv.DictWriter(text, columns)
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
    assert re.search(r"^\[#{30}\] 16 rows,", said.err, re.M)
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
