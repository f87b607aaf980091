"""Files of every kind, as editors save them and as someone with bad intentions would make them."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from recommendations.spreadsheet import problems, safety
from recommendations.spreadsheet.problems import Refused
from recommendations.spreadsheet.reading import MAX_COLUMNS, read_table
from recommendations.spreadsheet.safety import MAX_BYTES, kind_of


def table(content: bytes | str, name: str = "a.csv") -> tuple[list[str], list[list[Any]]]:
    """The headers and the rows of a file that is uploaded under ``name``."""
    data = content.encode() if isinstance(content, str) else content
    file = io.BytesIO(data)
    read = read_table(file, kind_of(name, file, len(data)))
    return read.headers, [row.cells for row in read.rows]


def refusal(content: bytes | str, name: str = "a.csv") -> str:
    with pytest.raises(Refused) as refused:
        table(content, name)
    return str(refused.value)


def workbook(*rows: list[Any], merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(content: bytes, **parts: str) -> bytes:
    """A workbook with some of its parts in other words; ``sheet`` is its first sheet."""
    names = {"xl/worksheets/sheet1.xml": "sheet", "[Content_Types].xml": "types"}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, parts.get(names.get(part, ""), old.read(part).decode()))
        for name in parts.keys() - {*names.values()}:
            new.writestr(name, parts[name])
    return file.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
TEXT = "slug,title_en\nmarket-city,数据,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_of_every_usual_encoding(encoding):
    assert table(TEXT.encode(encoding)) == (["slug", "title_en"], [["market-city", "数据", ""]])


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_cells_between_any_usual_sign(sign):
    assert table(f"slug{sign}title_en\na{sign}b\n")[1] == [["a", "b"]]


def test_excel_says_itself_what_stands_between_cells():
    assert table("sep=;\nslug;title_en\na;b,c\n") == (["slug", "title_en"], [["a", "b,c"]])


def test_cells_of_a_workbook():
    rows = [["slug", "reviewed_on", "n", "f", "e"], ["a", dt.datetime(2026, 11, 24), 3.0, "=1+1", "#N/A"]]  # noqa: DTZ001
    found = table(workbook(*rows), "a.xlsx")
    assert found[1] == [["a", "2026-11-24", "3", ["formula", "=1+1"], ["cell-error", "#N/A"]]]


def test_merged_cells_say_what_their_first_says():
    found = table(workbook(["slug", "title_en", "notes"], ["a", "b", "c"], ["d", "e", "f"], merge="A2:A3"), "a.xlsx")
    assert found[1] == [["a", "b", "c"], ["", "e", "f"]]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.csv", "empty"),
        (b"  \r\n", "a.csv", "empty"),
        (b"\xff\xfes\0l", "a.csv", "broken"),
        (b"slug\n\x81\xff\n", "a.csv", "encoding"),
        (b"slug\n\x00\n", "a.csv", "no-text"),
        (b'slug\n"a', "a.csv", "broken"),
        (b"%PDF-1.7", "a.pdf", "kind"),
        (b"PK\x03\x04", "a.csv", "kind"),
        (b"PK\x03\x04", "a.xlsx", "broken"),
        (b"slug\n", "a.xlsx", "not-a-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "old-or-locked"),
        (b"slug", "a.xlsm", "macros"),
        (b"{}", "a.json", "json-shape"),
        (b"[1]", "a.json", "json-shape"),
        (b"[]", "a.json", "no-rows"),
        (b'[{"slug": "a", "slug": "b"}]', "a.json", "same-key"),
        (b"[" * 100_000, "a.json", "nested"),
        (b"[" + b"{}," * 1_000_001 + b"{}]", "a.json", "too-many-rows"),
        (b'[{"number": ' + b"9" * 5_000 + b"}]", "a.json", "broken"),
        (",".join(f"c{n}" for n in range(MAX_COLUMNS + 1)), "a.csv", "too-many-columns"),
        (workbook([]), "a.xlsx", "no-table"),
        (workbook([f"c{n}" for n in range(MAX_COLUMNS + 1)]), "a.xlsx", "too-many-columns"),
    ],
)
def test_what_is_not_read_and_why(content, name, reason):
    assert refusal(content, name) == reason


def test_a_file_over_50_mb_is_not_even_opened():
    with pytest.raises(Refused, match="too-large"):
        kind_of("a.csv", io.BytesIO(b"slug"), MAX_BYTES + 1)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"xl/vbaProject.bin": "x"}, "macros"),
        ({"xl/externalLinks/externalLink1.xml": "x"}, "external"),
        ({"xl/embeddings/oleObject1.bin": "x"}, "embedded"),
        ({"types": '<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled"/></Types>'}, "macros"),
    ],
    ids=["macros", "links", "embedded", "macros by kind"],
)  # fmt: skip
def test_workbooks_that_could_do_harm(parts, reason):
    assert refusal(repacked(workbook(["slug"], ["a"]), **parts), "a.xlsx") == reason


def test_a_workbook_that_unpacks_to_too_much(monkeypatch):
    monkeypatch.setattr(safety, "MAX_UNPACKED", 100_000)
    assert refusal(repacked(workbook(["slug"]), **{"xl/media/zeros": "0" * 100_000}), "a.xlsx") == "bomb"


def test_entities_in_a_workbook_are_refused():
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SHEET.format(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
    )
    assert refusal(repacked(workbook(["slug"]), sheet=bomb), "a.xlsx") == "broken"


def test_a_row_far_beyond_what_excel_has_does_not_keep_anyone_busy():
    cell = '<c r="A{0}" t="inlineStr"><is><t>slug</t></is></c>'
    far = 10**12
    sheet = SHEET.format(f'<row r="1">{cell.format(1)}</row><row r="{far}">{cell.format(far)}</row>')
    assert refusal(repacked(workbook(["slug"]), sheet=sheet), "a.xlsx") == "too-many-rows"


def test_json_as_a_list_or_under_results():
    rows = [{"slug": "a", "themes": ["x", "y"], "number": 3, "note": None}, {"slug": "b", "more": {"a": 1}}]
    wanted = [["a", "x\ny", "3", "", ""], ["b", "", "", "", ["not-text", '{"a": 1}']]]
    assert table(json.dumps(rows), "a.json")[1] == wanted
    assert table(json.dumps({"results": rows}), "a.json")[1] == wanted


def test_every_reason_is_a_sentence():
    code = "".join(path.read_text() for path in Path(problems.__file__).parent.glob("*.py"))
    used = set(re.findall(r'(?:Refused|Unknown)\("([a-z-]+)"|problem\([^,()]*, "([a-z-]+)"', code))
    names = {name for found in used for name in found if name}
    assert len(names) > 30
    assert names <= problems.SENTENCES.keys()
